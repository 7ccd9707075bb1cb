//! What holds for any changes.

use proptest::prelude::*;

use super::world::{World, clear, federation, set};
use crate::policy::configure::{Change, Configured, compare, validate};
use crate::settings::table::Setting;
use crate::settings::value::{Kind, Raw};
use crate::settings::words::Profile;
use crate::settings::{DirectoryPolicy, SiteSharing, TenantSharing};
use crate::testing;

const PLACES: [(&str, &[Setting]); 5] = [
    ("tenant", TenantSharing::SETTINGS),
    ("s", SiteSharing::SETTINGS),
    ("p", SiteSharing::SETTINGS),
    ("root", SiteSharing::SETTINGS),
    ("directory", DirectoryPolicy::SETTINGS),
];

fn raw(kind: Kind) -> BoxedStrategy<Raw> {
    let text = |all: Vec<&'static str>| prop::sample::select(all).prop_map(Raw::text);
    let good = match kind {
        Kind::Flag => any::<bool>().prop_map(Raw::Flag).boxed(),
        Kind::Word(words) | Kind::WordOrFlag(words) => text(words.to_vec()).boxed(),
        Kind::Words(words) => prop::sample::subsequence(words.to_vec(), 0..=words.len())
            .prop_map(|words| Raw::List(words.into_iter().map(Raw::text).collect()))
            .boxed(),
        Kind::Number { least, most, .. } => {
            prop_oneof![Just(0), i64::from(least)..=i64::from(most).min(900)]
                .prop_map(Raw::Number)
                .boxed()
        }
        Kind::Domains { .. } | Kind::DomainCharacters { .. } => {
            text(vec!["", "a.com", "b.com", "a.com b.com", "*.com"]).boxed()
        }
        Kind::Groups { .. } => text(vec!["", "g1", "g1 g2"]).boxed(),
        Kind::Ranges => text(vec!["", "192.0.2.0/24", "192.0.2.0/24 192.0.2.1"]).boxed(),
        Kind::Addresses => text(vec!["", "a@b.com", "a@b@c.com"]).boxed(),
        Kind::Text => text(vec!["", "c1", "two\nlines"]).boxed(),
    };
    prop_oneof![20 => good, 1 => any::<i64>().prop_map(Raw::Number), 1 => ".{0,9}".prop_map(Raw::Text)].boxed()
}

fn change() -> impl Strategy<Value = Change> {
    let settings: Vec<_> = PLACES
        .into_iter()
        .flat_map(|(place, table)| table.iter().map(move |setting| (place, *setting)))
        .collect();
    let setting = prop::sample::select(settings).prop_flat_map(|(place, setting)| {
        prop_oneof![
            9 => raw(setting.kind).prop_map(move |raw| set(place, setting.name, raw)),
            1 => Just(clear(place, setting.name)),
        ]
    });
    let endpoints = [
        "https://a.com/x",
        "https://b.a.com",
        "http://a.com",
        "https://c.com",
        "§",
    ];
    let added = prop::sample::select(endpoints.to_vec())
        .prop_map(|endpoint| Change::AddFederation(federation("a.com", endpoint, None)));
    prop_oneof![30 => setting, 1 => added]
}

fn world() -> impl Strategy<Value = World> {
    let clouds = vec!["worldwide", "gcc-high", "china-21vianet", "atlantis"];
    (
        prop::sample::select(Profile::ALL.to_vec()),
        prop::sample::select(clouds),
    )
        .prop_map(|(profile, cloud)| World::new().profile(profile).cloud(cloud))
}

proptest! {
    #[test]
    fn what_is_taken_is_valid_and_what_is_rejected_says_why(
        mut world in world(),
        rounds in prop::collection::vec(prop::collection::vec(change(), 0..6), 1..6),
    ) {
        let clouds = testing::clouds();
        for changes in rounds {
            match world.configure(&changes, &[]) {
                Configured::Reject(why) => {
                    prop_assert!(!why.is_empty());
                    prop_assert!(why.iter().all(|one| !one.key.is_empty() && !one.rule.is_empty()));
                }
                Configured::Set { settings, .. } => {
                    prop_assert_eq!(validate(&settings, &clouds), vec![]);
                    // Once taken, the same again comes to the same.
                    let again = World { settings: *settings, links: Vec::new() };
                    let federations = changes.iter().any(|one| matches!(one, Change::AddFederation(_)));
                    if !federations {
                        let (after, _) = again.taken(&changes);
                        prop_assert_eq!(&after, &again.settings);
                        let now = super::world::NOW;
                        prop_assert_eq!(compare(&after, &after, &[], &clouds, now), vec![]);
                    }
                    world = again;
                }
            }
        }
    }

    #[test]
    fn the_order_of_changes_does_not_matter(world in world(), changes in prop::collection::vec(change(), 0..6)) {
        let mut turned = changes.clone();
        turned.reverse();
        match (world.configure(&changes, &[]), world.configure(&turned, &[])) {
            (Configured::Set { settings: one, .. }, Configured::Set { settings: other, .. }) => {
                prop_assert_eq!(one, other);
            }
            (Configured::Reject(_), Configured::Reject(_)) => {}
            (one, other) => prop_assert!(false, "{one:?} {other:?}"),
        }
    }
}
