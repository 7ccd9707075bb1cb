//! Every misbehaviour does what its name says, and stops when it is switched off.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use idp_mocks::{Endpoint, Misbehaviour, OldKey, Service, Target};
use serde_json::json;

use crate::client::{get, mocks, post_json, send};
use crate::oidc::{Provider, Token, field};

async fn token_with(misbehaviour: Misbehaviour) -> (Provider, Token) {
    let mocks = mocks().await;
    mocks.misbehave(Target::Entra, misbehaviour).unwrap();
    let provider = Provider::discover(&mocks.urls().entra_worldwide.organizations).await;
    let token = provider.sign_in("ada@fabrikam.example").await;
    // The key set is asked for before the mocks go.
    let key = provider.key_of(&token).await;
    let signature_is_good = ![
        Misbehaviour::BadSignature,
        Misbehaviour::UnknownKid,
        Misbehaviour::AlgNone,
        Misbehaviour::Hs256PublicKey,
    ]
    .contains(&misbehaviour);
    assert_eq!(key.is_some(), signature_is_good, "{}", misbehaviour.name());
    if misbehaviour == Misbehaviour::ConsumerKeyForWork {
        let issuer = mocks
            .urls()
            .entra_worldwide
            .consumers_issuer
            .clone()
            .unwrap();
        assert_eq!(key.unwrap()["issuer"], issuer);
    }
    (provider, token)
}

#[tokio::test]
async fn claims_are_spoiled_under_a_good_signature() {
    let (_, token) = token_with(Misbehaviour::WrongIssuer).await;
    assert!(
        token.claims["iss"]
            .as_str()
            .unwrap()
            .starts_with("https://wrong-issuer.invalid/")
    );
    let (_, token) = token_with(Misbehaviour::WrongAudience).await;
    assert_eq!(token.claims["aud"], "somebody-else");
    let (_, token) = token_with(Misbehaviour::ExtraAudience).await;
    assert_eq!(token.claims["aud"], json!(["vestibule", "somebody-else"]));
    let (_, token) = token_with(Misbehaviour::WrongNonce).await;
    assert_eq!(token.claims["nonce"], "another-nonce");
    let (_, token) = token_with(Misbehaviour::MissingNonce).await;
    assert_eq!(token.claims.get("nonce"), None);
    let (_, token) = token_with(Misbehaviour::TidMismatch).await;
    assert!(
        !token.claims["iss"]
            .as_str()
            .unwrap()
            .contains(token.claims["tid"].as_str().unwrap())
    );
    let (_, token) = token_with(Misbehaviour::V1Token).await;
    assert_eq!(token.claims["ver"], "1.0");
    let (_, token) = token_with(Misbehaviour::ConsumerKeyForWork).await;
    assert_eq!(token.claims["tid"], "33333333-3333-4333-8333-333333333333");
}

#[tokio::test]
async fn times_are_spoiled_under_a_good_signature() {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let (_, token) = token_with(Misbehaviour::Expired).await;
    assert!(token.claims["exp"].as_u64().unwrap() + 3000 < now);
    let (_, token) = token_with(Misbehaviour::NotYetValid).await;
    assert!(token.claims["nbf"].as_u64().unwrap() > now + 3000);
}

#[tokio::test]
async fn signatures_are_spoiled_over_good_claims() {
    let (_, token) = token_with(Misbehaviour::BadSignature).await;
    assert_eq!(token.signature().len(), 256);
    let (_, token) = token_with(Misbehaviour::UnknownKid).await;
    assert_eq!(token.header["alg"], "RS256");
    let (_, token) = token_with(Misbehaviour::AlgNone).await;
    assert_eq!(
        (token.header["alg"].as_str(), token.signature().len()),
        (Some("none"), 0)
    );
}

#[tokio::test]
async fn a_verifier_that_takes_the_public_key_for_a_secret_would_be_fooled() {
    let mocks = mocks().await;
    mocks
        .misbehave(Service::Google, Misbehaviour::Hs256PublicKey)
        .unwrap();
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    let token = provider.sign_in("gina@gmail.com").await;
    assert_eq!(token.header["alg"], "HS256");
    let keys = get(&provider.url("jwks_uri")).await.json();
    let part = |name: &str| {
        let text = keys["keys"][0][name].as_str().unwrap();
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .unwrap()
    };
    let pem = public_pem(&part("n"), &part("e"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    hmac::verify(&key, token.signed().as_bytes(), token.signature()).unwrap();
}

#[tokio::test]
async fn the_callback_issuer_can_be_wrong_missing_or_without_scheme_in_the_token() {
    let mocks = mocks().await;
    let google = mocks.urls().google.clone();
    let provider = Provider::discover(&google.origin).await;
    mocks
        .misbehave(Service::Google, Misbehaviour::WrongCallbackIssuer)
        .unwrap();
    let callback = provider.callback("gina@gmail.com").await;
    assert_eq!(field(&callback, "iss"), "https://wrong-issuer.invalid");
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, Misbehaviour::MissingCallbackIssuer)
        .unwrap();
    let callback = provider.callback("gina@gmail.com").await;
    assert!(callback.iter().all(|(name, _)| name != "iss"));
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, Misbehaviour::SchemelessIssuer)
        .unwrap();
    let token = provider.sign_in("gina@gmail.com").await;
    assert_eq!(
        token.claims["iss"],
        google.issuer.strip_prefix("http://").unwrap()
    );
}

#[tokio::test]
async fn the_transport_is_spoiled_at_the_endpoint_that_is_named() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    let keys = provider.url("jwks_uri");
    mocks
        .misbehave_at(Service::Google, Misbehaviour::Http500, Endpoint::Token)
        .unwrap();
    assert_eq!(get(&keys).await.status, 200);
    assert_eq!(provider.redeem("code", &[]).await.status, 500);
    mocks
        .misbehave(Service::Google, Misbehaviour::Http500)
        .unwrap();
    assert_eq!(get(&keys).await.status, 500);
    assert_eq!(get(&provider.authorize_url(&[])).await.status, 200);
    mocks.behave(Service::Google);
    assert_eq!(get(&keys).await.status, 200);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off_and_a_huge_one_is_huge() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().google.origin).await;
    let keys = provider.url("jwks_uri");
    mocks
        .misbehave(Service::Google, Misbehaviour::Truncated)
        .unwrap();
    assert!(send("GET", &keys, &[], "").await.is_err());
    mocks.behave(Service::Google);
    mocks
        .misbehave(Service::Google, Misbehaviour::Huge)
        .unwrap();
    let huge = get(&keys).await;
    assert!(huge.body.len() > 64 << 20);
    assert_eq!(huge.json()["keys"][0]["kty"], "RSA");
}

#[tokio::test]
async fn a_slow_answer_takes_as_long_as_it_is_told() {
    let mocks = mocks().await;
    let origin = &mocks.urls().entra_usgov.origin;
    let wish = json!({"target": "entra-usgov", "name": "slow", "delay_ms": 300});
    assert_eq!(
        post_json(&format!("{origin}/_mock/misbehave"), &wish)
            .await
            .status,
        200
    );
    let began = Instant::now();
    Provider::discover(&mocks.urls().entra_usgov.organizations).await;
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn discovery_redirects_and_the_log_tells_who_followed() {
    let mocks = mocks().await;
    let url = format!(
        "{}/.well-known/openid-configuration",
        mocks.urls().google.origin
    );
    mocks
        .misbehave(Service::Google, Misbehaviour::RedirectDiscovery)
        .unwrap();
    let reply = get(&url).await;
    let elsewhere = "/_mock/elsewhere/.well-known/openid-configuration";
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, elsewhere)
    );
    let followed = |mocks: &idp_mocks::Mocks| {
        mocks
            .requests(Service::Google)
            .iter()
            .any(|request| request.target == elsewhere)
    };
    assert!(!followed(&mocks));
    let document = get(&format!("{}{elsewhere}", mocks.urls().google.origin))
        .await
        .json();
    assert_eq!(document["issuer"], mocks.urls().google.issuer);
    assert!(followed(&mocks));
}

#[tokio::test]
async fn a_rollover_keeps_or_drops_the_old_key() {
    let mocks = mocks().await;
    let provider = Provider::discover(&mocks.urls().entra_china.organizations).await;
    let old = provider.sign_in("lin@lanhua.example").await;
    mocks.roll_over(Target::Entra, OldKey::Kept);
    let new = provider.sign_in("lin@lanhua.example").await;
    assert_ne!(old.header["kid"], new.header["kid"]);
    assert!(provider.key_of(&old).await.is_some());
    assert!(provider.key_of(&new).await.is_some());
    let origin = &mocks.urls().google.origin;
    let wish = json!({"target": "entra-china", "old": "dropped"});
    assert_eq!(
        post_json(&format!("{origin}/_mock/rollover"), &wish)
            .await
            .status,
        200
    );
    assert!(provider.key_of(&old).await.is_none());
    assert!(provider.key_of(&new).await.is_none());
    let newest = provider.sign_in("lin@lanhua.example").await;
    assert!(provider.key_of(&newest).await.is_some());
}

#[tokio::test]
async fn the_control_api_refuses_what_it_does_not_know() {
    let mocks = mocks().await;
    let origin = &mocks.urls().mailbox.origin;
    for (command, wish, error) in [
        (
            "misbehave",
            json!({"target": "entra", "name": "rude"}),
            "no misbehaviour is called `rude`",
        ),
        (
            "misbehave",
            json!({"target": "bing", "name": "slow"}),
            "no target is called `bing`",
        ),
        (
            "misbehave",
            json!({"target": "google", "name": "v1-token"}),
            "`v1-token` means nothing for `google`",
        ),
        (
            "rollover",
            json!({"target": "bing"}),
            "no target is called `bing`",
        ),
    ] {
        let reply = post_json(&format!("{origin}/_mock/{command}"), &wish).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["error"]),
            (400, &json!(error))
        );
    }
    let wish = json!({"target": "entra", "name": "expired"});
    post_json(&format!("{origin}/_mock/misbehave"), &wish).await;
    let active = get(&format!("{origin}/_mock/misbehaviours")).await.json();
    assert_eq!(active["entra-china"], json!(["expired"]));
    assert_eq!(active["google"], json!([]));
    post_json(
        &format!("{origin}/_mock/behave"),
        &json!({"target": "entra"}),
    )
    .await;
    let active = get(&format!("{origin}/_mock/misbehaviours")).await.json();
    assert_eq!(active["entra-china"], json!([]));
}

/// DER of a SubjectPublicKeyInfo for a key of 2048 bits, by hand, as PEM text.
fn public_pem(modulus: &[u8], exponent: &[u8]) -> String {
    let tagged = |tag: u8, content: &[u8]| {
        let mut length = content.len().to_be_bytes().to_vec();
        length.retain({
            let mut leading = true;
            move |byte| {
                leading &= *byte == 0;
                !leading
            }
        });
        let mut der = vec![tag];
        if content.len() >= 128 {
            der.push(0x80 | u8::try_from(length.len()).unwrap());
        }
        der.extend(length);
        der.extend(content);
        der
    };
    let positive = |bytes: &[u8]| match bytes[0] >= 0x80 {
        true => tagged(2, &[&[0], bytes].concat()),
        false => tagged(2, bytes),
    };
    let rsa = tagged(0x30, &[positive(modulus), positive(exponent)].concat());
    let oid = [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0];
    let bits = tagged(3, &[&[0], &rsa[..]].concat());
    let der = tagged(0x30, &[tagged(0x30, &oid), bits].concat());
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|l| std::str::from_utf8(l).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}
