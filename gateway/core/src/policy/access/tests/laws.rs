//! Laws that hold in every world, checked over generated ones.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::generate::any_world;
use super::tighten::{MISSING, TIGHTENINGS, tighten};
use super::world::{As, DAY, World};
use crate::path::{ItemPath, PathCase};
use crate::policy::{Decision, Ground, NoTrace, Recorded};
use crate::settings::SharingCapability;
use crate::sharing::{LinkScope, LinkType, Recipient, Role};
use crate::testing::cloud;

/// 256 cases unless `PROPTEST_CASES` says otherwise, the same in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(0x5e1f),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Whether the person is one of the tenant's own.
fn insider(world: &World) -> bool {
    match world.who {
        As::Member => world.principal.person.is_some(),
        As::Application(_) => world.principal.person.is_none(),
        As::Guest | As::AdHoc | As::Unknown => false,
    }
}

#[test]
fn the_laws_are_about_worlds_of_every_outcome() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let mut outcomes = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..5_000 {
        let world = any_world().new_tree(&mut runner).unwrap().current();
        let outcome = world.outcome();
        let kind = outcome.rsplit_once(' ').map_or(&*outcome, |(kind, _)| kind);
        *outcomes.entry(kind.to_owned()).or_default() += 1;
    }
    assert!(outcomes["allow permission"] > 400, "{outcomes:?}");
    assert!(outcomes["allow link"] > 100, "{outcomes:?}");
    assert!(outcomes.len() > 40, "{outcomes:?}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tightening_never_lets_anybody_in(world in any_world(), steps in 0_usize..4) {
        if !world.allowed() {
            for which in 0..TIGHTENINGS {
                let mut tightened = world.clone();
                let what = tighten(&mut tightened, which, steps);
                prop_assert!(!tightened.allowed(), "{what}");
            }
        }
    }

    #[test]
    fn a_missing_fact_never_lets_anybody_in(world in any_world()) {
        if !world.allowed() {
            for (what, take_away) in MISSING {
                let mut without = world.clone();
                take_away(&mut without);
                prop_assert!(!without.allowed(), "{what}");
            }
        }
    }

    #[test]
    fn removing_a_permission_or_a_link_never_lets_anybody_in(world in any_world()) {
        if !world.allowed() {
            for at in 0..world.permissions.len() {
                let mut without = world.clone();
                without.permissions.remove(at);
                prop_assert!(!without.allowed(), "{:?}", world.permissions[at]);
            }
            for at in 0..world.links.len() {
                for missing in [false, true] {
                    let mut without = world.clone();
                    let link = without.links.remove(at);
                    without.link_missing |= missing;
                    prop_assert!(!without.allowed(), "{link:?}");
                }
            }
            for at in 0..world.principal.links.len() {
                let mut without = world.clone();
                without.principal.links.remove(at);
                prop_assert!(!without.allowed(), "{at}");
            }
        }
    }

    #[test]
    fn letting_time_pass_never_lets_anybody_in(world in any_world(), seconds in 0..100 * DAY) {
        if !world.allowed() {
            for seconds in [1, seconds, i64::MAX] {
                let mut later = world.clone();
                later.now = world.now.plus(seconds);
                prop_assert!(!later.allowed(), "{seconds}");
            }
        }
    }

    #[test]
    fn the_order_of_lists_does_not_matter(world in any_world(), turn in 0_usize..4) {
        let mut turned = world.clone();
        turned.permissions.reverse();
        turned.links.reverse();
        turned.principal.links.reverse();
        turned.tenant.directory.conditional_access.reverse();
        turned.tenant.directory.federations.reverse();
        if !turned.links.is_empty() {
            let turn = turn % turned.links.len();
            turned.links.rotate_left(turn);
        }
        prop_assert_eq!(world.decide(&mut NoTrace), turned.decide(&mut NoTrace));
        let (trace, other) = (world.trace(), turned.trace());
        prop_assert_eq!(trace.entries, other.entries);
        prop_assert_eq!(trace.decided, other.decided);
    }

    #[test]
    fn the_spelling_of_the_path_does_not_matter(world in any_world()) {
        let mut spelled = world.clone();
        spelled.path = world.path.bytes().map(|byte| match byte {
            b'/' => "/".to_owned(),
            byte => format!("%{byte:02x}"),
        }).collect();
        prop_assert_eq!(world.outcome(), spelled.outcome());
        spelled.path = format!("{}/", world.path);
        prop_assert_eq!(world.outcome(), spelled.outcome());
        if world.site.path_case == PathCase::Insensitive {
            spelled.path = world.path.to_uppercase();
            prop_assert_eq!(world.outcome(), spelled.outcome());
        }
    }

    #[test]
    fn every_yes_names_a_living_permission_or_link(world in any_world()) {
        if let Decision::Allow(permit) = world.decide(&mut NoTrace) {
            let [ground] = permit.grounds() else { panic!() };
            match ground {
                Ground::Permission(id) => prop_assert!(permission_lives(&world, id.as_str())),
                Ground::Link(id) => prop_assert!(link_lives(&world, id.as_str())),
                Ground::Application => {
                    prop_assert!(matches!(world.who, As::Application(_)));
                    prop_assert!(world.principal.person.is_none());
                }
            }
        }
    }

    #[test]
    fn listening_does_not_change_the_answer(world in any_world()) {
        let mut trace = Recorded::default();
        let (alone, heard) = (world.decide(&mut NoTrace), world.decide(&mut trace));
        let decider = trace.decider().unwrap().verdict;
        match &alone {
            Decision::Allow(_) => prop_assert_eq!(decider.code(), ""),
            Decision::Challenge(challenge) => prop_assert_eq!(decider.code(), challenge.code()),
            Decision::Request(denial) => {
                prop_assert_eq!(decider.name(), "request");
                prop_assert_eq!(decider.code(), denial.code());
            }
            Decision::Deny(denial) => {
                prop_assert_eq!(decider.name(), "deny");
                prop_assert_eq!(decider.code(), denial.code());
            }
        }
        prop_assert_eq!(alone, heard);
    }

    #[test]
    fn with_sharing_off_nobody_from_outside_comes_in_by_any_way(mut world in any_world()) {
        world.tenant.sharing.capability = SharingCapability::Disabled;
        prop_assert!(insider(&world) || !world.allowed());
    }

    #[test]
    fn an_unknown_cloud_lets_nobody_from_outside_in(mut world in any_world()) {
        world.tenant.cloud = cloud("bleu");
        prop_assert!(insider(&world) || !world.allowed());
    }

    #[test]
    fn without_a_person_or_a_shown_link_nobody_comes_in(mut world in any_world()) {
        world.principal.person = None;
        world.principal.links.clear();
        prop_assert!(matches!(world.who, As::Application(_)) || !world.allowed());
    }
}

fn covers(world: &World, item: &ItemPath) -> bool {
    let asked = ItemPath::parse(&world.path).unwrap();
    asked.is_within(item, world.site.path_case)
}

/// Whether that permission is there, has not ended, covers the action and the item, and is the person's.
fn permission_lives(world: &World, id: &str) -> bool {
    let found = world.permissions.iter().find(|one| one.id.as_str() == id);
    found.is_some_and(|one| {
        let persons = match &one.recipient {
            Recipient::Address(address) => *address == world.guest.address,
            Recipient::Group(group) => world.groups.contains(group),
            Recipient::Members => insider(world),
            Recipient::Everyone | Recipient::AllUsers => world.who != As::AdHoc,
        };
        persons
            && one.expires.is_none_or(|end| world.now < end)
            && (one.role != Role::Read || !world.action.writes())
            && covers(world, &one.item)
            && world.principal.person.is_some()
    })
}

/// Whether that link is there, has not ended, covers the action and the item, and was shown or names the person.
fn link_lives(world: &World, id: &str) -> bool {
    let found = world.links.iter().find(|one| one.id.as_str() == id);
    found.is_some_and(|one| {
        let shown = world.principal.links.contains(&one.id);
        let works = match &one.scope {
            LinkScope::Anonymous => shown,
            LinkScope::Organization => shown && insider(world),
            LinkScope::Users(people) => {
                people.contains(&world.guest.address) && world.principal.person.is_some()
            }
            LinkScope::ExistingAccess => false,
        };
        works
            && one.expires.is_none_or(|end| world.now < end)
            && LinkType::covers(one.kind, world.action)
            && covers(world, &one.item)
    })
}
