//! What is stored counts from the next request on: grants, settings, and moves.

use gateway_core::id::{PermissionId, SiteId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::InvitationManager;
use gateway_core::sharing::{Permission, Recipient, Role};
use gateway_store::model::{
    Actor, AuditEvent, Change, PermissionEntry, SettingScope, StoredSetting, Write, Written,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;
use crate::clock;

const MOVED: &str = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

pub(crate) async fn write(world: &World, change: Change) {
    let write = Write {
        tenant: tenant(),
        at: clock::now(),
        expect: Vec::new(),
        changes: vec![change],
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    };
    let written = world.gateway.directory.write(write).await.unwrap();
    assert!(matches!(written, Written::Yes { .. }), "{written:?}");
}

pub(crate) fn grant(id: &str, item: &str, role: Role) -> Change {
    Change::PutPermission(Box::new(PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(id).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse(item).unwrap(),
            recipient: Recipient::Address(email(ADA)),
            role,
            created_by: email("mia@contoso.example"),
            manager: InvitationManager::Directory,
            expires: None,
        },
        created: clock::now(),
        link: None,
        shared_with_integration: true,
        declared: false,
        version: 0,
    }))
}

async fn get(world: &World, path: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\n{{ada}}connection: close\r\n\r\n");
    status(&world.raw(&request).await)
}

const NEW: &str = "/sites/projects/new/Plan.docx";

#[tokio::test]
async fn sec_118_what_is_granted_and_revoked_counts_with_the_next_request() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    assert_eq!(get(&world, NEW).await, 403);
    write(&world, grant("new", "/sites/projects/new", Role::Read)).await;
    assert_eq!(get(&world, NEW).await, 200);
    let id = PermissionId::parse("new").unwrap();
    write(&world, Change::RemovePermission(id)).await;
    assert_eq!(get(&world, NEW).await, 403);
}

#[tokio::test]
async fn sec_118_a_declared_permission_that_was_revoked_grants_nothing() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    assert_eq!(get(&world, "/sites/projects/read/a").await, 200);
    for id in ["read", "write"] {
        let id = PermissionId::parse(id).unwrap();
        write(&world, Change::RemovePermission(id)).await;
    }
    assert_eq!(get(&world, "/sites/projects/read/a").await, 403);
}

fn locked() -> Change {
    Change::PutSetting(StoredSetting {
        scope: SettingScope::Site(SiteId::parse("projects").unwrap()),
        name: "LockState".to_owned(),
        value: json!("NoAccess"),
    })
}

#[tokio::test]
async fn a_setting_that_was_stored_counts_with_the_next_request() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    assert_eq!(get(&world, "/sites/projects/read/a").await, 200);
    write(&world, locked()).await;
    assert_eq!(get(&world, "/sites/projects/read/a").await, 403);
    let site = SettingScope::Site(SiteId::parse("projects").unwrap());
    write(&world, Change::ClearSetting(site, "LockState".to_owned())).await;
    assert_eq!(get(&world, "/sites/projects/read/a").await, 200);
}

#[tokio::test]
async fn sec_067_a_running_download_ends_when_a_setting_forbids_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let (mut client, _upstream, mut got) = downloading(&world, &listener, 100).await;
    write(&world, locked()).await;
    let ended = tokio::time::timeout(PATIENCE, client.read_to_end(&mut got)).await;
    assert!(ended.is_ok(), "still open");
}

async fn shown(world: &World, path: &str) -> Vec<String> {
    let directory = &world.gateway.directory;
    let site = SiteId::parse("projects").unwrap();
    let item = ItemPath::parse(path).unwrap();
    let found = directory
        .permissions_on(&tenant(), &site, &item, PathCase::Sensitive)
        .await;
    let stored = found.unwrap().into_iter().filter(|entry| !entry.declared);
    stored
        .map(|entry| entry.permission.id.to_string())
        .collect()
}

const MOVE: &str = "MOVE /sites/projects/write/a HTTP/1.1\r\n{ada}destination: /sites/projects/write/b\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn what_was_granted_moves_along_once_the_upstream_has_moved_the_item() {
    for (answer, moves) in [
        (MOVED, true),
        (&*MOVED.replace("201 Created", "204 No Content"), true),
        (&*MOVED.replace("201 Created", "207 Multi-Status"), false),
        (
            &*MOVED.replace("201 Created", "412 Precondition Failed"),
            false,
        ),
    ] {
        let upstream = Scripted::new(answer).await;
        let world = World::new(upstream.address).await;
        write(&world, grant("a", "/sites/projects/write/a", Role::Read)).await;
        world.raw(MOVE).await;
        let (old, new) = if moves {
            (vec![], vec!["a"])
        } else {
            (vec!["a"], vec![])
        };
        assert_eq!(
            shown(&world, "/sites/projects/write/a").await,
            old,
            "{answer}"
        );
        assert_eq!(
            shown(&world, "/sites/projects/write/b").await,
            new,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_was_granted_ends_once_the_upstream_has_deleted_the_item() {
    let answer = |status: &str| MOVED.replace("201 Created", status);
    for (answer, ends) in [
        (answer("204 No Content"), true),
        (answer("200 OK"), true),
        (answer("202 Accepted"), true),
        (answer("207 Multi-Status"), false),
        (answer("423 Locked"), false),
    ] {
        let upstream = Scripted::new(&answer).await;
        let world = World::new(upstream.address).await;
        for (id, item) in [("a", "a"), ("below", "a/b"), ("beside", "ab")] {
            let item = format!("/sites/projects/write/{item}");
            write(&world, grant(id, &item, Role::Read)).await;
        }
        let delete = "DELETE /sites/projects/write/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n";
        world.raw(delete).await;
        let left = shown(&world, "/sites/projects/write/a/b").await;
        assert_eq!(left.is_empty(), ends, "{answer}: {left:?}");
        assert_eq!(shown(&world, "/sites/projects/write/ab").await, ["beside"]);
    }
}

#[tokio::test]
async fn what_is_copied_takes_nothing_along() {
    let upstream = Scripted::new(MOVED).await;
    let world = World::new(upstream.address).await;
    write(&world, grant("a", "/sites/projects/write/a", Role::Read)).await;
    world.raw(&MOVE.replace("MOVE", "COPY")).await;
    assert_eq!(shown(&world, "/sites/projects/write/a").await, ["a"]);
    assert!(shown(&world, "/sites/projects/write/b").await.is_empty());
}

#[tokio::test]
async fn what_was_granted_moves_along_when_the_client_has_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    write(&world, grant("a", "/sites/projects/write/a", Role::Read)).await;
    let mut client = world.connect().await;
    client.write_all(world.fill(MOVE).as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    until(&mut upstream, "\r\n\r\n").await;
    let mut changes = world.gateway.directory.changes();
    drop(client);
    upstream.write_all(MOVED.as_bytes()).await.unwrap();
    let moved = tokio::time::timeout(PATIENCE, changes.changed()).await;
    moved.expect("moved along without the client").unwrap();
    assert_eq!(shown(&world, "/sites/projects/write/b").await, ["a"]);
}

#[tokio::test]
async fn without_the_directory_nothing_is_answered_but_what_is_for_everybody() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world.gateway.directory.store().close().await;
    // Nothing was looked at before, so nothing is in memory.
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!(
        (status(&answer), &*code(&answer)),
        (503, "directory-stale"),
        "{answer}"
    );
    assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
    assert!(upstream.seen().is_empty());
    let jwks = world
        .raw("GET /_vestibule/jwks.json HTTP/1.1\r\n{host}connection: close\r\n\r\n")
        .await;
    assert_eq!(status(&jwks), 200, "{jwks}");
}
