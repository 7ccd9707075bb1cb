//! The directory in memory: what it joins, what it finds, and that it never differs from the store.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId};
use gateway_core::index::Seeker;
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::{Guest, GuestOrigin, GuestState, InvitationManager};
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role, SharingLink};
use gateway_store::StoreError;
use gateway_store::directory::{DeclaredTenant, Directory, TenantView, View};
use gateway_store::model::{Bound, Consumed, Redemption, Revocation, Revoked, SessionId};
use proptest::prelude::*;
use tokio::time::timeout;

use crate::conformance::Backend;
use crate::fixtures::{NOW, account, address, mailbox, provider, redemption, revocation, tenant};
use crate::model::{binding, revoking};
use crate::sqlite::File;

const TOKEN: [u8; 32] = [9; 32];

fn guest(invited: &str, state: GuestState) -> Guest {
    let id = GuestId::parse("some-guest").unwrap();
    Guest {
        state,
        manager: InvitationManager::Sharing,
        ..Guest::invited(id, address(invited), GuestOrigin::Share)
    }
}

fn permission(id: &str, site: &str, item: &str) -> Permission {
    Permission {
        id: PermissionId::parse(id).unwrap(),
        site: SiteId::parse(site).unwrap(),
        item: ItemPath::parse(item).unwrap(),
        recipient: Recipient::Members,
        role: Role::Read,
        created_by: address("mia@contoso.example"),
        manager: InvitationManager::Sharing,
        expires: None,
    }
}

fn link(id: &str, item: &str) -> SharingLink {
    SharingLink {
        id: LinkId::parse(id).unwrap(),
        site: SiteId::parse("projects").unwrap(),
        item: ItemPath::parse(item).unwrap(),
        kind: LinkType::View,
        scope: LinkScope::Anonymous,
        created_by: address("mia@contoso.example"),
        creator_may_share: true,
        manager: InvitationManager::Sharing,
        created: NOW,
        expires: None,
    }
}

fn contoso() -> DeclaredTenant {
    DeclaredTenant {
        id: tenant("contoso"),
        guests: vec![
            guest("ada@fabrikam.example", GuestState::PendingAcceptance),
            guest("bob@fabrikam.example", GuestState::PendingAcceptance),
            guest("eve@mallory.example", GuestState::Blocked),
        ],
        permissions: vec![
            permission("root", "projects", "/sites/projects/"),
            permission("folder", "projects", "/sites/projects/Shared"),
            permission("file", "projects", "/sites/projects/Shared/Plan.docx"),
            permission("lower", "projects", "/sites/projects/shared"),
            permission("other", "internal", "/sites/internal"),
        ],
        links: vec![
            (link("plan", "/sites/projects/Shared/Plan.docx"), TOKEN),
            (link("folder", "/sites/projects/Shared"), [8; 32]),
        ],
    }
}

async fn open(file: &File, declared: Vec<DeclaredTenant>) -> Directory {
    Directory::open(file.open(NOW).await, declared, NOW)
        .await
        .unwrap()
}

fn of_contoso(view: &Arc<View>) -> &TenantView {
    view.tenant(&tenant("contoso")).unwrap()
}

/// Everything of contoso.
async fn whole(directory: &Directory) -> Arc<View> {
    directory.look_at_all(&tenant("contoso")).await.unwrap()
}

async fn state_of(directory: &Directory, invited: &str) -> Option<(GuestState, bool)> {
    let view = whole(directory).await;
    let guest = of_contoso(&view).guest_by_address(&address(invited))?;
    Some((guest.state, guest.identity.is_some()))
}

fn ada() -> Redemption {
    redemption("contoso", "ada@fabrikam.example", account("ada"))
}

fn guest_revoked(invited: &str) -> Revocation {
    revocation(Revoked::Guest(tenant("contoso"), address(invited)), 0, None)
}

#[tokio::test]
async fn a_guest_who_redeemed_is_found_by_identity() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    assert_eq!(
        state_of(&directory, "ada@fabrikam.example").await,
        Some((GuestState::PendingAcceptance, false))
    );
    assert_eq!(
        of_contoso(&whole(&directory).await).guest_by_identity(&account("ada")),
        None
    );

    let before = whole(&directory).await;
    assert_eq!(
        directory.redeem(&ada(), Vec::new()).await.unwrap(),
        Bound::Yes
    );
    assert_eq!(
        of_contoso(&before).guest_by_identity(&account("ada")),
        None,
        "a view never changes"
    );

    for directory in [directory, open(&file, vec![contoso()]).await] {
        let view = whole(&directory).await;
        let found = of_contoso(&view)
            .guest_by_identity(&account("ada"))
            .unwrap();
        assert_eq!(found.address, address("ada@fabrikam.example"));
        assert_eq!(
            (found.state, found.identity.as_ref()),
            (GuestState::Accepted, Some(&account("ada")))
        );
        assert_eq!(of_contoso(&view).guest_by_identity(&mailbox("ada")), None);
    }
}

#[tokio::test]
async fn sec_083_who_comes_second_changes_nothing() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    directory.redeem(&ada(), Vec::new()).await.unwrap();
    let before = whole(&directory).await;
    let mut changes = directory.changes();
    let eve = redemption("contoso", "ada@fabrikam.example", account("eve"));
    let bob = redemption("contoso", "bob@fabrikam.example", account("ada"));
    assert_eq!(
        directory.redeem(&eve, Vec::new()).await.unwrap(),
        Bound::ToAnother
    );
    assert_eq!(
        directory.redeem(&bob, Vec::new()).await.unwrap(),
        Bound::ToAnother
    );
    assert_eq!(whole(&directory).await, before);
    assert!(!changes.has_changed().unwrap());
    directory
        .redeem(
            &redemption("contoso", "bob@fabrikam.example", account("bob")),
            Vec::new(),
        )
        .await
        .unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(*changes.borrow_and_update(), 2);
}

#[tokio::test]
async fn who_is_not_declared_is_not_a_guest() {
    let file = File::new();
    let mut without = contoso();
    without.guests.clear();
    let directory = open(&file, vec![without]).await;
    assert_eq!(
        directory.redeem(&ada(), Vec::new()).await.unwrap(),
        Bound::Yes
    );
    assert_eq!(
        of_contoso(&whole(&directory).await).guest_by_identity(&account("ada")),
        None
    );
    let nobodys = directory.look_at_all(&tenant("woodgrove")).await.unwrap();
    assert_eq!(nobodys.tenant(&tenant("woodgrove")), None);
    let directory = open(&file, vec![contoso()]).await;
    assert!(
        of_contoso(&whole(&directory).await)
            .guest_by_identity(&account("ada"))
            .is_some()
    );
}

#[tokio::test]
async fn denials_win_over_declarations_and_redemptions() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    directory.redeem(&ada(), Vec::new()).await.unwrap();
    directory
        .redeem(
            &redemption("contoso", "eve@mallory.example", account("eve")),
            Vec::new(),
        )
        .await
        .unwrap();
    for invited in ["ada@fabrikam.example", "bob@fabrikam.example"] {
        directory
            .revoke(guest_revoked(invited), Vec::new())
            .await
            .unwrap();
    }
    directory
        .redeem(
            &redemption("contoso", "bob@fabrikam.example", account("bob")),
            Vec::new(),
        )
        .await
        .unwrap();
    for directory in [directory, open(&file, vec![contoso()]).await] {
        for (name, invited) in [
            ("ada", "ada@fabrikam.example"),
            ("bob", "bob@fabrikam.example"),
            ("eve", "eve@mallory.example"),
        ] {
            assert_eq!(
                state_of(&directory, invited).await,
                Some((GuestState::Blocked, true)),
                "{name}"
            );
            let view = whole(&directory).await;
            let found = of_contoso(&view).guest_by_identity(&account(name)).unwrap();
            assert_eq!(found.state, GuestState::Blocked, "{name}");
        }
    }
}

#[tokio::test]
async fn a_guest_declared_twice_is_blocked_if_either_is() {
    for states in [
        [GuestState::Blocked, GuestState::PendingAcceptance],
        [GuestState::PendingAcceptance, GuestState::Blocked],
    ] {
        let file = File::new();
        let mut declared = contoso();
        declared.guests = states
            .map(|state| guest("ada@fabrikam.example", state))
            .into();
        let directory = open(&file, vec![declared]).await;
        assert_eq!(
            state_of(&directory, "ada@fabrikam.example").await,
            Some((GuestState::Blocked, false))
        );
    }
}

#[tokio::test]
async fn a_revoked_link_is_absent_and_others_stay() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let item = ItemPath::parse("/sites/projects/Shared/Plan.docx").unwrap();
    let site = SiteId::parse("projects").unwrap();
    let links = async |directory: &Directory| -> Vec<String> {
        let view = whole(directory).await;
        let index = of_contoso(&view).link_index();
        let found = index.on(&site, &item, PathCase::Sensitive);
        let mut found: Vec<String> = found.map(|link| link.id.to_string()).collect();
        found.sort_unstable();
        found
    };
    let has = async |directory: &Directory| {
        let id = LinkId::parse("plan").unwrap();
        of_contoso(&whole(directory).await).has_link(&id)
    };
    assert_eq!(links(&directory).await, ["folder", "plan"]);
    assert!(has(&directory).await);
    let id = of_contoso(&whole(&directory).await)
        .link_by_token(&TOKEN)
        .map(|link| link.id.clone());
    assert_eq!(id, LinkId::parse("plan").ok());
    assert_eq!(
        of_contoso(&whole(&directory).await).link_by_token(&[0; 32]),
        None
    );

    let what = Revoked::Link(tenant("contoso"), LinkId::parse("plan").unwrap());
    directory
        .revoke(revocation(what, 0, None), Vec::new())
        .await
        .unwrap();
    for directory in [directory, open(&file, vec![contoso()]).await] {
        assert_eq!(links(&directory).await, ["folder"]);
        assert!(!has(&directory).await);
        assert_eq!(
            of_contoso(&whole(&directory).await).link_by_token(&TOKEN),
            None
        );
        assert!(
            of_contoso(&whole(&directory).await)
                .link_by_token(&[8; 32])
                .is_some()
        );
    }
}

#[tokio::test]
async fn who_redeems_has_an_entry_in_the_directory() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let has_entry = async || {
        let view = whole(&directory).await;
        let guests = of_contoso(&view).guest_index();
        guests
            .by_address(&address("ada@fabrikam.example"))
            .is_some_and(Guest::has_entry)
    };
    assert!(!has_entry().await);
    directory.redeem(&ada(), Vec::new()).await.unwrap();
    assert!(has_entry().await);
}

#[tokio::test]
async fn guests_and_links_come_in_the_order_of_their_ids() {
    let file = File::new();
    let mut declared = contoso();
    declared.guests = ["c", "a", "b"]
        .map(|name| Guest {
            id: GuestId::parse(name).unwrap(),
            ..guest(&format!("{name}@x.example"), GuestState::PendingAcceptance)
        })
        .into();
    declared.links = [("c", 0), ("a", 1), ("b", 2)]
        .map(|(id, token)| (link(id, "/sites/projects"), [token; 32]))
        .into();
    let directory = open(&file, vec![declared]).await;
    let view = whole(&directory).await;
    let guests = of_contoso(&view).guests().map(|guest| guest.id.as_str());
    assert_eq!(guests.collect::<Vec<_>>(), ["a", "b", "c"]);
    let links = of_contoso(&view).links().map(|link| link.id.as_str());
    assert_eq!(links.collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_revoked_session_is_dead_and_others_live() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let what = Revoked::Session(SessionId([1; 16]));
    directory
        .revoke(revocation(what, 0, Some(60)), Vec::new())
        .await
        .unwrap();
    assert!(directory.revocations().session_revoked(&SessionId([1; 16])));
    assert!(!directory.revocations().session_revoked(&SessionId([2; 16])));
    directory.sweep(NOW.plus(59)).await.unwrap();
    assert!(directory.revocations().session_revoked(&SessionId([1; 16])));
    directory.sweep(NOW.plus(60)).await.unwrap();
    assert!(
        !directory.revocations().session_revoked(&SessionId([1; 16])),
        "forgotten"
    );
}

#[tokio::test]
async fn sessions_of_a_revoked_person_count_from_the_second_after() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let what = Revoked::Person(tenant("contoso"), account("ada"));
    let valid_from = |directory: &Directory, place: &str, name: &str| {
        directory
            .revocations()
            .sessions_valid_from(&tenant(place), &account(name))
    };
    assert_eq!(valid_from(&directory, "contoso", "ada"), None);
    for (at, want) in [(10, 11), (5, 11), (20, 21)] {
        directory
            .revoke(revocation(what.clone(), at, None), Vec::new())
            .await
            .unwrap();
        assert_eq!(
            valid_from(&directory, "contoso", "ada"),
            Some(NOW.plus(want))
        );
    }
    assert_eq!(valid_from(&directory, "woodgrove", "ada"), None);
    assert_eq!(valid_from(&directory, "contoso", "bob"), None);
}

#[tokio::test]
async fn permissions_hold_for_the_item_and_below() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let view = whole(&directory).await;
    let check = |site: &str, path: &str, case, want: &[&str]| {
        let site = SiteId::parse(site).unwrap();
        let path = ItemPath::parse(path).unwrap();
        let index = of_contoso(&view).permission_index();
        let found = index.covering(&site, &path, case, Seeker::default());
        let mut found: Vec<&str> = found.iter().map(|grant| grant.id.as_str()).collect();
        found.sort_unstable();
        let mut want = want.to_vec();
        want.sort_unstable();
        assert_eq!(found, want, "{path}");
    };
    let exact = PathCase::Sensitive;
    check("projects", "/sites/projects", exact, &["root"]);
    check(
        "projects",
        "/sites/projects/Other/Plan.docx",
        exact,
        &["root"],
    );
    check(
        "projects",
        "/sites/projects/Shared/",
        exact,
        &["root", "folder"],
    );
    check(
        "projects",
        "/sites/projects/Shared/Plan.docx",
        exact,
        &["root", "folder", "file"],
    );
    check(
        "projects",
        "/sites/projects/Shared/Plan.docx/x",
        exact,
        &["root", "folder", "file"],
    );
    check("projects", "/sites/projects/Shared2", exact, &["root"]);
    check(
        "projects",
        "/sites/projects/shared/Plan.docx",
        exact,
        &["root", "lower"],
    );
    check("projects", "/sites", exact, &[]);
    check("projects", "/sites/internal/x", exact, &[]);
    check("internal", "/sites/internal/x", exact, &["other"]);
    check("nowhere", "/sites/projects", exact, &[]);
    let folded = PathCase::Insensitive;
    check(
        "projects",
        "/SITES/projects/SHARED/plan.DOCX",
        folded,
        &["root", "folder", "lower", "file"],
    );
}

#[tokio::test]
async fn a_dropped_caller_leaves_no_revocation_unseen() {
    let file = File::new();
    let directory = open(&file, vec![contoso()]).await;
    let mut changes = directory.changes();
    {
        let mut revoking =
            pin!(directory.revoke(guest_revoked("ada@fabrikam.example"), Vec::new()));
        poll_fn(|context| {
            assert!(revoking.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let seen = timeout(Duration::from_secs(30), changes.changed()).await;
    seen.expect("the revocation goes on without its caller")
        .unwrap();
    assert_eq!(
        state_of(&directory, "ada@fabrikam.example").await,
        Some((GuestState::Blocked, false))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_changes_are_all_seen() {
    let file = File::new();
    let mut declared = contoso();
    declared.guests = (0..30)
        .map(|i| {
            guest(
                &format!("g{i}@fabrikam.example"),
                GuestState::PendingAcceptance,
            )
        })
        .collect();
    let directory = open(&file, vec![declared.clone()]).await;
    let tasks: Vec<_> = (0..30)
        .map(|i| {
            let directory = directory.clone();
            tokio::spawn(async move {
                let one = redemption(
                    "contoso",
                    &format!("g{i}@fabrikam.example"),
                    account(&format!("s{i}")),
                );
                assert_eq!(
                    directory.redeem(&one, Vec::new()).await.unwrap(),
                    Bound::Yes
                );
                assert!(
                    of_contoso(&whole(&directory).await)
                        .guest_by_identity(&one.identity)
                        .is_some()
                );
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // What was committed together is told of once.
    assert!((1..=30).contains(&*directory.changes().borrow()));
    let rebuilt = open(&file, vec![declared]).await;
    assert_eq!(whole(&directory).await, whole(&rebuilt).await);
}

#[tokio::test]
async fn sec_055_a_directory_that_would_miss_a_denial_is_not_made() {
    let file = File::new();
    let store = file.open(NOW).await;
    file.execute("INSERT INTO revoked_guest (tenant, address, at) VALUES ('contoso', 'nobody', 0)")
        .await;
    let refused = Directory::open(store, vec![contoso()], NOW).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))));
}

#[derive(Clone, Debug)]
enum Change {
    Redeem(Redemption),
    Revoke(Revocation),
    Sweep,
}

fn change() -> impl Strategy<Value = (Change, i64)> {
    let change = prop_oneof![
        4 => binding().prop_map(Change::Redeem),
        4 => revoking().prop_map(Change::Revoke),
        1 => Just(Change::Sweep),
    ];
    (change, 0..20_i64)
}

/// What the strategies of [`crate::model`] speak of; the last address and the second tenant are left out of
/// some declarations.
fn declared(tenants: usize, guests: u8) -> Vec<DeclaredTenant> {
    let states = [
        GuestState::PendingAcceptance,
        GuestState::PendingAcceptance,
        GuestState::Blocked,
    ];
    let names = ["contoso", "woodgrove"];
    let declare = |name: &str| DeclaredTenant {
        id: tenant(name),
        guests: (0..guests)
            .map(|i| {
                guest(
                    &format!("a{i}@x.example"),
                    states[usize::from(i) % states.len()],
                )
            })
            .collect(),
        permissions: vec![permission("p", "projects", "/sites/projects")],
        links: (0..3_u8)
            .map(|i| (link(&format!("l{i}"), "/sites/projects/x"), [i; 32]))
            .collect(),
    };
    names
        .iter()
        .take(tenants)
        .map(|name| declare(name))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_view_equals_one_built_from_scratch(
        changes in prop::collection::vec(change(), 1..25),
        tenants in 1..3_usize,
        guests in 2..5_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = File::new();
            let directory = open(&file, declared(tenants, guests)).await;
            let mut now = NOW;
            for (change, later) in changes {
                now = now.plus(later);
                match change {
                    Change::Redeem(redemption) => drop(directory.redeem(&redemption, Vec::new()).await.unwrap()),
                    Change::Revoke(revocation) => directory.revoke(revocation, Vec::new()).await.unwrap(),
                    Change::Sweep => directory.sweep(now).await.unwrap(),
                }
            }
            directory.sweep(now).await.unwrap();
            let rebuilt = Directory::open(file.open(now).await, declared(tenants, guests), now).await.unwrap();
            for name in ["contoso", "woodgrove"] {
                let name = tenant(name);
                let mine = directory.look_at_all(&name).await.unwrap();
                assert_eq!(mine, rebuilt.look_at_all(&name).await.unwrap());
            }
        });
    }
}

#[tokio::test]
async fn what_was_revoked_once_shows_at_once_and_is_announced() {
    let file = File::new();
    let store = file.open(NOW).await;
    let directory = Directory::open(store, Vec::new(), NOW).await.unwrap();
    let mut changes = directory.changes();
    let session = |number: u8| SessionId([number; 16]);
    let revoke = async |number: u8, id: &str| {
        let revocations = vec![revocation(Revoked::Session(session(number)), 5, Some(60))];
        let ids = [(id.to_owned(), NOW.plus(60))];
        let idp = provider("idp");
        directory
            .revoke_once(&idp, &ids, revocations, Vec::new(), NOW)
            .await
            .unwrap()
    };
    assert!(!directory.revocations().has_revoked_sessions());
    assert_eq!(revoke(1, "a").await, Consumed::Fresh);
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(revoke(2, "a").await, Consumed::Replayed);
    assert!(!changes.has_changed().unwrap());
    let revoked_at = |number| directory.revocations().session_revoked_at(&session(number));
    assert_eq!(revoked_at(1), Some(NOW.plus(5)));
    assert_eq!(revoked_at(2), None);
}
