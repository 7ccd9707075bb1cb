//! What is written together, on both databases.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, PermissionId, SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, IdentityKey, InvitationManager};
use gateway_core::sharing::{Permission, Recipient, Role};

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;

use super::*;
use crate::directory::Directory;
use crate::model::{
    Actor, AuditEvent, Change, Expect, PermissionEntry, Redemption, UserEntry, UserType, Write,
};
use crate::{Location, Store};

const NOW: UnixTime = UnixTime(1_700_000_000);

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@fabrikam.example")).unwrap()
}

fn user(id: &str, name: &str) -> Change {
    Change::PutUser(Box::new(UserEntry {
        id: GuestId::parse(id).unwrap(),
        address: address(name),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: true,
        sponsor: None,
        created: NOW,
        state_changed: NOW,
        invitation_expires: None,
        expires: [].into(),
        administers: [].into(),
        mfa_registered: false,
        deleted: None,
        profile: serde_json::Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    }))
}

fn grant(id: &str, name: &str, role: Role) -> Change {
    Change::PutPermission(Box::new(PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse("/sites/projects/Plan.docx").unwrap(),
            recipient: Recipient::Address(address(name)),
            role,
            created_by: address("mia"),
            manager: InvitationManager::Sharing,
            expires: None,
        },
        created: NOW,
        link: None,
        shared_with_integration: false,
        declared: false,
        version: 0,
    }))
}

fn write(expect: Vec<Expect>, changes: Vec<Change>) -> Asked {
    Asked::Write(Box::new(Write {
        tenant: tenant(),
        at: NOW,
        expect,
        changes,
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    }))
}

fn redeem(name: &str) -> Asked {
    let redemption = Redemption {
        tenant: tenant(),
        address: address(name),
        guest: GuestId::parse(name).unwrap(),
        identity: IdentityKey {
            cloud: None,
            provider: ProviderId::parse("idp").unwrap(),
            issuer: "https://idp.example".to_owned(),
            tenant: None,
            subject: name.to_owned(),
        },
        consented_at: NOW.plus(60),
    };
    Asked::Redeem(Box::new(redemption), Vec::new())
}

/// Each reads, or changes anew, what one before it put.
fn one_after_the_other() -> Vec<Asked> {
    let id = |id| PermissionId::parse(id).unwrap();
    let guest = |id| GuestId::parse(id).unwrap();
    let put = |change| write(Vec::new(), vec![change]);
    vec![
        put(user("ada", "ada")),
        write(
            vec![Expect::NoUser(address("ada"))],
            vec![user("eve", "ada")],
        ),
        put(grant("p1", "ada", Role::Read)),
        put(grant("p1", "ada", Role::Write)),
        write(
            vec![Expect::Permission(id("p1"), None)],
            vec![grant("p2", "ada", Role::Read)],
        ),
        put(Change::RemovePermission(id("p2"))),
        write(
            vec![Expect::Permission(id("p2"), None)],
            vec![grant("p3", "ada", Role::Read)],
        ),
        put(user("bob", "bob")),
        put(Change::DeleteUser(guest("bob"))),
        put(grant("p4", "bob", Role::Read)),
        // Nothing that was granted to the earlier one is the new one's.
        put(user("bob-again", "bob")),
        put(user("cem", "cem")),
        redeem("cem"),
        put(user("cem", "cem-renamed")),
    ]
}

/// Some of them must be undone.
fn with_some_taken() -> Vec<Asked> {
    let put = |change| write(Vec::new(), vec![change]);
    let mut all = one_after_the_other();
    all.insert(5, put(grant("p1", "dan", Role::Owner)));
    all.insert(3, put(user("ada-too", "ada")));
    all.push(put(grant("p9", "ada", Role::Read)));
    all
}

/// Begins it.
async fn is_pending<F: Future>(mut asked: Pin<&mut F>) -> bool {
    poll_fn(|context| Poll::Ready(asked.as_mut().poll(context).is_pending())).await
}

/// All of it in one transaction where `together`.
async fn written(location: &Location, asked: Vec<Asked>, together: bool) -> String {
    let store = Store::open_at(location, NOW).await.unwrap();
    let directory = Directory::open(store, Vec::new(), NOW).await.unwrap();
    let first = write(Vec::new(), vec![user("first", "first")]);
    let mut answers = Vec::new();
    if together {
        let turn = directory.shared.writing.lock().await;
        let mut first = Box::pin(directory.queue.ask(first));
        assert!(is_pending(first.as_mut()).await);
        // It is taken from the queue alone, and waits for its turn.
        while directory.queue.jobs.capacity() < WAITING {
            tokio::task::yield_now().await;
        }
        let mut waiting = Vec::new();
        for one in asked {
            let mut one = Box::pin(directory.queue.ask(one));
            assert!(is_pending(one.as_mut()).await);
            waiting.push(one);
        }
        assert_eq!(WAITING - directory.queue.jobs.capacity(), waiting.len());
        drop(turn);
        first.await.unwrap();
        for one in waiting {
            answers.push(one.await);
        }
    } else {
        directory.queue.ask(first).await.unwrap();
        for one in asked {
            answers.push(directory.queue.ask(one).await);
        }
    }
    let store = directory.store();
    let (contoso, item) = (
        tenant(),
        ItemPath::parse("/sites/projects/Plan.docx").unwrap(),
    );
    let site = SiteId::parse("projects").unwrap();
    let case = gateway_core::path::PathCase::Insensitive;
    let people = store.users(&contoso, false, "", 100).await.unwrap();
    let deleted = store.users(&contoso, true, "", 100).await.unwrap();
    let permissions = store
        .permissions_on(&contoso, &site, &item, case)
        .await
        .unwrap();
    format!("{answers:#?} {people:#?} {deleted:#?} {permissions:#?}")
}

async fn check(asked: fn() -> Vec<Asked>) {
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name| Location::Sqlite(folder.path().join(name));
    let mut places = vec![(file("apart"), file("together"))];
    if let Some(server) = postgres_server::Server::shared() {
        let database = || Location::Postgres(server.database().unwrap());
        places.push((database(), database()));
    }
    let mut told = Vec::new();
    for (apart, together) in places {
        let apart = written(&apart, asked(), false).await;
        let together = written(&together, asked(), true).await;
        assert_eq!(apart, together);
        told.push(apart);
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
    for said in ["Conflict(", "cem-renamed", "bob-again", "role: Write"] {
        assert!(told[0].contains(said), "{said}: {}", told[0]);
    }
}

#[tokio::test]
async fn what_is_written_together_is_as_if_it_was_written_apart() {
    check(one_after_the_other).await;
}

#[tokio::test]
async fn so_it_is_where_some_of_it_is_undone() {
    check(with_some_taken).await;
}
