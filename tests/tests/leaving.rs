//! Leaving: here and at the provider. What the provider says, by whichever channel, ends sessions and open transfers here;
//! what anybody else says does not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use idp_mocks::{Logout, LogoutFault};
use tests::browser::{Browser, Page};
use tests::lateness::Lateness;
use tests::process::PATIENCE;
use tests::world::World;
use tests::{Outcome, ensure};
use tokio::time::timeout;
use url::Url;

const ADA: &str = "ada@fabrikam.example";
const MIA: &str = "mia@contoso.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const README: &str = "/sites/projects/readme.txt";
const LOGOUT: &str = "/_vestibule/logout/work-school";
const SECOND: Duration = Duration::from_secs(1);

/// Somebody who is signed in, and stays so for now: what was said about them a moment ago, in an earlier test, holds for
/// sessions that began in the same second.
async fn signed_in(world: &World, address: &str, tenant: &str, path: &str) -> Outcome<Browser> {
    let begun = Instant::now();
    loop {
        let url = world.url(tenant, path);
        let mut browser = world.browser();
        let page = browser.open(&url).await?;
        world.sign_in(&mut browser, &page, address).await?;
        let there = browser.fetch("GET", &url, &[], "").await?;
        if there.status == 200 {
            return Ok(browser);
        }
        ensure!(begun.elapsed() < PATIENCE, "{address}: {there}");
    }
}

async fn ada(world: &World) -> Outcome<Browser> {
    signed_in(world, ADA, "contoso", NOTES).await
}

/// What the provider signs about somebody.
async fn token(world: &World, wish: Logout) -> Outcome<String> {
    let told = world.mocks.logout(&wish).await?;
    told.logout_token.ok_or_else(|| "no token".into())
}

fn about(person: &str) -> Logout {
    Logout {
        person: person.to_owned(),
        ..Logout::default()
    }
}

/// As a machine posts it, without any cookie.
async fn post(world: &World, token: &str) -> Outcome<Page> {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("logout_token={token}");
    let url = world.url("contoso", LOGOUT);
    world.browser().fetch("POST", &url, &form, body).await
}

async fn reads(world: &World, browser: &mut Browser, status: u16) -> Outcome {
    let url = world.url("contoso", NOTES);
    let answer = browser
        .fetch("GET", &url, &[("accept", "application/json")], "")
        .await?;
    answer.expect(status)?;
    Ok(())
}

/// A transfer that is far from over, of which something has arrived.
async fn transfer(world: &World, browser: &mut Browser, path: &str) -> Outcome<Incoming> {
    let url = Url::parse(&world.url("contoso", &format!("/sites/projects/Shared/{path}")))?;
    let body = Empty::<Bytes>::new();
    let answer = browser.request("GET", &url, &[], body).await?;
    ensure!(answer.status() == 200, "{path}: {}", answer.status());
    let mut body = answer.into_body();
    let first = body.frame().await;
    ensure!(first.is_some_and(|frame| frame.is_ok()), "nothing arrives");
    Ok(body)
}

/// Reads until it ends or breaks; the number of bytes.
async fn rest(mut body: Incoming) -> u64 {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    bytes
}

#[tokio::test]
async fn sec_067_a_logout_token_cuts_open_transfers_within_a_second() -> Outcome {
    let world = World::shared().await?;
    let mut ada = ada(&world).await?;
    let gibibyte = 1 << 30;
    let download = transfer(&world, &mut ada, &format!("_large?bytes={gibibyte}")).await?;
    let events = transfer(&world, &mut ada, "_sse").await?;
    let token = token(&world, about(ADA)).await?;
    let machine = Lateness::watch();
    let answer = post(&world, &token).await?.expect(200)?;
    let told = Instant::now();
    ensure!(answer.body.is_empty(), "{answer}");
    ensure!(
        answer.header("cache-control") == Some("no-store"),
        "{answer}"
    );
    let ends = async { (rest(download).await, rest(events).await) };
    let ended = timeout(PATIENCE, ends).await;
    let (downloaded, _) = ended.map_err(|_| "a transfer goes on after the logout")?;
    let took = told.elapsed();
    ensure!(took < machine.allow(SECOND), "a transfer went on: {took:?}");
    ensure!(downloaded < gibibyte - 1, "all of it came down");
    world.is_nobody(&mut ada).await?;
    reads(&world, &mut ada, 401).await
}

#[tokio::test]
async fn sec_065_no_bad_logout_token_ends_anything() -> Outcome {
    let world = World::shared().await?;
    let mut ada = ada(&world).await?;
    let of_any_token = [
        "missing-issuer",
        "issuer-of-another-cloud",
        "tid-no-guid",
        "missing-audience",
        "party-of-another",
        "missing-issued-at",
        "empty-subject",
        "doubled-claim",
        "hs256-client-secret",
        "embedded-key",
        "key-set-in-header",
        "critical-header",
        "compressed",
        "encrypted",
        "two-segments",
        "oversized",
        "many-dots",
        "fresh-kid",
        "wrong-issuer",
        "wrong-audience",
    ];
    let of_this_kind = LogoutFault::ALL.iter().map(|fault| fault.name());
    // These are read as providers older than the final text mean them; and of the last one, the first is good.
    let good = ["plain-type", "no-type", "same-id"];
    let bad = of_this_kind.filter(|name| !good.contains(name));
    for name in bad.chain(of_any_token) {
        let wish = Logout {
            spoil: vec![name.to_owned()],
            ..about(ADA)
        };
        let answer = post(&world, &token(&world, wish).await?).await?;
        ensure!(answer.status == 400, "{name}: {answer}");
        let no_store = answer.header("cache-control") == Some("no-store");
        ensure!(no_store, "{name}: {answer}");
        reads(&world, &mut ada, 200).await?;
    }
    for token in ["", "x", "a.b.c"] {
        post(&world, token).await?.expect(400)?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_107_a_logout_token_counts_once() -> Outcome {
    let world = World::shared().await?;
    let mut before = ada(&world).await?;
    let token = token(&world, about(ADA)).await?;
    post(&world, &token).await?.expect(200)?;
    world.is_nobody(&mut before).await?;
    let mut after = ada(&world).await?;
    post(&world, &token)
        .await?
        .expect_refusal(400, "assertion-replayed")?;
    reads(&world, &mut after, 200).await
}

#[tokio::test]
async fn sec_066_without_a_session_all_of_the_person_end_at_every_tenant() -> Outcome {
    let world = World::shared().await?;
    let mut here = ada(&world).await?;
    let mut there = signed_in(&world, ADA, "woodgrove", README).await?;
    let mut mia = signed_in(&world, MIA, "contoso", README).await?;
    let of = |person: &str| Logout {
        without_sid: true,
        ..about(person)
    };
    post(&world, &token(&world, of(ADA)).await?)
        .await?
        .expect(200)?;
    world.is_nobody(&mut here).await?;
    let readme = world.url("woodgrove", README);
    let program = [("accept", "application/json")];
    there
        .fetch("GET", &readme, &program, "")
        .await?
        .expect(401)?;
    let who = world.url("contoso", "/_vestibule/whoami");
    mia.fetch("GET", &who, &program, "").await?.expect(200)?;
    // Members too.
    post(&world, &token(&world, of(MIA)).await?)
        .await?
        .expect(200)?;
    world.is_nobody(&mut mia).await
}

#[tokio::test]
async fn the_front_channel_ends_the_session_it_names() -> Outcome {
    let world = World::shared().await?;
    let mut ada = ada(&world).await?;
    let address = async |spoil: &[&str]| {
        let wish = Logout {
            front_channel: true,
            spoil: spoil.iter().map(|name| (*name).to_owned()).collect(),
            ..about(ADA)
        };
        let told = world.mocks.logout(&wish).await?;
        let address = Url::parse(&told.url.ok_or("no address")?)?;
        let query = address.query().unwrap_or_default();
        Outcome::Ok(world.url("contoso", &format!("{LOGOUT}?{query}")))
    };
    // In a frame: another browser context, without cookies.
    let frame = async |url: &str| world.browser().fetch("GET", url, &[], "").await;
    let foreign = address(&["wrong-issuer"]).await?;
    frame(&foreign).await?.expect(400)?;
    let good = address(&[]).await?;
    let (cut, _) = good.split_once("&sid=").ok_or("no sid")?;
    frame(cut).await?.expect(400)?;
    frame(&format!("{cut}&sid=invented")).await?.expect(200)?;
    reads(&world, &mut ada, 200).await?;
    for _ in 0..2 {
        let answer = frame(&good).await?.expect(200)?;
        ensure!(answer.header("x-frame-options").is_none(), "{answer}");
        ensure!(
            answer.header("cache-control") == Some("no-store"),
            "{answer}"
        );
        world.is_nobody(&mut ada).await?;
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_here_leads_over_the_provider_and_back() -> Outcome {
    let world = World::shared().await?;
    let mut ada = ada(&world).await?;
    let page = ada
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    let back = ada.submit(&page, &[]).await?.expect(200)?;
    let there = world.mocks.urls().entra_worldwide.origin.clone();
    ensure!(
        back.via.iter().any(|url| url.as_str().starts_with(&there)),
        "not over the provider: {back}"
    );
    let here = world.url("contoso", "/_vestibule/sign-out?state=");
    ensure!(back.url.as_str().starts_with(&here), "not back: {back}");
    ensure!(back.text().contains("so has the one"), "{}", back.text());
    world.is_nobody(&mut ada).await
}
