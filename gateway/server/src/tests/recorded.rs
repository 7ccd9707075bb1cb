//! One access event for every request, however it ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;

use super::support::*;

/// Access events as JSON.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Events {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Events {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Events {
    /// Listens on this thread, on which all of a test's tasks run.
    fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let events = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(events.clone())
            .finish();
        (events, tracing::subscriber::set_default(subscriber))
    }

    fn all(&self) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let events = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events
            .filter(|event| event["message"] == "Request decided")
            .collect()
    }

    /// The only event, once it is there.
    async fn only(&self) -> serde_json::Value {
        let waiting = async {
            while self.all().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .expect("an event");
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let all = self.all();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn an_answered_request_is_recorded_once_it_is_over() {
    let (events, _listening) = Events::listen();
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world.raw("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}content-length: 3\r\nconnection: close\r\n\r\nabc").await;
    let event = events.only().await;
    assert_eq!(event["decision"], "allow");
    assert_eq!(event["decision.reason"], "permission");
    assert_eq!(event["http.status"], 200);
    assert_eq!(event["http.method"], "PUT");
    assert_eq!(event["tenant.id"], "contoso");
    assert_eq!(event["site.id"], "projects");
    assert_eq!(event["item.path"], "/sites/projects/write/a");
    assert_eq!(event["person.provider"], "work-school");
    assert_eq!(
        (&event["bytes.received"], &event["bytes.sent"]),
        (&3.into(), &2.into())
    );
    assert_eq!(event["body.whole"], true);
    let text = event.to_string();
    assert!(!text.contains(ADA) && !text.contains("__Host"), "{text}");
}

#[tokio::test]
async fn refusals_are_recorded_with_their_code() {
    for (request, decision, reason) in [
        (
            "GET /sites/projects/other HTTP/1.1\r\n{ada}\r\n",
            "deny",
            "permission-missing",
        ),
        (
            "GET /sites/projects/read HTTP/1.1\r\n{host}\r\n",
            "challenge",
            "sign-in-required",
        ),
        (
            "GET /a/../b HTTP/1.1\r\n{host}\r\n",
            "refuse",
            "path-malformed",
        ),
        (
            "GET /_vestibule/s/secret-token HTTP/1.1\r\n{host}\r\n",
            "refuse",
            "link-not-found",
        ),
    ] {
        let (events, _listening) = Events::listen();
        let upstream = Scripted::new(OK).await;
        let world = World::new(upstream.address).await;
        world
            .raw(&request.replacen("\r\n", "\r\nconnection: close\r\n", 1))
            .await;
        let event = events.only().await;
        assert_eq!(
            (
                event["decision"].as_str(),
                event["decision.reason"].as_str()
            ),
            (Some(decision), Some(reason))
        );
        assert!(!event.to_string().contains("secret-token"));
    }
}

#[tokio::test]
async fn a_download_that_breaks_off_is_recorded_once() {
    let (events, _listening) = Events::listen();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    client
        .write_all(
            world
                .fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n")
                .as_bytes(),
        )
        .await
        .unwrap();
    let mut upstream = accepted(&listener).await;
    upstream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin")
        .await
        .unwrap();
    until(&mut client, "begin").await;
    assert!(events.all().is_empty(), "not over yet");
    drop(client);
    let event = events.only().await;
    assert_eq!(
        (&event["body.whole"], &event["bytes.sent"]),
        (&false.into(), &5.into())
    );
}

#[tokio::test]
async fn a_client_that_goes_away_while_the_upstream_thinks_is_recorded_once() {
    let (events, _listening) = Events::listen();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    client
        .write_all(
            world
                .fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n")
                .as_bytes(),
        )
        .await
        .unwrap();
    let _upstream = accepted(&listener).await;
    drop(client);
    let event = events.only().await;
    assert_eq!(event["decision"], "allow");
    assert!(event["http.status"].is_null(), "{event}");
}

#[tokio::test]
async fn a_tunnel_is_recorded_when_it_ends() {
    let (events, _listening) = Events::listen();
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
    until(&mut client, "hello").await;
    assert!(events.all().is_empty(), "not over yet");
    drop(upstream);
    let event = events.only().await;
    assert_eq!(
        (&event["http.status"], &event["bytes.sent"]),
        (&101.into(), &5.into())
    );
}
