//! Documents over WebDAV (RFC 4918).

use crate::client::{Reply, get, mocks, send};

async fn dav(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    send(method, url, headers, body.to_owned()).await.unwrap()
}

#[tokio::test]
async fn a_folder_tells_what_is_in_it() {
    let mocks = mocks().await;
    let url = format!("{}/sites/dav/", mocks.urls().documents.origin);
    let reply = dav("PROPFIND", &url, &[("depth", "1")], "").await;
    assert_eq!(reply.status, 207);
    assert!(reply.text().contains("/sites/dav/welcome.txt"));
    assert!(!reply.text().contains("draft.txt"));
    let reply = dav("PROPFIND", &url, &[("depth", "0")], "").await;
    assert!(!reply.text().contains("welcome.txt"));
}

#[tokio::test]
async fn documents_are_made_moved_copied_and_deleted() {
    let mocks = mocks().await;
    let folder = format!("{}/sites/dav/New", mocks.urls().documents.origin);
    assert_eq!(dav("MKCOL", &folder, &[], "").await.status, 201);
    assert_eq!(dav("MKCOL", &folder, &[], "").await.status, 405);
    let (a, b, c) = (
        format!("{folder}/a.txt"),
        format!("{folder}/b.txt"),
        format!("{folder}/c.txt"),
    );
    assert_eq!(dav("PUT", &a, &[], "one").await.status, 201);
    assert_eq!(dav("PUT", &a, &[], "two").await.status, 204);
    assert_eq!(
        dav("COPY", &a, &[("destination", &b)], "").await.status,
        201
    );
    assert_eq!(
        dav("MOVE", &a, &[("destination", &c)], "").await.status,
        201
    );
    assert_eq!(get(&a).await.status, 404);
    assert_eq!(
        (get(&b).await.text(), get(&c).await.text()),
        ("two".into(), "two".into())
    );
    let overwrite = [("destination", c.as_str()), ("overwrite", "F")];
    assert_eq!(dav("COPY", &b, &overwrite, "").await.status, 412);
    assert_eq!(dav("DELETE", &folder, &[], "").await.status, 204);
    assert_eq!(get(&b).await.status, 404);
}

#[tokio::test]
async fn a_locked_document_changes_only_with_the_token() {
    let mocks = mocks().await;
    let url = format!("{}/sites/dav/welcome.txt", mocks.urls().documents.origin);
    let wish = r#"<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner>Mia</D:owner></D:lockinfo>"#;
    let locked = dav("LOCK", &url, &[("depth", "0")], wish).await;
    assert_eq!(locked.status, 200, "{}", locked.text());
    let token = locked.header("lock-token").to_owned();
    assert_eq!(dav("PUT", &url, &[], "no").await.status, 423);
    let held = format!("({token})");
    assert_eq!(dav("PUT", &url, &[("if", &held)], "yes").await.status, 204);
    assert_eq!(
        dav("UNLOCK", &url, &[("lock-token", &token)], "")
            .await
            .status,
        204
    );
    assert_eq!(dav("PUT", &url, &[], "free").await.status, 204);
}
