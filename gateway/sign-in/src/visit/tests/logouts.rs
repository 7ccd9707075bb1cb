//! What providers ask for by themselves.

use gateway_core::time::UnixTime;
use http::{Method, header};

use super::browser::{Browser, Seen, with_form};
use super::scripted::{CONTOSO, FABRIKAM, issuer};
use super::world::{NOW, World, provider_id, tenant_id};
use crate::session::{self, COOKIE, HomeSession};
use crate::{Answer, Endpoint};

const ADA: &str = "ada@fabrikam.example";
const BOB: &str = "bob@fabrikam.example";
const MIA: &str = "mia@contoso.example";

fn logout() -> Endpoint {
    Endpoint::Logout(provider_id("work-school"))
}

async fn let_in<'w>(world: &'w World, address: &str, who: &str) -> Browser<'w> {
    let_in_at(world, address, who, NOW).await
}

async fn let_in_at<'w>(world: &'w World, address: &str, who: &str, now: UnixTime) -> Browser<'w> {
    let mut browser = Browser::new(world);
    browser.now = now;
    browser
        .let_in_as(address, "work-school", who)
        .await
        .expect(303, "signed-in");
    browser
}

/// A machine's request: no cookies, no page.
async fn post(world: &World, fields: &[(&str, &str)]) -> Seen {
    post_at(world, fields, NOW).await
}

async fn post_at(world: &World, fields: &[(&str, &str)], now: UnixTime) -> Seen {
    let mut machine = Browser::new(world);
    machine.now = now;
    let mut visit = with_form(machine.visit(logout(), Method::POST), fields);
    visit.headers.remove(header::ACCEPT);
    visit.headers.remove("sec-fetch-mode");
    machine.send(visit).await
}

fn of_fabrikam() -> String {
    issuer("worldwide", FABRIKAM)
}

#[tokio::test]
async fn sec_066_a_provider_ends_all_sessions_of_a_subject() {
    let world = World::new().await;
    let one = let_in(&world, ADA, "ada").await;
    let two = let_in(&world, ADA, "ada").await;
    let bob = let_in(&world, BOB, "bob").await;
    let iss = of_fabrikam();
    post(&world, &[("iss", &iss), ("sub", "oid-ada"), ("jti", "1")])
        .await
        .expect(200, "sessions-ended");
    assert!(one.session().is_none() && two.session().is_none());
    assert!(bob.session().is_some());
}

#[tokio::test]
async fn sec_066_at_every_tenant() {
    let world = World::new().await;
    let here = let_in(&world, ADA, "ada").await;
    let mut there = Browser::new(&world);
    there.tenant = "woodgrove";
    there
        .let_in_as(ADA, "work-school", "ada")
        .await
        .expect(303, "signed-in");
    let iss = of_fabrikam();
    post(&world, &[("iss", &iss), ("sub", "oid-ada")])
        .await
        .expect(200, "sessions-ended");
    assert!(here.session().is_none() && there.session().is_none());
}

#[tokio::test]
async fn a_provider_ends_a_members_sessions_too() {
    let world = World::new().await;
    let mia = let_in(&world, MIA, "mia").await;
    let iss = issuer("worldwide", CONTOSO);
    post(&world, &[("iss", &iss), ("sub", "oid-mia")])
        .await
        .expect(200, "sessions-ended");
    assert!(mia.session().is_none());
}

/// Whoever somebody came in as: nothing is looked up but what the session itself says.
#[tokio::test]
async fn a_provider_ends_the_session_of_whoever_is_in_no_directory() {
    let world = World::new().await;
    let mut mia = let_in(&world, MIA, "mia").await;
    let mut session = mia.session().unwrap();
    let person = session.person.as_mut().unwrap();
    (person.member, person.key.subject) = (false, "oid-nobody-knows".to_owned());
    let sealed = session::seal(&session, "contoso.localhost", &world.keys).unwrap();
    mia.cookies.insert(COOKIE.to_owned(), sealed);
    assert!(mia.session().is_some());
    let iss = issuer("worldwide", CONTOSO);
    post(&world, &[("iss", &iss), ("sub", "oid-nobody-knows")]).await;
    assert!(mia.session().is_none());
}

#[tokio::test]
async fn a_provider_ends_the_sessions_of_one_of_its_own() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let again = let_in(&world, ADA, "ada").await;
    let bob = let_in(&world, BOB, "bob").await;
    let mut machine = Browser::new(&world);
    machine
        .get(logout(), "sid=sid-bob")
        .await
        .expect(200, "sessions-ended");
    assert!(ada.session().is_some() && bob.session().is_none());
    machine
        .get(logout(), "sid=sid-ada")
        .await
        .expect(200, "sessions-ended");
    assert!(ada.session().is_none() && again.session().is_none());
}

#[tokio::test]
async fn one_provider_or_issuer_ends_no_sessions_of_another() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let iss = of_fabrikam();
    let foreign = issuer("worldwide", CONTOSO);
    for named in [("sub", "oid-ada"), ("sid", "sid-ada")] {
        post(&world, &[("iss", &foreign), named])
            .await
            .expect(200, "sessions-ended");
        let mut machine = Browser::new(&world);
        let elsewhere = Endpoint::Logout(provider_id("google"));
        let asked = machine.visit(elsewhere, Method::POST);
        let seen = machine
            .send(with_form(asked, &[("iss", &iss), named]))
            .await;
        seen.expect(200, "sessions-ended");
        assert!(ada.session().is_some(), "{named:?}");
    }
}

/// SAML's session indexes may be small numbers that come again, for others and for the same person.
#[tokio::test]
async fn with_a_session_and_a_subject_both_must_fit() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let iss = of_fabrikam();
    let check = async |sid: &str, sub: &str, lives: bool| {
        post(&world, &[("iss", &iss), ("sid", sid), ("sub", sub)])
            .await
            .expect(200, "sessions-ended");
        assert_eq!(ada.session().is_some(), lives, "{sid} {sub}");
    };
    check("sid-ada", "oid-bob", true).await;
    check("sid-bob", "oid-ada", true).await;
    check("sid-ada", "oid-ada", false).await;
}

#[tokio::test]
async fn what_begins_after_the_event_lives() {
    let iss = of_fabrikam();
    for named in [("sid", "sid-ada"), ("sub", "oid-ada")] {
        let world = World::new().await;
        let before = let_in_at(&world, ADA, "ada", NOW).await;
        let after = let_in_at(&world, ADA, "ada", NOW.plus(11)).await;
        // It arrives late, about something that was ten seconds after the first began.
        let fields = [("iss", iss.as_str()), named, ("at", "-10")];
        for _ in 0..2 {
            post_at(&world, &fields, NOW.plus(20))
                .await
                .expect(200, "sessions-ended");
            assert!(before.session().is_none(), "{named:?}");
            assert!(after.session().is_some(), "{named:?}");
        }
        // Of the same session at the provider, but begun since.
        let later = let_in_at(&world, ADA, "ada", NOW.plus(21)).await;
        assert!(later.session().is_some(), "{named:?}");
        // A clock that is ahead ends nothing that is yet to begin.
        let fields = [("iss", iss.as_str()), named, ("at", "300")];
        post_at(&world, &fields, NOW.plus(22))
            .await
            .expect(200, "sessions-ended");
        assert!(after.session().is_none() && later.session().is_none());
        let last = let_in_at(&world, ADA, "ada", NOW.plus(23)).await;
        assert!(last.session().is_some(), "{named:?}");
    }
}

#[tokio::test]
async fn what_ends_while_the_consent_page_is_read_is_not_begun_any_more() {
    let iss = of_fabrikam();
    for named in [("sid", "sid-ada"), ("sub", "oid-ada")] {
        let world = World::new().await;
        let mut ada = Browser::new(&world);
        let asked = ada.sign_in_as(ADA, "work-school", "ada").await;
        let attempt = asked.expect(200, "consent-asked").attempt();
        post_at(&world, &[("iss", &iss), named], NOW.plus(1))
            .await
            .expect(200, "sessions-ended");
        ada.now = NOW.plus(1000);
        let accept = [("attempt", attempt.as_str()), ("consent", "accept")];
        ada.post(Endpoint::SignIn, &accept).await;
        assert!(ada.session().is_none(), "{named:?}");
        // For as long as it would have lasted.
        let life = ada.sealed_session().unwrap().expires.since(NOW);
        let until = world.directory.store().revocations(NOW).await.unwrap();
        let until = until.iter().filter_map(|one| one.until).max().unwrap();
        assert!(until >= NOW.plus(life), "{named:?}");
    }
}

#[tokio::test]
async fn sec_065_what_the_provider_rejects_or_repeats_ends_nothing() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let seen = post(&world, &[("logout_token", "unsigned")]).await;
    assert_eq!((seen.status, seen.code), (400, "bad-request"));
    let headers = seen.answer.response.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    let iss = of_fabrikam();
    let fields = [("iss", iss.as_str()), ("sub", "oid-bob"), ("jti", "2")];
    post(&world, &fields).await.expect(200, "sessions-ended");
    // What was used up once ends nothing a second time, whomever it is said to be about.
    let ada_now = [("iss", iss.as_str()), ("sub", "oid-ada"), ("jti", "2")];
    for fields in [fields, ada_now] {
        post(&world, &fields)
            .await
            .expect(400, "assertion-replayed");
    }
    assert!(ada.session().is_some());
    assert!(ada.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn sec_107_a_replay_ends_no_later_session() {
    let world = World::new().await;
    let before = let_in_at(&world, BOB, "bob", NOW).await;
    let iss = of_fabrikam();
    let fields = [("iss", iss.as_str()), ("sub", "oid-bob"), ("jti", "3")];
    post_at(&world, &fields, NOW.plus(1))
        .await
        .expect(200, "sessions-ended");
    let later = let_in_at(&world, BOB, "bob", NOW.plus(2)).await;
    post_at(&world, &fields, NOW.plus(3))
        .await
        .expect(400, "assertion-replayed");
    assert!(before.session().is_none() && later.session().is_some());
}

/// Used up and ended together: what was not ended may be asked for again.
#[tokio::test]
async fn sec_109_a_store_that_fails_is_told_of_and_may_be_asked_again() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let iss = of_fabrikam();
    let fields = [("iss", iss.as_str()), ("sub", "oid-ada"), ("jti", "4")];
    world.directory.store().close().await;
    let seen = post(&world, &fields).await;
    assert_eq!((seen.status, seen.code), (503, "unavailable"));
    assert!(ada.session().is_some());
    let cookies = ada.cookies.clone();
    let world = world.restarted(|_| {}).await;
    post(&world, &fields).await.expect(200, "sessions-ended");
    let mut ada = Browser::new(&world);
    ada.cookies = cookies;
    assert!(ada.session().is_none());
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_not_the_askers_fault() {
    let world = World::new().await;
    let seen = post(&world, &[("says", "down")]).await;
    assert_eq!((seen.status, seen.code), (502, "provider-unavailable"));
}

/// The front channel is signed by nobody: who invents names of sessions leaves nothing behind.
#[tokio::test]
async fn invented_sessions_are_not_written_down() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let mut stranger = Browser::new(&world);
    for number in 0..50 {
        stranger
            .get(logout(), &format!("sid=invented-{number}"))
            .await
            .expect(200, "sessions-ended");
    }
    let store = world.directory.store();
    assert_eq!(store.revocations(NOW).await.unwrap(), []);
    assert!(ada.session().is_some());
    // Nor are those that ended by themselves.
    let expires = ada.session().unwrap().expires;
    stranger.now = expires;
    stranger
        .get(logout(), "sid=sid-ada")
        .await
        .expect(200, "sessions-ended");
    assert_eq!(store.revocations(NOW).await.unwrap(), []);
}

/// Identity providers load it in a frame, where no cookie comes along, and look at nothing but whether it loads.
#[tokio::test]
async fn the_answer_to_a_frame_is_empty_and_may_be_framed() {
    let world = World::new().await;
    let_in(&world, ADA, "ada").await;
    let seen = Browser::new(&world).get(logout(), "sid=sid-ada").await;
    assert_eq!((seen.status, seen.body.as_str()), (200, ""));
    let headers = seen.answer.response.headers();
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert!(!headers.contains_key(header::X_FRAME_OPTIONS));
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("frame-ancestors"), "{policy}");
}

#[tokio::test]
async fn asking_twice_is_answered_twice_the_same() {
    let world = World::new().await;
    let ada = let_in(&world, ADA, "ada").await;
    let iss = of_fabrikam();
    for fields in [
        vec![("sid", "sid-ada")],
        vec![("iss", iss.as_str()), ("sub", "oid-ada")],
    ] {
        for _ in 0..3 {
            post(&world, &fields).await.expect(200, "sessions-ended");
            assert!(ada.session().is_none());
        }
    }
}

#[tokio::test]
async fn a_browser_that_brings_the_request_goes_on_and_loses_its_cookie() {
    let world = World::new().await;
    let onward = "https://login.worldwide.example/slo?SAMLResponse=x";
    let mut ada = let_in(&world, ADA, "ada").await;
    let query = format!(
        "sub=oid-ada&sid=sid-ada&then={}",
        url::form_urlencoded::byte_serialize(onward.as_bytes()).collect::<String>()
    );
    let seen = ada.get(logout(), &query).await;
    let seen = seen.expect(303, "sessions-ended");
    assert_eq!(seen.location.as_deref(), Some(onward));
    assert!(!ada.cookies.contains_key(COOKIE));

    // A foreign page's post brings no `SameSite=Lax` cookie; the session is dead all the same.
    let mut bob = let_in(&world, BOB, "bob").await;
    let kept = bob.cookies.clone();
    bob.cookies.remove(COOKIE);
    let fields = [("sub", "oid-bob"), ("then", onward), ("by", "post")];
    let posted = with_form(bob.visit(logout(), Method::POST), &fields);
    let seen = bob.send(posted).await.expect(200, "sessions-ended");
    for part in [
        "action=\"https://login.worldwide.example/slo?SAMLResponse=x\"",
        "name=\"SAMLResponse\" value=\"signed\"",
    ] {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
    bob.cookies = kept;
    assert!(bob.session().is_none());
}

#[tokio::test]
async fn a_request_about_others_takes_nobodys_cookie() {
    let world = World::new().await;
    let mut mia = let_in(&world, MIA, "mia").await;
    mia.get(logout(), "sub=oid-bob")
        .await
        .expect(200, "sessions-ended");
    assert!(mia.session().is_some());
}

#[tokio::test]
async fn nobody_is_sent_to_where_no_provider_is() {
    let world = World::new().await;
    for url in [
        "http://login.worldwide.example/",
        "javascript:alert(1)",
        "/x",
    ] {
        let fields = [("sub", "oid-ada"), ("then", url)];
        let seen = post(&world, &fields).await;
        assert_eq!((seen.status, seen.code), (502, "provider-failed"), "{url}");
    }
}

#[tokio::test]
async fn the_end_of_a_sign_out_that_began_here_ends_nothing() {
    let world = World::new().await;
    let mut mia = let_in(&world, MIA, "mia").await;
    let seen = mia.get(logout(), "says=signed-out").await;
    let seen = seen.expect(200, "signed-out");
    assert!(seen.body.contains("so has the one"), "{}", seen.body);
    assert!(mia.session().is_some());
}

#[tokio::test]
async fn sec_079_a_provider_that_is_not_offered_ends_nothing() {
    let world = World::changed(|configuration| {
        let provider = configuration
            .providers
            .get_mut(&provider_id("work-school"))
            .unwrap();
        provider.tenants = Some([tenant_id("woodgrove")].into());
    })
    .await;
    let seen = post(&world, &[("sub", "oid-ada")]).await;
    assert_eq!((seen.status, seen.code), (404, "not-found"));
    assert_eq!(world.providers["work-school"].count("logout_request"), 0);
}

#[tokio::test]
async fn what_came_before_the_name_was_kept_ends_by_its_hash() {
    let world = World::new().await;
    let mut ada = let_in(&world, ADA, "ada").await;
    let mut session = ada.session().unwrap();
    let person = session.person.as_mut().unwrap();
    let home = HomeSession::new(&person.key.provider, &person.key.issuer, "sid-ada");
    person.sid = Some(HomeSession { sid: None, ..home });
    let sealed = session::seal(&session, "contoso.localhost", &world.keys).unwrap();
    ada.cookies.insert(COOKIE.to_owned(), sealed);
    assert!(ada.session().is_some());
    post(&world, &[("sid", "sid-ada")])
        .await
        .expect(200, "sessions-ended");
    assert!(ada.session().is_none());
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
