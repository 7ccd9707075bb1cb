//! Bodies on their way through: as large as they like, in bounded memory, with everything HTTP lets them be.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Request};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use serde_json::Value;
use tests::browser::Browser;
use tests::network::{Body, authority};
use tests::world::{Options, World};
use tests::{Outcome, ensure, says};
use tokio_tungstenite::tungstenite::Message;
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const GIBIBYTE: u64 = 1 << 30;
const MEBIBYTE: u64 = 1 << 20;
/// How much the gateway may grow by a transfer.
const GROWTH: u64 = 16 * MEBIBYTE;

async fn ada(world: &World) -> Outcome<Browser> {
    world
        .signed_in(
            ADA,
            &world.url("contoso", "/sites/projects/Shared/notes.txt"),
        )
        .await
}

fn probe(world: &World, path: &str) -> Outcome<Url> {
    Ok(Url::parse(&world.url(
        "contoso",
        &format!("/sites/projects/Shared/{path}"),
    ))?)
}

/// Reads to the end; the number of bytes.
async fn drained(mut body: Incoming) -> Outcome<u64> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    Ok(bytes)
}

/// How much the peak of the gateway's memory rises while something is done, in bytes.
async fn growth(world: &World, doing: impl Future<Output = Outcome>) -> Outcome<u64> {
    let before = world.gateway.process().memory()?;
    doing.await?;
    let after = world.gateway.process().memory()?;
    Ok(after.peak.saturating_sub(before.resident))
}

#[tokio::test]
async fn a_gibibyte_passes_in_both_directions_in_bounded_memory() -> Outcome {
    let world = World::start(Options::default()).await?;
    let mut ada = ada(&world).await?;
    // Once with little, so that what any first transfer needs is there.
    let warm = probe(&world, "_large?bytes=1048576")?;
    drained(
        ada.request("GET", &warm, &[], Full::new(Bytes::new()))
            .await?
            .into_body(),
    )
    .await?;

    let url = probe(&world, &format!("_large?bytes={GIBIBYTE}"))?;
    let down = growth(&world, async {
        let answer = ada
            .request("GET", &url, &[], Full::new(Bytes::new()))
            .await?;
        let bytes = drained(answer.into_body()).await?;
        ensure!(bytes == GIBIBYTE, "{bytes} bytes came down");
        Ok(())
    })
    .await?;
    ensure!(
        down < GROWTH,
        "a download of 1 GiB made the gateway grow by {} MiB",
        down / MEBIBYTE
    );

    let url = probe(&world, "_upload")?;
    let chunk = Bytes::from(vec![7; 64 * 1024]);
    let up = growth(&world, async {
        let chunks = (0..GIBIBYTE / chunk.len() as u64)
            .map(move |_| Ok::<_, std::io::Error>(Frame::data(chunk.clone())));
        let length = GIBIBYTE.to_string();
        let body = StreamBody::new(stream::iter(chunks));
        let answer = ada
            .request("PUT", &url, &[("content-length", &length)], body)
            .await?;
        ensure!(answer.status() == 200, "the upload: {}", answer.status());
        let answer: Value =
            serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?;
        ensure!(
            answer.get("body_bytes").and_then(Value::as_u64) == Some(GIBIBYTE),
            "{answer}"
        );
        Ok(())
    })
    .await?;
    ensure!(
        up < GROWTH,
        "an upload of 1 GiB made the gateway grow by {} MiB",
        up / MEBIBYTE
    );
    Ok(())
}

#[tokio::test]
async fn ranges_of_a_large_file_are_the_files() -> Outcome {
    let world = World::shared().await?;
    let mia = "mia@contoso.example";
    let url = world.url("contoso", "/sites/projects/Large.bin");
    let mut mia = {
        let mut browser = world.browser();
        let page = browser
            .open(&world.url("contoso", "/sites/projects/readme.txt"))
            .await?;
        world.sign_in(&mut browser, &page, mia).await?.expect(200)?;
        browser
    };
    // Each MiB of it begins with its own number.
    for number in [0, 1, 511, 1023_u64] {
        let from = number * MEBIBYTE;
        let range = format!("bytes={from}-{}", from + 7);
        let page = mia
            .fetch("GET", &url, &[("range", &range)], "")
            .await?
            .expect(206)?;
        ensure!(
            page.body[..] == number.to_be_bytes(),
            "{range}: {:?}",
            page.body
        );
        let said = page.header("content-range").unwrap_or_default();
        ensure!(
            said == format!("bytes {from}-{}/{GIBIBYTE}", from + 7),
            "{said}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_body_without_length_passes_chunked_with_trailers() -> Outcome {
    let world = World::shared().await?;
    let mut ada = ada(&world).await?;
    let url = probe(&world, "_trailers")?;
    let trailers = HeaderMap::from_iter([("x-sum".parse()?, HeaderValue::from_static("42"))]);
    let frames = [
        Ok::<_, std::io::Error>(Frame::data(Bytes::from("a body"))),
        Ok(Frame::trailers(trailers)),
    ];
    let headers = [("te", "trailers"), ("trailer", "x-sum")];
    let answer = ada
        .request("PUT", &url, &headers, StreamBody::new(stream::iter(frames)))
        .await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    let answer = answer.into_body().collect().await?;
    let closing = answer.trailers().cloned().unwrap_or_default();
    ensure!(
        closing
            .get("x-mock-trailer")
            .is_some_and(|value| value == "the-end"),
        "trailers: {closing:?}"
    );
    let heard: Value = serde_json::from_slice(&answer.to_bytes())?;
    ensure!(
        heard.to_string().contains("x-sum"),
        "the documents heard {heard}"
    );
    Ok(())
}

#[tokio::test]
async fn expect_continue_is_answered_before_the_body() -> Outcome {
    let world = World::shared().await?;
    let ada = ada(&world).await?;
    let cookie = ada.session("contoso")?;
    let host = authority(&probe(&world, "")?)?;
    let head = |path: &str, cookie: &str| {
        format!(
            "PUT {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\naccept: application/json\r\n\
             content-length: 4\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
        )
    };
    let session = cookie.pair();
    let allowed = head("/sites/projects/Shared/_upload", &session);
    let answer = world.raw(&[allowed.as_bytes(), b"body"].concat()).await?;
    ensure!(answer.status == 100, "expected 100 first: {}", answer.text);
    ensure!(
        answer.text.contains("HTTP/1.1 200"),
        "and then 200: {}",
        answer.text
    );
    // Whoever may not write is told so before the body is sent.
    let refused = head("/sites/projects/Secret.docx", &session);
    let answer = world
        .short_of_upstream(world.raw(refused.as_bytes()))
        .await?;
    ensure!(
        answer.status == 403,
        "expected 403 at once: {}",
        answer.text
    );
    Ok(())
}

#[tokio::test]
async fn websockets_pass_for_those_who_may() -> Outcome {
    let world = World::shared().await?;
    let ada = ada(&world).await?;
    let url = probe(&world, "_ws")?;
    let mut socket = world.websocket(Some(&ada), url.as_str()).await?;
    for text in ["one", "two", &"x".repeat(100_000)] {
        socket.send(Message::text(text)).await?;
        let said = socket.next().await.ok_or("the socket is closed")??;
        ensure!(said.to_text()? == text, "said back: {} bytes", said.len());
    }
    let stranger =
        world.short_of_upstream(async { Ok(world.websocket(None, url.as_str()).await.is_ok()) });
    ensure!(!stranger.await?, "a stranger got a WebSocket");
    Ok(())
}

#[tokio::test]
async fn http_2_is_offered_and_forwards_like_http_1() -> Outcome {
    let world = World::shared().await?;
    let ada = ada(&world).await?;
    let url = probe(&world, "_echo")?;
    let cookie = ada.session("contoso")?;
    let request = Request::put(url.as_str())
        .header("cookie", cookie.pair())
        .body(Body::new(
            Full::new(Bytes::from("over HTTP/2")).map_err(|never| match never {}),
        ))?;
    let answer = world.network.send_http2(request).await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    let heard: Value = serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?;
    ensure!(says(&heard, "method") == "PUT", "{heard}");
    ensure!(
        heard.get("body_bytes").and_then(Value::as_u64) == Some(11),
        "{heard}"
    );
    Ok(())
}
