use bytes::Bytes;
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::ItemPath;
use http::HeaderMap;
use http_body_util::BodyExt;

use super::*;
use crate::caller::{Caller, CallerKind};
use crate::drives::head::Conflict;
use crate::response::full;

const NOW: UnixTime = UnixTime(1_000_000);

struct Bench {
    uploads: Uploads,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(limit: impl FnOnce(&mut Limits)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut limits = Limits::at(folder.path().join("uploads"));
        limit(&mut limits);
        Self {
            uploads: Uploads::open(limits).unwrap(),
            _folder: folder,
        }
    }

    fn begin(&self, token: &str, tenant: &str, actor: &str, now: UnixTime) -> Result<(), Full> {
        let begun = Begun {
            caller: Caller {
                tenant: TenantId::parse(tenant).unwrap(),
                kind: CallerKind::Operator,
                scopes: Default::default(),
                actor: actor.to_owned(),
            },
            site: SiteId::parse("projects").unwrap(),
            path: ItemPath::parse("/sites/projects/a").unwrap(),
            conflict: Conflict::Replace,
            conditions: HeaderMap::new(),
            defer: false,
        };
        self.uploads.begin(token, begun, now).map(drop)
    }

    fn find(&self, token: &str) -> Arc<Session> {
        self.uploads.find(token, NOW).unwrap()
    }
}

fn part(start: u64, end: u64, total: u64) -> Part {
    Part { start, end, total }
}

/// Sends a part, as far as it fits.
async fn send(session: &Session, part: Part, text: &'static str) -> Result<(), NotReceived> {
    let mut turn = session.turn().await;
    turn.fits(part)?;
    turn.receive(part, full(Bytes::from(text))).await?;
    turn.keep(part);
    Ok(())
}

async fn content(session: &Session) -> Bytes {
    let turn = session.turn().await;
    let total = turn.progress.complete().unwrap();
    let body = turn.progress.content(total).await.unwrap();
    body.collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn parts_come_in_order_and_make_the_whole() {
    let bench = Bench::new(|_| {});
    bench.begin("t", "contoso", "mia", NOW).unwrap();
    let session = bench.find("t");
    assert_eq!(session.missing(), ["0-"]);
    let gap = send(&session, part(2, 4, 6), "cd").await;
    assert!(matches!(gap, Err(NotReceived::Gap)));
    send(&session, part(0, 2, 6), "ab").await.unwrap();
    assert_eq!(session.missing(), ["2-5"]);
    for overlapping in [part(0, 2, 6), part(1, 3, 6)] {
        let again = send(&session, overlapping, "ab").await;
        assert!(matches!(again, Err(NotReceived::Overlap)));
    }
    let other = send(&session, part(2, 4, 7), "cd").await;
    assert!(matches!(other, Err(NotReceived::OtherTotal)));
    for wrong in ["c", "cde"] {
        let wrong = send(&session, part(2, 4, 6), wrong).await;
        assert!(matches!(wrong, Err(NotReceived::OtherLength)));
        assert_eq!(session.missing(), ["2-5"], "nothing of it counts");
        assert_eq!(bench.uploads.waiting(), 2, "nor takes room");
    }
    send(&session, part(2, 6, 6), "cdef").await.unwrap();
    assert!(session.missing().is_empty());
    assert_eq!(content(&session).await, "abcdef");
    assert_eq!(bench.uploads.waiting(), 6);
}

#[tokio::test]
async fn a_part_takes_the_place_of_one_that_is_on_its_way() {
    let bench = Bench::new(|_| {});
    bench.begin("t", "contoso", "mia", NOW).unwrap();
    let session = bench.find("t");
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let stalled = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let data = receiver.recv().await?;
        let frame = Ok::<_, std::convert::Infallible>(http_body::Frame::data(data));
        Some((frame, receiver))
    });
    let stalled = http_body_util::StreamBody::new(stalled);
    let stalled = stalled.map_err(|never| match never {}).boxed_unsync();
    let first = {
        let session = Arc::clone(&session);
        tokio::spawn(async move {
            let mut turn = session.turn().await;
            turn.receive(part(0, 4, 4), stalled).await
        })
    };
    sender.send(Bytes::from("xx")).await.unwrap();
    sender.send(Bytes::from("x")).await.unwrap();
    send(&session, part(0, 4, 4), "abcd").await.unwrap();
    assert!(matches!(first.await.unwrap(), Err(NotReceived::Superseded)));
    assert_eq!(content(&session).await, "abcd");
}

#[tokio::test]
async fn a_part_that_nobody_waits_for_any_more_is_written_over() {
    let bench = Bench::new(|_| {});
    bench.begin("t", "contoso", "mia", NOW).unwrap();
    let session = bench.find("t");
    let never = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(
        http_body::Frame::data(Bytes::from("xxxx")),
    )]);
    let never = futures_util::StreamExt::chain(never, futures_util::stream::pending());
    let body = http_body_util::StreamBody::new(never);
    let body = body.map_err(|never| match never {}).boxed_unsync();
    {
        let mut turn = session.turn().await;
        let receiving = turn.receive(part(0, 6, 6), body);
        // The client is gone, and with it the future.
        let gone = tokio::time::timeout(std::time::Duration::from_millis(10), receiving).await;
        assert!(gone.is_err());
    }
    send(&session, part(0, 3, 3), "abc").await.unwrap();
    assert_eq!(content(&session).await, "abc");
    assert_eq!(bench.uploads.waiting(), 3);
}

#[tokio::test]
async fn there_is_so_much_room_for_all() {
    let bench = Bench::new(|limits| limits.total_bytes = 8);
    bench.begin("t", "contoso", "mia", NOW).unwrap();
    bench.begin("u", "contoso", "nils", NOW).unwrap();
    let (one, other) = (bench.find("t"), bench.find("u"));
    send(&one, part(0, 6, 9), "abcdef").await.unwrap();
    let full = send(&other, part(0, 3, 3), "abc").await;
    assert!(matches!(full, Err(NotReceived::NoRoom)));
    bench.uploads.end("t").await;
    assert_eq!(bench.uploads.waiting(), 0);
    send(&other, part(0, 3, 3), "abc").await.unwrap();
}

#[tokio::test]
async fn so_many_are_begun_by_one_and_by_all_of_a_tenant() {
    let bench = Bench::new(|limits| {
        limits.sessions_per_person = 2;
        limits.sessions_per_tenant = 3;
    });
    bench.begin("1", "contoso", "mia", NOW).unwrap();
    bench.begin("2", "contoso", "mia", NOW).unwrap();
    assert_eq!(bench.begin("3", "contoso", "mia", NOW), Err(Full::Person));
    bench.begin("3", "contoso", "nils", NOW).unwrap();
    assert_eq!(bench.begin("4", "contoso", "ola", NOW), Err(Full::Tenant));
    bench.begin("4", "woodgrove", "mia", NOW).unwrap();
    // What is whole is only remembered.
    let done = Done {
        path: ItemPath::parse("/a").unwrap(),
        created: true,
    };
    bench.find("1").turn().await.finish(done, NOW).await;
    bench.begin("5", "contoso", "mia", NOW).unwrap();
}

#[tokio::test]
async fn what_is_over_is_gone_with_its_file() {
    let bench = Bench::new(|limits| limits.lifetime = std::time::Duration::from_secs(60));
    bench.begin("t", "contoso", "mia", NOW).unwrap();
    let session = bench.find("t");
    send(&session, part(0, 2, 6), "ab").await.unwrap();
    assert_eq!(bench.uploads.files().len(), 1);
    bench.uploads.sweep(NOW.plus(59));
    assert!(bench.uploads.find("t", NOW.plus(59)).is_some());
    // Each part lets it wait anew, but not for ever.
    assert_eq!(bench.uploads.wait(&session, NOW.plus(59)), NOW.plus(119));
    assert!(bench.uploads.find("t", NOW.plus(118)).is_some());
    let last = bench.uploads.wait(&session, NOW.plus(LONGEST - 1));
    assert_eq!(last, NOW.plus(LONGEST));
    bench.uploads.wait(&session, NOW);
    // Nobody takes it away from whoever is sending.
    let turn = session.turn().await;
    bench.uploads.sweep(NOW.plus(60));
    assert_eq!(bench.uploads.files().len(), 1);
    drop(turn);
    drop(session);
    bench.uploads.sweep(NOW.plus(60));
    assert!(bench.uploads.files().is_empty());
    assert_eq!(bench.uploads.waiting(), 0);
    assert!(bench.uploads.find("t", NOW).is_none());
}
