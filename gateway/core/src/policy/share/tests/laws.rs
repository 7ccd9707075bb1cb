//! Laws that hold for every share, checked over generated ones.

mod changes;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::world::*;
use super::*;
use crate::cloud::EnvironmentBoundary;
use crate::policy::{NoTrace, Outcome, Recorded};
use crate::settings::words::{
    AllowInvitesFrom, CompanyWideSharingLinks, FileAnonymousLinkType, FolderAnonymousLinkType,
    OnOff, SharingDomainRestrictionMode as Mode, SharingMode,
};
use crate::settings::{Channel, DirectoryPolicy, Partition, directory::PolicyCopy};
use crate::testing::{cloud, domains};

use self::changes::{SETTINGS, SHARERS, TIGHTENINGS};

prop_compose! {
    fn any_recipient()(
        who in 0..9_usize,
        home in select(vec!["", "", "", "worldwide", "gcc", "gcc-high", "dod", "bleu"]),
        group_of in select(vec!["", "", "g", "own"]),
        facts in prop::array::uniform4(prop::bool::weighted(0.7)),
    ) -> ShareRecipient {
        use crate::person::InvitationManager::{Directory, Sharing};
        let base = match who {
            0 | 1 => new("x@contoso.com"),
            2 => new("x@a.com"),
            3 => guest("g@contoso.com"),
            4 => pending("p@contoso.com", Sharing),
            5 => pending("q@a.com", Directory),
            6 => to(Who::Group(group("g"))),
            7 => to(Who::Members),
            _ => member(),
        };
        let [in_site, in_channel, by_upn, organisation] = facts;
        let groups = match group_of {
            "" => BTreeSet::new(),
            name => [group(name)].into(),
        };
        ShareRecipient {
            groups,
            in_site,
            in_channel,
            cloud: (!home.is_empty()).then(|| cloud(home)),
            tenant: organisation.then(|| "t".to_owned()),
            by_upn: by_upn.then_some(true),
            ..base
        }
    }
}

fn any_ask() -> impl Strategy<Value = Ask> {
    let recipients = || prop::collection::vec(any_recipient(), 0..4);
    let end = || prop::option::weighted(0.3, (1..100 * DAY).prop_map(|after| NOW.plus(after)));
    let roles = select(vec![Role::Read, Role::Write, Role::Owner]);
    let scopes = select(vec![
        AskedScope::Anonymous,
        AskedScope::Organization,
        AskedScope::Users,
        AskedScope::ExistingAccess,
    ]);
    let kinds = select(vec![
        LinkType::View,
        LinkType::View,
        LinkType::Review,
        LinkType::Edit,
        LinkType::CreateOnly,
    ]);
    prop_oneof![
        3 => (roles, recipients(), end()).prop_map(|(role, recipients, expires)| {
            Ask::Permission { role, recipients, expires }
        }),
        3 => (scopes, kinds, recipients(), end()).prop_map(|(scope, kind, recipients, expires)| {
            Ask::Link { scope, kind, recipients, expires }
        }),
        1 => end().prop_map(|expires| Ask::FileRequest { expires }),
    ]
}

prop_compose! {
    fn any_world()(
        how in any_ask(),
        item in select(vec![
            ItemKind::File, ItemKind::File, ItemKind::Folder, ItemKind::Folder, ItemKind::Site,
            ItemKind::Library, ItemKind::ListItem, ItemKind::Unknown,
        ]),
        settings in subsequence(SETTINGS.to_vec(), 0..6),
        sharer in subsequence(SHARERS.to_vec(), 0..4),
    ) -> World {
        let mut world = ask(how).item(item);
        for (_, change) in settings.iter().chain(&sharer) {
            change(&mut world);
        }
        world
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn stricter_never_allows_more(world in any_world(), how in select(TIGHTENINGS.to_vec())) {
        let tightened = world.clone().with(how.1);
        prop_assert!(world.allows() || !tightened.allows(), "{}", how.0);
    }

    #[test]
    fn the_order_of_recipients_changes_no_outcome(mut world in any_world(), turn in 0..4_usize) {
        if matches!(world.question.ask, Ask::FileRequest { .. }) {
            return Ok(());
        }
        let before = world.answer(&mut NoTrace).outcome;
        let recipients = world.recipients();
        let count = recipients.len();
        recipients.rotate_left(turn.min(count));
        prop_assert_eq!(before, world.answer(&mut NoTrace).outcome);
        world.recipients().reverse();
        prop_assert_eq!(before, world.answer(&mut NoTrace).outcome);
    }

    #[test]
    fn one_recipient_more_never_turns_a_denial_into_an_allow(
        mut world in any_world(),
        more in any_recipient(),
        at in 0..4_usize,
    ) {
        if matches!(world.question.ask, Ask::FileRequest { .. }) {
            return Ok(());
        }
        let before = world.allows();
        let recipients = world.recipients();
        let at = at.min(recipients.len());
        recipients.insert(at, more);
        prop_assert!(before || !world.allows());
    }

    #[test]
    fn listening_does_not_change_the_answer(world in any_world()) {
        let mut recorded = Recorded::default();
        let heard = world.answer(&mut recorded);
        prop_assert_eq!(&heard, &world.answer(&mut NoTrace));
        let refusing = recorded.entries.iter().find(|entry| {
            matches!(entry.verdict, Verdict::Deny(_) | Verdict::Request(_))
        });
        let decided = refusing.map_or(("share", "sharer"), |entry| (entry.path, entry.rule));
        prop_assert_eq!(recorded.decided, Some(decided));
        prop_assert_eq!(heard.outcome == Outcome::Allow, refusing.is_none());
    }

    #[test]
    fn with_sharing_off_nobody_outside_is_shared_with(world in any_world()) {
        let world = world.with(|world| world.tenant.sharing.capability = SharingCapability::Disabled);
        let internal = match &world.question.ask {
            Ask::FileRequest { .. } => false,
            Ask::Link { scope: AskedScope::Anonymous, .. } => false,
            Ask::Link { recipients, .. } | Ask::Permission { recipients, .. } => {
                !recipients.iter().any(|recipient| matches!(recipient.who, Who::Outsider(_)))
            }
        };
        prop_assert!(internal || !world.allows());
    }

    #[test]
    fn everybody_outside_is_accounted_for_once(mut world in any_world()) {
        if matches!(world.question.ask, Ask::FileRequest { .. }) || !world.allows() {
            return Ok(());
        }
        let outsiders: Vec<_> = world
            .recipients()
            .iter()
            .filter_map(|recipient| match &recipient.who {
                Who::Outsider(address) => Some(address.clone()),
                _ => None,
            })
            .collect();
        let told: Vec<_> = world
            .effects()
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::GuestCreated { address, .. }
                | Effect::GuestReused(address)
                | Effect::NoDirectoryObject(address)
                | Effect::InvitationCreated(address, _) => Some(address),
                _ => None,
            })
            .collect();
        prop_assert_eq!(told, outsiders);
    }

    #[test]
    fn no_link_outlives_what_was_asked_or_the_limit(world in any_world()) {
        let limit = world.tenant.sharing.anyone_link_days.get();
        let anyone = matches!(
            world.question.ask,
            Ask::FileRequest { .. } | Ask::Link { scope: AskedScope::Anonymous, .. }
        );
        let asked = match &world.question.ask {
            Ask::Permission { .. } => None,
            Ask::Link { expires, .. } | Ask::FileRequest { expires } => *expires,
        };
        let end = world.effects().into_iter().find_map(|effect| match effect {
            Effect::LinkEnds(end) => Some(end),
            _ => None,
        });
        if let (Some(asked), true) = (asked, world.allows()) {
            prop_assert!(end.is_some_and(|end| end <= asked));
        }
        if let (Some(days), true, true) = (limit, anyone, world.allows()) {
            prop_assert!(end.is_some_and(|end| end <= NOW.plus(i64::from(days) * DAY)));
        }
    }
}

#[test]
fn the_exceptions_are_real() {
    // Groups: emptying both lists, and a second group, each let somebody share.
    let outside = grant([guest("x@contoso.com")])
        .with(|world| world.tenant.sharing.guest_sharers = groups(&["h"]))
        .with(|world| world.question.sharer.groups = [group("g")].into());
    assert!(!outside.allows());
    let second = |world: &mut World| world.tenant.sharing.guest_sharers = groups(&["g", "h"]);
    assert!(outside.clone().with(second).allows());
    let none = |world: &mut World| world.tenant.sharing.guest_sharers = groups(&[]);
    assert!(outside.with(none).allows());
    // Partners: one who was blocked comes in by the defaults when taken off the list.
    let blocked = grant([new_in("worldwide")]).with(|world| {
        collaborate(world, "worldwide");
        let partners = &mut world.tenant.directory.cross_tenant.partners;
        partners.get_mut("t").unwrap().inbound = false;
    });
    assert!(!blocked.allows());
    let unlisted = |world: &mut World| world.tenant.directory.cross_tenant.partners.clear();
    assert!(blocked.with(unlisted).allows());
}

#[test]
fn the_generated_worlds_are_often_allowed_and_often_not() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let allowed = (0..1_000)
        .filter(|_| {
            any_world()
                .new_tree(&mut runner)
                .unwrap()
                .current()
                .allows()
        })
        .count();
    assert!((150..850).contains(&allowed), "{allowed}");
}
