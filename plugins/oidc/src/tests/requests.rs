//! What is asked of the provider.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use plugins_oidc_testing::{NOW, assert_done};
use plugins_sdk::message::{Event, FetchMethod, Freshness, Step};
use plugins_sdk::testing::{Driver, input, open_request};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{PlainProvider, driver, scene};

#[test]
fn the_browser_is_sent_with_everything_that_ties_the_answer_to_it() {
    let played = scene().with_address("ada@idp.example").play(&driver());
    let is = |name: &str, value: &str| {
        assert_eq!(played.parameter(name).as_deref(), Some(value), "{name}");
    };
    is("response_type", "code");
    is("client_id", "client");
    is(
        "redirect_uri",
        "https://contoso.localhost/_vestibule/callback/test",
    );
    is("state", "AAAAAAAAAAAAAAAAAAAAAA");
    is("scope", "openid email");
    is("code_challenge_method", "S256");
    is("login_hint", "ada@idp.example");
    is("extra", "a value & more");
    assert_eq!(played.parameter("max_age"), None);
    assert_eq!(played.parameter("nonce").unwrap().len(), 43);
}

#[test]
fn sec_101_the_verifier_belongs_to_the_challenge_and_is_not_the_nonce() {
    let played = scene().play(&driver());
    let verifier = played.token_request_field("code_verifier").unwrap();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    assert_eq!(played.parameter("code_challenge"), Some(challenge));
    assert_ne!(played.parameter("nonce"), Some(verifier));
}

#[test]
fn nonce_and_verifier_are_those_of_the_entropy() {
    let redirect = |entropy: &[u8]| {
        let driver = driver();
        let Step::Fetch { state, .. } = driver.step(&input(start(false), None, NOW)).unwrap()
        else {
            panic!("no fetch");
        };
        let mut next = input(document(), Some(state), NOW);
        next.entropy = BASE64_URL_SAFE_NO_PAD.encode(entropy);
        driver.step(&next).unwrap()
    };
    let urls: BTreeSet<String> = [[0; 32], [1; 32]]
        .iter()
        .map(|entropy| match redirect(entropy) {
            Step::Redirect { url, .. } => url,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(urls.len(), 2);
    assert_eq!(redirect(&[1; 32]), redirect(&[1; 32]));
    for short in [&[][..], &[1; 31], &[1; 33]] {
        assert!(matches!(redirect(short), Step::Reject { .. }));
    }
}

#[test]
fn documents_are_cached_and_tokens_never() {
    let played = scene().play(&driver());
    let fetched: Vec<(FetchMethod, &str, Freshness)> = played
        .fetches
        .iter()
        .map(|(request, freshness)| (request.method, request.url.as_str(), *freshness))
        .collect();
    assert_eq!(
        fetched,
        [
            (
                FetchMethod::Get,
                "https://idp.example/.well-known/openid-configuration",
                Freshness::Cached
            ),
            (
                FetchMethod::Post,
                "https://idp.example/token",
                Freshness::Never
            ),
            (
                FetchMethod::Get,
                "https://idp.example/keys",
                Freshness::Cached
            ),
        ]
    );
}

#[test]
fn the_code_is_exchanged_where_and_how_the_registration_says() {
    let played = scene().play(&driver());
    let is = |name: &str, value: &str| {
        assert_eq!(
            played.token_request_field(name).as_deref(),
            Some(value),
            "{name}"
        );
    };
    is("grant_type", "authorization_code");
    is("code", "the-code");
    is(
        "redirect_uri",
        "https://contoso.localhost/_vestibule/callback/test",
    );
    is("client_id", "client");
    is("client_secret", plugins_oidc_testing::keys::CLIENT_SECRET);
    let (request, _) = &played.fetches[1];
    assert_eq!(
        request.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert!(!request.headers.contains_key("authorization"));
}

#[test]
fn a_secret_for_basic_authentication_stays_out_of_the_body() {
    let mut request = crate::Registration {
        client_id: "cli:ent".to_owned(),
        credential: crate::Credential::SecretBasic(
            serde_json::from_value(json!("s/e:cret")).unwrap(),
        ),
        scopes: Vec::new(),
        discovery_url: String::new(),
        endpoints: crate::Endpoints::new(vec!["idp.example".to_owned()], false),
        leeway: 0,
    };
    let transaction = serde_json::from_value(json!({
        "wish": { "address": null, "fresh": false, "contexts": [] },
        "discovery": {
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/a",
            "token_endpoint": "https://idp.example/t",
            "jwks_uri": "https://idp.example/k",
            "userinfo_endpoint": null,
            "responses_name_issuer": false,
        },
        "nonce": "n",
        "verifier": "v".repeat(43),
        "started_at": NOW,
        "answered_by": null,
    }))
    .unwrap();
    let fetch = |registration: &crate::Registration| {
        let at = input(Event::Sent, None, NOW);
        crate::exchange::request(&transaction, registration, "c".to_owned(), &at).unwrap()
    };
    let basic = fetch(&request);
    let credentials = BASE64_STANDARD.encode("cli%3Aent:s%2Fe%3Acret");
    assert_eq!(
        basic.headers["authorization"],
        format!("Basic {credentials}")
    );
    assert!(!basic.body.unwrap().contains("cret"));
    request.credential = crate::Credential::Public;
    assert!(!fetch(&request).headers.contains_key("authorization"));
}

#[test]
fn a_fresh_sign_in_asks_for_it_and_must_be_told_so() {
    let mut fresh = scene();
    fresh.start = start(true);
    let played = fresh.play(&driver());
    assert_eq!(played.parameter("max_age").as_deref(), Some("0"));
    assert_done(played);
    for auth_time in [json!(null), json!(NOW - 61)] {
        let mut stale = scene();
        stale.start = start(true);
        stale.token.claim("auth_time", auth_time.clone());
        let played = stale.play(&driver());
        let Step::Reject { detail, .. } = played.end else {
            panic!("accepted with {auth_time}");
        };
        assert!(detail.contains("not fresh"), "{detail}");
    }
}

#[test]
fn neither_secret_nor_access_token_is_kept_in_any_state() {
    let mut scene = scene();
    scene.document["userinfo_endpoint"] = "https://elsewhere.example/me".into();
    let played = scene.play(&driver());
    assert_eq!(played.states.len(), 4);
    for state in &played.states {
        assert!(!state.contains(plugins_oidc_testing::keys::CLIENT_SECRET));
        assert!(!state.contains(plugins_oidc_testing::ACCESS_TOKEN));
    }
}

#[test]
fn events_that_do_not_fit_the_state_are_refused() {
    let driver = driver();
    let states = scene().play(&driver).states;
    let callback = || Event::Callback {
        query: [("state", "AAAAAAAAAAAAAAAAAAAAAA"), ("code", "c")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        form: [].into(),
        raw_query: None,
    };
    let misfits = [
        (callback(), None),
        (callback(), Some(states[0].clone())),
        (callback(), Some(states[2].clone())),
        (callback(), Some(states[3].clone())),
        (callback(), Some("{}".to_owned())),
        (callback(), Some(String::new())),
        (document(), None),
        (document(), Some(states[1].clone())),
        (Event::Sent, Some(states[1].clone())),
        (Event::MetadataRequest, None),
        (Event::Submit { fields: [].into() }, Some(states[1].clone())),
    ];
    for (event, state) in misfits {
        let step = driver.step(&input(event.clone(), state, NOW)).unwrap();
        let unexpected = plugins_sdk::message::RejectReason::UnexpectedEvent;
        assert!(
            matches!(&step, Step::Reject { reason, .. } if *reason == unexpected),
            "{event:?}: {step:?}"
        );
    }
}

#[test]
fn without_a_secret_the_client_is_public() {
    let driver = Driver::<PlainProvider>::open(&open_request(json!({}))).unwrap();
    let played = scene().play(&driver);
    assert_eq!(
        played.token_request_field("client_id").as_deref(),
        Some("client")
    );
    assert_eq!(played.token_request_field("client_secret"), None);
}

fn start(fresh: bool) -> Event {
    Event::Start {
        address: None,
        fresh,
        contexts: Vec::new(),
        second_factor: false,
    }
}

fn document() -> Event {
    Event::Response {
        status: 200,
        headers: [].into(),
        body: scene().document.to_string(),
        fetched_at: NOW,
    }
}
