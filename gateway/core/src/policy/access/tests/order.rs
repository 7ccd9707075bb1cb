//! The order of judgement: of two rules that refuse, the one that is documented first is reported, and the trace lists
//! both.

use super::world::{ADA, NOW, World, fabrikam, link, named, site_id, spell, world};
use crate::action::Action;
use crate::person::GuestState;
use crate::policy::{Recorded, Verdict};
use crate::sharing::{LinkType, Role};
use crate::testing::cloud;

/// A change that makes one rule refuse, and the code that it refuses with.
type Breaks = (&'static str, fn(&mut World), &'static str);

const PERSON: [Breaks; 15] = [
    (
        "lock",
        |w| w.set_site("LockState", "NoAccess"),
        "site-locked",
    ),
    (
        "network",
        |w| w.set("IPAddressEnforcement", true),
        "network-not-trusted",
    ),
    (
        "cloud",
        |w| {
            let homes = &mut w.tenant.directory.domain_homes;
            homes.insert(fabrikam(), [cloud("dod")].into());
        },
        "cloud-not-allowed",
    ),
    (
        "level",
        |w| w.set_site("SharingCapability", "Disabled"),
        "sharing-disabled",
    ),
    (
        "link",
        |w| w.only_link(link(named("bob@fabrikam.example"), LinkType::Edit)),
        "link-not-for-person",
    ),
    (
        "authentication",
        |w| {
            w.set("SignOutAfter", 60);
            w.principal.client.last_used = None;
        },
        "sign-in-again-required",
    ),
    (
        "cross-tenant",
        |w| w.tenant.directory.cross_tenant.default_inbound = false,
        "partner-blocked",
    ),
    (
        "guest-state",
        |w| w.guest.state = GuestState::Blocked,
        "guest-blocked",
    ),
    (
        "conditional-access",
        |w| w.set("ConditionalAccessPolicy", "BlockAccess"),
        "device-not-managed",
    ),
    (
        "domain-lists",
        |w| w.set("SharingDomainRestrictionMode", "AllowList"),
        "domain-not-allowed",
    ),
    (
        "expiry",
        |w| {
            w.guest.expires.insert(site_id(), NOW);
        },
        "guest-expired",
    ),
    (
        "restricted-access",
        |w| {
            w.set("EnableRestrictedAccessControl", true);
            w.set_site("RestrictedAccessControl", true);
        },
        "restricted-access",
    ),
    (
        "permission",
        |w| w.permissions.clear(),
        "permission-missing",
    ),
    (
        "file-conditions",
        |w| w.set("MarkNewFilesSensitiveByDefault", "BlockExternalSharing"),
        "file-not-scanned",
    ),
    (
        "download-limits",
        |w| w.set_site("BlockDownloadPolicy", true),
        "download-blocked",
    ),
];

const LINK: [Breaks; 9] = [
    PERSON[0],
    PERSON[1],
    (
        "cloud",
        |w| {
            w.tenant.cloud = cloud("gcc-high");
            w.set("EnableAzureADB2BIntegration", true);
        },
        "outside-environment",
    ),
    (
        "level",
        |w| w.set_site("SharingCapability", "ExternalUserSharingOnly"),
        "anyone-links-disabled",
    ),
    ("link", |w| w.links[0].expires = Some(NOW), "link-expired"),
    (
        "authentication",
        |w| w.set("AnyoneLinkTrackUsers", true),
        "email-proof-required",
    ),
    PERSON[11],
    PERSON[13],
    PERSON[14],
];

fn check_order(path: &str, start: fn() -> World, rules: &[Breaks]) {
    for (at, (first, break_first, want)) in rules.iter().enumerate() {
        for (second, break_second, _) in &rules[at..] {
            let mut world = start();
            break_first(&mut world);
            break_second(&mut world);
            assert_eq!(&world.outcome(), want, "{first} before {second}");
            let mut trace = Recorded::default();
            assert_eq!(&spell(&world.decide(&mut trace)), want);
            let decider = trace.decider().unwrap();
            assert_eq!(decider.rule, *first);
            // Of rules that hold for everybody the person's are reported.
            let everybody = ["lock", "network"].contains(first);
            assert!(everybody || decider.path == path, "{}", decider.path);
            assert_eq!(decider.verdict.code(), *want);
            for rule in [first, second] {
                let entry = world.entry(path, rule);
                let refused = !matches!(entry.verdict, Verdict::Pass | Verdict::NotApplicable);
                assert!(refused, "{rule} in {first} before {second}");
            }
        }
    }
}

fn downloader() -> World {
    let mut world = world();
    world.action = Action::Download;
    world
}

fn bearer() -> World {
    let mut world = downloader();
    world.bearer(LinkType::View);
    world
}

#[test]
fn a_person_is_judged_in_the_documented_order() {
    assert_eq!(downloader().outcome(), "allow permission grant");
    check_order("person", downloader, &PERSON);
}

#[test]
fn a_bearer_is_judged_in_the_documented_order() {
    assert_eq!(bearer().outcome(), "allow link link");
    check_order("link", bearer, &LINK);
}

#[test]
fn a_trace_lists_every_rule_of_both_paths_in_the_documented_order() {
    let names = |rules: &[Breaks]| rules.iter().map(|(name, ..)| *name).collect::<Vec<_>>();
    let rules = |world: &World, path: &str| {
        let entries = world.trace().entries;
        let of_path = entries.iter().filter(|entry| entry.path == path);
        of_path.map(|entry| entry.rule).collect::<Vec<_>>()
    };
    let mut refused = world();
    refused.set_site("LockState", "NoAccess");
    for world in [world(), refused] {
        assert_eq!(rules(&world, "person"), names(&PERSON));
        assert_eq!(rules(&world, "link"), Vec::<&str>::new());
    }
    assert_eq!(rules(&bearer(), "link"), names(&LINK));
    assert_eq!(rules(&bearer(), "person"), names(&PERSON));
}

#[test]
fn the_rule_that_allowed_is_named() {
    let decided = |world: World| world.trace().decided.unwrap();
    assert_eq!(decided(world()), ("person", "permission"));
    assert_eq!(decided(bearer()), ("link", "link"));
    let mut by_link = world();
    by_link.only_link(link(named(ADA), LinkType::View));
    assert_eq!(decided(by_link), ("person", "permission"));
}

#[test]
fn every_refusal_names_what_it_rests_on_where_that_is_a_setting() {
    for (rule, breaks, _) in PERSON {
        let mut world = downloader();
        world.permissions[0].role = Role::Read;
        breaks(&mut world);
        let basis = world.entry("person", rule).basis;
        let without = ["link", "guest-state", "expiry"].contains(&rule);
        assert_eq!(basis.setting.is_empty(), without, "{rule}");
        assert_eq!(basis.source.is_none(), without, "{rule}");
    }
}
