//! Of several refusals, which is told; and what those are told who listen.

use super::world::{World, homes, kind, kinds};
use crate::person::GuestState;
use crate::policy::{Recorded, Verdict};
use crate::settings::SharingCapability;
use crate::settings::words::SharingDomainRestrictionMode as Mode;
use crate::testing::cloud;

const BEFORE: [&str; 5] = ["cloud", "level", "state", "domain-lists", "provider"];
const AFTER: [&str; 11] = [
    "audience",
    "cloud",
    "cross-tenant",
    "provider",
    "level",
    "state",
    "federation",
    "address",
    "domain-lists",
    "consent",
    "terms",
];

type Change = fn(&mut World);

/// One fault for each rule, in the order of the rules.
const FAULTS: [(&str, Change); 11] = [
    ("audience", |world| world.person.audience_matches = false),
    ("cloud", |world| {
        let domain = world.invited.domain().clone();
        let homes = homes(&["bleu"]);
        world.tenant.directory.domain_homes.insert(domain, homes);
    }),
    ("cross-tenant", |world| {
        world.tenant.directory.cross_tenant.default_inbound = false;
    }),
    ("provider", |world| {
        let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
        here.identity_providers = kinds(&[]);
    }),
    ("level", |world| {
        world.tenant.sharing.capability = SharingCapability::Disabled;
    }),
    ("state", |world| world.guest().state = GuestState::Blocked),
    ("federation", |world| {
        *world = world.clone().federated();
        world.person.kind = kind("saml");
        world.person.key.issuer.push('x');
    }),
    ("address", |world| world.person.address = None),
    ("domain-lists", |world| {
        world.tenant.sharing.domain_mode = Mode::AllowList;
    }),
    ("consent", |world| world.person.consented = Some(false)),
    ("terms", |world| {
        world.tenant.directory.policy.terms_of_use = true;
        world.person.terms = Some(false);
    }),
];

#[test]
fn of_several_refusals_the_first_in_the_documented_order_is_told() {
    assert_eq!(FAULTS.map(|(rule, _)| rule), AFTER);
    for (first, (rule, fault)) in FAULTS.iter().enumerate() {
        for (_, later) in &FAULTS[first..] {
            let world = World::new().with(later).with(fault);
            let (_, recorded) = world.ask_after();
            assert_eq!(recorded.decided, Some(("redeem", *rule)), "{world:#?}");
        }
    }
    let before = |rule: &&(&str, Change)| BEFORE.contains(&rule.0);
    let mut faults: Vec<_> = FAULTS.iter().filter(before).collect();
    faults.sort_by_key(|fault| BEFORE.iter().position(|rule| *rule == fault.0));
    for (first, (rule, fault)) in faults.iter().enumerate() {
        for (_, later) in &faults[first..] {
            let world = World::new().with(later).with(fault);
            let (_, recorded) = world.ask_before();
            assert_eq!(recorded.decided, Some(("redeem", *rule)), "{world:#?}");
        }
    }
}

#[test]
fn whoever_listens_is_told_every_rule() {
    let mut world = World::new();
    for (_, fault) in FAULTS {
        fault(&mut world);
    }
    let all = |recorded: &Recorded, want: &[&str]| {
        let rules: Vec<_> = recorded.entries.iter().map(|entry| entry.rule).collect();
        assert_eq!(rules, want);
        for entry in &recorded.entries {
            assert!(matches!(entry.verdict, Verdict::Deny(_)), "{entry:?}");
        }
    };
    all(&world.ask_before().1, &BEFORE);
    all(&world.ask_after().1, &AFTER);
    let (_, recorded) = World::new().ask_after();
    assert_eq!(recorded.decided, Some(("redeem", "address")));
    let (_, recorded) = World::new().redeemed().ask_after();
    assert_eq!(recorded.decided, Some(("redeem", "state")));
}

#[test]
fn rules_that_do_not_concern_somebody_say_so() {
    let silent = |world: World| {
        let (_, recorded) = world.ask_after();
        let entries = recorded.entries.into_iter();
        let silent = entries.filter(|entry| entry.verdict == Verdict::NotApplicable);
        silent.map(|entry| entry.rule).collect::<Vec<_>>()
    };
    assert_eq!(silent(World::new()), ["federation", "terms"]);
    assert_eq!(
        silent(World::new().by("openid")),
        ["cross-tenant", "federation", "terms"]
    );
    assert_eq!(
        silent(World::new().redeemed()),
        ["federation", "address", "consent", "terms"]
    );
    assert_eq!(
        silent(World::new().by("saml").federated()),
        ["cross-tenant", "terms"]
    );
}
