use std::collections::BTreeSet;

use super::super::LinkIndex;
use super::*;
use crate::id::LinkId;
use crate::person::InvitationManager;
use crate::sharing::{LinkScope, LinkType, SharingLink};
use crate::time::UnixTime;

fn id(number: usize) -> LinkId {
    LinkId::parse(&format!("link-{number:02}")).unwrap()
}

pub(super) fn link(number: usize, item: &str, scope: LinkScope) -> SharingLink {
    SharingLink {
        id: id(number),
        site: site("p"),
        item: path(item),
        kind: LinkType::View,
        scope,
        created_by: address("mia@contoso.example"),
        creator_may_share: true,
        manager: InvitationManager::Directory,
        created: UnixTime(0),
        expires: None,
    }
}

pub(super) fn users(people: &[usize]) -> LinkScope {
    LinkScope::Users(people.iter().map(|number| person(*number)).collect())
}

fn any_link() -> impl Strategy<Value = SharingLink> {
    let scope = prop_oneof![
        Just(LinkScope::Anonymous),
        Just(LinkScope::Organization),
        Just(LinkScope::ExistingAccess),
        prop::collection::vec(0usize..4, 0..4).prop_map(|people| users(&people)),
    ];
    (0usize..20, any_site(), any_path(), scope).prop_map(|(number, site, item, scope)| {
        SharingLink {
            site,
            item,
            ..link(number, "/", scope)
        }
    })
}

fn names<'a>(links: impl Iterator<Item = &'a SharingLink>) -> Vec<String> {
    let mut names: Vec<String> = links.map(|link| format!("{link:?}")).collect();
    names.sort_unstable();
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_index_finds_the_links_that_a_look_at_everything_finds(
        keys in any_keys(),
        steps in prop::collection::vec((prop::option::weighted(0.7, any_link()), 0usize..20), 0..40),
        asked in prop::collection::vec((any_site(), any_path(), any_case(), prop::option::of(0usize..5)), 10),
        shown in prop::collection::btree_set(0usize..22, 0..4),
    ) {
        let (mut index, mut all) = (LinkIndex::with_keys(keys), Vec::<SharingLink>::new());
        for (link, number) in steps {
            match link {
                // Ids are unique.
                Some(link) if all.iter().any(|other| other.id == link.id) => {}
                Some(link) => {
                    index.insert(link.clone());
                    all.push(link);
                }
                None => {
                    let held = all.iter().any(|link| link.id == id(number));
                    prop_assert_eq!(index.remove(&id(number)), held);
                    all.retain(|link| link.id != id(number));
                }
            }
            prop_assert_eq!(index.len(), all.len());
        }
        let shown: Vec<LinkId> = shown.into_iter().map(id).collect();
        for (site, path, case, who) in asked {
            let who = who.map(person);
            let covers = |link: &&SharingLink| link.site == site && path.is_within(&link.item, case);
            let counts = |link: &&SharingLink| {
                let named = matches!((&link.scope, &who), (LinkScope::Users(named), Some(who)) if named.contains(who));
                named || shown.contains(&link.id)
            };
            prop_assert_eq!(names(index.on(&site, &path, case)), names(all.iter().filter(covers)));
            let found = index.covering((&site, &path, case), &shown, who.as_ref(), |known| *known == person(0));
            for facts in found.iter() {
                let known = matches!(&facts.link.scope, LinkScope::Users(named) if named.contains(&person(0)));
                prop_assert_eq!(facts.recipient_in_directory, known);
            }
            prop_assert_eq!(
                names(found.iter().map(|facts| facts.link)),
                names(all.iter().filter(covers).filter(counts))
            );
            let missing = shown.iter().any(|id| all.iter().all(|link| link.id != *id));
            prop_assert_eq!(found.missing(), missing);
        }
        prop_assert_eq!(names(index.iter()), names(all.iter()));
        for link in &all {
            prop_assert_eq!(index.find(&link.id), Some(link));
        }
        prop_assert_eq!(&LinkIndex::new(all.iter().rev().cloned()), &index);
    }
}

#[test]
fn a_link_is_found_once_by_whoever_shows_it_and_is_named() {
    let index = LinkIndex::new([link(0, "/a", users(&[0, 1]))]);
    let item = (&site("p"), &path("/a/b"), PathCase::Sensitive);
    let found = |shown: &[LinkId], who| {
        let links = index.covering(item, shown, Some(&person(who)), |_| false);
        (links.iter().count(), links.missing())
    };
    assert_eq!(found(&[id(0)], 0), (1, false));
    assert_eq!(found(&[], 1), (1, false));
    assert_eq!(found(&[], 2), (0, false));
    assert_eq!(found(&[id(1)], 2), (0, true));
}

#[test]
fn removed_links_leave_nothing_behind() {
    let mut index = LinkIndex::new([
        link(0, "/a", users(&[0])),
        link(1, "/a", users(&[0])),
        link(2, "/a", LinkScope::Anonymous),
    ]);
    assert!(index.remove(&id(1)));
    assert!(!index.remove(&id(1)));
    let item = (&site("p"), &path("/a"), PathCase::Sensitive);
    let left: BTreeSet<&LinkId> = index
        .on(item.0, item.1, item.2)
        .map(|link| &link.id)
        .collect();
    assert_eq!(left, BTreeSet::from([&id(0), &id(2)]));
    let links = index.covering(item, &[id(1)], Some(&person(0)), |_| false);
    assert_eq!(links.iter().count(), 1);
    assert!(links.missing());
}
