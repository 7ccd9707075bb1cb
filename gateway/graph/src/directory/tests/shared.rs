//! What every answer has, whatever it is about.

use http::{Method, StatusCode};
use serde_json::json;

use crate::testing::{ORIGIN, World};

#[tokio::test]
async fn every_answer_has_its_headers() {
    let world = World::new().await;
    let token = world.person("User.Read.All", &[]);
    for path in ["/v1.0/users", "/v1.0/nothing", "/elsewhere"] {
        let answer = world.get(path, &token).await;
        assert_eq!(
            answer.headers["request-id"],
            "0f0f0f0f-0000-4000-8000-000000000001"
        );
        assert_eq!(
            answer.headers["client-request-id"],
            answer.headers["request-id"]
        );
        assert_eq!(answer.headers["odata-version"], "4.0");
        assert!(
            answer.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("no-cache")
        );
        assert!(
            answer.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
    }
    let own = http::Request::get("/v1.0/users")
        .header("authorization", format!("Bearer {token}"))
        .header("client-request-id", "mine");
    let answer = world.send(own.body("".into()).unwrap()).await;
    assert_eq!(answer.headers["client-request-id"], "mine");
}

#[tokio::test]
async fn a_refusal_has_graphs_shape_and_no_null() {
    let world = World::new().await;
    let answer = world
        .get("/v1.0/users/nobody", &world.person("User.Read.All", &[]))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let error = &answer.body["error"];
    assert_eq!(error["code"], "Request_ResourceNotFound");
    assert_eq!(
        error["innerError"]["request-id"],
        "0f0f0f0f-0000-4000-8000-000000000001"
    );
    assert_eq!(error["innerError"]["date"], "2027-01-15T08:00:00");
    assert!(error.get("innererror").is_none());
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("null"));
}

#[tokio::test]
async fn methods_are_those_of_the_resource() {
    let world = World::new().await;
    let token = world.administrator("User.Read.All User.Invite.All");
    let answer = world.call(Method::PUT, "/v1.0/users", &token, None).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.headers["allow"].to_str().unwrap()
        ),
        (405, "GET, HEAD")
    );
    let answer = world
        .call(Method::GET, "/v1.0/invitations", &token, None)
        .await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.headers["allow"].to_str().unwrap()
        ),
        (405, "POST")
    );
    let head = world.call(Method::HEAD, "/v1.0/users", &token, None).await;
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.bytes.is_empty());
    assert!(head.headers.contains_key("content-length"));
    let options = world.call(Method::OPTIONS, "/v1.0/users", "", None).await;
    assert_eq!(options.status, StatusCode::NO_CONTENT);
    assert!(options.headers.contains_key("allow"));
    assert!(!options.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_told_when_to_come_again() {
    let world = World::new().await;
    world.gateway.settings.lock().unwrap().per_minute = 2;
    let token = world.administrator("User.Invite.All User.Read.All");
    let invite = json!({ "invitedUserEmailAddress": "ada@fabrikam.example", "inviteRedirectUrl": "https://x.example" });
    assert_eq!(world.get("/v1.0/users", &token).await.status.as_u16(), 200);
    assert_eq!(world.get("/v1.0/users", &token).await.status.as_u16(), 200);
    let answer = world
        .call(Method::POST, "/v1.0/invitations", &token, Some(invite))
        .await;
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.headers["retry-after"], "30");
    assert_eq!(
        (answer.code(), answer.inner()),
        ("TooManyRequests", "throttledRequest")
    );
    world.wait(60);
    let answer = world.get("/v1.0/users/ada@fabrikam.example", &token).await;
    assert_eq!(answer.status.as_u16(), 404, "nothing was done");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_nobody_unknown_makes_us_read_one() {
    let world = World::new().await;
    world.gateway.settings.lock().unwrap().body_bytes = 100;
    let token = world.administrator("User.Invite.All");
    let body = json!({ "invitedUserEmailAddress": "x".repeat(200) });
    let answer = world
        .call(
            Method::POST,
            "/v1.0/invitations",
            &token,
            Some(body.clone()),
        )
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = world
        .call(Method::POST, "/v1.0/invitations", "", Some(body))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn links_are_absolute_and_keep_every_option() {
    let world = World::new().await;
    let token = world.administrator("User.Invite.All User.Read.All");
    for name in ["ada", "bob", "cy"] {
        let body = json!({ "invitedUserEmailAddress": format!("{name}@fabrikam.example"), "inviteRedirectUrl": "https://x.example" });
        assert_eq!(
            world
                .call(Method::POST, "/v1.0/invitations", &token, Some(body))
                .await
                .status
                .as_u16(),
            201
        );
    }
    let mut path =
        "/v1.0/users?$top=2&$select=id,mail&$filter=userType%20eq%20'Guest'&$count=true".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = world.get(&path, &token).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        assert_eq!(
            answer.body["@odata.count"].is_number(),
            seen.is_empty(),
            "the first page counts"
        );
        let users = answer.body["value"].as_array().unwrap();
        assert!(users.len() <= 2);
        seen.extend(
            users
                .iter()
                .map(|user| user["mail"].as_str().unwrap().to_owned()),
        );
        for user in users {
            assert_eq!(user.as_object().unwrap().len(), 2);
        }
        let Some(next) = answer.body.get("@odata.nextLink") else {
            break;
        };
        let next = next.as_str().unwrap();
        assert!(
            next.starts_with(&format!("{ORIGIN}/v1.0/users?$top=2&$select=")),
            "{next}"
        );
        path = next.strip_prefix(ORIGIN).unwrap().to_owned();
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "ada@fabrikam.example",
            "bob@fabrikam.example",
            "cy@fabrikam.example",
            "dora@fabrikam.example"
        ]
    );
}

#[tokio::test]
async fn options_that_are_none_are_refused() {
    let world = World::new().await;
    let token = world.person("User.Read.All", &[]);
    for query in [
        "$top=0",
        "$top=1000",
        "$top=x",
        "$top=-1",
        "$expand=manager",
        "$orderby=id",
        "$nonsense=1",
        "$skiptoken=%25",
        "$skiptoken=",
        "$count=maybe",
        "$filter=password%20eq%20'x'",
        "$filter=((((",
        "$top=1&$top=2",
        "$select=a%20b",
    ] {
        let answer = world.get(&format!("/v1.0/users?{query}"), &token).await;
        assert_eq!(answer.status.as_u16(), 400, "{query} {}", answer.body);
    }
}
