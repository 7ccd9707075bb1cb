//! Rows of the security list about what is on the wire: framing, sizes, slowness, repeated parameters, guessing.

use std::time::Instant;

use tests::browser::{Browser, Page};
use tests::process::PATIENCE;
use tests::world::{Options, World};
use tests::{Outcome, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const PROGRAM: (&str, &str) = ("accept", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn at_provider(world: &World, browser: &mut Browser) -> Outcome<Page> {
    world
        .begin(browser, &world.url("contoso", NOTES), ADA)
        .await
}

/// The state of the attempt that `page` belongs to.
fn state(page: &Page) -> Outcome<String> {
    let form = page.form(&[])?;
    Ok(form
        .value("state")
        .ok_or("the provider was told no state")?
        .to_owned())
}

#[tokio::test]
async fn sec_111_a_parameter_that_comes_twice_is_refused() -> Outcome {
    let world = World::shared().await?;
    let mut browser = world.browser();
    let state = state(&at_provider(&world, &mut browser).await?)?;
    for query in [
        format!("code=a&state={state}&state=x"),
        format!("code=a&code=b&state={state}"),
    ] {
        let url = world.url(
            "contoso",
            &format!("/_vestibule/callback/work-school?{query}"),
        );
        let page = world.short_of_upstream(browser.visit(&url)).await?;
        page.expect_refusal(400, "duplicate-parameter")?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_112_the_answer_of_one_provider_is_none_to_another() -> Outcome {
    let world = World::shared().await?;
    let mut browser = world.browser();
    let state = state(&at_provider(&world, &mut browser).await?)?;
    let url = world.url(
        "contoso",
        &format!("/_vestibule/callback/google?code=a&state={state}"),
    );
    let page = world.short_of_upstream(browser.visit(&url)).await?;
    page.expect_refusal(400, "attempt-other-provider")
}

#[tokio::test]
async fn sec_142_forms_are_small() -> Outcome {
    let world = World::shared().await?;
    let origin = world.url("contoso", "");
    let url = Url::parse(&origin)?;
    for path in ["/_vestibule/sign-in", "/_vestibule/callback/work-school"] {
        let mut stream = world
            .network
            .connect(&url, tests::network::Version::Http1)
            .await?;
        // The length is announced and nothing is sent: the answer must not wait for what it refuses.
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\nsec-fetch-site: same-origin\r\n\
             accept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n",
            tests::network::authority(&url)?,
            origin.trim_end_matches('/'),
            600 * 1024,
        );
        stream.write_all(head.as_bytes()).await?;
        stream.flush().await?;
        let mut status = [0; 12];
        timeout(PATIENCE, stream.read_exact(&mut status)).await??;
        let status = String::from_utf8_lossy(&status);
        ensure!(status == "HTTP/1.1 413", "{path}: {status}");
    }
    Ok(())
}

#[tokio::test]
async fn sec_171_guessing_links_is_slowed_down() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "limits.unknown_links_per_prefix", 5);
        Ok(())
    })
    .await?;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let guess = world.url(
            "contoso",
            &format!("/_vestibule/s/guess-number-{number}-0123456789"),
        );
        statuses.push(
            world
                .browser()
                .fetch("GET", &guess, &[PROGRAM], "")
                .await?
                .status
                .as_u16(),
        );
    }
    ensure!(
        statuses.starts_with(&[404; 5]) && statuses.ends_with(&[429, 429]),
        "{statuses:?}"
    );
    let real = world
        .short_of_upstream(async { world.browser().visit(&world.link("brochure")?).await })
        .await?;
    ensure!(
        real.status == 429,
        "a guesser is told which one exists: {real}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_179_sec_181_a_request_ends_where_it_ends() -> Outcome {
    let world = World::shared().await?;
    let host = format!("contoso.localhost:{}", world.port);
    let smuggled = format!("GET {NOTES} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    for framing in [
        "content-length: 4\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 4",
        "content-length: 4\r\ncontent-length: 5",
        "content-length: +4",
        "content-length: 4, 5",
        "content-length: -1",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: identity, chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding : chunked",
        "transfer-encoding:\u{b}chunked",
    ] {
        let request = format!(
            "POST {NOTES} HTTP/1.1\r\nhost: {host}\r\n{framing}\r\n\r\n0\r\n\r\n{smuggled}"
        );
        let answer = world
            .short_of_upstream(world.raw(request.as_bytes()))
            .await?;
        let refused = answer.status == 400 || answer.status == 501 || answer.status == 0;
        ensure!(refused, "`{framing}`: {}", answer.text);
        ensure!(
            answer.text.matches("HTTP/1.1 ").count() <= 1,
            "`{framing}`: two answers: {}",
            answer.text
        );
    }
    let old = format!(
        "POST {NOTES} HTTP/1.0\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let answer = world.short_of_upstream(world.raw(old.as_bytes())).await?;
    ensure!(answer.status == 400, "chunked in HTTP/1.0: {}", answer.text);
    Ok(())
}

#[tokio::test]
async fn sec_182_what_guests_read_is_kept_by_no_shared_cache() -> Outcome {
    let world = World::shared().await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    let page = ada.fetch("GET", &notes, &[], "").await?.expect(200)?;
    let cache = page.header("cache-control").unwrap_or_default();
    ensure!(
        cache.contains("private") || cache.contains("no-store"),
        "`Cache-Control: {cache}`"
    );
    Ok(())
}

#[tokio::test]
async fn sec_190_empty_posts_are_refused_everywhere() -> Outcome {
    let world = World::shared().await?;
    for path in [
        "sign-in",
        "sign-out",
        "callback/work-school",
        "callback/nobody",
        "metadata/work-school",
        "logout/work-school",
        "s/x",
        "whoami",
        "jwks.json",
        "assets/style.css",
        "nothing",
    ] {
        let url = world.url("contoso", &format!("/_vestibule/{path}"));
        for headers in [
            vec![PROGRAM],
            vec![PROGRAM, FORM],
            vec![PROGRAM, ("content-type", "")],
        ] {
            let answer = world.browser().fetch("POST", &url, &headers, "").await?;
            ensure!(
                answer.status.is_client_error(),
                "{path} {headers:?}: {answer}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn sec_193_who_sends_no_request_does_not_keep_a_connection() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "limits.header_timeout", "1s");
        Ok(())
    })
    .await?;
    let url = Url::parse(&world.url("contoso", "/"))?;
    let mut stream = world
        .network
        .connect(&url, tests::network::Version::Http1)
        .await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: contoso").await?;
    stream.flush().await?;
    let began = Instant::now();
    let mut answer = Vec::new();
    let closed = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    ensure!(
        closed.is_ok(),
        "the connection is open after {:?}",
        began.elapsed()
    );
    Ok(())
}

/// A ClientHello without `supported_versions`: `version` is the newest that the client speaks.
fn client_hello(version: u8) -> Vec<u8> {
    let sized = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&length[..], bytes].concat()
    };
    let extension = |kind: u8, body: &[u8]| [&[0, kind][..], &sized(body)].concat();
    let extensions = [
        // P-256; uncompressed points; ECDSA and RSA with SHA-256 and SHA-1.
        extension(10, &sized(&[0, 23])),
        extension(11, &[1, 0]),
        extension(13, &sized(&[4, 3, 4, 1, 2, 3, 2, 1])),
    ]
    .concat();
    // Suites of TLS 1.2 first, then those of 1.0 and 1.1; no compression.
    let suites = [
        0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x0a, 0xc0, 0x14, 0, 0x35, 0, 0x2f,
    ];
    let hello = [
        &[3, version][..],
        &[7; 32],
        &[0],
        &sized(&suites),
        &[1, 0],
        &sized(&extensions),
    ]
    .concat();
    let handshake = [&[1, 0][..], &sized(&hello)].concat();
    [&[0x16, 3, 1][..], &sized(&handshake)].concat()
}

/// The first bytes of the answer: a record's type, and of an alert its description.
async fn answer_to_hello(world: &World, version: u8) -> Outcome<(u8, u8)> {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", world.port)).await?;
    stream.write_all(&client_hello(version)).await?;
    let mut record = [0; 7];
    timeout(PATIENCE, stream.read_exact(&mut record)).await??;
    let [kind, .., description] = record;
    Ok((kind, description))
}

#[tokio::test]
async fn sec_110_tls_1_1_is_refused_also_after_a_reload() -> Outcome {
    const ALERT: u8 = 0x15;
    const HANDSHAKE: u8 = 0x16;
    const PROTOCOL_VERSION: u8 = 70;
    let mut world = World::start(Options::default()).await?;
    for round in ["started", "reloaded"] {
        let (kind, _) = answer_to_hello(&world, 3).await?;
        ensure!(
            kind == HANDSHAKE,
            "{round}: TLS 1.2 was answered with {kind}"
        );
        for version in [1, 2] {
            let answer = answer_to_hello(&world, version).await?;
            ensure!(
                answer == (ALERT, PROTOCOL_VERSION),
                "{round}: TLS 1.{} was answered with {answer:?}",
                version - 1
            );
        }
        world.reconfigure(|_| Ok(())).await?;
    }
    Ok(())
}
