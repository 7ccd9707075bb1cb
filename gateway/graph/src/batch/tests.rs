use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use crate::testing::{ORIGIN, World};

const SCOPES: &str = "User.Read.All User.ReadWrite.All User.Invite.All Policy.Read.All";

async fn batch(world: &World, requests: Value) -> (u16, Value) {
    let token = world.administrator(SCOPES);
    let body = json!({ "requests": requests });
    let answer = world
        .call(Method::POST, "/v1.0/$batch", &token, Some(body))
        .await;
    (answer.status.as_u16(), answer.body)
}

fn status_of(body: &Value, id: &str) -> u64 {
    let all = body["responses"].as_array().unwrap();
    let one = all.iter().find(|one| one["id"] == id).unwrap();
    one["status"].as_u64().unwrap()
}

#[tokio::test]
async fn each_call_is_answered_by_itself() {
    let world = World::new().await;
    let (status, body) = batch(&world, json!([
        { "id": "1", "method": "GET", "url": "/users?$top=1" },
        { "id": "2", "method": "GET", "url": "users/nobody@fabrikam.example" },
        { "id": "3", "method": "GET", "url": format!("{ORIGIN}/v1.0/policies/authorizationPolicy"), "depends_on": [] },
        { "id": "4", "method": "GET", "url": "/v1.0/users/$count" },
        { "id": "5", "method": "GET", "url": "/identity/identityProviders" },
    ])).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(status_of(&body, "1"), 200);
    assert_eq!(status_of(&body, "2"), 404);
    assert_eq!(status_of(&body, "3"), 200);
    assert_eq!(status_of(&body, "4"), 200);
    assert_eq!(status_of(&body, "5"), 403, "each has its own scope");
    let count = &body["responses"][3];
    assert!(
        STANDARD.decode(count["body"].as_str().unwrap()).is_ok(),
        "what is no JSON is base64"
    );
}

#[tokio::test]
async fn a_call_waits_for_those_it_depends_on_and_fails_with_them() {
    let world = World::new().await;
    let invite = json!({ "invitedUserEmailAddress": "ada@fabrikam.example", "inviteRedirectUrl": "https://x.example" });
    let (_, body) = batch(&world, json!([
        { "id": "late", "method": "GET", "url": "/users/ada@fabrikam.example", "dependsOn": ["first"] },
        { "id": "never", "method": "DELETE", "url": "/users/ada@fabrikam.example", "dependsOn": ["missing"] },
        { "id": "missing", "method": "GET", "url": "/users/nobody" },
        { "id": "first", "method": "POST", "url": "/invitations", "body": invite, "headers": { "Content-Type": "application/json" } },
        { "id": "nor", "method": "GET", "url": "/users", "dependsOn": ["never"] },
    ])).await;
    assert_eq!(status_of(&body, "first"), 201, "{body}");
    assert_eq!(status_of(&body, "late"), 200);
    assert_eq!(status_of(&body, "missing"), 404);
    assert_eq!(status_of(&body, "never"), 424);
    assert_eq!(status_of(&body, "nor"), 424);
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let world = World::new().await;
    let one = |id: &str| json!({ "id": id, "method": "GET", "url": "/users" });
    let many: Vec<Value> = (0..21).map(|n| one(&n.to_string())).collect();
    for requests in [
        json!(null),
        json!([]),
        json!("x"),
        json!([1]),
        json!(many),
        json!([one("1"), one("1")]),
        json!([{ "method": "GET", "url": "/users" }]),
        json!([{ "id": "1", "url": "/users" }]),
        json!([{ "id": "1", "method": "GET" }]),
        json!([{ "id": "1", "method": "TRACE", "url": "/users" }]),
        json!([{ "id": "1", "method": "POST", "url": "/invitations", "body": {} }]),
        json!([{ "id": "1", "method": "POST", "url": "/x", "body": "%%", "headers": { "Content-Type": "text/plain" } }]),
        json!([{ "id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"] }]),
        json!([{ "id": "1", "method": "GET", "url": "/users", "dependsOn": ["1"] }]),
        json!([{ "id": "1", "method": "GET", "url": "/users", "headers": { "a b": "c" } }]),
    ] {
        let (status, body) = batch(&world, requests.clone()).await;
        assert_eq!(status, 400, "{requests} {body}");
    }
}

#[tokio::test]
async fn sec_177_no_call_hides_in_a_batch() {
    let world = World::new().await;
    let token = world.person("User.Read.All", &[]);
    let other = world.administrator("User.ReadWrite.All");
    let body = json!({ "requests": [
        { "id": "1", "method": "DELETE", "url": "/users/dora@fabrikam.example", "headers": { "Authorization": format!("Bearer {other}") } },
        { "id": "2", "method": "POST", "url": "/$batch", "body": { "requests": [] }, "headers": { "Content-Type": "application/json" } },
        { "id": "3", "method": "GET", "url": "https://evil.example/v1.0/users" },
        { "id": "4", "method": "GET", "url": format!("{ORIGIN}.evil.example/v1.0/users") },
        { "id": "5", "method": "GET", "url": "/v1.0/../beta/users" },
    ] });
    let answer = world
        .call(Method::POST, "/v1.0/$batch", &token, Some(body))
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(status_of(&answer.body, "1"), 403, "the batch's own caller");
    for id in ["2", "3", "4", "5"] {
        assert_eq!(status_of(&answer.body, id), 400, "{id}");
    }
    assert_eq!(world.get("/v1.0/$batch", &token).await.status.as_u16(), 405);
}

#[tokio::test]
async fn calls_of_a_batch_are_throttled_singly() {
    let world = World::new().await;
    world.gateway.settings.lock().unwrap().per_minute = 3;
    let all: Vec<Value> = (0..5)
        .map(|n| json!({ "id": n.to_string(), "method": "GET", "url": "/users" }))
        .collect();
    let (status, body) = batch(&world, json!(all)).await;
    assert_eq!(status, 200);
    let statuses: Vec<u64> = (0..5).map(|n| status_of(&body, &n.to_string())).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(body["responses"][4]["headers"]["retry-after"], "20");
}
