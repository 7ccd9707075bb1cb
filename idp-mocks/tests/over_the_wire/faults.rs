//! Every further fault of an OpenID provider and of the transport does what its name says.

use std::time::Duration;

use idp_mocks::{Endpoint, Misbehaviour, OidcFault, Person, Service, WireFault};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::client::{get, mocks, post_form, post_json, send};
use crate::oidc::{Provider, Token, callback_of, field};

/// A token of Ada's with that fault, and whether a published key verifies it.
async fn token(fault: OidcFault) -> (Token, bool) {
    let mocks = mocks().await;
    mocks.misbehave(Service::EntraWorldwide, fault).unwrap();
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let token = provider.sign_in("ada@fabrikam.example").await;
    let verifies = provider.key_of(&token).await.is_some();
    (token, verifies)
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[tokio::test]
async fn claims_go_missing_or_wrong_under_a_good_signature() {
    for (fault, claim) in [
        (OidcFault::MissingIssuer, "iss"),
        (OidcFault::MissingAudience, "aud"),
        (OidcFault::MissingExpiry, "exp"),
        (OidcFault::MissingIssuedAt, "iat"),
        (OidcFault::MissingSubject, "sub"),
    ] {
        let (token, verifies) = token(fault).await;
        assert!(verifies && token.claims.get(claim).is_none(), "{claim}");
    }
    let rows = [
        (OidcFault::EmptySubject, "oid", json!("")),
        (OidcFault::TidNoGuid, "tid", json!("common")),
        (OidcFault::PartyOfAnother, "azp", json!("somebody-else")),
        (
            OidcFault::WrongAccessTokenHash,
            "at_hash",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
        ),
    ];
    for (fault, claim, want) in rows {
        let (token, verifies) = token(fault).await;
        assert!(verifies);
        assert_eq!(token.claims[claim], want);
    }
    let (hostile, _) = token(OidcFault::HostileText).await;
    assert!(
        hostile.claims["name"]
            .as_str()
            .unwrap()
            .contains("<script>")
    );
    let (oversized, _) = token(OidcFault::Oversized).await;
    assert!(oversized.claims["padding"].as_str().unwrap().len() > 60_000);
}

#[tokio::test]
async fn clocks_and_times_of_issue_are_off() {
    let near = |time: &Value, want: u64| time.as_u64().unwrap().abs_diff(want) < 60;
    let rows = [
        (OidcFault::ClockBehind, now() - 600, now() + 3000),
        (OidcFault::ClockAhead, now() + 600, now() + 4200),
        (OidcFault::IssuedAhead, now() + 3600, now() + 3600),
        (OidcFault::IssuedLongAgo, now() - 24 * 3600, now() + 3600),
    ];
    for (fault, issued, ends) in rows {
        let (token, verifies) = token(fault).await;
        assert!(verifies);
        assert!(near(&token.claims["iat"], issued), "{}", fault.name());
        assert!(near(&token.claims["exp"], ends), "{}", fault.name());
    }
}

#[tokio::test]
async fn headers_and_signatures_are_not_what_they_should_be() {
    let rows = [
        (OidcFault::AccessTokenType, "typ", json!("at+jwt"), true),
        (OidcFault::LogoutTokenType, "typ", json!("logout+jwt"), true),
        (
            OidcFault::CriticalHeader,
            "crit",
            json!(["urn:example:unknown"]),
            true,
        ),
        (OidcFault::Compressed, "zip", json!("DEF"), true),
        (OidcFault::Hs256ClientSecret, "alg", json!("HS256"), false),
        (
            OidcFault::KeySetInHeader,
            "jku",
            json!("https://mallory.invalid/keys"),
            false,
        ),
    ];
    for (fault, member, want, good) in rows {
        let (token, verifies) = token(fault).await;
        assert_eq!(token.header[member], want);
        assert_eq!(verifies, good, "{}", fault.name());
    }
    let (embedded, verifies) = token(OidcFault::EmbeddedKey).await;
    assert_eq!(embedded.header["jwk"]["kid"], embedded.header["kid"]);
    assert!(!verifies);
    let (one, _) = token(OidcFault::FreshKid).await;
    let (other, _) = token(OidcFault::FreshKid).await;
    assert_ne!(one.header["kid"], other.header["kid"]);
}

#[tokio::test]
async fn tokens_have_other_shapes() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    for (fault, dots) in [
        (OidcFault::TwoSegments, 1),
        (OidcFault::Encrypted, 4),
        (OidcFault::ManyDots, 100_000),
    ] {
        mocks.behave(Service::Google);
        mocks.misbehave(Service::Google, fault).unwrap();
        let code = field(&provider.callback("gina@gmail.com").await, "code").to_owned();
        let tokens = provider.redeem(&code, &[]).await.json();
        let token = tokens["id_token"].as_str().unwrap();
        assert_eq!(token.matches('.').count(), dots);
    }
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, OidcFault::DoubledClaim)
        .unwrap();
    let code = field(&provider.callback("gina@gmail.com").await, "code").to_owned();
    let tokens = provider.redeem(&code, &[]).await.json();
    let claims = tokens["id_token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    let claims = String::from_utf8(claims.unwrap()).unwrap();
    assert_eq!(claims.matches(r#""iss":"#).count(), 2);
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, OidcFault::MissingIdToken)
        .unwrap();
    let code = field(&provider.callback("gina@gmail.com").await, "code").to_owned();
    assert_eq!(
        provider.redeem(&code, &[]).await.json().get("id_token"),
        None
    );
}

#[tokio::test]
async fn microsoft_and_google_have_faults_of_their_own() {
    let mocks = mocks().await;
    let urls = mocks.urls();
    let usgov = urls.entra_usgov.origin.clone();
    mocks
        .misbehave(Service::EntraWorldwide, OidcFault::IssuerOfAnotherCloud)
        .unwrap();
    let work = Provider::discover(&urls.entra_worldwide.organizations).await;
    let token = work.sign_in("ada@fabrikam.example").await;
    assert!(token.claims["iss"].as_str().unwrap().starts_with(&usgov));
    mocks.behave(Service::EntraWorldwide);
    mocks
        .misbehave(Service::MicrosoftAccount, OidcFault::WorkKeyForConsumer)
        .unwrap();
    let common = format!("{}/common/v2.0", urls.entra_worldwide.origin);
    let common = Provider::discover(&common).await;
    let token = common.sign_in("oli@outlook.com").await;
    let key = common.key_of(&token).await.unwrap();
    assert!(key["issuer"].as_str().unwrap().contains("{tenantid}"));
    mocks
        .misbehave(Service::EntraWorldwide, OidcFault::KeysWithoutIssuer)
        .unwrap();
    let keys = get(&work.url("jwks_uri")).await.json();
    assert!(keys["keys"][0].get("issuer").is_none());
    mocks
        .misbehave(Service::EntraWorldwide, OidcFault::NoKeys)
        .unwrap();
    assert_eq!(get(&work.url("jwks_uri")).await.json(), json!({"keys": []}));
    mocks
        .misbehave(Service::Google, OidcFault::EmailVerifiedText)
        .unwrap();
    let google = Provider::discover(&urls.google.origin).await;
    let token = google.sign_in("gina@gmail.com").await;
    assert_eq!(token.claims["email_verified"], "true");
    let refused = mocks.misbehave(Service::EntraChina, OidcFault::EmailVerifiedText);
    assert!(refused.is_err());
}

#[tokio::test]
async fn documents_lead_elsewhere() {
    let mocks = mocks().await;
    for (fault, member) in [
        (OidcFault::ForeignDocument, "issuer"),
        (OidcFault::TokenEndpointElsewhere, "token_endpoint"),
        (OidcFault::KeysElsewhere, "jwks_uri"),
    ] {
        mocks.misbehave(Service::Google, fault).unwrap();
        let provider = Provider::discover(&mocks.urls().google.origin).await;
        assert!(provider.url(member).contains(".invalid"), "{member}");
        mocks.behave(Service::Google);
    }
}

#[tokio::test]
async fn callbacks_bring_too_much_or_too_little() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    let count = |callback: &[(String, String)], name: &str| {
        callback.iter().filter(|(known, _)| known == name).count()
    };
    for (fault, name, times) in [
        (OidcFault::DoubledState, "state", 2),
        (OidcFault::DoubledCode, "code", 2),
        (OidcFault::MissingState, "state", 0),
        (OidcFault::MissingCode, "code", 0),
        (OidcFault::TokenInCallback, "id_token", 1),
    ] {
        mocks.behave(Service::Google);
        mocks.misbehave(Service::Google, fault).unwrap();
        let callback = provider.callback("gina@gmail.com").await;
        assert_eq!(count(&callback, name), times, "{}", fault.name());
    }
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, OidcFault::WrongState)
        .unwrap();
    let callback = provider.callback("gina@gmail.com").await;
    assert_ne!(field(&callback, "state"), "a state");
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, OidcFault::HostileError)
        .unwrap();
    let form = [("user", "gina@gmail.com")];
    let callback = callback_of(&post_form(&provider.authorize_url(&[]), &form).await);
    assert!(field(&callback, "error").contains("<script>"));
}

#[tokio::test]
async fn the_wire_goes_dead_or_says_something_else() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    let keys = provider.url("jwks_uri");
    let on = |fault| mocks.misbehave(Service::Google, fault).unwrap();
    on(WireFault::Down);
    assert!(send("GET", &keys, &[], "").await.is_err());
    for silent in [WireFault::HalfOpen, WireFault::Stalled] {
        mocks.behave(Service::Google);
        on(silent);
        let waited = timeout(Duration::from_millis(300), get(&keys)).await;
        assert!(waited.is_err(), "{}", silent.name());
    }
    mocks.behave(Service::Google);
    on(WireFault::WrongContentType);
    let page = get(&keys).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    mocks.behave(Service::Google);
    on(WireFault::NotJson);
    let text = get(&keys).await;
    assert_eq!(text.header("content-type"), "application/json");
    assert!(serde_json::from_slice::<Value>(&text.body).is_err());
    for (fault, place) in [
        (WireFault::RedirectElsewhere, "https://elsewhere.invalid/"),
        (WireFault::RedirectInside, "http://127.0.0.1:1/"),
    ] {
        mocks.behave(Service::Google);
        mocks
            .misbehave_at(Service::Google, fault, Endpoint::Keys)
            .unwrap();
        let reply = get(&keys).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("location")),
            (303, place)
        );
        assert_eq!(provider.redeem("code", &[]).await.status, 400);
    }
}

#[tokio::test]
async fn every_name_is_known_to_the_control_api_and_told_in_the_list() {
    let mocks = mocks().await;
    let origin = &mocks.urls().google.origin;
    let mut names = Vec::new();
    for what in Misbehaviour::every() {
        assert!(what.about().ends_with('.'), "{}", what.name());
        names.push(what.name());
        let target = match what.check_applies_to(Service::Google) {
            Ok(()) => "google",
            Err(_) if what.check_applies_to(Service::MicrosoftAccount).is_ok() => {
                "microsoft-account"
            }
            Err(_) if what.check_applies_to(Service::Saml).is_ok() => "saml",
            Err(_) => "entra",
        };
        let wish = json!({"target": target, "name": what.name()});
        let reply = post_json(&format!("{origin}/_mock/misbehave"), &wish).await;
        assert_eq!(reply.status, 200, "{}: {}", what.name(), reply.text());
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no name twice");
    let active = get(&format!("{origin}/_mock/misbehaviours")).await.json();
    let google = active["google"].as_array().unwrap();
    assert!(google.contains(&json!("half-open")) && google.contains(&json!("email-verified-text")));
}

#[tokio::test]
async fn a_person_may_hold_a_microsoft_account_on_a_work_address() {
    let mocks = mocks().await;
    mocks.add_person(Person::microsoft("ada@fabrikam.example", "Ada, privately"));
    let consumers = mocks.urls().entra_worldwide.consumers.clone().unwrap();
    let provider = Provider::discover(&consumers).await;
    let token = provider.sign_in("ada@fabrikam.example").await;
    assert_eq!(token.claims["email"], "ada@fabrikam.example");
    assert_eq!(token.claims.get("hd"), None);
    assert_eq!(token.claims["tid"], idp_mocks::CONSUMER_TENANT);
}
