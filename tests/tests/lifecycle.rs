//! Starting, stopping, being killed, and what stays.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use idp_mocks::{Endpoint, Misbehaviour, Service};
use tests::browser::Page;
use tests::world::{Options, World};
use tests::{Outcome, ensure, ports};
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";

/// Whether a guest who signs in now is asked for consent.
async fn asked_for_consent(world: &World) -> Outcome<bool> {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", NOTES)).await?;
    let page = world.authenticate(&mut browser, &page, ADA, ADA).await?;
    Ok(page.offers("consent"))
}

async fn operations(world: &World, path: &str) -> Outcome<Page> {
    world
        .browser()
        .fetch("GET", &format!("{}{path}", world.operations), &[], "")
        .await
}

#[tokio::test]
async fn a_kill_forgets_neither_redemption_nor_session() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    world.gateway.kill_and_restart().await?;
    ada.open(&notes).await?.expect(200)?;
    ensure!(
        !asked_for_consent(&world).await?,
        "the redemption is forgotten"
    );
    Ok(())
}

#[tokio::test]
async fn a_session_that_was_ended_stays_ended_after_a_kill() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    let mut thief = ada.clone();
    let page = ada
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    ada.submit(&page, &[]).await?;
    world.gateway.kill_and_restart().await?;
    let answer = world
        .short_of_upstream(thief.fetch("GET", &notes, &[], ""))
        .await?;
    answer.expect_refusal(401, "sign-in-required")
}

#[tokio::test]
async fn a_transfer_that_runs_may_end_when_the_gateway_stops() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let mut ada = world.signed_in(ADA, &world.url("contoso", NOTES)).await?;
    let url = Url::parse(&world.url("contoso", "/sites/projects/Shared/_slow?ms=100&chunks=10"))?;
    let mut body = ada
        .request("GET", &url, &[], Full::new(Bytes::new()))
        .await?
        .into_body();
    ensure!(
        body.frame().await.is_some_and(|frame| frame.is_ok()),
        "nothing comes"
    );
    let (stopped, rest) = tokio::join!(world.gateway.stop(), body.collect());
    stopped?;
    let rest = String::from_utf8(rest?.to_bytes().to_vec())?;
    ensure!(rest.ends_with("chunk 9\n"), "cut off after `{rest}`");
    Ok(())
}

#[tokio::test]
async fn rotating_the_keys_keeps_sessions() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    let keys = async |world: &World| -> Outcome<usize> {
        let jwks = world
            .browser()
            .fetch(
                "GET",
                &world.url("contoso", "/_vestibule/jwks.json"),
                &[],
                "",
            )
            .await?
            .json()?;
        Ok(jwks
            .get("keys")
            .and_then(|keys| keys.as_array())
            .map_or(0, Vec::len))
    };
    let before = keys(&world).await?;
    let rotated = world.gateway.call().run(&["keys", "rotate"]).await?;
    ensure!(
        rotated.status.success(),
        "{}",
        String::from_utf8_lossy(&rotated.stderr)
    );
    world.gateway.stop_and_restart().await?;
    ensure!(
        keys(&world).await? == before + 1,
        "the old key is not published beside the new one"
    );
    ada.open(&notes).await?.expect(200)?;
    world.signed_in(ADA, &notes).await?;
    Ok(())
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_does_not_stop_the_start() -> Outcome {
    let nobody = format!("http://127.0.0.1:{}", ports::free()?);
    let world = World::start_with(Options::default(), |overlay, _| {
        for file in ["providers/work-school.toml", "providers/google.toml"] {
            let key = if file.contains("google") {
                "settings.issuer"
            } else {
                "settings.authority"
            };
            overlay.set(file, key, nobody.clone());
            overlay.set(file, "issuers", vec![toml::Value::from(nobody.clone())]);
        }
        Ok(())
    })
    .await?;
    let readme = world.url("contoso", "/sites/projects/readme.txt");
    let mut gina = world.browser();
    let page = gina.open(&readme).await?;
    let page = gina.submit(&page, &[("address", "gina@gmail.com")]).await?;
    ensure!(
        page.code()
            .is_some_and(|code| code == "provider-unavailable"),
        "{page}"
    );
    let mut pat = world.browser();
    let page = pat.open(&readme).await?;
    let page = world
        .sign_in_by_passcode(&mut pat, &page, "pat@nowhere.example")
        .await?;
    ensure!(
        page.offers("consent"),
        "the others do not work either: {page}"
    );
    Ok(())
}

#[tokio::test]
async fn a_provider_that_recovers_works_again() -> Outcome {
    let world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    world.mocks.misbehave_at(
        Service::EntraWorldwide,
        Misbehaviour::Http500,
        Endpoint::Discovery,
    )?;
    let mut ada = world.browser();
    let page = ada.open(&notes).await?;
    let page = ada.submit(&page, &[("address", ADA)]).await?;
    ensure!(
        page.code()
            .is_some_and(|code| code == "provider-unavailable"),
        "{page}"
    );
    world.mocks.behave(Service::EntraWorldwide);
    world.signed_in(ADA, &notes).await?;
    Ok(())
}

#[tokio::test]
async fn health_and_metrics_are_on_their_own_listener() -> Outcome {
    let world = World::shared().await?;
    for path in ["/healthz", "/readyz"] {
        operations(&world, path).await?.expect(200)?;
    }
    world
        .browser()
        .fetch("GET", &world.url("contoso", NOTES), &[], "")
        .await?;
    let metrics = operations(&world, "/metrics").await?.expect(200)?.text();
    ensure!(
        metrics.contains("vestibule"),
        "no metrics of ours: {metrics}"
    );
    // Not in front of documents.
    for path in ["/metrics", "/healthz", "/readyz"] {
        let answer = world
            .browser()
            .fetch("GET", &world.url("contoso", path), &[], "")
            .await?;
        ensure!(answer.status == 404, "{path} in public: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn sec_192_hosts_and_paths_that_clients_make_up_are_no_labels() -> Outcome {
    let world = World::shared().await?;
    let series = async || -> Outcome<usize> {
        let metrics = operations(&world, "/metrics").await?.text();
        Ok(metrics
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .count())
    };
    let ask = async |number: usize| -> Outcome {
        let url = world.url("contoso", &format!("/made-up-{number}/x"));
        world.browser().fetch("GET", &url, &[], "").await?;
        let head =
            format!("GET / HTTP/1.1\r\nhost: h{number}.example\r\nconnection: close\r\n\r\n");
        world.raw(head.as_bytes()).await?;
        Ok(())
    };
    ask(0).await?;
    let before = series().await?;
    for number in 1..50 {
        ask(number).await?;
    }
    let after = series().await?;
    ensure!(after <= before + 2, "{before} series have become {after}");
    Ok(())
}

#[tokio::test]
async fn sec_202_no_secret_code_or_token_is_in_the_log() -> Outcome {
    let world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    let ada = world.signed_in(ADA, &notes).await?;
    let mut pat = world.browser();
    let page = pat
        .open(&world.url("contoso", "/sites/projects/readme.txt"))
        .await?;
    world
        .sign_in_by_passcode(&mut pat, &page, "pat@nowhere.example")
        .await?;
    let (code, _) = world.passcode("pat@nowhere.example", 0).await?;
    world.browser().open(&world.link("brochure")?).await?;
    let session = ada.session("contoso")?;
    let secret = world
        .mocks
        .urls()
        .clients
        .first()
        .ok_or("no client")?
        .secret
        .clone();
    let log = world.gateway.process().log();
    ensure!(
        log.contains("Request decided") || log.contains("decision"),
        "the log tells nothing: {log}"
    );
    for canary in [
        session.value.as_str(),
        &code,
        &secret,
        "demo-brochure-token-0123456789ab",
    ] {
        ensure!(!log.contains(canary), "`{canary}` is in the log");
    }
    ensure!(
        !log.contains('\u{1b}'),
        "the log colours what no terminal shows"
    );
    Ok(())
}

#[tokio::test]
async fn each_request_is_recorded_once() -> Outcome {
    let world = World::start(Options::default()).await?;
    let page = world
        .browser()
        .fetch("GET", &world.url("contoso", NOTES), &[], "")
        .await?;
    let id = page
        .json()?
        .get("request_id")
        .and_then(|id| id.as_str())
        .ok_or("no request id")?
        .to_owned();
    let lines = async || {
        let log = world.gateway.process().log();
        let count = log
            .lines()
            .filter(|line| line.contains(&id) && line.contains("sign-in-required"))
            .count();
        (count > 0).then_some(count)
    };
    let count = tests::process::eventually("the access event", lines).await?;
    ensure!(count == 1, "{count} events for one request");
    Ok(())
}
