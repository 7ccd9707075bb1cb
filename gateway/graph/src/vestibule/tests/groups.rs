//! Groups, changed by several at once.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::{Answer, World};

const PATH: &str = "/vestibule/v1/groups";
const TEAM: &str = "/vestibule/v1/groups/team";

async fn world() -> (World, String) {
    let world = World::new().await;
    let token = world.administrator("Vestibule.ReadWrite.All");
    let team = json!({ "id": "team", "displayName": "Team", "people": ["ada@fabrikam.example"] });
    let made = world.call(Method::POST, PATH, &token, Some(team)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    (world, token)
}

async fn conditional(
    world: &World,
    token: &str,
    (method, path): (Method, &str),
    tags: &[&str],
    body: Option<Value>,
) -> Answer {
    let mut builder = http::Request::builder().method(method).uri(path);
    builder = builder.header("authorization", format!("Bearer {token}"));
    for tag in tags {
        builder = builder.header("if-match", *tag);
    }
    let bytes = body.map(|body| body.to_string()).unwrap_or_default();
    world.send(builder.body(bytes.into()).unwrap()).await
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_group_that_changed_since_it_was_read_is_not_written_over() {
    let (world, token) = world().await;
    let read = tag(&world.get(TEAM, &token).await);
    let name = |name: &str| Some(json!({ "displayName": name }));
    let patch = (Method::PATCH, TEAM);
    let mine = conditional(&world, &token, patch.clone(), &[&read], name("Mine")).await;
    assert_eq!(mine.status, StatusCode::OK, "{mine:?}");
    assert_eq!(tag(&mine), tag(&world.get(TEAM, &token).await));
    assert_ne!(tag(&mine), read);
    let late: [(Method, &str, Option<Value>); 4] = [
        (Method::PATCH, TEAM, name("Theirs")),
        (Method::DELETE, TEAM, None),
        (
            Method::PUT,
            "/vestibule/v1/groups/team/people/bob@fabrikam.example",
            None,
        ),
        (
            Method::DELETE,
            "/vestibule/v1/groups/team/people/ada@fabrikam.example",
            None,
        ),
    ];
    for (method, path, body) in late {
        for tags in [
            &[read.as_str()][..],
            &["\"x\", W/\"y\""],
            &["\"x\"", read.as_str()],
        ] {
            let asked = (method.clone(), path);
            let answer = conditional(&world, &token, asked, tags, body.clone()).await;
            let got = (answer.status, answer.inner());
            let want = (StatusCode::PRECONDITION_FAILED, "entityTagDoesNotMatch");
            assert_eq!(got, want, "{method} {path} {tags:?}");
        }
    }
    let long = format!("\"{}\"", "x".repeat(255));
    for tags in [
        &["x"][..],
        &["\""],
        &["*", "x"],
        &["\"x\" \"y\""],
        &["W/W/\"x\""],
        &[long.as_str()],
    ] {
        let answer = conditional(&world, &token, patch.clone(), tags, name("None")).await;
        let got = (answer.status, answer.inner());
        let want = (StatusCode::BAD_REQUEST, "malformedEntityTag");
        assert_eq!(got, want, "{tags:?}");
    }
    let shown = world.get(TEAM, &token).await;
    assert_eq!(shown.body["displayName"], "Mine");
    assert_eq!(shown.body["people"], json!(["ada@fabrikam.example"]));
    for tags in [&["*"][..], &["\"x\"", "*"]] {
        let answer = conditional(&world, &token, patch.clone(), tags, name("Any")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let last = tag(&world.get(TEAM, &token).await);
    let gone = conditional(&world, &token, (Method::DELETE, TEAM), &[&last], None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_a_file_declares_has_no_tag() {
    let (world, token) = world().await;
    let staff = world.get("/vestibule/v1/groups/staff", &token).await;
    assert_eq!(staff.status, StatusCode::OK);
    assert!(staff.headers.get("etag").is_none());
}

#[tokio::test]
async fn nobody_is_lost_who_is_put_in_at_the_same_time() {
    let (world, token) = world().await;
    let add = async |index: usize| {
        let path = format!("{TEAM}/people/p{index}@fabrikam.example");
        let answer = world.call(Method::PUT, &path, &token, None).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    };
    tokio::join!(add(0), add(1), add(2), add(3), add(4));
    let shown = world.get(TEAM, &token).await;
    assert_eq!(shown.body["people"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn of_two_who_make_a_group_of_one_id_one_does() {
    let world = World::new().await;
    let token = world.administrator("Vestibule.ReadWrite.All");
    let make = async |name: &str| {
        let team = json!({ "id": "team", "displayName": name });
        let made = world.call(Method::POST, PATH, &token, Some(team)).await;
        made.status.as_u16()
    };
    let mut made: [u16; 2] = tokio::join!(make("One"), make("Other")).into();
    made.sort_unstable();
    assert_eq!(made, [201, 409]);
}
