use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::drives::tests::{MORE, drive, nils, over, world};
use crate::testing::{Answer, World};

const ALL: &str = "Files.ReadWrite.All Sites.ReadWrite.All";

struct Bench {
    world: World,
    mia: String,
    drive: String,
}

impl Bench {
    async fn over(lists: bool) -> Self {
        let world = over(lists, MORE).await;
        let mia = world.person(ALL, &[]);
        let drive = drive(&world, &mia).await;
        Self { world, mia, drive }
    }

    fn at(&self, path: &str) -> String {
        format!("/v1.0/drives/{}/root:/{path}", self.drive)
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        let at = self.at(path);
        let call = self.world.call(Method::PATCH, &at, &self.mia, Some(body));
        call.await
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.get(&self.at(path), &self.mia).await
    }
}

fn check(answer: &Answer, status: u16, code: &str) {
    let got = (answer.status.as_u16(), answer.code());
    assert_eq!(got, (status, code), "{answer:?}");
}

#[tokio::test]
async fn an_item_gets_another_name_and_another_folder() {
    let bench = Bench::over(true).await;
    let renamed = bench
        .patch("open/plan.txt", json!({"name": "Plan B.txt"}))
        .await;
    assert_eq!(renamed.status, StatusCode::OK, "{renamed:?}");
    assert_eq!(renamed.body["name"], "Plan B.txt");
    assert_eq!(
        bench.get("open/plan.txt").await.status,
        StatusCode::NOT_FOUND
    );
    let closed = bench.get("closed").await.body["id"].clone();
    // With the path that it had: clients send back what they were shown.
    let mut reference = renamed.body["parentReference"].clone();
    reference["id"] = closed.clone();
    let moved = bench
        .patch("open/Plan%20B.txt", json!({"parentReference": reference}))
        .await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    assert_eq!(moved.body["parentReference"]["id"], closed);
    let path = format!("/drives/{}/root:/open", bench.drive);
    let back = json!({"name": "a%b.txt", "parentReference": {"path": path}});
    let back = bench.patch("closed/Plan%20B.txt", back).await;
    assert_eq!(back.body["name"], "a%b.txt", "{back:?}");
    assert_eq!(back.body["parentReference"]["name"], "open");
    let folder = bench.patch("open", json!({"name": "opened"})).await;
    assert_eq!(folder.status, StatusCode::OK, "{folder:?}");
    assert_eq!(bench.get("opened/a%25b.txt").await.status, StatusCode::OK);
    let root = json!({"name": "top.txt", "parentReference": {"path": "/drive/root:"}});
    let top = bench.patch("opened/a%25b.txt", root).await;
    assert_eq!(top.status, StatusCode::OK, "{top:?}");
    assert_eq!(bench.get("top.txt").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_replaced_or_changed() {
    let bench = Bench::over(true).await;
    let to = json!({"name": "a b:c.txt"});
    check(
        &bench.patch("open/plan.txt", to).await,
        409,
        "nameAlreadyExists",
    );
    let how = |word: &str| json!({"name": "a b:c.txt", "@microsoft.graph.conflictBehavior": word});
    let other = bench.patch("open/plan.txt", how("rename")).await;
    assert_eq!(other.body["name"], "a b:c 1.txt", "{other:?}");
    let replaced = bench.patch("open/a%20b:c%201.txt", how("replace")).await;
    assert_eq!(replaced.status, StatusCode::OK, "{replaced:?}");
    assert_eq!(replaced.body["size"], 8, "the plan");
}

#[tokio::test]
async fn what_changes_nothing_is_no_move() {
    let bench = Bench::over(true).await;
    for body in [
        json!({}),
        json!({"name": "plan.txt"}),
        json!({"description": "x", "parentReference": {"driveId": bench.drive}}),
    ] {
        let answer = bench.patch("open/plan.txt", body).await;
        assert_eq!(answer.body["name"], "plan.txt", "{answer:?}");
    }
    let call = |tag: &str| {
        let request = http::Request::builder()
            .method(Method::PATCH)
            .uri(bench.at("open/plan.txt"))
            .header("if-match", tag)
            .header("authorization", format!("Bearer {}", bench.mia));
        bench
            .world
            .send(request.body("{\"name\":\"x.txt\"}".into()).unwrap())
    };
    check(&call("\"other\"").await, 412, "resourceModified");
    assert_eq!(call("\"8\"").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_no_sense_moves_nothing() {
    let bench = Bench::over(true).await;
    for bad in [
        json!({"name": ""}),
        json!({"name": null}),
        json!({"name": 3}),
        json!({"name": "a/b"}),
        json!({"name": ".."}),
        json!({"name": "x", "@microsoft.graph.conflictBehavior": "merge"}),
        json!({"parentReference": "root"}),
        json!({"parentReference": {"driveId": "b!other", "id": "root"}}),
        json!({"parentReference": {"path": "/drives/b!other/root:/open"}}),
        json!({"parentReference": {"path": "/sites/projects/open"}}),
        json!({"parentReference": {"path": "/drive/root:/../x"}}),
        json!({"parentReference": {"path": "/drive/root:/a%2fb"}}),
    ] {
        check(
            &bench.patch("open/plan.txt", bad).await,
            400,
            "invalidRequest",
        );
    }
    let itself = json!({"parentReference": {"path": "/drive/root:/open"}});
    check(&bench.patch("open", itself).await, 400, "invalidRequest");
    let nowhere = json!({"parentReference": {"id": "01NOWHERE"}});
    check(
        &bench.patch("open/plan.txt", nowhere).await,
        404,
        "itemNotFound",
    );
    check(
        &bench.patch("open/none.txt", json!({"name": "x"})).await,
        404,
        "itemNotFound",
    );
    let root = format!("/v1.0/drives/{}/root", bench.drive);
    let body = Some(json!({"name": "x"}));
    let root = bench
        .world
        .call(Method::PATCH, &root, &bench.mia, body)
        .await;
    check(&root, 400, "invalidRequest");
    assert_eq!(bench.get("open/plan.txt").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_upstream_that_moves_nothing_says_so() {
    let bench = Bench::over(false).await;
    let answer = bench.patch("open/plan.txt", json!({"name": "x.txt"})).await;
    check(&answer, 501, "notSupported");
}

#[tokio::test]
async fn sec_175_whoever_may_read_moves_nothing() {
    let world = world().await;
    let drive = drive(&world, &world.person(ALL, &[])).await;
    let path = format!("/v1.0/drives/{drive}/root:/open/plan.txt");
    let body = || Some(json!({"name": "x.txt"}));
    let refused = world.call(Method::PATCH, &path, &nils(ALL), body()).await;
    check(&refused, 403, "accessDenied");
    let reader = world.person("Files.Read.All", &[]);
    let refused = world.call(Method::PATCH, &path, &reader, body()).await;
    check(&refused, 403, "accessDenied");
}
