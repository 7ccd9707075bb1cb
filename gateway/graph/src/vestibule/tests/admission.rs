//! Who gets in, and what is looked at before anything is done.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::operation::Who;
use super::operations;
use crate::testing::{Answer, World, person, token};

const WRITE: &str = "Vestibule.ReadWrite.All";

/// A path with something in every variable segment.
fn address(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{address}" => "ada@fabrikam.example",
        segment if segment.starts_with('{') => "nothing",
        segment => segment,
    });
    format!("/vestibule/v1{}", segments.collect::<Vec<_>>().join("/"))
}

async fn send(world: &World, method: &str, path: &str, token: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    world.call(method, path, token, None).await
}

fn got_in(answer: &Answer) -> bool {
    !matches!(
        answer.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    )
}

#[tokio::test]
async fn sec_207_every_operation_takes_its_own_scopes_and_no_others() {
    let world = World::new().await;
    let known: Vec<(&str, String)> = crate::scopes()
        .into_iter()
        .map(|scope| (scope, world.operator(scope)))
        .collect();
    for (path, one) in operations() {
        let path = address(path);
        for (scope, token) in &known {
            let answer = send(&world, one.method.name(), &path, token).await;
            let wanted = one.scopes.contains(scope);
            if one.who == Who::Administrators {
                assert_eq!(got_in(&answer), wanted, "{} with {scope}", one.id);
            }
        }
    }
}

#[tokio::test]
async fn sec_207_every_operation_is_for_administrators() {
    let world = World::new().await;
    let all: Vec<&str> = crate::scopes().into_iter().collect();
    let all = all.join(" ");
    let mut guest = person(&all);
    guest["acct"] = json!(1);
    guest["preferred_username"] = json!("dora@fabrikam.example");
    guest["wids"] = json!(["62e90394-69f5-4237-9190-012177145e10"]);
    let refused = [
        ("a member", world.person(&all, &[])),
        (
            "who manages people",
            world.person(&all, &["fe930be7-5e62-47db-91af-98c3a49a38b1"]),
        ),
        (
            "who invites",
            world.person(&all, &["95e79109-95c0-4d8e-aee3-d01accf2d47b"]),
        ),
        ("a guest of any role", token(&guest)),
    ];
    let admitted = [
        (
            "who manages sharing",
            world.person(&all, &["f28a1f50-f6e7-4571-818b-6a12f2af6b6c"]),
        ),
        ("who manages everything", world.administrator(&all)),
    ];
    for (path, one) in operations() {
        if one.who != Who::Administrators {
            continue;
        }
        let path = address(path);
        for (who, token) in &refused {
            let answer = send(&world, one.method.name(), &path, token).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} for {who}", one.id);
        }
        for (who, token) in &admitted {
            let answer = send(&world, one.method.name(), &path, token).await;
            assert!(got_in(&answer), "{} for {who}", one.id);
        }
    }
}

#[tokio::test]
async fn sec_206_nothing_is_answered_without_a_token() {
    let world = World::new().await;
    let own = operations().map(|(path, one)| (one.method.name(), address(path)));
    let graph = [
        "/v1.0/$batch",
        "/v1.0/admin/sharepoint/settings",
        "/v1.0/directory/deletedItems/x",
        "/v1.0/drives/x/root",
        "/v1.0/groups/x",
        "/v1.0/identity/identityProviders",
        "/v1.0/invitations",
        "/v1.0/me",
        "/v1.0/policies/authorizationPolicy",
        "/v1.0/shares/x",
        "/v1.0/sites",
        "/v1.0/users",
        "/beta/policies/b2bManagementPolicies",
        "/vestibule/v1",
        "/vestibule/v1/nothing",
        "/vestibule/v1/openapi.json/more",
        "/v1.0/vestibule-ticket",
        "/v1.0/vestibule-ticket/",
        "/v1.0/vestibule-ticket/AAAA",
        "/v1.0/vestibule-ticket/AAAA/more",
        "/",
    ];
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"];
    let graph = graph.iter().flat_map(|path| {
        let path = (*path).to_owned();
        methods.map(move |method| (method, path.clone()))
    });
    for (method, path) in own.chain(graph) {
        let answer = send(&world, method, &path, "").await;
        assert!(
            matches!(
                answer.status,
                StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND
            ),
            "{method} {path}: {answer:?}"
        );
        assert_eq!(answer.body["value"], Value::Null, "{method} {path}");
    }
    let described = send(&world, "GET", "/vestibule/v1/openapi.json", "").await;
    assert_eq!(described.status, StatusCode::OK);
    for method in ["POST", "DELETE"] {
        let answer = send(&world, method, "/vestibule/v1/openapi.json", "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[tokio::test]
async fn words_that_an_operation_does_not_have_are_refused() {
    let world = World::new().await;
    let operator = world.operator(&format!("{WRITE} AuditLog.Read.All"));
    for query in [
        "/links?nothing=1",
        "/links?top=1&top=1",
        "/links?top=0",
        "/links?top=1001",
        "/links?top=ten",
        "/links?after=",
        "/links?site=",
        "/shares",
        "/shares?person=",
        "/shares?person=nobody",
        "/audit?from=yesterday",
        "/audit?item=/a",
        "/audit?link=%2F",
        "/audit?site=%2F",
        "/audit?after=none",
        "/tenants?top=1",
    ] {
        let answer = world.get(&format!("/vestibule/v1{query}"), &operator).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let long = format!("/vestibule/v1/links?after={}", "a".repeat(513));
    let answer = world.get(&long, &operator).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for query in ["/links?top=1", "/links?top=1000", "/audit?site=projects"] {
        let answer = world.get(&format!("/vestibule/v1{query}"), &operator).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
    }
}

#[tokio::test]
async fn members_that_a_body_does_not_have_are_refused() {
    let world = World::new().await;
    let operator = world.operator(WRITE);
    let url = "https://contoso.example/sites/projects";
    let long = "a".repeat(8_193);
    let group = |more: Value| {
        let mut body = json!({ "id": "team", "displayName": "Team" });
        let map = body.as_object_mut().unwrap();
        map.extend(more.as_object().unwrap().clone());
        body
    };
    let bodies = [
        ("PATCH", "/settings", json!({})),
        ("PATCH", "/settings", json!({ "settings": {} })),
        (
            "PATCH",
            "/settings",
            json!({ "settings": { "Nothing": 1 } }),
        ),
        (
            "PATCH",
            "/settings?dryRun=yes",
            json!({ "settings": { "EmailAttestationRequired": true } }),
        ),
        (
            "PATCH",
            "/settings",
            json!({ "settings": { "EmailAttestationRequired": true }, "more": 1 }),
        ),
        ("POST", "/groups", group(json!({ "more": 1 }))),
        ("POST", "/groups", group(json!({ "id": "A B" }))),
        ("POST", "/groups", group(json!({ "displayName": " " }))),
        ("POST", "/groups", group(json!({ "displayName": "a\nb" }))),
        (
            "POST",
            "/groups",
            group(json!({ "displayName": "a".repeat(257) })),
        ),
        ("POST", "/groups", group(json!({ "people": ["nobody"] }))),
        ("POST", "/groups", group(json!({ "groups": ["A B"] }))),
        (
            "POST",
            "/groups",
            group(json!({ "groups": vec!["staff"; 1_001] })),
        ),
        (
            "POST",
            "/groups",
            group(json!({ "people": vec!["a@b.example"; 10_001] })),
        ),
        (
            "POST",
            "/explain",
            json!({ "url": url, "action": "view", "more": 1 }),
        ),
        ("POST", "/explain", json!({ "url": url, "action": "look" })),
        ("POST", "/explain", json!({ "url": long, "action": "view" })),
        (
            "POST",
            "/explain",
            json!({ "url": url, "action": "view", "links": vec!["a"; 21] }),
        ),
        (
            "POST",
            "/explain",
            json!({ "url": url, "action": "view", "at": "now" }),
        ),
        (
            "POST",
            "/explain",
            json!({ "url": url, "action": "view", "from": "here" }),
        ),
        ("POST", "/impact", json!({})),
        ("POST", "/impact", json!({ "set": vec!["a=b"; 201] })),
        ("DELETE", "/shares/nothing", json!({ "more": 1 })),
        ("DELETE", "/links/nothing", json!({ "more": 1 })),
        ("DELETE", "/groups/nothing", json!({ "more": 1 })),
        (
            "PUT",
            "/groups/nothing/people/a@b.example",
            json!({ "more": 1 }),
        ),
        (
            "DELETE",
            "/groups/nothing/people/a@b.example",
            json!({ "more": 1 }),
        ),
        (
            "DELETE",
            "/guests/dora/sites/projects",
            json!({ "more": 1 }),
        ),
        ("POST", "/leave", json!({ "more": 1 })),
    ];
    for (method, path, body) in bodies {
        let what: String = body.to_string().chars().take(80).collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = format!("/vestibule/v1{path}");
        let answer = world.call(method, &path, &operator, Some(body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {what}");
    }
    let rows = crate::surroundings::Surroundings::directory(&*world.gateway)
        .settings_rows(&gateway_core::id::TenantId::parse("contoso").unwrap());
    assert!(rows.1.settings.is_empty() && rows.1.groups.is_empty());
}
