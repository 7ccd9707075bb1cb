use std::collections::BTreeSet;

use super::super::{Grant, GrantedTo, Grants, Permissions, Seeker, Stored};
use super::*;
use crate::id::PermissionId;
use crate::person::InvitationManager;
use crate::sharing::{Permission, Recipient, Role};
use crate::time::UnixTime;

fn permission(id: usize, item: &str, recipient: Recipient) -> Permission {
    Permission {
        id: PermissionId::parse(&format!("{id}")).unwrap(),
        site: site("p"),
        item: path(item),
        recipient,
        role: Role::Read,
        created_by: address("mia@contoso.example"),
        manager: InvitationManager::Directory,
        expires: None,
    }
}

fn any_recipient() -> impl Strategy<Value = Recipient> {
    prop_oneof![
        Just(Recipient::Members),
        Just(Recipient::Everyone),
        Just(Recipient::AllUsers),
        (0usize..3).prop_map(|number| Recipient::Group(group(number))),
        (0usize..4).prop_map(|number| Recipient::Address(person(number))),
    ]
}

fn any_permission() -> impl Strategy<Value = Permission> {
    let small = (
        prop::sample::select(vec![Role::Read, Role::Write, Role::Owner]),
        prop::sample::select(vec![
            InvitationManager::Sharing,
            InvitationManager::Directory,
        ]),
        prop::option::of(any::<i64>().prop_map(UnixTime)),
        0usize..6,
    );
    (0usize..30, any_site(), any_path(), any_recipient(), small).prop_map(
        |(id, site, item, recipient, (role, manager, expires, maker))| Permission {
            site,
            item,
            role,
            manager,
            expires,
            created_by: person(maker),
            ..permission(id, "/", recipient)
        },
    )
}

#[derive(Clone, Debug)]
enum Step {
    Insert(Permission),
    Remove(usize),
    Shrink,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any_permission().prop_map(Step::Insert),
        3 => (0usize..30).prop_map(Step::Remove),
        1 => Just(Step::Shrink),
    ]
}

#[derive(Clone, Debug)]
struct Asked {
    site: SiteId,
    path: ItemPath,
    case: PathCase,
    address: Option<EmailAddress>,
    groups: BTreeSet<GroupId>,
}

fn any_asked() -> impl Strategy<Value = Asked> {
    (
        any_site(),
        any_path(),
        any_case(),
        prop::option::of((0usize..5).prop_map(person)),
        prop::collection::btree_set((0usize..4).prop_map(group), 0..3),
    )
        .prop_map(|(site, path, case, address, groups)| Asked {
            site,
            path,
            case,
            address,
            groups,
        })
}

/// What the index is meant to find, by looking at everything.
fn naive(all: &[Permission], asked: &Asked) -> Vec<String> {
    let meant = |recipient: &Recipient| match recipient {
        Recipient::Members | Recipient::Everyone | Recipient::AllUsers => true,
        Recipient::Group(group) => asked.groups.contains(group),
        Recipient::Address(address) => asked.address.as_ref() == Some(address),
    };
    let found = all.iter().filter(|permission| {
        permission.site == asked.site
            && asked.path.is_within(&permission.item, asked.case)
            && meant(&permission.recipient)
    });
    let plain = |one: &Permission| {
        let one = one.clone();
        (one.id, one.recipient, one.role, one.manager, one.expires)
    };
    sorted(found.map(|permission| format!("{:?}", plain(permission))))
}

fn sorted(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = all.collect();
    all.sort_unstable();
    all
}

fn found(index: &Permissions, asked: &Asked) -> Vec<String> {
    let groups: Vec<GroupId> = asked.groups.iter().cloned().collect();
    let seeker = Seeker {
        address: asked.address.as_ref(),
        groups: &groups,
    };
    let grants = index.covering(&asked.site, &asked.path, asked.case, seeker);
    let plain = |grant: Grant<'_>| {
        let recipient = match grant.recipient {
            GrantedTo::Members => Recipient::Members,
            GrantedTo::Everyone => Recipient::Everyone,
            GrantedTo::AllUsers => Recipient::AllUsers,
            GrantedTo::Group(group) => Recipient::Group(group.clone()),
            GrantedTo::Address(address) => Recipient::Address(address.clone()),
        };
        (
            grant.id.clone(),
            recipient,
            grant.role,
            grant.manager,
            grant.expires,
        )
    };
    sorted(grants.iter().map(|grant| format!("{:?}", plain(grant))))
}

fn view(stored: Stored<'_>) -> String {
    format!("{:?}", stored.permission().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_index_finds_what_a_look_at_everything_finds(
        keys in any_keys(),
        steps in prop::collection::vec(any_step(), 0..60),
        asked in prop::collection::vec(any_asked(), 20),
    ) {
        let (mut index, mut all) = (Permissions::with_keys(keys), Vec::new());
        for step in steps {
            match step {
                Step::Insert(permission) => {
                    index.insert(permission.clone());
                    all.push(permission);
                }
                Step::Remove(id) => {
                    let id = PermissionId::parse(&format!("{id}")).unwrap();
                    let held = all.iter().any(|permission| permission.id == id);
                    prop_assert_eq!(index.remove(&id), held);
                    all.retain(|permission| permission.id != id);
                }
                Step::Shrink => index.extend([]),
            }
            prop_assert_eq!(index.len(), all.len());
        }
        for asked in &asked {
            prop_assert_eq!(found(&index, asked), naive(&all, asked), "{:?}", asked);
        }
        let listed = all.iter().map(|permission| format!("{permission:?}"));
        prop_assert_eq!(sorted(index.iter().map(view)), sorted(listed));
        for permission in &all {
            prop_assert_eq!(index.find(&permission.id).map(|one| one.permission().unwrap().id), Some(permission.id.clone()));
        }
        let unique: BTreeSet<&PermissionId> = all.iter().map(|permission| &permission.id).collect();
        if unique.len() == all.len() {
            prop_assert_eq!(&Permissions::new(all.iter().rev().cloned()), &index);
        }
    }
}

fn ids(grants: &Grants<'_>) -> Vec<String> {
    sorted(grants.iter().map(|grant| grant.id.to_string()))
}

fn covering(index: &Permissions, item: &str, case: PathCase, who: &EmailAddress) -> Vec<String> {
    let seeker = Seeker {
        address: Some(who),
        groups: &[],
    };
    ids(&index.covering(&site("p"), &path(item), case, seeker))
}

#[test]
fn what_is_above_an_item_covers_it_and_what_is_beside_or_below_does_not() {
    let to = || Recipient::Address(person(0));
    let index = Permissions::new(
        ["/", "/a", "/a/b", "/a/b/c", "/ab", "/a/c"]
            .iter()
            .enumerate()
            .map(|(id, item)| permission(id, item, to())),
    );
    let found = |item| covering(&index, item, PathCase::Sensitive, &person(0));
    assert_eq!(found("/a/b"), ["0", "1", "2"]);
    assert_eq!(found("/a/b/c/d/e"), ["0", "1", "2", "3"]);
    assert_eq!(found("/"), ["0"]);
    assert_eq!(
        covering(&index, "/a/b", PathCase::Sensitive, &person(1)),
        [""; 0]
    );
}

#[test]
fn spellings_are_told_apart_where_the_site_does() {
    let to = || Recipient::Address(person(0));
    let index = Permissions::new(
        ["/Plans/A", "/plans/A", "/plans/a", "/PLANS"]
            .iter()
            .enumerate()
            .map(|(id, item)| permission(id, item, to())),
    );
    for (item, want) in [
        ("/Plans/A/x", &["0"][..]),
        ("/plans/A", &["1"]),
        ("/plans/a", &["2"]),
        ("/PLANS/a", &["3"]),
        ("/pLans/a", &[]),
    ] {
        assert_eq!(
            covering(&index, item, PathCase::Sensitive, &person(0)),
            want,
            "{item}"
        );
        let all = covering(&index, item, PathCase::Insensitive, &person(0));
        assert_eq!(all, ["0", "1", "2", "3"], "{item}");
    }
}

#[test]
fn paths_thousands_of_names_deep_are_walked_without_recursion() {
    let deep = "/a".repeat(4_000);
    let spelled = "/A".repeat(4_000);
    let to = || Recipient::Address(person(0));
    let mut index = Permissions::new([
        permission(0, &deep, to()),
        permission(1, &spelled, to()),
        permission(2, "/a/a", Recipient::Members),
    ]);
    assert_eq!(
        covering(&index, &deep, PathCase::Sensitive, &person(0)),
        ["0", "2"]
    );
    assert_eq!(
        covering(&index, &spelled, PathCase::Insensitive, &person(0)),
        ["0", "1", "2"]
    );
    assert_eq!(
        covering(&index, &"/a".repeat(3_999), PathCase::Sensitive, &person(0)),
        ["2"]
    );
    let again = index.find(&PermissionId::parse("1").unwrap()).unwrap();
    assert_eq!(again.item().unwrap().1, path(&spelled));
    assert!(index.remove(&PermissionId::parse("0").unwrap()));
    drop(index);
}

#[test]
fn names_that_collide_grant_nothing() {
    let mut index = Permissions::with_keys(COLLIDING);
    index.insert(permission(0, "/secret", Recipient::Address(person(0))));
    index.insert(permission(1, "/open", Recipient::Members));
    assert_eq!(
        covering(&index, "/secret", PathCase::Sensitive, &person(1)),
        [""; 0]
    );
    assert_eq!(
        covering(&index, "/other", PathCase::Sensitive, &person(0)),
        [""; 0]
    );
    assert_eq!(
        covering(&index, "/SECRET", PathCase::Sensitive, &person(0)),
        [""; 0]
    );
    assert_eq!(
        covering(&index, "/secret", PathCase::Insensitive, &person(0)),
        ["0"]
    );
}

#[test]
fn what_is_removed_makes_room() {
    let mut index = Permissions::default();
    for round in 0..1_000 {
        let place = if round % 2 == 0 { "/a" } else { "/A" };
        index.insert(permission(round, place, Recipient::Members));
        assert!(index.remove(&PermissionId::parse(&round.to_string()).unwrap()));
    }
    assert_eq!(index.slots(), 1);
    assert!(index.is_empty());
}

/// Compiles only if grants found in a longer-lived index serve for shorter.
#[test]
fn grants_may_be_kept_for_shorter() {
    fn shorter<'short>(grants: Grants<'static>, _: &'short str) -> Grants<'short> {
        grants
    }
    assert_eq!(shorter(Grants::default(), "").iter().count(), 0);
}
