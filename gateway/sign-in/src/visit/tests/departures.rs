//! Signing out.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use plugins_sdk::message::Event;
use url::Url;

use super::browser::{Browser, Seen};
use super::scripted::{CONTOSO, issuer};
use super::world::{World, provider_id};
use crate::Endpoint;

/// A member whom the script lets leave in a way of its own.
async fn member<'w>(world: &'w World, who: &str) -> Browser<'w> {
    let mut browser = Browser::new(world);
    browser
        .sign_in_as("mia@contoso.example", "work-school", who)
        .await
        .expect(303, "signed-in");
    browser
}

async fn sign_out(browser: &mut Browser<'_>) -> Seen {
    browser.post(Endpoint::SignOut, &[]).await
}

#[tokio::test]
async fn signing_out_asks_first_and_kills_the_session() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    let stolen = browser.cookies.clone();
    let asked = browser
        .get(Endpoint::SignOut, "")
        .await
        .expect(200, "sign-out-asked");
    assert!(asked.body.contains("mia@contoso.example") && asked.body.contains("method=\"post\""));
    assert!(
        asked.body.contains("The work-school provider"),
        "{}",
        asked.body
    );
    let policy = &asked.answer.response.headers()[header::CONTENT_SECURITY_POLICY];
    // With the directive Chromium would stop the way to the provider, which answers the form.
    assert!(
        !policy.to_str().unwrap().contains("form-action"),
        "{policy:?}"
    );
    assert!(browser.session().is_some(), "a link signs nobody out");
    sign_out(&mut browser).await.expect(303, "signed-out");
    assert!(browser.cookies.is_empty());
    browser.cookies = stolen;
    assert!(
        browser.session().is_none(),
        "a copy of the cookie is dead too"
    );
}

#[tokio::test]
async fn the_provider_is_told_who_leaves_and_where_to_send_them() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    let seen = sign_out(&mut browser).await.expect(303, "signed-out");
    assert_eq!(seen.answer.outcome.person.unwrap().subject, "oid-mia");
    let url = Url::parse(&seen.location.unwrap()).unwrap();
    assert_eq!(url.host_str(), Some("login.worldwide.example"));
    let told = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    assert_eq!(told("iss"), issuer("worldwide", CONTOSO));
    assert_eq!(told("tid"), CONTOSO);
    assert_eq!(told("sub"), "oid-mia");
    assert_eq!(told("sid"), "sid-mia");
    assert_eq!(told("hint"), "hint mia");
    assert_eq!(
        told("return"),
        "https://contoso.localhost:8443/_vestibule/sign-out"
    );
    assert_eq!(told("state").len(), 22);
    let back = format!("state={}", told("state"));
    let back = browser.get(Endpoint::SignOut, &back).await;
    let back = back.expect(200, "signed-out");
    assert!(back.body.contains("so has the one"), "{}", back.body);
}

#[tokio::test]
async fn a_provider_may_want_a_form_posted() {
    let world = World::new().await;
    let mut browser = member(&world, "out-post").await;
    let seen = sign_out(&mut browser).await.expect(200, "signed-out");
    assert!(browser.cookies.is_empty());
    for part in [
        "action=\"https://login.worldwide.example/logout\"",
        "name=\"SAMLRequest\" value=\"signed\"",
        "has ended",
    ] {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
}

#[tokio::test]
async fn sec_109_a_provider_that_fails_is_told_of_and_the_session_is_dead_all_the_same() {
    let world = World::new().await;
    // The slow one last: it stops the clock.
    for who in ["out-fail", "out-http", "out-slow"] {
        let mut browser = member(&world, who).await;
        let stolen = browser.cookies.clone();
        let begun = tokio::time::Instant::now();
        let seen = sign_out(&mut browser).await.expect(200, "signed-out");
        assert!(begun.elapsed() < Duration::from_secs(10), "{who}");
        assert!(seen.body.contains("may go on"), "{who}: {}", seen.body);
        assert!(seen.body.contains("The work-school provider"), "{who}");
        assert!(browser.cookies.is_empty(), "{who}");
        browser.cookies = stolen;
        assert!(browser.session().is_none(), "{who}");
    }
}

#[tokio::test]
async fn a_provider_without_sign_out_is_named() {
    let world = World::new().await;
    let mut ada = Browser::new(&world);
    ada.let_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let seen = sign_out(&mut ada).await.expect(200, "signed-out");
    assert!(seen.body.contains("may go on"), "{}", seen.body);
}

#[tokio::test]
async fn a_provider_that_is_gone_is_not_asked() {
    let world = World::new().await;
    let browser = member(&world, "mia").await;
    let session = browser.session().unwrap();
    let world = world
        .restarted(|configuration| {
            configuration.providers.remove(&provider_id("work-school"));
        })
        .await;
    let mut visit = Browser::new(&world).posting(Endpoint::SignOut, &[]);
    visit.session = Some(session);
    let seen = Browser::new(&world).send(visit).await;
    let seen = seen.expect(200, "signed-out");
    assert!(seen.body.contains("may go on"), "{}", seen.body);
    assert_eq!(world.providers["work-school"].count("sign_out"), 0);
}

#[tokio::test]
async fn who_came_by_passcode_has_no_other_session_to_end() {
    let world = World::new().await;
    let mut pat = Browser::new(&world);
    let attempt = pat.ask_code("pat@nowhere.example").await;
    let asked = pat.enter_code(&attempt, "12345678").await;
    let attempt = asked.attempt();
    let accept = [("attempt", attempt.as_str()), ("consent", "accept")];
    pat.post(Endpoint::SignIn, &accept)
        .await
        .expect(303, "signed-in");
    let stolen = pat.cookies.clone();
    let asked = pat.get(Endpoint::SignOut, "").await;
    assert!(!asked.body.contains("provider"), "{}", asked.body);
    let policy = &asked.answer.response.headers()[header::CONTENT_SECURITY_POLICY];
    assert!(policy.to_str().unwrap().contains("form-action 'self'"));
    let seen = sign_out(&mut pat).await.expect(200, "signed-out");
    assert!(!seen.body.contains("may go on"), "{}", seen.body);
    assert_eq!(world.providers["passcode"].count("sign_out"), 0);
    pat.cookies = stolen;
    assert!(pat.session().is_none());
}

#[tokio::test]
async fn signing_out_again_says_the_same_and_asks_nobody() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    sign_out(&mut browser).await.expect(303, "signed-out");
    sign_out(&mut browser).await.expect(200, "signed-out");
    assert_eq!(world.providers["work-school"].count("sign_out"), 1);
    browser
        .get(Endpoint::SignOut, "")
        .await
        .expect(200, "signed-out");
}

#[tokio::test]
async fn only_who_has_no_session_is_told_that_it_is_over() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    browser
        .get(Endpoint::SignOut, "state=AAAAAAAAAAAAAAAAAAAAAA")
        .await
        .expect(200, "sign-out-asked");
    let mut stranger = Browser::new(&world);
    for query in [
        "",
        "state=x",
        "state=a&state=b",
        "return=https://evil.example",
    ] {
        let seen = stranger.get(Endpoint::SignOut, query).await;
        let seen = seen.expect(200, "signed-out");
        assert!(!seen.body.contains("so has the one"), "{query}");
        assert!(
            seen.location.is_none() && !seen.body.contains("evil"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn sec_109_a_store_that_fails_is_told_of_and_the_browser_forgets() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    let visit = browser.posting(Endpoint::SignOut, &[]);
    world.directory.store().close().await;
    browser.send(visit).await.expect(503, "unavailable");
    assert!(browser.cookies.is_empty());
    let seen = world.providers["work-school"].seen.lock().unwrap();
    let told = seen
        .iter()
        .any(|event| matches!(event, Event::SignOut { .. }));
    assert!(!told, "first here, then there");
}

#[tokio::test]
async fn sec_051_nobody_is_signed_out_by_another_site() {
    let world = World::new().await;
    let mut browser = member(&world, "mia").await;
    let mut visit = browser.posting(Endpoint::SignOut, &[]);
    visit.headers.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static("cross-site"),
    );
    browser.send(visit).await.expect(403, "cross-site-request");
    let mut visit = browser.visit(Endpoint::SignOut, Method::POST);
    visit.headers.remove("sec-fetch-site");
    browser.send(visit).await.expect(403, "cross-site-request");
    assert!(browser.session().is_some());
}
