//! The provider for a fixed issuer, driven as the gateway does.

use plugins_oidc_testing::{ACCESS_TOKEN, Scene, assert_done, assert_rejected, corpus, keys};
use plugins_sdk::message::{EmailProof, Event, Freshness, RejectReason};
use plugins_sdk::testing::{ContractBroken, Driver, open_request};
use serde_json::{Value, json};

use crate::OpenId;

const ISSUER: &str = "https://idp.fabrikam.example";

fn settings() -> Value {
    json!({ "issuer": ISSUER, "client_id": "client", "client_secret": keys::CLIENT_SECRET })
}

fn driver() -> Driver<OpenId> {
    Driver::open(&open_request(settings())).unwrap()
}

fn scene(further: &Value) -> Scene {
    let mut claims = json!({ "iss": ISSUER, "sub": "ada", "aud": "client" });
    for (name, value) in further.as_object().unwrap() {
        claims[name] = value.clone();
    }
    Scene::new(ISSUER, ISSUER, claims)
}

fn problems(settings: &Value) -> Vec<(String, String)> {
    match Driver::<OpenId>::open(&open_request(settings.clone())) {
        Err(ContractBroken::Refused(problems)) => problems
            .into_iter()
            .map(|problem| (problem.key, problem.message))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&driver(), || scene(&json!({})));
}

#[test]
fn the_person_is_issuer_and_subject() {
    let claims = assert_done(scene(&json!({ "name": "Ada" })).play(&driver()));
    assert_eq!(claims.issuer, ISSUER);
    assert_eq!(claims.subject, "ada");
    assert_eq!(claims.display_name.as_deref(), Some("Ada"));
    assert_eq!(
        (claims.tenant, claims.cloud, claims.email),
        (None, None, None)
    );
}

#[test]
fn an_address_counts_only_when_verified_is_json_true() {
    let proof = |verified: &Value| {
        let scene = scene(&json!({ "email": "ada@fabrikam.example", "email_verified": verified }));
        assert_done(scene.play(&driver())).email.unwrap().proof
    };
    assert_eq!(proof(&json!(true)), EmailProof::ProviderVerified);
    for other in [
        json!(false),
        json!("true"),
        json!(1),
        json!(null),
        json!([true]),
    ] {
        assert_eq!(proof(&other), EmailProof::None, "{other}");
    }
}

fn with_user_info(claims: &Value, status: u16, info: Value) -> Scene {
    let mut scene = scene(claims);
    scene.document["userinfo_endpoint"] = format!("{ISSUER}/me").into();
    scene.user_info = (status, info);
    scene
}

/// OpenID Connect Core, 5.4: with a code flow the address may be had at the UserInfo endpoint alone.
#[test]
fn an_address_that_the_token_lacks_is_asked_for() {
    let info = json!({ "sub": "ada", "email": "ada@fabrikam.example", "email_verified": true, "name": "Ada" });
    let played = with_user_info(&json!({}), 200, info).play(&driver());
    let (request, freshness) = played.fetches.last().unwrap();
    assert_eq!(request.url, format!("{ISSUER}/me"));
    assert_eq!(
        request.headers["authorization"],
        format!("Bearer {ACCESS_TOKEN}")
    );
    assert_eq!(*freshness, Freshness::Never);
    let claims = assert_done(played);
    let email = claims.email.unwrap();
    assert_eq!(email.address, "ada@fabrikam.example");
    assert_eq!(email.proof, EmailProof::ProviderVerified);
    assert_eq!(claims.display_name.as_deref(), Some("Ada"));
    let unverified =
        json!({ "sub": "ada", "email": "ada@fabrikam.example", "email_verified": "true" });
    let claims = assert_done(with_user_info(&json!({}), 200, unverified).play(&driver()));
    assert_eq!(claims.email.unwrap().proof, EmailProof::None);
}

#[test]
fn an_address_in_the_token_is_not_asked_for_again() {
    let claims = json!({ "email": "ada@fabrikam.example" });
    let info = json!({ "sub": "ada", "email": "eve@fabrikam.example", "email_verified": true });
    let email = assert_done(with_user_info(&claims, 200, info).play(&driver()))
        .email
        .unwrap();
    assert_eq!(
        (email.address.as_str(), email.proof),
        ("ada@fabrikam.example", EmailProof::None)
    );
}

#[test]
fn user_info_about_somebody_else_is_refused() {
    let rows = [
        (
            200,
            json!({ "sub": "eve", "email": "ada@x.example" }),
            RejectReason::AnswerInvalid,
            "somebody else",
        ),
        (
            200,
            json!({ "email": "ada@x.example" }),
            RejectReason::ProviderUnavailable,
            "UserInfo",
        ),
        (
            200,
            json!("a.signed.answer"),
            RejectReason::ProviderUnavailable,
            "UserInfo",
        ),
        (
            401,
            json!({ "sub": "ada" }),
            RejectReason::ProviderUnavailable,
            "status 401",
        ),
    ];
    for (status, info, reason, detail) in rows {
        let played = with_user_info(&json!({}), status, info.clone()).play(&driver());
        assert_rejected(&played, &info.to_string(), reason, detail);
    }
    let mut elsewhere = scene(&json!({}));
    elsewhere.document["userinfo_endpoint"] = "https://mallory.example/me".into();
    let played = elsewhere.play(&driver());
    assert_rejected(
        &played,
        "host",
        RejectReason::ProviderUnavailable,
        "userinfo_endpoint",
    );
}

#[test]
fn an_answer_of_another_issuers_document_is_refused() {
    let mut foreign = scene(&json!({}));
    foreign.document["issuer"] = "https://idp.fabrikam.example/".into();
    let played = foreign.play(&driver());
    assert_rejected(
        &played,
        "issuer with slash",
        RejectReason::ProviderUnavailable,
        "discovery document is that of issuer",
    );
}

#[test]
fn all_problems_are_told_at_once_and_none_holds_the_secret() {
    let found = problems(&json!({
        "issuer": "http://idp.fabrikam.example",
        "client_secret": 20_261_121,
        "scopes": ["email"],
        "leeway_seconds": 301,
        "endpoint_hosts": ["https://x.example"],
        "colour": "red",
    }));
    let mut keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "client_id",
            "client_secret",
            "colour",
            "endpoint_hosts.0",
            "issuer",
            "leeway_seconds",
            "scopes"
        ]
    );
    assert!(!format!("{found:?}").contains("20261121"), "{found:?}");
}

#[test]
fn plain_http_needs_loopback_and_permission() {
    let with = |issuer: &str, allowed: bool| json!({ "issuer": issuer, "client_id": "client", "allow_insecure_loopback": allowed });
    for issuer in [
        "http://localhost:9000",
        "http://op.localhost",
        "http://127.0.0.1:1/op",
        "http://[::1]",
    ] {
        assert!(
            Driver::<OpenId>::open(&open_request(with(issuer, true))).is_ok(),
            "{issuer}"
        );
        assert_eq!(problems(&with(issuer, false))[0].0, "issuer", "{issuer}");
    }
    assert_eq!(problems(&with("http://idp.example", true))[0].0, "issuer");
}

#[test]
fn a_public_client_sends_no_secret_and_still_a_verifier() {
    let settings = json!({ "issuer": ISSUER, "client_id": "client" });
    let driver = Driver::<OpenId>::open(&open_request(settings)).unwrap();
    let played = scene(&json!({})).play(&driver);
    assert_eq!(
        played.token_request_field("client_id").as_deref(),
        Some("client")
    );
    assert_eq!(played.token_request_field("client_secret"), None);
    assert!(played.token_request_field("code_verifier").is_some());
    let (request, _) = &played.fetches[1];
    assert!(!request.headers.contains_key("authorization"));
}

#[test]
fn a_key_takes_the_place_of_the_secret() {
    let settings = |further: &Value| {
        let mut settings = json!({ "issuer": ISSUER, "client_id": "client" });
        for (name, value) in further.as_object().unwrap() {
            settings[name] = value.clone();
        }
        settings
    };
    let given = json!({ "client_key": keys::ec_pem(), "client_key_id": "gateway-1" });
    let driver = Driver::<OpenId>::open(&open_request(settings(&given))).unwrap();
    let played = scene(&json!({})).play(&driver);
    assert!(played.token_request_field("client_assertion").is_some());
    assert_done(played);
    let rows = [
        (json!({ "client_key": "x" }), "client_key"),
        (
            json!({ "client_key": keys::ec_pem(), "client_key_algorithm": "PS256" }),
            "client_key_algorithm",
        ),
        (
            json!({ "client_key": keys::ec_pem(), "client_secret": "s" }),
            "client_key",
        ),
        (json!({ "client_key_id": "gateway-1" }), "client_key_id"),
        (
            json!({ "client_key": keys::ec_pem(), "client_authentication": "client_secret_post" }),
            "client_authentication",
        ),
    ];
    for (given, key) in rows {
        let found = problems(&settings(&given));
        let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, [key]);
    }
}

#[test]
fn a_second_factor_is_asked_for_and_seen_by_acr() {
    let with = |values: Value| {
        let mut settings = settings();
        settings["second_factor_acr_values"] = values;
        Driver::<OpenId>::open(&open_request(settings)).unwrap()
    };
    let play = |driver: &Driver<OpenId>, acr: Value| {
        let mut scene = scene(&json!({ "acr": acr, "amr": ["pwd"] }));
        scene.start = Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: true,
        };
        scene.play(driver)
    };
    let two = with(json!(["urn:two", "urn:three"]));
    for (acr, shown) in [
        (json!("urn:two"), true),
        (json!("urn:three"), true),
        (json!("urn:one"), false),
        (json!("urn:two urn:three"), false),
        (json!(["urn:two"]), false),
        (json!(1), false),
        (json!(null), false),
    ] {
        let played = play(&two, acr.clone());
        assert_eq!(
            played.parameter("acr_values").as_deref(),
            Some("urn:two urn:three")
        );
        let amr = assert_done(played).amr;
        assert_eq!(amr.contains(&"mfa".to_owned()), shown, "{acr}");
    }
    let none = play(&driver(), json!("urn:two"));
    assert_eq!(none.parameter("acr_values"), None);
    assert_eq!(assert_done(none).amr, ["pwd"]);
    let mut bad = settings();
    bad["second_factor_acr_values"] = json!(["urn:two", "a b", ""]);
    let keys: Vec<String> = problems(&bad).into_iter().map(|(key, _)| key).collect();
    assert_eq!(
        keys,
        ["second_factor_acr_values.1", "second_factor_acr_values.2"]
    );
}

#[test]
fn the_schema_lets_through_what_the_plugin_takes() {
    let schema = driver().description().settings_schema.clone().unwrap();
    let mut known: Vec<&str> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    known.sort_unstable();
    assert_eq!(
        known,
        [
            "allow_insecure_loopback",
            "client_authentication",
            "client_id",
            "client_key",
            "client_key_algorithm",
            "client_key_id",
            "client_secret",
            "endpoint_hosts",
            "issuer",
            "leeway_seconds",
            "scopes",
            "second_factor_acr_values"
        ]
    );
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["required"], json!(["issuer", "client_id"]));
}
