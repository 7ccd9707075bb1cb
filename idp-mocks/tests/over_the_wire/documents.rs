//! Documents over HTTP and the probes.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use idp_mocks::Service;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{get, mocks, send};

#[tokio::test]
async fn files_have_their_types_and_folders_a_listing() {
    let mocks = mocks().await;
    let origin = &mocks.urls().documents.origin;
    for (path, media_type) in [
        ("/sites/projects/readme.txt", "text/plain"),
        ("/sites/projects/page.html", "text/html"),
        ("/sites/projects/report.pdf", "application/pdf"),
        ("/sites/projects/logo.png", "image/png"),
        (
            "/sites/projects/Plan.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "/sites/projects/Shared/Z%C3%BCrich%20plan%20(1).txt",
            "text/plain",
        ),
        ("/sites/internal/minutes.txt", "text/plain"),
        ("/sites/dav/welcome.txt", "text/plain"),
        ("/personal/mia/Documents/letter.txt", "text/plain"),
    ] {
        let reply = get(&format!("{origin}{path}")).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(
            reply.header("content-type").starts_with(media_type),
            "{path}"
        );
        assert!(!reply.body.is_empty());
    }
    let listing = get(&format!("{origin}/sites/projects/")).await.text();
    assert!(listing.contains("Plan.docx") && listing.contains("Large.bin"));
    assert_eq!(
        get(&format!("{origin}/sites/projects/nothing.txt"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_range_is_the_piece_that_was_asked_for() {
    let mocks = mocks().await;
    let url = format!("{}/sites/projects/Large.bin", mocks.urls().documents.origin);
    let third = 3_u64 << 20;
    let range = format!("bytes={third}-{}", third + 7);
    let reply = send("GET", &url, &[("range", &range)], "").await.unwrap();
    assert_eq!(reply.status, 206);
    assert_eq!(
        reply.header("content-range"),
        format!("bytes {third}-{}/{}", third + 7, 8 << 20)
    );
    assert_eq!(reply.body[..], 3_u64.to_be_bytes());
    let beyond = send("GET", &url, &[("range", "bytes=99999999-")], "")
        .await
        .unwrap();
    assert_eq!(beyond.status, 416);
}

#[tokio::test]
async fn an_unchanged_document_is_not_sent_again() {
    let mocks = mocks().await;
    let url = format!(
        "{}/sites/projects/readme.txt",
        mocks.urls().documents.origin
    );
    let first = get(&url).await;
    let etag = first.header("etag");
    let again = send("GET", &url, &[("if-none-match", etag)], "")
        .await
        .unwrap();
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let put = send("PUT", &url, &[("if-match", "\"another\"")], "new")
        .await
        .unwrap();
    assert_eq!(put.status, 412);
}

#[tokio::test]
async fn the_echo_shows_the_request_as_it_came() {
    let mocks = mocks().await;
    let url = format!(
        "{}/sites/projects/_echo/a%2Fb?q=%20+",
        mocks.urls().documents.origin
    );
    let headers = [("x-twice", "1"), ("x-twice", "2")];
    let shown = send("PUT", &url, &headers, "body").await.unwrap().json();
    assert_eq!(shown["method"], "PUT");
    assert_eq!(shown["target"], "/sites/projects/_echo/a%2Fb?q=%20+");
    assert_eq!(shown["body_bytes"], 4);
    let hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
    assert_eq!(shown["body_sha256"], hash);
    let twice = shown["headers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line[0] == "x-twice");
    assert_eq!(
        twice.cloned().collect::<Vec<_>>(),
        [json!(["x-twice", "1"]), json!(["x-twice", "2"])]
    );
}

#[tokio::test]
async fn trailers_go_both_ways() {
    let mocks = mocks().await;
    let mut closing = http::HeaderMap::new();
    closing.insert("x-checksum", "abc".parse().unwrap());
    let frames = [
        Ok::<_, std::io::Error>(Frame::data(Bytes::from("data"))),
        Ok(Frame::trailers(closing)),
    ];
    let request = Request::post(format!("{}/_trailers", mocks.urls().documents.origin))
        .header("te", "trailers")
        .header("trailer", "x-checksum")
        .body(StreamBody::new(futures_util::stream::iter(frames)))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let collected = client
        .request(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap();
    assert_eq!(collected.trailers().unwrap()["x-mock-trailer"], "the-end");
    let shown: serde_json::Value = serde_json::from_slice(&collected.to_bytes()).unwrap();
    assert_eq!(shown["trailers"], json!([["x-checksum", "abc"]]));
}

#[tokio::test]
async fn a_websocket_says_everything_back() {
    let mocks = mocks().await;
    let address = mocks.urls().documents.address;
    let stream = TcpStream::connect(address).await.unwrap();
    let url = format!("ws://{address}/sites/projects/_ws");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    for message in [Message::text("hello"), Message::binary(vec![0, 1, 2])] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    let refused = get(&format!("http://{address}/_ws")).await;
    assert_eq!(refused.status, 426);
}

#[tokio::test]
async fn events_go_on_without_end() {
    let mocks = mocks().await;
    let request = Request::get(format!("{}/_sse", mocks.urls().documents.origin));
    let client = Client::builder(TokioExecutor::new()).build_http();
    let reply = client
        .request(request.body(Empty::<Bytes>::new()).unwrap())
        .await
        .unwrap();
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    let mut body = reply.into_body();
    let mut seen = String::new();
    while !seen.ends_with("data: 3\n\n") {
        let frame = body.frame().await.unwrap().unwrap();
        seen.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert_eq!(seen, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

#[tokio::test]
async fn sizes_and_statuses_are_the_ones_asked_for() {
    let mocks = mocks().await;
    let origin = &mocks.urls().documents.origin;
    let large = get(&format!("{origin}/_large?bytes=1000000")).await;
    assert_eq!(
        (large.header("content-length"), large.body.len()),
        ("1000000", 1_000_000)
    );
    assert_eq!(large.body[65536..65544], 1_u64.to_be_bytes());
    let chunked = get(&format!("{origin}/_large?bytes=5&chunked=1")).await;
    assert_eq!(
        (chunked.header("content-length"), chunked.body.len()),
        ("", 5)
    );
    for code in [200, 204, 304, 404, 418, 503] {
        assert_eq!(get(&format!("{origin}/_status/{code}")).await.status, code);
    }
    let moved = get(&format!("{origin}/_status/302?location=http://127.0.0.1/x")).await;
    assert_eq!(moved.header("location"), "http://127.0.0.1/x");
    assert_eq!(get(&format!("{origin}/_slow?ms=1")).await.text(), "slow\n");
    assert_eq!(
        get(&format!("{origin}/_slow?ms=1&chunks=2")).await.text(),
        "chunk 0\nchunk 1\n"
    );
}

#[tokio::test]
async fn an_upload_is_counted_and_not_kept() {
    let mocks = mocks().await;
    let chunk = Bytes::from(vec![7; 1 << 20]);
    let frames = futures_util::stream::repeat(chunk)
        .take(64)
        .map(|c| Ok::<_, std::io::Error>(Frame::data(c)));
    let url = format!("{}/sites/projects/_upload", mocks.urls().documents.origin);
    let request = Request::put(url).body(StreamBody::new(frames)).unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let collected = client
        .request(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&collected.to_bytes()).unwrap();
    assert_eq!(
        (&shown["body_bytes"], &shown["body_whole"]),
        (&json!(64 << 20), &json!(true))
    );
}

#[tokio::test]
async fn the_log_counts_every_request_but_those_to_itself() {
    let mocks = mocks().await;
    let origin = &mocks.urls().documents.origin;
    assert_eq!(
        get(&format!("{origin}/_requests")).await.json(),
        json!({"count": 0, "requests": []})
    );
    send(
        "DELETE",
        &format!("{origin}/sites/projects/readme.txt"),
        &[("x-a", "b")],
        "",
    )
    .await
    .unwrap();
    let seen = get(&format!("{origin}/_requests")).await.json();
    assert_eq!(seen["count"], 1);
    assert_eq!(seen["requests"][0]["method"], "DELETE");
    assert_eq!(seen["requests"][0]["target"], "/sites/projects/readme.txt");
    assert_eq!(
        mocks.requests(Service::Documents)[0].header("X-A"),
        Some("b")
    );
    send("DELETE", &format!("{origin}/_requests"), &[], "")
        .await
        .unwrap();
    assert_eq!(mocks.request_count(Service::Documents), 0);
}
