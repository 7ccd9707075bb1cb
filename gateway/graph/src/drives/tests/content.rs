//! Children, bytes and changes of items.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;

use super::{ALL, MORE, drive, over, put, world};
use crate::testing::ORIGIN;

#[tokio::test]
async fn children_come_in_pages_without_a_null_at_the_end() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let first = world
        .get(
            &format!("/v1.0/drives/{drive}/root/children?$top=1&$select=name"),
            &mia,
        )
        .await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    assert_eq!(first.body["value"][0]["name"], "closed");
    assert!(first.body["value"][0].get("size").is_none());
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    let rest = next.strip_prefix(ORIGIN).unwrap();
    assert!(
        rest.contains("$skiptoken=") && rest.contains("$top=1"),
        "{rest}"
    );
    let second = world.get(rest, &mia).await;
    assert_eq!(second.body["value"][0]["name"], "open", "{second:?}");
    assert!(second.body.get("@odata.nextLink").is_none());
    let backwards = world
        .get(
            &format!("/v1.0/drives/{drive}/root/children?$orderby=name%20desc"),
            &mia,
        )
        .await;
    assert_eq!(backwards.body["value"][0]["name"], "open");
    let expanded = world
        .get(&format!("/v1.0/drives/{drive}/root?$expand=children"), &mia)
        .await;
    assert_eq!(
        expanded.body["children"].as_array().unwrap().len(),
        2,
        "{expanded:?}"
    );
    for bad in [
        "$expand=permissions",
        "$orderby=createdBy",
        "$orderby=name,size",
        "$expand=children($top=1)",
        "$expand=children,permissions",
        "$top=0",
        "$skiptoken=%ff",
        "$filter=a",
    ] {
        let answer = world
            .get(&format!("/v1.0/drives/{drive}/root/children?{bad}"), &mia)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {answer:?}");
    }
}

#[tokio::test]
async fn content_is_bytes_and_never_a_redirect() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/plan.txt:/content");
    let whole = world.get(&path, &mia).await;
    assert_eq!(
        (whole.status, whole.bytes.as_slice()),
        (StatusCode::OK, &b"the plan"[..])
    );
    assert!(whole.headers.get("location").is_none() && whole.headers.get("set-cookie").is_none());
    assert_eq!(whole.headers["content-disposition"], "attachment");
    let part = http::Request::builder()
        .uri(&path)
        .header("range", "bytes=0-2")
        .header("authorization", format!("Bearer {mia}"));
    let part = world.send(part.body(Bytes::new()).unwrap()).await;
    assert_eq!(
        (part.status, part.bytes.as_slice()),
        (StatusCode::PARTIAL_CONTENT, &b"the"[..])
    );
    let colon = world
        .get(
            &format!("/v1.0/drives/{drive}/root:/open/a%20b:c.txt:/content"),
            &mia,
        )
        .await;
    assert_eq!(colon.bytes, b"colon", "{colon:?}");
}

#[tokio::test]
async fn uploads_mind_no_content_type_and_their_conflicts() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/new.txt:/content");
    // The SDK for JavaScript says that a text is JSON.
    let made = put(&world, &path, &mia, "application/json", "hello").await;
    assert_eq!(
        (made.status, made.body["name"].as_str()),
        (StatusCode::CREATED, Some("new.txt")),
        "{made:?}"
    );
    let again = put(&world, &path, &mia, "application/octet-stream", "again").await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.body["id"], made.body["id"]);
    let fail = format!("{path}?@microsoft.graph.conflictBehavior=fail");
    let refused = put(&world, &fail, &mia, "text/plain", "x").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "nameAlreadyExists"),
        "{refused:?}"
    );
    let rename = format!("{path}?@microsoft.graph.conflictBehavior=rename");
    let renamed = put(&world, &rename, &mia, "text/plain", "x").await;
    assert_eq!(
        (renamed.status, renamed.body["name"].as_str()),
        (StatusCode::CREATED, Some("new 1.txt"))
    );
    let id = made.body["id"].as_str().unwrap();
    let by_id = put(
        &world,
        &format!("/v1.0/drives/{drive}/items/{id}/content"),
        &mia,
        "x/y",
        "by id",
    )
    .await;
    assert_eq!(by_id.status, StatusCode::OK, "{by_id:?}");
    let delta = world
        .get(&format!("/v1.0/drives/{drive}/root/delta"), &mia)
        .await;
    assert_eq!(
        (delta.status, delta.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}

#[tokio::test]
async fn folders_are_made_and_items_deleted() {
    let world = world().await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let children = format!("/v1.0/drives/{drive}/root/children");
    let body = json!({"name": "new", "folder": {}, "@microsoft.graph.conflictBehavior": "rename"});
    let made = world
        .call(Method::POST, &children, &mia, Some(body.clone()))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let second = world.call(Method::POST, &children, &mia, Some(body)).await;
    assert_eq!(second.body["name"], "new 1");
    let taken = world
        .call(
            Method::POST,
            &children,
            &mia,
            Some(json!({"name": "new", "folder": {}})),
        )
        .await;
    assert_eq!(
        (taken.status, taken.code()),
        (StatusCode::CONFLICT, "nameAlreadyExists")
    );
    for bad in [
        json!({"name": "x"}),
        json!({"name": "a/b", "folder": {}}),
        json!({"name": "..", "folder": {}}),
        json!({"folder": {}}),
    ] {
        let answer = world.call(Method::POST, &children, &mia, Some(bad)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    }
    let plan = format!("/v1.0/drives/{drive}/root:/open/plan.txt");
    let stale = http::Request::builder()
        .method(Method::DELETE)
        .uri(&plan)
        .header("if-match", "\"other\"")
        .header("authorization", format!("Bearer {mia}"));
    let stale = world.send(stale.body(Bytes::new()).unwrap()).await;
    assert_eq!(
        (stale.status, stale.inner()),
        (StatusCode::PRECONDITION_FAILED, "entityTagDoesNotMatch")
    );
    let gone = world.call(Method::DELETE, &plan, &mia, None).await;
    assert_eq!((gone.status, gone.bytes.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(world.get(&plan, &mia).await.status, StatusCode::NOT_FOUND);
    let root = world
        .call(
            Method::DELETE,
            &format!("/v1.0/drives/{drive}/root"),
            &mia,
            None,
        )
        .await;
    assert_eq!(root.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn plain_upstreams_have_items_and_list_nothing() {
    let world = over(false, MORE).await;
    let mia = world.person(ALL, &[]);
    let drive = drive(&world, &mia).await;
    let item = world
        .get(&format!("/v1.0/drives/{drive}/root:/open/plan.txt"), &mia)
        .await;
    assert_eq!(item.status, StatusCode::OK);
    let held = world
        .get(&format!("/v1.0/drives/{drive}/root/children"), &mia)
        .await;
    assert_eq!(
        (held.status, held.code()),
        (StatusCode::NOT_IMPLEMENTED, "notSupported")
    );
}
