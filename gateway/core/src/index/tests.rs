mod facts;
mod guests;
mod links;
mod permissions;

use proptest::prelude::*;

use super::hash::Keys;
use crate::address::EmailAddress;
use crate::id::{GroupId, SiteId};
use crate::path::{ItemPath, PathCase};
use crate::testing::address;

/// Keys under which everything collides with everything.
const COLLIDING: Keys = Keys::of(0, 0);

fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

fn path(text: &str) -> ItemPath {
    ItemPath::parse(text).unwrap()
}

fn person(number: usize) -> EmailAddress {
    address(&format!("person-{number}@fabrikam.example"))
}

fn group(number: usize) -> GroupId {
    GroupId::parse(&format!("group-{number}")).unwrap()
}

fn any_keys() -> impl Strategy<Value = Keys> {
    prop_oneof![Just(COLLIDING), any::<u64>().prop_map(Keys::new)]
}

fn any_site() -> impl Strategy<Value = SiteId> {
    prop::sample::select(vec![site("p"), site("q")])
}

/// Few names, of which many differ in case only, or nearly so.
fn any_path() -> impl Strategy<Value = ItemPath> {
    let name = prop::sample::select(vec![
        "a", "A", "b", "B", "ab", "AB", "aB", "σ", "ς", "Σ", "aΣ", "aς", "k", "K", "\u{212a}",
    ]);
    let slash = prop::sample::select(vec!["", "/"]);
    (prop::collection::vec(name, 0..5), slash)
        .prop_map(|(names, slash)| path(&format!("/{}{slash}", names.join("/")).replace("//", "/")))
}

fn any_case() -> impl Strategy<Value = PathCase> {
    prop::sample::select(vec![PathCase::Sensitive, PathCase::Insensitive])
}
