//! Items that go to another place, and content that comes in parts.

use gateway_core::action::Action;
use http_body::Frame;
use http_body_util::StreamBody;

use super::*;

fn to(path: &str, replace: bool) -> DocumentAsk {
    DocumentAsk::Move {
        to: ItemPath::parse(path).unwrap(),
        replace,
        headers: HeaderMap::new(),
    }
}

#[tokio::test]
async fn a_move_goes_to_the_upstream_and_takes_ids_along() {
    let dav = Dav::new().await;
    let world = World::new(dav.address).await;
    let ada = person("ada", Some(ADA), true);
    let store = world.gateway.directory.store();
    let site = SiteId::parse("projects").unwrap();
    let known = [
        "/sites/projects/write/inner",
        "/sites/projects/write/inner/open.txt",
    ];
    let wanted: BTreeMap<String, String> = known
        .iter()
        .map(|path| ((*path).to_owned(), format!("01{}", path.len())))
        .collect();
    store.item_ids(&tenant(), &site, &wanted).await.unwrap();
    let moved = asked(
        &world,
        &ada,
        "projects",
        "/sites/projects/write/inner/",
        to("/sites/projects/write/outer%20one/", false),
    );
    assert_eq!(done(moved.await), StatusCode::CREATED);
    let there = dav.folder.path().join("sites/projects/write/outer one");
    assert!(there.join("open.txt").exists());
    for (path, want) in [
        (known[0], "/sites/projects/write/outer%20one"),
        (known[1], "/sites/projects/write/outer%20one/open.txt"),
    ] {
        let id = format!("01{}", path.len());
        let found = store.item(&tenant(), &id).await.unwrap().unwrap();
        assert_eq!(found.1, want);
    }
    // Something has the name.
    let taken = there.join("taken.txt");
    std::fs::write(&taken, "taken").unwrap();
    let again = |replace| {
        asked(
            &world,
            &ada,
            "projects",
            "/sites/projects/write/outer%20one/open.txt",
            to("/sites/projects/write/outer%20one/taken.txt", replace),
        )
    };
    assert_eq!(done(again(false).await), StatusCode::PRECONDITION_FAILED);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "taken");
    assert!(done(again(true).await).is_success());
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "open");
}

#[tokio::test]
async fn sec_175_a_move_is_judged_where_it_begins_and_where_it_ends() {
    let dav = Dav::new().await;
    let world = World::with(dav.address, nest).await;
    let ada = person("ada", Some(ADA), true);
    let write = "/sites/projects/write/a.txt";
    for (from, there) in [
        ("/sites/projects/read/plan.txt", write),
        (
            "/sites/projects/write/inner/open.txt",
            "/sites/projects/read/plan.txt",
        ),
        (
            "/sites/projects/write/inner/open.txt",
            "/sites/projects/other.txt",
        ),
        // It holds the root of a site with rules of its own.
        ("/sites/projects/write/inner", "/sites/projects/write/outer"),
    ] {
        let why = refused(&world, &ada, from, to(there, true)).await;
        assert!(matches!(why, NoDocument::Denied(_)), "{from}: {why:?}");
    }
    let other = to("/sites/mapped/a.txt", true);
    let from = "/sites/projects/write/inner/open.txt";
    let why = refused(&world, &ada, from, other).await;
    assert!(matches!(why, NoDocument::Failed(_)), "{why:?}");
    let folder = dav.folder.path().join("sites/projects");
    assert!(folder.join("write/inner/open.txt").exists());
    assert_eq!(
        std::fs::read_to_string(folder.join("read/plan.txt")).unwrap(),
        "the plan"
    );
}

#[tokio::test]
async fn whether_somebody_may_is_told_without_the_upstream() {
    let upstream = Scripted::new(super::super::support::OK).await;
    let world = World::new(upstream.address).await;
    let ada = person("ada", Some(ADA), true);
    let may = |path: &'static str| {
        let ask = DocumentAsk::May(Action::Edit);
        asked(&world, &ada, "projects", path, ask)
    };
    let allowed = may("/sites/projects/write/a").await;
    assert!(matches!(allowed, Ok(DocumentResponse::Allowed)));
    let denied = may("/sites/projects/read/a").await;
    assert!(matches!(denied, Err(NoDocument::Denied(_))));
    assert_eq!(upstream.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn sec_178_a_part_ends_with_the_right_to_send_it() {
    let world = World::new("127.0.0.1:1".parse().unwrap()).await;
    let ada = person("ada", Some(ADA), true);
    let first = Frame::data(bytes::Bytes::from("some"));
    let first = futures_util::stream::iter([Ok::<_, Infallible>(first)]);
    let stalled = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let stalled = StreamBody::new(stalled).map_err(|never| match never {});
    let path = "/sites/projects/write/a";
    let take = |body| {
        let ask = DocumentAsk::Take(Action::Edit, body);
        asked(&world, &ada, "projects", path, ask)
    };
    let Ok(DocumentResponse::Taken(mut body)) = take(stalled.boxed_unsync()).await else {
        panic!("not taken");
    };
    assert!(body.frame().await.unwrap().is_ok());
    let blocked = Revocation {
        what: Revoked::Guest(tenant(), email(ADA)),
        at: clock::now(),
        until: None,
    };
    let directory = &world.gateway.directory;
    directory.revoke(blocked, Vec::new()).await.unwrap();
    assert!(body.frame().await.unwrap().is_err());
    let again = take(full("x".into())).await;
    assert!(matches!(again, Err(NoDocument::Denied("guest-blocked"))));
}

#[tokio::test]
async fn what_changed_is_not_told_by_an_upstream_that_cannot() {
    let dav = Dav::new().await;
    let world = World::new(dav.address).await;
    let ada = person("ada", Some(ADA), true);
    for path in ["/sites/projects/write", "/sites/projects/write/none"] {
        let why = refused(&world, &ada, path, DocumentAsk::Changes(None)).await;
        assert_eq!(why, NoDocument::NotSupported, "{path}");
    }
    let closed = "/sites/projects";
    let why = refused(&world, &ada, closed, DocumentAsk::Changes(None)).await;
    assert!(matches!(why, NoDocument::Denied(_)), "{why:?}");
}
