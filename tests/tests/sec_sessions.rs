//! Rows of the security list about sessions, cookies and forged requests.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Empty};
use tests::browser::cookies::SameSite;
use tests::browser::{Browser, Page};
use tests::lateness::Lateness;
use tests::people::SESSION;
use tests::process::PATIENCE;
use tests::world::{Options, World};
use tests::{Outcome, ensure};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const HOST: &str = "contoso.localhost";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const PROGRAM: &[(&str, &str)] = &[("accept", "application/json")];

async fn ada(world: &World) -> Outcome<Browser> {
    world.signed_in(ADA, &world.url("contoso", NOTES)).await
}

async fn at_provider(world: &World, browser: &mut Browser) -> Outcome<Page> {
    world
        .begin(browser, &world.url("contoso", NOTES), ADA)
        .await
}

#[tokio::test]
async fn sec_050_a_callback_without_this_browsers_attempt_is_refused() -> Outcome {
    let world = World::shared().await?;
    let mut victim = world.browser();
    let page = at_provider(&world, &mut victim).await?;
    let state = page
        .form(&[])?
        .value("state")
        .unwrap_or_default()
        .to_owned();
    ensure!(!state.is_empty(), "the provider was told no state");
    for (state, code) in [
        (state.as_str(), "attempt-other-browser"),
        ("", "bad-request"),
        ("x", "attempt-unknown"),
    ] {
        let callback = world.url(
            "contoso",
            &format!("/_vestibule/callback/work-school?code=x&state={state}"),
        );
        let mut thief = world.browser();
        let page = world.short_of_upstream(thief.open(&callback)).await?;
        ensure!(
            page.status == 400,
            "`{state}`: expected 400 ({code}), found {page}"
        );
        world.is_nobody(&mut thief).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_051_forms_are_taken_from_our_own_pages_only() -> Outcome {
    let world = World::shared().await?;
    let url = world.url("contoso", "/_vestibule/sign-in");
    let origin = world.url("contoso", "");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = "address=ada%40fabrikam.example&return_to=%2F";
    for headers in [
        vec![
            form,
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        vec![form, ("origin", "https://evil.example")],
        vec![form, ("sec-fetch-site", "cross-site")],
        vec![
            form,
            ("sec-fetch-site", "same-site"),
            ("origin", origin.as_str()),
        ],
        vec![form, ("origin", "null")],
        vec![form],
    ] {
        let answer = world.browser().fetch("POST", &url, &headers, body).await?;
        ensure!(answer.status == 403, "{headers:?}: {answer}");
    }
    let answer = world
        .browser()
        .fetch("GET", &format!("{url}?{body}"), PROGRAM, "")
        .await?;
    ensure!(
        answer.headers.get("set-cookie").is_none() && answer.header("location").is_none(),
        "a GET begins a sign-in"
    );
    Ok(())
}

#[tokio::test]
async fn sec_052_signing_in_again_ends_the_session_before() -> Outcome {
    let world = World::shared().await?;
    let mut browser = ada(&world).await?;
    let before = browser.session("contoso")?.clone();
    let page = browser
        .open(&world.url("contoso", &format!("/_vestibule/sign-in?return_to={NOTES}")))
        .await?;
    world.sign_in(&mut browser, &page, ADA).await?.expect(200)?;
    let after = browser.session("contoso")?;
    ensure!(after.value != before.value, "the cookie is the same");
    let mut thief = world.browser();
    thief.jar.plant(before);
    world.is_nobody(&mut thief).await
}

#[tokio::test]
async fn sec_054_no_made_up_cookie_is_anybodys() -> Outcome {
    let world = World::shared().await?;
    let url = world.url("contoso", NOTES);
    let real = ada(&world).await?.session("contoso")?.value.clone();
    let mut thief = world.browser();
    for number in 0..200_usize {
        let mut value = real.clone();
        let at = number * 7 % value.len();
        let other = if value.get(at..=at) == Some("A") {
            "B"
        } else {
            "A"
        };
        value.replace_range(at..=at, other);
        let line = format!("{SESSION}={value}");
        let headers = [("accept", "application/json"), ("cookie", line.as_str())];
        let answer = thief.fetch("GET", &url, &headers, "").await?;
        // The last character may hold bits that mean nothing.
        ensure!(
            answer.status == 401 || at + 1 == value.len(),
            "position {at}: {answer}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_058_cookies_past_16_kib_are_refused() -> Outcome {
    let world = World::shared().await?;
    let url = world.url("contoso", NOTES);
    let long = format!("a={}", "x".repeat(17 * 1024));
    let headers = [("accept", "application/json"), ("cookie", long.as_str())];
    let answer = world
        .short_of_upstream(world.browser().fetch("GET", &url, &headers, ""))
        .await?;
    ensure!(answer.status == 431, "{answer}");
    Ok(())
}

#[tokio::test]
async fn sec_059_odd_cookie_headers_are_harmless() -> Outcome {
    let world = World::shared().await?;
    let url = world.url("contoso", NOTES);
    for line in [
        ";;;=;",
        "=",
        ";",
        "__Host-vestibule",
        "__Host-vestibule=",
        "=__Host-vestibule",
        "a=b;;c",
        "\"",
        "a=\"b;c\"",
    ] {
        let headers = [("accept", "application/json"), ("cookie", line)];
        let answer = world
            .short_of_upstream(world.browser().fetch("GET", &url, &headers, ""))
            .await?;
        answer.expect_refusal(401, "sign-in-required")?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_067_signing_out_ends_streams_that_are_open() -> Outcome {
    let world = World::shared().await?;
    let mut browser = ada(&world).await?;
    let url = Url::parse(&world.url("contoso", "/sites/projects/Shared/_sse"))?;
    let mut events = browser
        .request("GET", &url, PROGRAM, Empty::<Bytes>::new())
        .await?
        .into_body();
    ensure!(
        events.frame().await.is_some_and(|frame| frame.is_ok()),
        "no event arrives"
    );
    let mut socket = world
        .websocket(
            Some(&browser),
            &world.url("contoso", "/sites/projects/Shared/_ws"),
        )
        .await?;
    socket.send(Message::text("still there?")).await?;
    ensure!(
        socket.next().await.is_some_and(|said| said.is_ok()),
        "no answer on the WebSocket"
    );

    let page = browser
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    browser.submit(&page, &[]).await?;
    world.is_nobody(&mut browser).await?;

    let ended = async {
        while let Some(Ok(_)) = events.frame().await {}
        while let Some(Ok(_)) = socket.next().await {}
    };
    let (machine, out) = (Lateness::watch(), Instant::now());
    timeout(PATIENCE, ended)
        .await
        .map_err(|_| "a stream goes on after signing out")?;
    let took = out.elapsed();
    ensure!(
        took < machine.allow(Duration::from_secs(5)),
        "a stream went on: {took:?}"
    );
    Ok(())
}

#[tokio::test]
async fn sec_069_requests_that_stray_in_leave_no_cookies() -> Outcome {
    let world = World::shared().await?;
    let mut browser = world.browser();
    for _ in 0..100 {
        browser
            .open(&world.url("contoso", NOTES))
            .await?
            .expect(200)?;
    }
    ensure!(
        browser.jar.of(HOST).count() == 0,
        "cookies: {:?}",
        browser.jar
    );
    // Sign-ins that were begun share one.
    for _ in 0..20 {
        at_provider(&world, &mut browser).await?;
    }
    ensure!(
        browser.jar.of(HOST).count() == 1,
        "cookies: {:?}",
        browser.jar
    );
    Ok(())
}

#[tokio::test]
async fn sec_069_the_oldest_attempt_gives_way() -> Outcome {
    let world = World::shared().await?;
    let mut browser = world.browser();
    let first = at_provider(&world, &mut browser).await?;
    for _ in 0..16 {
        at_provider(&world, &mut browser).await?;
    }
    let page = world.pick_account(&mut browser, &first, ADA).await?;
    page.expect_refusal(400, "attempt-unknown")
}

#[tokio::test]
async fn sec_070_cookies_are_bound_to_the_host() -> Outcome {
    let world = World::shared().await?;
    let browser = ada(&world).await?;
    ensure!(
        browser.jar.refused().is_empty(),
        "a browser would refuse {:?}",
        browser.jar.refused()
    );
    for cookie in browser.jar.of(HOST) {
        ensure!(
            cookie.name.starts_with("__Host-") && cookie.secure && cookie.http_only,
            "{cookie:?}"
        );
    }
    let session = browser.session("contoso")?;
    ensure!(session.same_site == SameSite::Lax, "{session:?}");
    ensure!(
        session.value.len() < 1024,
        "the session cookie has {} bytes",
        session.value.len()
    );
    Ok(())
}

#[tokio::test]
async fn sec_085_pages_run_nothing_and_sit_in_no_frame() -> Outcome {
    let world = World::shared().await?;
    let evil = "/_vestibule/sign-in?return_to=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        evil,
        "/_vestibule/sign-out",
        "/nothing",
        "/_vestibule/s/nothing-of-the-kind",
    ] {
        let page = world.browser().open(&world.url("contoso", path)).await?;
        let policy = page.header("content-security-policy").unwrap_or_default();
        ensure!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: `{policy}`"
        );
        ensure!(!policy.contains("unsafe"), "{path}: {policy}");
        ensure!(
            !page.text().contains("<script"),
            "{path} runs something: {}",
            page.text()
        );
    }
    Ok(())
}

#[tokio::test]
async fn sec_178_a_permission_that_was_taken_back_ends_the_next_range() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let letter = world.url("contoso", "/personal/mia/Documents/letter.txt");
    let mut browser = world.signed_in(ADA, &letter).await?;
    let range = [("accept", "*/*"), ("range", "bytes=0-3")];
    browser
        .fetch("GET", &letter, &range, "")
        .await?
        .expect(206)?;
    world
        .reconfigure(|overlay| {
            overlay.set(
                "tenants/contoso.toml",
                "permissions.ada-letter.expires",
                "2026-01-01T00:00:00Z",
            );
            Ok(())
        })
        .await?;
    let answer = world
        .short_of_upstream(browser.fetch("GET", &letter, &range, ""))
        .await?;
    answer.expect_refusal(403, "permission-expired")
}
