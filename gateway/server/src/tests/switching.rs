//! WebSockets: a connection that switches protocols.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::*;

const ASK: &str = "GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: k\r\n\r\n";

#[tokio::test]
async fn sec_180_nothing_passes_before_the_upstream_has_switched() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    client
        .write_all(format!("{}early", world.fill(ASK)).as_bytes())
        .await
        .unwrap();
    let mut upstream = accepted(&listener).await;
    let asked = head(&mut upstream).await;
    assert!(
        asked.contains("connection: upgrade\r\n") && asked.contains("upgrade: websocket\r\n"),
        "{asked}"
    );
    let mut early = [0; 5];
    let before = tokio::time::timeout(
        std::time::Duration::from_millis(50),
        upstream.read(&mut early),
    )
    .await;
    assert!(before.is_err(), "{before:?}");
    upstream
        .write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: a\r\n\r\n")
        .await
        .unwrap();
    let answered = head(&mut client).await;
    assert!(
        answered.starts_with("http/1.1 101") && answered.contains("sec-websocket-accept: a\r\n"),
        "{answered}"
    );
    upstream.read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"early");
    upstream.write_all(b"back!").await.unwrap();
    client.read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"back!");
    drop(upstream);
    assert_eq!(client.read(&mut early).await.unwrap(), 0);
}

#[tokio::test]
async fn sec_180_a_switch_that_fails_keeps_the_framing() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let next = "GET /sites/projects/read/b HTTP/1.1\r\n{ada}connection: close\r\n\r\n";
    let answers = world.raw(&format!("{ASK}{next}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    let seen = upstream.seen();
    assert!(
        seen[0].starts_with("get /sites/projects/read/a ") && !seen[0].contains("read/b"),
        "{seen:?}"
    );
    assert!(
        seen[1].starts_with("get /sites/projects/read/b "),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_switch_nobody_asked_for_is_refused() {
    let upstream = Scripted::new(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    )
    .await;
    let world = World::new(upstream.address).await;
    let plain = "GET /sites/projects/read/a HTTP/1.1\r\n{ada}upgrade: h2c\r\nconnection: close, upgrade, http2-settings\r\nhttp2-settings: x\r\n\r\n";
    assert_eq!(code(&world.raw(plain).await), "upstream-failed");
    let seen = upstream.only();
    assert!(
        !seen.contains("h2c") && !seen.contains("http2-settings"),
        "{seen}"
    );
}
