//! Requests whose end can be read in two ways: 400, the connection closed, nothing smuggled.

use super::support::*;

const SMUGGLED: &str =
    "GET /sites/projects/read/smuggled HTTP/1.1\r\nhost: contoso.localhost\r\n\r\n";

async fn check(head: &str, body: &str) {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world.raw(&format!("{head}\r\n{body}{SMUGGLED}")).await;
    assert_eq!(status(&answer), 400, "{head:?}\n{answer}");
    assert_eq!(
        answer.matches("HTTP/1.").count(),
        1,
        "one answer and no more: {answer}"
    );
    assert!(
        upstream.seen().is_empty(),
        "{head:?}: {:?}",
        upstream.seen()
    );
}

#[tokio::test]
async fn sec_179_lengths_and_codings_that_contradict() {
    let post = "POST /sites/projects/write/a HTTP/1.1\r\n{ada}";
    for (fields, body) in [
        (
            "content-length: 6\r\ntransfer-encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "transfer-encoding: chunked\r\ncontent-length: 6\r\n",
            "0\r\n\r\n",
        ),
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: x\r\n",
            "0\r\n\r\n",
        ),
        (
            "transfer-encoding: x\r\ntransfer-encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        ("transfer-encoding: xchunked\r\n", "0\r\n\r\n"),
        ("transfer-encoding: x, chunked\r\n", "0\r\n\r\n"),
        ("transfer-encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("transfer-encoding : chunked\r\n", "0\r\n\r\n"),
        ("transfer-encoding: \x0bchunked\r\n", "0\r\n\r\n"),
        (" transfer-encoding: chunked\r\n", "0\r\n\r\n"),
        ("content-length: +1\r\n", "x"),
        ("content-length: -1\r\n", "x"),
        ("content-length: 0x1\r\n", "x"),
        ("content-length: 1 1\r\n", "x"),
        ("content-length: 1, 1\r\n", "x"),
        ("content-length: 1\r\ncontent-length: 2\r\n", "x"),
        ("content-length: 1\r\ncontent-length: 1\r\n", "x"),
        ("content-length: \r\n", "x"),
    ] {
        check(&format!("{post}{fields}"), body).await;
    }
}

#[tokio::test]
async fn sec_181_a_coding_in_http_1_0() {
    check(
        "POST /sites/projects/write/a HTTP/1.0\r\n{ada}transfer-encoding: chunked\r\n",
        "0\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn names_that_only_fold_to_a_length_do_not_pass() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    world
        .raw("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}content-length: 1\r\ncontent_length: 9\r\ntransfer_encoding: chunked\r\nconnection: close\r\n\r\nx")
        .await;
    let got = upstream.only();
    assert!(
        !got.contains("content_length") && !got.contains("transfer_encoding"),
        "{got}"
    );
}
