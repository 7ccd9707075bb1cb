//! What the API asks of upstreams: a real WebDAV, and plain HTTP.

mod moves;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use dav_server::DavHandler;
use dav_server::localfs::LocalFs;
use gateway_core::id::{GuestId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_graph::caller::{Caller, CallerKind};
use gateway_graph::response::full;
use gateway_graph::surroundings::{
    DocumentAsk, DocumentRequest, DocumentResponse, Item, NoDocument,
};
use gateway_store::model::{
    Actor, AuditEvent, Change, Revocation, Revoked, UserEntry, UserType, Write,
};
use http::header::{IF_MATCH, IF_NONE_MATCH, RANGE};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::BodyExt;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::stored;
use super::support::{ADA, HOST, Scripted, World, accepted, email, nest, tenant, until};
use crate::clock;
use crate::documents::ask;

/// A real WebDAV server over a folder.
struct Dav {
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Dav {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "sites/projects/read",
            "sites/projects/write/inner/secret",
            "files/deep",
        ] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        for (path, text) in [
            ("sites/projects/read/plan.txt", "the plan"),
            ("sites/projects/write/inner/open.txt", "open"),
            ("sites/projects/write/inner/secret/hidden.txt", "hidden"),
            ("files/a b.txt", "mapped"),
        ] {
            std::fs::write(folder.path().join(path), text).unwrap();
        }
        let dav = DavHandler::builder()
            .filesystem(LocalFs::new(folder.path(), false, false, false))
            .build_handler();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let dav = dav.clone();
                let serve = service_fn(move |request| {
                    let dav = dav.clone();
                    async move { Ok::<_, Infallible>(dav.handle(request).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), serve),
                );
            }
        });
        Self { address, folder }
    }
}

fn caller(kind: CallerKind, scopes: &[&str]) -> Caller {
    Caller {
        tenant: tenant(),
        kind,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        actor: "test".to_owned(),
    }
}

fn program(scope: &str) -> Caller {
    caller(
        CallerKind::Application {
            id: "app-1".to_owned(),
            object: None,
        },
        &[scope],
    )
}

fn person(id: &str, address: Option<&str>, guest: bool) -> Caller {
    let kind = CallerKind::Person {
        id: id.to_owned(),
        address: address.map(email),
        guest,
        roles: BTreeSet::new(),
        administrator: false,
        groups: BTreeSet::new(),
    };
    caller(kind, &["Files.ReadWrite"])
}

fn mia() -> Caller {
    person("mia", Some("mia@contoso.example"), false)
}

async fn asked(
    world: &World,
    caller: &Caller,
    site: &str,
    path: &str,
    what: DocumentAsk,
) -> Result<DocumentResponse, NoDocument> {
    let request = DocumentRequest {
        site: SiteId::parse(site).unwrap(),
        path: ItemPath::parse(path).unwrap(),
        ask: what,
        now: clock::now(),
        client: "192.0.2.1".parse().unwrap(),
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        links: Vec::new(),
    };
    ask(
        &world.gateway,
        caller,
        &format!("http://{HOST}:8080"),
        request,
    )
    .await
}

async fn stat(world: &World, caller: &Caller, site: &str, path: &str) -> Option<Item> {
    match asked(world, caller, site, path, DocumentAsk::Stat).await {
        Ok(DocumentResponse::Item(item)) => item,
        Ok(_) => panic!("no item"),
        Err(why) => panic!("{why:?}"),
    }
}

async fn refused(world: &World, caller: &Caller, path: &str, what: DocumentAsk) -> NoDocument {
    match asked(world, caller, "projects", path, what).await {
        Err(why) => why,
        Ok(_) => panic!("{path} was allowed"),
    }
}

async fn names(world: &World, caller: &Caller, site: &str, path: &str) -> Vec<String> {
    let Ok(DocumentResponse::Children(Some((own, held)))) =
        asked(world, caller, site, path, DocumentAsk::Children).await
    else {
        panic!("no children of {path}");
    };
    assert!(own.folder);
    let mut names: Vec<String> = held
        .iter()
        .map(|item| item.path.segments().last().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

async fn text(answered: Result<DocumentResponse, NoDocument>) -> (StatusCode, HeaderMap, String) {
    match answered {
        Ok(DocumentResponse::Content(status, headers, body)) => {
            let bytes = body.collect().await.unwrap().to_bytes();
            (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
        }
        Ok(_) => panic!("no content"),
        Err(why) => panic!("{why:?}"),
    }
}

fn done(answered: Result<DocumentResponse, NoDocument>) -> StatusCode {
    match answered {
        Ok(DocumentResponse::Done(status)) => status,
        Ok(_) => panic!("not done"),
        Err(why) => panic!("{why:?}"),
    }
}

fn with(name: HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, value.parse().unwrap())])
}

#[tokio::test]
async fn items_and_what_they_hold_come_from_a_webdav_upstream() {
    let dav = Dav::new().await;
    let world = World::new(dav.address).await;
    let mia = mia();
    let file = stat(&world, &mia, "projects", "/sites/projects/read/plan.txt")
        .await
        .unwrap();
    assert_eq!((file.folder, file.size), (false, Some(8)));
    assert!(file.etag.is_some() && file.modified.is_some());
    let folder = stat(&world, &mia, "projects", "/sites/projects/read")
        .await
        .unwrap();
    assert!(folder.folder);
    assert_eq!(
        stat(&world, &mia, "projects", "/sites/projects/none").await,
        None
    );
    assert_eq!(
        names(&world, &mia, "projects", "/sites/projects").await,
        ["read", "write"]
    );
    // The upstream's own prefix stays at the upstream.
    let mapped = program("Sites.Read.All");
    assert_eq!(
        names(&world, &mapped, "mapped", "/sites/mapped").await,
        ["a b.txt", "deep"]
    );
    let item = stat(&world, &mapped, "mapped", "/sites/mapped/a%20b.txt")
        .await
        .unwrap();
    assert_eq!(item.path.encoded(), "/sites/mapped/a%20b.txt");
}

#[tokio::test]
async fn content_streams_in_whole_and_in_part() {
    let dav = Dav::new().await;
    let world = World::new(dav.address).await;
    let path = "/sites/projects/read/plan.txt";
    let read = |headers| {
        asked(
            &world,
            &ADA_CALLS,
            "projects",
            path,
            DocumentAsk::Read(headers),
        )
    };
    static ADA_CALLS: std::sync::LazyLock<Caller> =
        std::sync::LazyLock::new(|| person("ada", Some(ADA), true));
    let (status, headers, body) = text(read(HeaderMap::new()).await).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "the plan"));
    let tag = headers.get("etag").unwrap().to_str().unwrap().to_owned();
    let (status, _, body) = text(read(with(RANGE, "bytes=4-7")).await).await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::PARTIAL_CONTENT, "plan")
    );
    let (status, _, body) = text(read(with(IF_NONE_MATCH, &tag)).await).await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let (status, _, _) = text(read(with(RANGE, "bytes=99-")).await).await;
    assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn changes_go_to_the_upstream_under_its_conditions() {
    let dav = Dav::new().await;
    let world = World::new(dav.address).await;
    let program = program("Files.ReadWrite.All");
    let path = "/sites/projects/write/new.txt";
    let put = |headers, text: &'static str| {
        let what = DocumentAsk::Write(headers, full(text.into()));
        asked(&world, &program, "projects", path, what)
    };
    let only_new = || with(IF_NONE_MATCH, "*");
    assert_eq!(done(put(only_new(), "one").await), StatusCode::CREATED);
    assert_eq!(
        done(put(only_new(), "two").await),
        StatusCode::PRECONDITION_FAILED
    );
    assert!(done(put(HeaderMap::new(), "three").await).is_success());
    assert_eq!(
        done(put(with(IF_MATCH, "\"other\""), "four").await),
        StatusCode::PRECONDITION_FAILED
    );
    let kept = dav.folder.path().join("sites/projects/write/new.txt");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "three");
    let folder = "/sites/projects/write/folder";
    let made = asked(
        &world,
        &program,
        "projects",
        folder,
        DocumentAsk::MakeFolder,
    )
    .await;
    assert_eq!(done(made), StatusCode::CREATED);
    let again = asked(
        &world,
        &program,
        "projects",
        folder,
        DocumentAsk::MakeFolder,
    )
    .await;
    assert_eq!(done(again), StatusCode::METHOD_NOT_ALLOWED);
    let store = world.gateway.directory.store();
    let site = SiteId::parse("projects").unwrap();
    let wanted = [(path.to_owned(), "the-id".to_owned())].into();
    store.item_ids(&tenant(), &site, &wanted).await.unwrap();
    let gone = asked(
        &world,
        &program,
        "projects",
        path,
        DocumentAsk::Delete(HeaderMap::new()),
    )
    .await;
    assert!(done(gone).is_success());
    assert!(!kept.exists());
    let item = store.item(&tenant(), "the-id").await.unwrap();
    assert_eq!(item, None, "what is put there later is another item");
}

#[tokio::test]
async fn sec_175_nothing_is_asked_of_an_upstream_that_is_not_allowed() {
    let upstream = Scripted::new(super::support::OK).await;
    let world = World::new(upstream.address).await;
    let reader = program("Files.Read.All");
    let nobody = person("x", None, false);
    let stranger = person("someone-else", Some(ADA), true);
    let ada = person("ada", Some(ADA), true);
    let path = "/sites/projects/write/a";
    let write = || DocumentAsk::Write(HeaderMap::new(), full("x".into()));
    for (caller, path, what) in [
        (&reader, path, write()),
        (&reader, path, DocumentAsk::Delete(HeaderMap::new())),
        (&reader, path, DocumentAsk::MakeFolder),
        (&nobody, path, DocumentAsk::Stat),
        (&stranger, path, DocumentAsk::Stat),
        (&ada, "/sites/projects/read/a", write()),
        (&ada, "/sites/projects", DocumentAsk::Children),
        (&program("User.Read.All"), path, DocumentAsk::Stat),
    ] {
        let why = refused(&world, caller, path, what).await;
        assert!(matches!(why, NoDocument::Denied(_)), "{why:?}");
    }
    // A path of one site is never asked of another.
    let elsewhere = asked(&world, &reader, "mapped", path, DocumentAsk::Stat).await;
    assert!(matches!(elsewhere, Err(NoDocument::Failed(_))));
    assert_eq!(upstream.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_folder_holds_of_another_site_is_left_out() {
    let dav = Dav::new().await;
    let world = World::with(dav.address, nest).await;
    let ada = person("ada", Some(ADA), true);
    let inner = "/sites/projects/write/inner";
    assert_eq!(names(&world, &ada, "projects", inner).await, ["open.txt"]);
    let gone = refused(&world, &ada, inner, DocumentAsk::Delete(HeaderMap::new())).await;
    assert!(matches!(gone, NoDocument::Denied(_)));
    assert!(
        dav.folder
            .path()
            .join("sites/projects/write/inner/secret/hidden.txt")
            .exists()
    );
}

#[tokio::test]
async fn plain_http_has_items_and_no_listings() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\netag: \"7\"\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n";
    let upstream = Scripted::new(answer).await;
    let world = World::new(upstream.address).await;
    let program = program("Sites.Read.All");
    let path = "/sites/projects/read/a";
    let item = stat(&world, &program, "projects", path).await.unwrap();
    assert_eq!(item.etag.as_deref(), Some("\"7\""));
    assert!(!item.folder);
    let listed = refused(&world, &program, path, DocumentAsk::Children).await;
    assert_eq!(listed, NoDocument::NotSupported);
    for status in ["404 Not Found", "410 Gone"] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let upstream = Scripted::new(&answer).await;
        let world = World::new(upstream.address).await;
        assert_eq!(
            stat(&world, &program, "projects", path).await,
            None,
            "{status}"
        );
    }
    for status in ["500 Oops", "403 Forbidden"] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let upstream = Scripted::new(&answer).await;
        let world = World::new(upstream.address).await;
        assert!(
            asked(&world, &program, "projects", path, DocumentAsk::Stat)
                .await
                .is_err(),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_upstream_learns_who_calls() {
    let upstream = Scripted::new(super::support::OK).await;
    let world = World::new(upstream.address).await;
    let path = "/sites/mapped/a";
    let program = program("Sites.Read.All");
    drop(
        asked(
            &world,
            &program,
            "mapped",
            path,
            DocumentAsk::Read(HeaderMap::new()),
        )
        .await,
    );
    let seen = upstream.only();
    assert!(seen.starts_with("get /files/a http/1.1"), "{seen}");
    assert!(seen.contains("x-vestibule-assertion: "), "{seen}");
    assert!(
        seen.contains("x-vestibule-subject: application:contoso:app-1"),
        "{seen}"
    );
    assert!(!seen.contains("authorization"), "{seen}");
    assert!(!seen.contains("x-vestibule-email"), "{seen}");
}

#[tokio::test]
async fn sec_178_a_download_ends_with_the_right_to_it() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome";
    let upstream = endless(answer).await;
    let world = World::new(upstream).await;
    let ada = person("ada", Some(ADA), true);
    let path = "/sites/projects/read/a";
    let answered = asked(
        &world,
        &ada,
        "projects",
        path,
        DocumentAsk::Read(HeaderMap::new()),
    )
    .await;
    let Ok(DocumentResponse::Content(_, _, mut body)) = answered else {
        panic!("no content");
    };
    assert!(body.frame().await.unwrap().is_ok());
    let blocked = Revocation {
        what: Revoked::Guest(tenant(), email(ADA)),
        at: clock::now(),
        until: None,
    };
    world
        .gateway
        .directory
        .revoke(blocked, Vec::new())
        .await
        .unwrap();
    assert!(body.frame().await.unwrap().is_err());
    let again = asked(&world, &ada, "projects", path, DocumentAsk::Stat).await;
    assert!(matches!(again, Err(NoDocument::Denied("guest-blocked"))));
}

#[tokio::test]
async fn what_is_deleted_is_shared_no_more_when_the_client_has_gone() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let path = "/sites/projects/write/new.txt";
    let store = world.gateway.directory.store();
    let site = SiteId::parse("projects").unwrap();
    let wanted = [(path.to_owned(), "the-id".to_owned())].into();
    store.item_ids(&tenant(), &site, &wanted).await.unwrap();
    let grant = stored::grant("granted", path, gateway_core::sharing::Role::Read);
    stored::write(&world, grant).await;
    let mut changes = world.gateway.directory.changes();
    let program = program("Files.ReadWrite.All");
    let delete = DocumentAsk::Delete(HeaderMap::new());
    let mut upstream = {
        let asked = asked(&world, &program, "projects", path, delete);
        let reached = async {
            let mut upstream = accepted(&listener).await;
            until(&mut upstream, "\r\n\r\n").await;
            upstream
        };
        tokio::select! {
            upstream = reached => upstream,
            _ = asked => panic!("nobody has answered"),
        }
    };
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    upstream.write_all(answer).await.unwrap();
    let gone = tokio::time::timeout(Duration::from_secs(60), changes.changed()).await;
    gone.expect("written without the client").unwrap();
    assert_eq!(store.item(&tenant(), "the-id").await.unwrap(), None);
}

#[tokio::test]
async fn sec_178_a_members_download_ends_when_they_are_blocked_here() {
    let upstream = dripping().await;
    let world = World::new(upstream).await;
    let read = DocumentAsk::Read(HeaderMap::new());
    let answered = asked(&world, &mia(), "projects", "/sites/projects/read/a", read).await;
    let Ok(DocumentResponse::Content(_, _, mut body)) = answered else {
        panic!("no content");
    };
    assert!(body.frame().await.unwrap().is_ok());
    let now = clock::now();
    let blocked = UserEntry {
        id: GuestId::parse("mia-here").unwrap(),
        address: email("mia@contoso.example"),
        user_type: UserType::Member,
        origin: GuestOrigin::Directory,
        manager: InvitationManager::Directory,
        account_enabled: false,
        sponsor: None,
        created: now,
        state_changed: now,
        invitation_expires: None,
        expires: BTreeMap::new(),
        administers: BTreeSet::new(),
        mfa_registered: false,
        deleted: None,
        profile: serde_json::Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    };
    let write = Write {
        tenant: tenant(),
        at: now,
        expect: Vec::new(),
        changes: vec![Change::PutUser(Box::new(blocked))],
        audit: vec![AuditEvent::of("Update user", Actor::default())],
    };
    world.gateway.directory.write(write).await.unwrap();
    let ended = async { while body.frame().await.is_some_and(|frame| frame.is_ok()) {} };
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
    assert!(ended.is_ok(), "still open");
}

/// An upstream that goes on answering for as long as anybody listens.
async fn dripping() -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes()).await;
                let mut pace = tokio::time::interval(Duration::from_millis(50));
                while stream.write_all(b"x").await.is_ok() {
                    pace.tick().await;
                }
            });
        }
    });
    address
}

/// An upstream that begins to answer and never ends.
async fn endless(answer: &'static str) -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            open.push(stream);
        }
    });
    address
}
