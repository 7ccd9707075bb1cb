//! Transfers that outlive what allowed them.

use gateway_store::model::{Revocation, Revoked};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;
use crate::clock;

async fn block_ada(world: &World) {
    let what = Revoked::Guest(tenant(), email(ADA));
    world
        .gateway
        .directory
        .revoke(
            Revocation {
                what,
                at: clock::now(),
                until: None,
            },
            Vec::new(),
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn sec_067_a_download_ends_when_the_guest_is_blocked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let (mut client, _upstream, mut got) = downloading(&world, &listener, 100).await;
    block_ada(&world).await;
    let ended = tokio::time::timeout(PATIENCE, client.read_to_end(&mut got)).await;
    assert!(ended.is_ok(), "still open");
    assert!(got.ends_with(b"begin"));
}

#[tokio::test]
async fn sec_067_an_upload_ends_when_the_session_is_revoked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let session = world.ada();
    let mut client = world.connect().await;
    let request = format!(
        "PUT /sites/projects/write/a HTTP/1.1\r\nhost: {HOST}\r\ncookie: {}\r\ncontent-length: 100\r\n\r\nbegin",
        world.cookie(&session)
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    let mut sent = until(&mut upstream, "begin").await.into_bytes();
    let what = Revoked::Session(session.id);
    world
        .gateway
        .directory
        .revoke(
            Revocation {
                what,
                at: clock::now(),
                until: None,
            },
            Vec::new(),
        )
        .await
        .unwrap();
    let mut got = String::new();
    let answered = tokio::time::timeout(PATIENCE, client.read_to_string(&mut got)).await;
    assert!(answered.is_ok(), "still open");
    assert_eq!((status(&got), &*code(&got)), (403, "no-longer-allowed"));
    let closed = tokio::time::timeout(PATIENCE, upstream.read_to_end(&mut sent)).await;
    assert!(closed.is_ok() && sent.ends_with(b"begin"));
}

#[tokio::test]
async fn sec_067_a_tunnel_ends_when_the_guest_is_blocked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    let request = world.fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: upgrade\r\nupgrade: websocket\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    upstream
        .write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello")
        .await
        .unwrap();
    let mut got = until(&mut client, "hello").await.into_bytes();
    block_ada(&world).await;
    let ended = tokio::time::timeout(PATIENCE, client.read_to_end(&mut got)).await;
    assert!(ended.is_ok(), "still open");
}

#[tokio::test]
async fn sec_067_waiting_for_an_answer_ends_when_the_guest_is_blocked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    let request =
        world.fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let _upstream = accepted(&listener).await;
    block_ada(&world).await;
    let mut got = String::new();
    let answered = tokio::time::timeout(PATIENCE, client.read_to_string(&mut got)).await;
    assert!(answered.is_ok(), "still open");
    assert_eq!(code(&got), "no-longer-allowed");
}

#[tokio::test]
async fn sec_178_the_next_range_is_refused() {
    let upstream = Scripted::new("HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-1/4\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let world = World::new(upstream.address).await;
    let request = world.fill(
        "GET /sites/projects/read/a HTTP/1.1\r\n{ada}range: bytes=0-1\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(status(&world.raw(&request).await), 206);
    assert!(upstream.only().contains("range: bytes=0-1\r\n"));
    block_ada(&world).await;
    assert_eq!(code(&world.raw(&request).await), "guest-blocked");
}

#[tokio::test]
async fn a_person_whose_sessions_were_ended_is_a_stranger() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let request =
        world.fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n");
    assert_eq!(status(&world.raw(&request).await), 200);
    let what = Revoked::Person(tenant(), identity("ada"));
    world
        .gateway
        .directory
        .revoke(
            Revocation {
                what,
                at: clock::now(),
                until: None,
            },
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!(code(&world.raw(&request).await), "sign-in-required");
}

#[tokio::test]
async fn running_transfers_end_before_the_listener_does() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = World::new(listener.local_addr().unwrap()).await;
    let (mut client, mut upstream, mut got) = downloading(&world, &listener, 10).await;
    world.stop();
    let mut ended = world.ended.take().unwrap();
    tokio::select! {
        biased;
        _ = &mut ended => panic!("the listener did not wait"),
        () = tokio::task::yield_now() => {}
    }
    upstream.write_all(b"-end-").await.unwrap();
    client.read_to_end(&mut got).await.unwrap();
    assert!(got.ends_with(b"begin-end-"));
    tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap();
}
