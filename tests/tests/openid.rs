//! The plugin `openid` against oidc-provider: certified software that nobody here wrote.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use tests::browser::{Browser, Page};
use tests::certificates::write_private;
use tests::lateness::Lateness;
use tests::oidc_provider::{CLIENT_ID, CLIENT_SECRET, LogoutBy, OidcProvider};
use tests::overlay::Overlay;
use tests::people::accept;
use tests::process::PATIENCE;
use tests::world::{Options, World};
use tests::{Outcome, ensure, plugins, ports, says};
use tokio::time::timeout;
use url::Url;

const README: &str = "/sites/projects/readme.txt";
const OLGA: &str = "olga@partner.example";
const FILE: &str = "providers/partner.toml";

/// A world with that provider in it, home of `partner.example`, from where Olga is invited.
async fn world() -> Outcome<(World, OidcProvider)> {
    world_with(LogoutBy::Session).await
}

async fn world_with(by: LogoutBy) -> Outcome<(World, OidcProvider)> {
    let port = ports::free()?;
    let callback = format!("https://contoso.localhost:{port}/_vestibule/callback/partner");
    let provider = OidcProvider::start_with(&callback, by).await?;
    let issuer = provider.issuer.clone();
    let options = Options {
        port: Some(port),
        ..Options::default()
    };
    let world = World::start_with(options, |overlay, _| add(overlay, &issuer)).await?;
    Ok((world, provider))
}

fn add(overlay: &mut Overlay, issuer: &str) -> Outcome {
    let folder = overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?
        .to_owned();
    let library = plugins::copy(
        "plugins-openid",
        &folder.join("plugins"),
        "libplugins_openid.so",
    )?;
    let secret = folder.join("partner-secret");
    write_private(&secret, CLIENT_SECRET.as_bytes())?;
    overlay.add(
        FILE,
        &format!(
            "plugin = \"libplugins_openid.so\"\nkind = \"openid\"\nissuers = [\"{issuer}\"]\n\
             domains = [\"partner.example\"]\nhome_domains = [\"partner.example\"]\n\
             [settings]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT_ID}\"\nallow_insecure_loopback = true"
        ),
    )?;
    overlay.set(FILE, "sha256", plugins::sha256(&library)?);
    overlay.set(
        FILE,
        "settings.client_secret.file",
        secret.display().to_string(),
    );
    overlay.add(
        "tenants/contoso.toml",
        &format!(
            "[permissions.olga-readme]\nsite = \"projects\"\nitem = \"{README}\"\nto = \"{OLGA}\"\n\
             role = \"read\"\ncreated_by = \"mia@contoso.example\"\n\
             [permissions.olga-shared]\nsite = \"projects\"\nitem = \"/sites/projects/Shared\"\nto = \"{OLGA}\"\n\
             role = \"read\"\ncreated_by = \"mia@contoso.example\""
        ),
    )
}

/// Types Olga's address at the gateway and `account` at the provider.
async fn sign_in(world: &World, account: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", README)).await?;
    let page = browser.submit(&page, &[("address", OLGA)]).await?;
    let page = browser.submit(&page, &[("account", account)]).await?;
    Ok((browser, page))
}

#[tokio::test]
async fn a_guest_signs_in_at_a_certified_provider() -> Outcome {
    let (world, provider) = world().await?;
    let (mut browser, page) = sign_in(&world, "olga").await?;
    let page = accept(&mut browser, &page).await?.expect(200)?;
    ensure!(page.text().starts_with("Read me"), "read {}", page.text());
    let who = browser
        .fetch("GET", &world.url("contoso", "/_vestibule/whoami"), &[], "")
        .await?
        .json()?;
    ensure!(
        says(&who, "issuer") == provider.issuer && says(&who, "subject") == "olga",
        "{who}"
    );
    ensure!(
        says(&who, "address") == OLGA && says(&who, "proof") == "provider-verified",
        "{who}"
    );
    Ok(())
}

#[tokio::test]
async fn an_address_counts_only_where_it_is_verified_and_the_providers_to_prove() -> Outcome {
    let (world, _provider) = world().await?;
    for account in ["unverified", "stranger"] {
        let (mut browser, page) = world.short_of_upstream(sign_in(&world, account)).await?;
        ensure!(page.status == 403, "{account}: {page}");
        let readme = world.url("contoso", README);
        let answer = world
            .short_of_upstream(browser.fetch("GET", &readme, &[], ""))
            .await?;
        ensure!(
            answer.status == 401,
            "{account} was refused, and then {answer}"
        );
    }
    Ok(())
}

/// A guest who is let in; the first time with consent.
async fn olga(world: &World) -> Outcome<Browser> {
    let (mut browser, page) = sign_in(world, "olga").await?;
    if page.offers("consent") {
        accept(&mut browser, &page).await?.expect(200)?;
    }
    Ok(browser)
}

/// A stream that never ends by itself, of which something has arrived.
async fn stream(world: &World, browser: &mut Browser) -> Outcome<Incoming> {
    let url = Url::parse(&world.url("contoso", "/sites/projects/Shared/_sse"))?;
    let answer = browser
        .request("GET", &url, &[], Empty::<Bytes>::new())
        .await?;
    ensure!(answer.status() == 200, "the stream: {}", answer.status());
    let mut events = answer.into_body();
    let first = events.frame().await;
    ensure!(first.is_some_and(|frame| frame.is_ok()), "nothing arrives");
    Ok(events)
}

async fn ends_within_a_second(mut events: Incoming) -> Outcome {
    let ended = async { while let Some(Ok(_)) = events.frame().await {} };
    let (machine, told) = (Lateness::watch(), Instant::now());
    let ended = timeout(PATIENCE, ended).await;
    ended.map_err(|_| "the stream goes on after the logout")?;
    let took = told.elapsed();
    ensure!(
        took < machine.allow(Duration::from_secs(1)),
        "the stream went on: {took:?}"
    );
    Ok(())
}

/// Signs out at the provider itself, as from its own pages.
async fn sign_out_there(browser: &mut Browser, provider: &OidcProvider) -> Outcome {
    let page = browser
        .open(&format!("{}/session/end", provider.issuer))
        .await?;
    browser.submit(&page, &[("logout", "yes")]).await?;
    Ok(())
}

#[tokio::test]
async fn signing_out_here_signs_out_there_and_comes_back() -> Outcome {
    let (world, provider) = world().await?;
    let mut browser = olga(&world).await?;
    let page = browser
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    let at_provider = browser.submit(&page, &[]).await?;
    ensure!(
        at_provider.url.as_str().starts_with(&provider.issuer),
        "not at the provider: {at_provider}"
    );
    // Whatever is answered there.
    world.is_nobody(&mut browser).await?;
    let back = browser.submit(&at_provider, &[("logout", "yes")]).await?;
    let here = world.url("contoso", "/_vestibule/sign-out?state=");
    ensure!(back.url.as_str().starts_with(&here), "not back: {back}");
    ensure!(back.text().contains("so has the one"), "{}", back.text());
    // The provider asks for the account again.
    let page = browser.open(&world.url("contoso", README)).await?;
    let page = browser.submit(&page, &[("address", OLGA)]).await?;
    ensure!(page.offers("account"), "still known there: {page}");
    Ok(())
}

#[tokio::test]
async fn sec_067_signing_out_there_ends_its_sessions_and_streams_here_within_a_second() -> Outcome {
    let (world, provider) = world().await?;
    let mut here = olga(&world).await?;
    let mut elsewhere = olga(&world).await?;
    let events = stream(&world, &mut here).await?;
    sign_out_there(&mut here, &provider).await?;
    ends_within_a_second(events).await?;
    world.is_nobody(&mut here).await?;
    // Another session at the provider: not the one that ended.
    let readme = world.url("contoso", README);
    elsewhere
        .fetch("GET", &readme, &[], "")
        .await?
        .expect(200)?;
    // And a new one is not ended by what ended the old.
    let mut again = olga(&world).await?;
    again.fetch("GET", &readme, &[], "").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn sec_066_a_logout_token_without_session_ends_all_of_the_subject() -> Outcome {
    let (world, provider) = world_with(LogoutBy::Subject).await?;
    let mut here = olga(&world).await?;
    let mut elsewhere = olga(&world).await?;
    let events = stream(&world, &mut elsewhere).await?;
    sign_out_there(&mut here, &provider).await?;
    ends_within_a_second(events).await?;
    world.is_nobody(&mut here).await?;
    world.is_nobody(&mut elsewhere).await
}
