//! Bodies: streamed, bounded, with what surrounds them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::*;

#[tokio::test]
async fn trailers_pass_both_ways_without_what_pretends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    let request = world.fill(
        "PUT /sites/projects/write/a HTTP/1.1\r\n{ada}te: trailers\r\ntransfer-encoding: chunked\r\n\
         trailer: x-sum, x-vestibule-subject\r\n\r\n1\r\na\r\n0\r\nx-sum: 7\r\nx-vestibule-subject: root\r\n\
         x-http-method: DELETE\r\ndestination: /root\r\n\r\n",
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    let got = until(&mut upstream, "0\r\nx-sum: 7\r\n\r\n").await;
    assert!(got.contains("te: trailers\r\n"), "{got}");
    assert!(!got.contains("root"), "{got}");
    upstream
        .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 8\r\n\r\n")
        .await
        .unwrap();
    let answer = until(&mut client, "0\r\nx-sum: 8\r\n\r\n").await;
    assert!(answer.contains("trailer: x-sum\r\n"), "{answer}");
}

#[tokio::test]
async fn an_expectation_is_the_upstreams_to_meet() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    let request = world.fill("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}expect: 100-continue\r\ncontent-length: 4\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    let asked = until(&mut upstream, "\r\n\r\n").await;
    assert!(asked.contains("expect: 100-continue\r\n"), "{asked}");
    let mut early = [0; 1];
    let before = tokio::time::timeout(Duration::from_millis(50), client.read(&mut early)).await;
    assert!(
        before.is_err(),
        "the client was asked before the upstream asked"
    );
    upstream
        .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(
        until(&mut client, "\r\n\r\n").await,
        "http/1.1 100 continue\r\n\r\n"
    );
    client.write_all(b"body").await.unwrap();
    assert_eq!(until(&mut upstream, "body").await, "body");
    upstream
        .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    assert!(
        until(&mut client, "\r\n\r\n")
            .await
            .starts_with("http/1.1 201")
    );
}

#[tokio::test]
async fn a_final_answer_leaves_the_body_where_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let mut client = world.connect().await;
    let request = world.fill("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}expect: 100-continue\r\ncontent-length: 4\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    head(&mut upstream).await;
    upstream
        .write_all(b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 5\r\n\r\nlarge")
        .await
        .unwrap();
    let answer = until(&mut client, "large").await;
    assert!(answer.starts_with("http/1.1 413"), "{answer}");
    let mut more = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, upstream.read_to_end(&mut more)).await;
    assert!(
        closed.is_ok() && more.is_empty(),
        "the connection is of no more use, and no body came"
    );
}

#[tokio::test]
async fn who_is_refused_never_sees_a_100() {
    let upstream = Scripted::new(OK).await;
    let world = World::new(upstream.address).await;
    let answer = world.raw("PUT /sites/projects/read/a HTTP/1.1\r\n{ada}expect: 100-continue\r\ncontent-length: 4\r\n\r\n").await;
    assert_eq!(status(&answer), 403, "{answer}");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn sec_193_an_upload_that_stands_still_is_ended() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(listener.local_addr().unwrap(), |configuration| {
        configuration.gateway.limits.body_idle_timeout = Duration::from_millis(100);
    })
    .await;
    let answer = world
        .raw("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}content-length: 4\r\n\r\nx")
        .await;
    assert_eq!((status(&answer), &*code(&answer)), (408, "upload-too-slow"));
}

#[tokio::test]
async fn a_download_that_stands_still_is_ended() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(listener.local_addr().unwrap(), |configuration| {
        configuration.gateway.limits.body_idle_timeout = Duration::from_millis(100);
    })
    .await;
    tokio::spawn(async move {
        let mut upstream = accepted(&listener).await;
        upstream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegin")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    });
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n")
        .await;
    assert!(answer.ends_with("begin"), "{answer}");
}

#[tokio::test]
async fn an_upload_may_take_longer_than_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(listener.local_addr().unwrap(), |configuration| {
        configuration.gateway.limits.upstream_response_timeout = Duration::from_secs(2);
    })
    .await;
    let mut client = world.connect().await;
    let request =
        world.fill("PUT /sites/projects/write/a HTTP/1.1\r\n{ada}content-length: 6\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    for _ in 0..6 {
        // The pace is what is tested: longer than the limit in all, with room for a slow machine in between.
        tokio::time::sleep(Duration::from_millis(400)).await;
        client.write_all(b"x").await.unwrap();
    }
    until(&mut upstream, "xxxxxx").await;
    upstream
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    assert!(
        until(&mut client, "\r\n\r\n")
            .await
            .starts_with("http/1.1 204")
    );
}

#[tokio::test]
async fn sec_193_a_client_that_does_not_read_is_let_go() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::with(listener.local_addr().unwrap(), |configuration| {
        // The upstream is to answer within the second.
        configuration.gateway.limits.body_idle_timeout = Duration::from_millis(100);
        configuration.gateway.limits.upstream_response_timeout = Duration::from_secs(1);
    })
    .await;
    let mut client = world.connect().await;
    let request = world.fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(&listener).await;
    head(&mut upstream).await;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n");
    upstream.write_all(answer.as_bytes()).await.unwrap();
    let part = vec![b'x'; 64 * 1024];
    let poured = async { while upstream.write_all(&part).await.is_ok() {} };
    let ended = tokio::time::timeout(PATIENCE, poured).await;
    assert!(ended.is_ok(), "the upstream's connection is still open");
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

const LARGE: u64 = 256 * 1024 * 1024;
const BOUND: u64 = 16 * 1024 * 1024;

async fn pour(stream: &mut TcpStream, mut left: u64) {
    let part = vec![b'x'; 64 * 1024];
    while left > 0 {
        let n = left.min(part.len() as u64);
        stream.write_all(&part[..n as usize]).await.unwrap();
        left -= n;
    }
}

/// Reads `left` bytes and returns the most memory seen meanwhile.
async fn drain(stream: &mut TcpStream, mut left: u64) -> u64 {
    let mut part = vec![0; 64 * 1024];
    let (mut most, mut passes) = (0, 0_u32);
    while left > 0 {
        let n = stream.read(&mut part).await.unwrap() as u64;
        assert!(n > 0, "{left} bytes missing");
        left = left.saturating_sub(n);
        passes += 1;
        if passes % 256 == 0 {
            most = most.max(resident());
        }
    }
    most
}

/// Set for the process that measures: other tests in one process would be measured with it.
const ALONE: &str = "VESTIBULE_TEST_ALONE";

#[test]
fn a_large_download_and_a_large_upload_need_little_memory() {
    if std::env::var_os(ALONE).is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(measure());
    }
    let this = "tests::bodies::a_large_download_and_a_large_upload_need_little_memory";
    let alone = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&alone.stdout);
    assert!(
        alone.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

async fn measure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(listener.local_addr().unwrap()).await;
    let upstream = tokio::spawn(async move {
        let mut stream = accepted(&listener).await;
        head(&mut stream).await;
        stream
            .write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        pour(&mut stream, LARGE).await;
        head(&mut stream).await;
        let most = drain(&mut stream, LARGE).await;
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        most
    });
    let mut client = world.connect().await;
    let before = resident();
    client
        .write_all(
            world
                .fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n")
                .as_bytes(),
        )
        .await
        .unwrap();
    head(&mut client).await;
    let down = drain(&mut client, LARGE).await;
    let put =
        format!("PUT /sites/projects/write/a HTTP/1.1\r\n{{ada}}content-length: {LARGE}\r\n\r\n");
    client.write_all(world.fill(&put).as_bytes()).await.unwrap();
    pour(&mut client, LARGE).await;
    head(&mut client).await;
    let up = upstream.await.unwrap();
    assert!(down > 0 && up > 0, "measured");
    let (down, up) = (down.saturating_sub(before), up.saturating_sub(before));
    assert!(down < BOUND, "download: {down} bytes more");
    assert!(up < BOUND, "upload: {up} bytes more");
}
