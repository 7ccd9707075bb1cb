//! How the client proves who it is.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_oidc_testing::{NOW, assert_done, keys};
use plugins_sdk::message::{Event, Step};
use plugins_sdk::testing::{Driver, input, open_request};
use serde_json::{Value, json};

use super::{PlainProvider, scene};
use crate::{ClientKey, KeyAlgorithm, KeyRefused};

fn with_key(pem: &str, algorithm: Option<&str>) -> Driver<PlainProvider> {
    let settings = json!({ "key": pem, "algorithm": algorithm });
    Driver::open(&open_request(settings)).unwrap()
}

/// Header, claims, what is signed, signature.
fn parts(assertion: &str) -> (Value, Value, String, Vec<u8>) {
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let json = |part: &str| serde_json::from_slice(&decode(part)).unwrap();
    (
        json(header),
        json(claims),
        signed.to_owned(),
        decode(signature),
    )
}

#[test]
fn a_key_signs_for_the_client_at_its_token_endpoint() {
    let rows = [
        (keys::rsa_pem(), None, "PS256"),
        (keys::rsa_pem(), Some("RS256"), "RS256"),
        (keys::ec_pem(), None, "ES256"),
    ];
    for (pem, algorithm, want) in rows {
        let played = scene().play(&with_key(&pem, algorithm));
        let field = |name: &str| played.token_request_field(name);
        assert_eq!(
            field("client_assertion_type").as_deref(),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        assert_eq!(field("client_id").as_deref(), Some("client"));
        assert_eq!(field("client_secret"), None);
        assert!(field("code_verifier").is_some());
        let assertion = field("client_assertion").unwrap();
        let (header, claims, signed, signature) = parts(&assertion);
        assert_eq!(header, json!({ "alg": want, "typ": "JWT", "kid": "ours" }));
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("client"), &json!("client"))
        );
        assert_eq!(claims["aud"], "https://idp.example/token");
        assert_eq!(claims["iat"], NOW + 30);
        assert_eq!(claims["exp"], NOW + 330);
        assert!(
            keys::verifies(want, signed.as_bytes(), &signature),
            "{want}"
        );
        assert_done(played);
    }
}

#[test]
fn sec_108_no_assertion_has_the_id_of_another() {
    let driver = with_key(&keys::ec_pem(), None);
    let state = scene().play(&driver).states[1].clone();
    let callback = || Event::Callback {
        query: [("state", "AAAAAAAAAAAAAAAAAAAAAA"), ("code", "c")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        form: [].into(),
        raw_query: None,
    };
    let id = |entropy: u8| {
        let mut next = input(callback(), Some(state.clone()), NOW);
        next.entropy = BASE64_URL_SAFE_NO_PAD.encode([entropy; 32]);
        let Step::Fetch { request, .. } = driver.step(&next).unwrap() else {
            panic!("no token request");
        };
        let body = request.body.unwrap();
        let assertion = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("client_assertion="))
            .unwrap();
        let (_, claims, ..) = parts(assertion);
        claims["jti"].as_str().unwrap().to_owned()
    };
    let ids: BTreeSet<String> = (0..=255).map(id).collect();
    assert_eq!(ids.len(), 256);
    assert!(ids.iter().all(|id| id.len() == 43), "256 bits each");
}

/// S203: the state of an attempt may be older than the configuration.
#[test]
fn sec_203_the_credential_goes_to_the_configured_hosts_only() {
    let settings = json!({ "secret": keys::CLIENT_SECRET });
    let before = Driver::<PlainProvider>::open(&open_request(settings)).unwrap();
    let state = scene().play(&before).states[1].clone();
    let callback = Event::Callback {
        query: [("state", "AAAAAAAAAAAAAAAAAAAAAA"), ("code", "c")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        form: [].into(),
        raw_query: None,
    };
    let changed = json!({ "secret": "another secret", "host": "other.example" });
    let after = Driver::<PlainProvider>::open(&open_request(changed)).unwrap();
    for (driver, sent) in [(&before, true), (&after, false)] {
        let at = input(callback.clone(), Some(state.clone()), NOW);
        let step = driver.step(&at).unwrap();
        assert_eq!(matches!(step, Step::Fetch { .. }), sent, "{step:?}");
    }
    // Nor does a document lead it astray.
    let mut astray = scene();
    astray.document["token_endpoint"] = "https://mallory.example/token".into();
    let played = astray.play(&before);
    assert_eq!(played.fetches.len(), 1, "{:?}", played.end);
}

#[test]
fn a_certificate_names_its_own_key() {
    let (pem, thumbprint) = keys::certificate();
    let read = |key: &str, certificate: &str| ClientKey::read(key, None, None, Some(certificate));
    let key = read(&keys::rsa_pem(), &pem).unwrap();
    let at = input(Event::Sent, None, NOW);
    let assertion = key
        .assertion("client", "https://idp.example/token", &at)
        .unwrap();
    let (header, ..) = parts(&assertion);
    assert_eq!(
        header,
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint })
    );
    assert_eq!(
        read(&keys::ec_pem(), &pem).unwrap_err(),
        KeyRefused::AnotherCertificate
    );
    for text in ["", "certificate", &keys::rsa_pem()] {
        assert_eq!(
            read(&keys::rsa_pem(), text).unwrap_err(),
            KeyRefused::NotACertificate
        );
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let (certificate, _) = keys::certificate();
    let broken = keys::rsa_pem().replace("MII", "AAA");
    let unknown = keys::rsa_pem().replace("PRIVATE KEY", "DSA PRIVATE KEY");
    for text in ["", "key", &certificate, &broken, &unknown] {
        let why = ClientKey::read(text, None, None, None).unwrap_err();
        assert_eq!(why, KeyRefused::NotAKey);
        assert_eq!(why.setting(), "client_key");
    }
    let read = |pem: &str, algorithm| ClientKey::read(pem, None, Some(algorithm), None);
    for (pem, algorithm) in [
        (keys::rsa_pem(), KeyAlgorithm::ES256),
        (keys::ec_pem(), KeyAlgorithm::PS256),
        (keys::ec_pem(), KeyAlgorithm::RS256),
    ] {
        assert_eq!(read(&pem, algorithm).unwrap_err(), KeyRefused::Algorithm);
    }
    let key = ClientKey::read(&keys::ec_pem(), None, None, None).unwrap();
    assert_eq!(format!("{key:?}"), "ClientKey");
}
