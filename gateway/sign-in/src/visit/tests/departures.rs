//! Signing out, and what providers ask for by themselves.

use http::{HeaderName, HeaderValue, Method};

use super::browser::{Browser, with_form};
use super::scripted::{CONTOSO, FABRIKAM, issuer};
use super::world::{World, provider_id};
use crate::session::COOKIE;
use crate::{Answer, Endpoint};

fn logout() -> Endpoint {
    Endpoint::Logout(provider_id("work-school"))
}

#[tokio::test]
async fn signing_out_asks_first_and_kills_the_session() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let stolen = browser.cookies.clone();
    let asked = browser
        .get(Endpoint::SignOut, "")
        .await
        .expect(200, "sign-out-asked");
    assert!(asked.body.contains("mia@contoso.example") && asked.body.contains("method=\"post\""));
    assert!(browser.session().is_some(), "a link signs nobody out");
    browser
        .post(Endpoint::SignOut, &[])
        .await
        .expect(200, "signed-out");
    assert!(browser.cookies.is_empty());
    browser.cookies = stolen;
    assert!(
        browser.session().is_none(),
        "a copy of the cookie is dead too"
    );
}

#[tokio::test]
async fn sec_051_nobody_is_signed_out_by_another_site() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let mut visit = browser.posting(Endpoint::SignOut, &[]);
    visit.headers.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static("cross-site"),
    );
    browser.send(visit).await.expect(403, "cross-site-request");
    assert!(browser.session().is_some());
}

async fn ask(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> (u16, &'static str) {
    let visit = with_form(browser.visit(logout(), Method::POST), fields);
    let seen = browser.send(visit).await;
    (seen.status, seen.code)
}

#[tokio::test]
async fn sec_066_a_provider_ends_all_sessions_of_a_subject() {
    let world = World::new().await;
    let mut one = Browser::new(&world);
    one.let_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut two = Browser::new(&world);
    two.sign_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut bob = Browser::new(&world);
    bob.let_in_as("bob@fabrikam.example", "work-school", "bob")
        .await
        .expect(303, "signed-in");
    let mut machine = Browser::new(&world);
    let iss = issuer("worldwide", FABRIKAM);
    let asked = ask(
        &mut machine,
        &[("iss", &iss), ("sub", "oid-ada"), ("jti", "1")],
    )
    .await;
    assert_eq!(asked, (200, "sessions-ended"));
    assert!(one.session().is_none() && two.session().is_none());
    assert!(bob.session().is_some());
}

#[tokio::test]
async fn a_provider_ends_a_members_sessions_too() {
    let world = World::new().await;
    let mut mia = Browser::new(&world);
    mia.sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let mut machine = Browser::new(&world);
    let iss = issuer("worldwide", CONTOSO);
    assert_eq!(
        ask(&mut machine, &[("iss", &iss), ("sub", "oid-mia")]).await,
        (200, "sessions-ended")
    );
    assert!(mia.session().is_none());
}

#[tokio::test]
async fn a_provider_ends_the_sessions_of_one_of_its_own() {
    let world = World::new().await;
    let mut ada = Browser::new(&world);
    ada.let_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut machine = Browser::new(&world);
    machine
        .get(logout(), "sid=sid-bob")
        .await
        .expect(200, "sessions-ended");
    assert!(ada.session().is_some());
    machine
        .get(logout(), "sid=sid-ada")
        .await
        .expect(200, "sessions-ended");
    assert!(ada.session().is_none());
}

#[tokio::test]
async fn sec_065_what_the_provider_rejects_or_repeats_ends_nothing() {
    let world = World::new().await;
    let mut ada = Browser::new(&world);
    ada.let_in_as("ada@fabrikam.example", "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let mut machine = Browser::new(&world);
    assert_eq!(
        ask(&mut machine, &[("logout_token", "unsigned")]).await,
        (400, "bad-request")
    );
    let iss = issuer("worldwide", FABRIKAM);
    let fields = [("iss", iss.as_str()), ("sub", "oid-bob"), ("jti", "2")];
    assert_eq!(ask(&mut machine, &fields).await, (200, "sessions-ended"));
    assert_eq!(
        ask(&mut machine, &fields).await,
        (400, "assertion-replayed")
    );
    assert!(ada.session().is_some());
    assert!(ada.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn metadata_is_what_the_provider_says_and_runs_nothing() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let seen = browser
        .get(Endpoint::Metadata(provider_id("work-school")), "")
        .await
        .expect(200, "metadata");
    assert_eq!(seen.body, "<metadata/>");
    let Answer { response, .. } = seen.answer;
    assert_eq!(response.headers()["content-type"], "application/xml");
    assert!(
        response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    browser
        .get(Endpoint::Metadata(provider_id("passcode")), "")
        .await
        .expect(404, "not-found");
}

#[tokio::test]
async fn strangers_do_not_keep_a_provider_busy() {
    let world = World::changed(|configuration| {
        configuration.gateway.limits.attempts_per_prefix = 3;
    })
    .await;
    let provider = || Endpoint::Metadata(provider_id("work-school"));
    let mut stranger = Browser::new(&world);
    for _ in 0..3 {
        stranger.get(provider(), "").await.expect(200, "metadata");
    }
    stranger
        .get(provider(), "")
        .await
        .expect(429, "too-many-attempts");
    stranger
        .get(logout(), "sid=1")
        .await
        .expect(429, "too-many-attempts");
    let mut elsewhere = Browser::new(&world);
    elsewhere.from = "192.0.2.99".parse().unwrap();
    elsewhere.get(provider(), "").await.expect(200, "metadata");
    stranger.now = stranger.now.plus(61);
    stranger.get(provider(), "").await.expect(200, "metadata");
}
