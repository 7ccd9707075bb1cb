//! One access event for every request, however it ends.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::OnceLock;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::support::*;

thread_local! {
    /// What was written on this thread since a test began to listen.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes to the thread's own ear.
struct Ear;

impl std::io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whoever writes an event first decides, for the whole process, whether anybody listens to its kind, and asks only
/// its own thread: a subscriber of one thread alone would be missed when a test on another thread is first. So there
/// is one of all threads, before any gateway runs.
pub(crate) fn be_heard() {
    static HEARING: OnceLock<()> = OnceLock::new();
    HEARING.get_or_init(|| {
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(|| Ear)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// Access events of this thread, on which all of a test's tasks run, as JSON; until dropped.
struct Events(PhantomData<*const ()>);

impl Drop for Events {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

impl Events {
    fn listen() -> Self {
        be_heard();
        HEARD.set(Some(Vec::new()));
        Self(PhantomData)
    }

    fn all(&self) -> Vec<serde_json::Value> {
        let heard = HEARD.with_borrow(|heard| heard.clone().unwrap());
        let text = String::from_utf8(heard).unwrap();
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
        tokio::time::timeout(PATIENCE, waiting)
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
    let events = Events::listen();
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
        let events = Events::listen();
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
    let events = Events::listen();
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
    let events = Events::listen();
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
    let events = Events::listen();
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

/// What the audit holds once the requests are over, without what differs from run to run.
async fn audited(world: &World, requests: &[String]) -> Vec<serde_json::Value> {
    let directory = &world.gateway.directory;
    let audit = &world.gateway.configuration().gateway.audit;
    let keeping = crate::auditing::Keeping::start(directory, audit, &world.gateway.keyring);
    for request in requests {
        world
            .raw(&request.replacen("\r\n", "\r\nconnection: close\r\n", 1))
            .await;
    }
    keeping.stop().await;
    let query = gateway_store::model::AuditQuery {
        limit: 1_000,
        ..Default::default()
    };
    let page = directory.audit(&tenant(), &query).await.unwrap();
    page.items.into_iter().map(|record| record.body).collect()
}

#[tokio::test]
async fn the_audit_tells_who_tried_what_and_how_it_was_answered() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let requests = [
        "GET /sites/projects/read/a?code=canary HTTP/1.1\r\n{ada}\r\n".to_owned(),
        "PUT /sites/projects/write/a HTTP/1.1\r\n{ada}content-length: 3\r\n\r\nabc".to_owned(),
        "GET /sites/projects/other HTTP/1.1\r\n{ada}\r\n".to_owned(),
        "GET /sites/projects/read HTTP/1.1\r\n{host}\r\n".to_owned(),
        format!("GET /_vestibule/s/{ANYONE} HTTP/1.1\r\n{{host}}\r\n"),
        format!("GET /_vestibule/s/{EXPIRED} HTTP/1.1\r\n{{host}}\r\n"),
        "GET /_vestibule/s/canary-token HTTP/1.1\r\n{host}\r\n".to_owned(),
        "GET /_vestibule/sign-in HTTP/1.1\r\n{host}\r\n".to_owned(),
    ];
    let records = audited(&world, &requests).await;
    let told: Vec<String> = records
        .iter()
        .map(|record| {
            let said = |key: &str| record[key].as_str().unwrap_or("-").to_owned();
            ["Operation", "Decision", "ReasonCode", "UserId", "ObjectId"]
                .map(said)
                .join(" ")
        })
        .collect();
    assert_eq!(
        told,
        [
            format!("FileAccessed allow permission {ADA} /sites/projects/read/a"),
            format!("FileModified allow permission {ADA} /sites/projects/write/a"),
            format!("FileAccessed deny permission-missing {ADA} /sites/projects/other"),
            "FileAccessed challenge sign-in-required anonymous /sites/projects/read".to_owned(),
            "AnonymousLinkUsed allow link anonymous /sites/projects/linked".to_owned(),
            "AnonymousLinkUsed deny link-expired anonymous /sites/projects/linked".to_owned(),
            "AnonymousLinkUsed deny link-not-found anonymous -".to_owned(),
        ]
    );
    assert!(
        records
            .iter()
            .all(|record| record["ClientIP"] == "127.0.0.1")
    );
    assert!(records.iter().all(|record| record["Count"] == 1));
    assert_eq!(records[0]["Details"]["IdentityProvider"], "work-school");
    assert!(records[4]["UniqueSharingId"].is_string());
    // Neither tokens, nor cookies, nor what stands in a query.
    let text = serde_json::to_string(&records).unwrap();
    for secret in ["canary", ANYONE, EXPIRED, "__Host", "code="] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn what_is_saved_is_downloaded_and_what_is_repeated_is_told_once() {
    let attachment =
        "HTTP/1.1 200 OK\r\ncontent-disposition: attachment\r\ncontent-length: 2\r\n\r\nok";
    for (answer, want) in [
        (attachment, vec![("FileDownloaded", 1); 3]),
        (OK, vec![("FileAccessed", 1), ("FileAccessed", 2)]),
    ] {
        let upstream = Scripted::new(answer).await;
        let world = World::new(upstream.address).await;
        let requests = vec!["GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n".to_owned(); 3];
        let records = audited(&world, &requests).await;
        let told: Vec<_> = records
            .iter()
            .map(|record| {
                (
                    record["Operation"].as_str().unwrap(),
                    record["Count"].as_i64().unwrap(),
                )
            })
            .collect();
        assert_eq!(told, want);
    }
}
