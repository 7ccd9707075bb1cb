//! The Microsoft account provider, driven as the gateway does.

use plugins_oidc::entra::CONSUMERS;
use plugins_oidc_testing::logout::{self, Logout};
use plugins_oidc_testing::{Scene, Token, assert_done, assert_rejected, corpus, keys};
use plugins_sdk::message::{CloudEndpoints, EmailProof, Event, RejectReason, Step};
use plugins_sdk::testing::{ContractBroken, Driver, open_request};
use serde_json::json;

use crate::MicrosoftAccount;

const AUTHORITY: &str = "https://login.microsoftonline.com";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANT: &str = "66666666-6666-4666-8666-666666666666";

fn issuer() -> String {
    format!("{AUTHORITY}/{CONSUMERS}/v2.0")
}

fn driver() -> Driver<MicrosoftAccount> {
    let settings = json!({ "client_id": "client", "client_secret": keys::CLIENT_SECRET });
    Driver::open(&open_request(settings)).unwrap()
}

fn scene() -> Scene {
    let claims = json!({
        "iss": issuer(),
        "sub": "pairwise",
        "aud": "client",
        "ver": "2.0",
        "tid": CONSUMERS,
        "oid": "00000000-0000-0000-1234-56789abcdef0",
        "email": "oli@outlook.com",
    });
    Scene::new(AUTHORITY, &issuer(), claims).with_key_issuer(&issuer())
}

fn refused(name: &str, detail: &str, change: impl Fn(&mut Token)) {
    let mut bad = scene();
    change(&mut bad.token);
    assert_rejected(
        &bad.play(&driver()),
        name,
        RejectReason::AnswerInvalid,
        detail,
    );
}

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&driver(), scene);
}

#[test]
fn the_person_is_an_object_of_the_consumers_tenant() {
    let claims = assert_done(scene().play(&driver()));
    assert_eq!(claims.issuer, issuer());
    assert_eq!(claims.tenant.as_deref(), Some(CONSUMERS));
    assert_eq!(claims.subject, "00000000-0000-0000-1234-56789abcdef0");
    assert_eq!(claims.cloud, None);
}

#[test]
fn only_the_consumers_tenant_speaks_here() {
    refused("another tid", "issuer not trusted", |token| {
        token.claim("tid", TENANT);
    });
    refused("no tid", "issuer not trusted", |token| {
        token.without_claim("tid");
    });
    refused("another tenant", "issuer not trusted", |token| {
        token.claim("iss", format!("{AUTHORITY}/{TENANT}/v2.0"));
        token.claim("tid", TENANT);
    });
    refused("version 1", "`ver`", |token| token.claim("ver", "1.0"));
    refused("no version", "`ver`", |token| token.without_claim("ver"));
    refused("no oid", "`oid`", |token| token.without_claim("oid"));
    refused("blank oid", "`oid`", |token| token.claim("oid", " "));
}

#[test]
fn only_a_key_of_the_consumers_verifies() {
    for key in [TEMPLATE.to_owned(), format!("{AUTHORITY}/{TENANT}/v2.0")] {
        let played = scene().with_key_issuer(&key).play(&driver());
        assert_rejected(
            &played,
            &key,
            RejectReason::AnswerInvalid,
            "issuer not trusted",
        );
    }
    let mut bare = scene();
    for jwk in &mut bare.keys {
        jwk.as_object_mut().unwrap().remove("issuer").unwrap();
    }
    let played = bare.play(&driver());
    assert_rejected(
        &played,
        "no key issuer",
        RejectReason::AnswerInvalid,
        "issuer not trusted",
    );
}

#[test]
fn an_address_is_proven_by_microsoft_only_at_home() {
    let proof = |address: &str| {
        let mut scene = scene();
        scene.token.claim("email", address);
        assert_done(scene.play(&driver())).email.unwrap().proof
    };
    for address in [
        "oli@outlook.com",
        "o@hotmail.com",
        "o@live.com",
        "o@msn.com",
        "O@OutLook.com",
    ] {
        assert_eq!(proof(address), EmailProof::DomainOwner, "{address}");
    }
    for address in [
        "oli@contoso.example",
        "o@outlook.com.evil.example",
        "o@evil.example@outlook.com",
        "outlook.com",
    ] {
        assert_eq!(proof(address), EmailProof::ProviderVerified, "{address}");
    }
}

#[test]
fn the_request_is_for_a_personal_account() {
    let mut fresh = scene();
    fresh.start = Event::Start {
        address: Some("oli@outlook.com".to_owned()),
        fresh: true,
        contexts: Vec::new(),
        second_factor: false,
    };
    let played = fresh.play(&driver());
    assert_eq!(
        played.parameter("domain_hint").as_deref(),
        Some("consumers")
    );
    assert_eq!(played.parameter("prompt").as_deref(), Some("login"));
    assert_eq!(
        played.fetches[0].0.url,
        "https://login.microsoftonline.com/consumers/v2.0/.well-known/openid-configuration"
    );
}

/// A cloud without Microsoft accounts.
fn without_consumers(name: &str, host: &str) -> CloudEndpoints {
    CloudEndpoints {
        name: name.to_owned(),
        instance: host.to_owned(),
        authority: format!("https://login.{host}"),
        consumers: false,
    }
}

#[test]
fn there_are_no_microsoft_accounts_where_no_cloud_has_consumers() {
    let settings = json!({ "client_id": "client", "client_secret": "x" });
    let mut request = open_request(settings);
    request.cloud = "china-21vianet".to_owned();
    request.clouds = vec![without_consumers(
        "china-21vianet",
        "partner.microsoftonline.cn",
    )];
    let problems = refusal(Driver::<MicrosoftAccount>::open(&request));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].1.contains("china-21vianet"), "{problems:?}");
}

#[test]
fn the_accounts_are_at_home_in_one_cloud_wherever_the_gateway_runs() {
    let settings = json!({ "client_id": "client", "client_secret": "x" });
    let mut request = open_request(settings);
    request.cloud = "gcc-high".to_owned();
    request
        .clouds
        .insert(0, without_consumers("gcc-high", "microsoftonline.us"));
    let driver = Driver::<MicrosoftAccount>::open(&request).unwrap();
    let played = scene().play(&driver);
    assert_eq!(
        played.fetches[0].0.url,
        "https://login.microsoftonline.com/consumers/v2.0/.well-known/openid-configuration"
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let settings = json!({
        "authority": "https://login.microsoftonline.us",
        "allow_insecure_loopback": true,
        "leeway_seconds": "60",
        "tenant": "x",
    });
    let mut keys: Vec<String> = refusal(Driver::<MicrosoftAccount>::open(&open_request(settings)))
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "authority",
            "client_id",
            "client_secret",
            "leeway_seconds",
            "tenant"
        ]
    );
}

fn refusal(opened: Result<Driver<MicrosoftAccount>, ContractBroken>) -> Vec<(String, String)> {
    let Err(ContractBroken::Refused(problems)) = opened else {
        panic!("{opened:?}");
    };
    problems
        .into_iter()
        .map(|problem| (problem.key, problem.message))
        .collect()
}

#[test]
fn sec_065_every_bad_logout_token_is_refused() {
    let good = || {
        let claims = json!({
            "iss": issuer(),
            "sub": "pairwise",
            "oid": "00000000-0000-0000-1111-222222222222",
            "tid": CONSUMERS,
            "sid": "s-1",
            "aud": "client",
        });
        Logout::new(AUTHORITY, &issuer(), claims).with_keys_of(&scene())
    };
    logout::replay(&driver(), good);
    let refused = |change: &dyn Fn(&mut Logout)| {
        let mut bad = good();
        change(&mut bad);
        let invalid = RejectReason::AnswerInvalid;
        assert_rejected(&bad.play(&driver()), "bad", invalid, "issuer not");
    };
    refused(&|bad| bad.token.claim("tid", TENANT));
    refused(&|bad| bad.keys = scene().with_key_issuer(TEMPLATE).keys);
    let mut subject = good();
    subject.token.without_claim("sid");
    let Step::Ended { sub, .. } = subject.play(&driver()).end else {
        panic!("nothing ended");
    };
    assert_eq!(sub.as_deref(), Some("00000000-0000-0000-1111-222222222222"));
}

#[test]
fn the_login_hint_is_kept_for_signing_out() {
    let mut scene = scene();
    scene.token.claim("login_hint", "O.hint");
    let claims = assert_done(scene.play(&driver()));
    assert_eq!(claims.logout_hint.as_deref(), Some("O.hint"));
}
