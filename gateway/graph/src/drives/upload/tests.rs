use bytes::Bytes;
use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, PermissionId, TenantId};
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::time::UnixTime;
use gateway_store::model::{Actor, AuditEvent, Change, UserEntry, UserType, Write};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::drives::tests::{MORE, drive, in_front_of, nils, world};
use crate::testing::{Answer, ORIGIN, World};

const ALL: &str = "Files.ReadWrite.All Sites.ReadWrite.All";

/// Begins an upload of `open/new.txt`, or another item.
async fn begin(world: &World, token: &str, item: &str, body: Value) -> Answer {
    let drive = drive(world, token).await;
    let path = format!("/v1.0/drives/{drive}/{item}/createUploadSession");
    world.call(Method::POST, &path, token, Some(body)).await
}

fn address(begun: &Answer) -> String {
    assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
    let url = begun.body["uploadUrl"].as_str().unwrap();
    url.strip_prefix(ORIGIN).unwrap().to_owned()
}

async fn begun(world: &World, token: &str, body: Value) -> String {
    address(&begin(world, token, "root:/open/new.txt:", body).await)
}

/// Sends a part without any token.
async fn part(world: &World, at: &str, range: &str, text: &'static str) -> Answer {
    let request = http::Request::builder().method(Method::PUT).uri(at);
    let request = request.header("content-range", format!("bytes {range}"));
    world.send(request.body(Bytes::from(text)).unwrap()).await
}

async fn content(world: &World, token: &str, name: &str) -> Vec<u8> {
    let drive = drive(world, token).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/{name}:/content");
    world.get(&path, token).await.bytes
}

fn check(answer: &Answer, status: u16, code: &str, inner: &str) {
    let got = (answer.status.as_u16(), answer.code(), answer.inner());
    assert_eq!(got, (status, code, inner), "{answer:?}");
}

/// Everything the upload left behind is gone.
fn nothing_waits(world: &World) {
    assert_eq!(world.api.uploads().waiting(), 0);
    assert!(world.api.uploads().files().is_empty());
}

#[tokio::test]
async fn an_item_comes_in_parts() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let first = begin(&world, &mia, "root:/open/new.txt:", json!({})).await;
    assert_eq!(first.body["nextExpectedRanges"], json!(["0-"]));
    assert_eq!(first.body["expirationDateTime"], "2027-01-15T09:00:00Z");
    let at = address(&first);
    let answer = part(&world, &at, "0-3/10", "abcd").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    assert_eq!(answer.body["nextExpectedRanges"], json!(["4-9"]));
    check(
        &part(&world, &at, "2-5/10", "cdef").await,
        416,
        "invalidRange",
        "fragmentOverlap",
    );
    check(
        &part(&world, &at, "6-9/10", "ghij").await,
        416,
        "invalidRange",
        "",
    );
    check(
        &part(&world, &at, "4-9/11", "efghij").await,
        400,
        "invalidRequest",
        "",
    );
    check(
        &part(&world, &at, "4-9/10", "efgh").await,
        400,
        "invalidRequest",
        "",
    );
    let status = world.get(&at, "").await;
    assert_eq!(
        status.body["nextExpectedRanges"],
        json!(["4-9"]),
        "{status:?}"
    );
    assert_eq!(world.api.uploads().waiting(), 4);
    let last = part(&world, &at, "4-9/10", "efghij").await;
    assert_eq!(last.status, StatusCode::CREATED, "{last:?}");
    assert_eq!(last.body["name"], "new.txt");
    assert_eq!(last.body["size"], 10);
    assert_eq!(content(&world, &mia, "new.txt").await, b"abcdefghij");
    nothing_waits(&world);
    // Who did not hear the answer hears it again.
    let again = part(&world, &at, "4-9/10", "").await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
    assert_eq!(again.body["id"], last.body["id"]);
}

#[tokio::test]
async fn an_item_that_is_there_is_replaced_refused_or_renamed() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let plan = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/plan.txt"), &mia)
        .await;
    let id = plan.body["id"].as_str().unwrap();
    let at = address(&begin(&world, &mia, &format!("items/{id}"), json!({})).await);
    let replaced = part(&world, &at, "0-2/3", "new").await;
    assert_eq!(replaced.status, StatusCode::OK, "{replaced:?}");
    assert_eq!(replaced.body["id"], id);
    assert_eq!(content(&world, &mia, "plan.txt").await, b"new");
    let how = |word: &str| json!({"item": {"name": "plan.txt", "@microsoft.graph.conflictBehavior": word}});
    let folder = plan.body["parentReference"]["id"].as_str().unwrap();
    let below = format!("items/{folder}:/plan.txt:");
    check(
        &begin(&world, &mia, &below, how("fail")).await,
        409,
        "nameAlreadyExists",
        "",
    );
    let at = address(&begin(&world, &mia, &below, how("rename")).await);
    let renamed = part(&world, &at, "0-4/5", "other").await;
    assert_eq!(renamed.status, StatusCode::CREATED);
    assert_eq!(renamed.body["name"], "plan 1.txt");
    // Somebody else is faster: the last part may come again once the name is free.
    let fresh = json!({"item": {"@microsoft.graph.conflictBehavior": "fail"}});
    let at = begun(&world, &mia, fresh).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/new.txt");
    let request = http::Request::builder()
        .method(Method::PUT)
        .uri(format!("{path}:/content"))
        .header("authorization", format!("Bearer {mia}"));
    world.send(request.body("first".into()).unwrap()).await;
    check(
        &part(&world, &at, "0-1/2", "xy").await,
        409,
        "nameAlreadyExists",
        "",
    );
    world.call(Method::DELETE, &path, &mia, None).await;
    let made = part(&world, &at, "0-1/2", "xy").await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    nothing_waits(&world);
}

#[tokio::test]
async fn the_client_may_say_when_it_is_whole() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let at = begun(&world, &mia, json!({"deferCommit": true})).await;
    let early = world.call(Method::POST, &at, "", None).await;
    check(&early, 400, "invalidRequest", "");
    part(&world, &at, "0-1/4", "ab").await;
    let last = part(&world, &at, "2-3/4", "cd").await;
    assert_eq!(last.status, StatusCode::ACCEPTED, "{last:?}");
    assert_eq!(last.body["nextExpectedRanges"], json!([]));
    assert!(
        content(&world, &mia, "new.txt").await.starts_with(b"{"),
        "not there yet"
    );
    let made = world.call(Method::POST, &at, "", None).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(content(&world, &mia, "new.txt").await, b"abcd");
    let again = world.call(Method::POST, &at, "", None).await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
}

#[tokio::test]
async fn an_upload_is_given_up_or_over() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let at = begun(&world, &mia, json!({})).await;
    part(&world, &at, "0-1/4", "ab").await;
    let gone = world.call(Method::DELETE, &at, "", None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    nothing_waits(&world);
    for method in [Method::PUT, Method::GET, Method::POST, Method::DELETE] {
        let answer = world.call(method, &at, "", None).await;
        check(&answer, 404, "itemNotFound", "uploadSessionNotFound");
    }
    let at = begun(&world, &mia, json!({})).await;
    part(&world, &at, "0-1/4", "ab").await;
    world.wait(3599);
    assert_eq!(world.get(&at, "").await.status, StatusCode::OK);
    world.wait(1);
    let late = part(&world, &at, "2-3/4", "cd").await;
    check(&late, 404, "itemNotFound", "uploadSessionNotFound");
    nothing_waits(&world);
}

#[tokio::test]
async fn what_makes_no_sense_begins_nothing() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    for bad in [
        json!({"item": []}),
        json!({"item": {"name": "other.txt"}}),
        json!({"item": {"fileSize": "1"}}),
        json!({"item": {"fileSize": -1}}),
        json!({"item": {"@microsoft.graph.conflictBehavior": "merge"}}),
        json!({"deferCommit": "yes"}),
    ] {
        let answer = begin(&world, &mia, "root:/open/new.txt:", bad).await;
        check(&answer, 400, "invalidRequest", "");
    }
    check(
        &begin(&world, &mia, "root", json!({})).await,
        400,
        "invalidRequest",
        "",
    );
    check(
        &begin(&world, &mia, "root:/open:", json!({})).await,
        400,
        "invalidRequest",
        "",
    );
    let at = begun(&world, &mia, json!({})).await;
    let other = world.call(Method::PATCH, &at, "", None).await;
    assert_eq!(other.status, StatusCode::METHOD_NOT_ALLOWED);
    let bare = world.call(Method::PUT, &at, "", None).await;
    check(&bare, 400, "invalidRequest", "");
}

#[tokio::test]
async fn uploads_have_limits() {
    let world = World::limited(MORE, |limits| {
        limits.session_bytes = 10;
        limits.total_bytes = 12;
        limits.sessions_per_person = 2;
    });
    let world = in_front_of(world.await, true);
    let mia = world.person(ALL, &[]);
    let large = json!({"item": {"fileSize": 11}});
    let refused = begin(&world, &mia, "root:/open/new.txt:", large).await;
    check(&refused, 507, "quotaLimitReached", "");
    let one = begun(&world, &mia, json!({})).await;
    check(
        &part(&world, &one, "0-1/11", "ab").await,
        507,
        "quotaLimitReached",
        "",
    );
    assert_eq!(
        part(&world, &one, "0-7/10", "abcdefgh").await.status,
        StatusCode::ACCEPTED
    );
    let two = begun(&world, &mia, json!({})).await;
    check(
        &part(&world, &two, "0-5/6", "abcdef").await,
        507,
        "quotaLimitReached",
        "",
    );
    let third = begin(&world, &mia, "root:/open/new.txt:", json!({})).await;
    check(&third, 429, "activityLimitReached", "throttledRequest");
    assert!(third.headers.contains_key("retry-after"));
    world.call(Method::DELETE, &one, "", None).await;
    assert_eq!(
        part(&world, &two, "0-5/6", "abcdef").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn sec_171_an_upload_is_begun_by_whoever_may_and_found_by_its_whole_address() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    // Nils reads the folder.
    let drive = drive(&world, &mia).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/plan.txt:/createUploadSession");
    let begin = async |token: &str| {
        let body = Some(json!({}));
        world.call(Method::POST, &path, token, body).await
    };
    let refused = begin(&nils(ALL)).await;
    check(&refused, 403, "accessDenied", "permissionInsufficient");
    let refused = begin(&world.person("Files.Read.All", &[])).await;
    check(&refused, 403, "accessDenied", "");
    assert!(world.api.uploads().files().is_empty());
    let at = begun(&world, &mia, json!({})).await;
    let mut altered = at.clone();
    altered.pop();
    let refused = part(&world, &altered, "0-1/2", "ab").await;
    check(&refused, 404, "itemNotFound", "uploadSessionNotFound");
    assert!(at.rsplit('/').next().unwrap().len() >= 43, "256 bits");
}

async fn change(world: &World, change: Change) {
    let write = Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: UnixTime(crate::testing::NOW),
        expect: Vec::new(),
        changes: vec![change],
        audit: vec![AuditEvent::of("Changed", Actor::default())],
    };
    world.api.directory().write(write).await.unwrap();
}

async fn revoke(world: &World, permission: &str) {
    let permission = PermissionId::parse(permission).unwrap();
    change(world, Change::RemovePermission(permission)).await;
}

/// Mia is in the directory, and blocked.
async fn block(world: &World) {
    let entry = UserEntry {
        id: GuestId::parse("33333333-3333-4333-8333-333333333333").unwrap(),
        address: EmailAddress::parse("mia@contoso.example").unwrap(),
        user_type: UserType::Member,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Directory,
        account_enabled: false,
        sponsor: None,
        created: UnixTime(crate::testing::NOW),
        state_changed: UnixTime(crate::testing::NOW),
        invitation_expires: None,
        expires: Default::default(),
        administers: Default::default(),
        mfa_registered: false,
        deleted: None,
        profile: Default::default(),
        redemption: None,
        declared: false,
        version: 0,
    };
    change(world, Change::PutUser(Box::new(entry))).await;
}

#[tokio::test]
async fn sec_080_who_is_blocked_sends_no_more_parts_and_downloads_nothing() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path =
        format!("/v1.0/drives/{drive}/root:/open/plan.txt?$select=@microsoft.graph.downloadUrl");
    let item = world.get(&path, &mia).await;
    let ticket = item.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let ticket = ticket.strip_prefix(ORIGIN).unwrap();
    let at = begun(&world, &mia, json!({})).await;
    part(&world, &at, "0-1/4", "ab").await;
    assert_eq!(world.get(ticket, "").await.status, StatusCode::OK);
    block(&world).await;
    let refused = part(&world, &at, "2-3/4", "cd").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{refused:?}");
    nothing_waits(&world);
    let refused = world.get(ticket, "").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{refused:?}");
}

#[tokio::test]
async fn sec_178_every_part_is_judged_again_and_so_is_the_whole() {
    for defer in [false, true] {
        let world = world().await;
        let mia = world.person(ALL, &[]);
        let at = begun(&world, &mia, json!({"deferCommit": defer})).await;
        part(&world, &at, "0-1/4", "ab").await;
        if defer {
            part(&world, &at, "2-3/4", "cd").await;
        }
        revoke(&world, "mia").await;
        let refused = match defer {
            false => part(&world, &at, "2-3/4", "cd").await,
            true => world.call(Method::POST, &at, "", None).await,
        };
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::FORBIDDEN, "accessDenied"),
            "{refused:?}"
        );
        nothing_waits(&world);
        check(
            &world.get(&at, "").await,
            404,
            "itemNotFound",
            "uploadSessionNotFound",
        );
    }
}

#[tokio::test]
async fn sec_178_whoever_only_looks_at_an_upload_is_judged_too() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let at = begun(&world, &mia, json!({})).await;
    part(&world, &at, "0-1/4", "ab").await;
    revoke(&world, "mia").await;
    assert_eq!(world.get(&at, "").await.status, StatusCode::FORBIDDEN);
    nothing_waits(&world);
}
