//! Every setting, right and wrong.

use plugins_sdk::testing::{ContractBroken, Driver, open_request};
use serde_json::{Value, json};

use super::world::*;
use crate::Saml;

fn problems(settings: &Value) -> Vec<(String, String)> {
    let mut settings = settings.clone();
    let entries = settings.as_object_mut().unwrap();
    entries.retain(|_, value| !value.is_null());
    match Driver::<Saml>::open(&open_request(settings)) {
        Err(ContractBroken::Refused(problems)) => {
            let mut problems: Vec<_> = problems
                .into_iter()
                .map(|problem| (problem.key, problem.message))
                .collect();
            problems.sort();
            problems
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => Vec::new(),
    }
}

fn keys(settings: &Value) -> Vec<String> {
    problems(settings).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn the_three_ways_to_know_a_partner_open() {
    assert_eq!(problems(&settings(&json!({}))), []);
    assert_eq!(problems(&fetched_settings(&json!({}))), []);
    let by_hand = json!({
        "metadata": null,
        "passiveSignInUri": SSO,
        "signOutUri": SLO,
        "partner_certificates": [partner_key().certificate_pem, next_partner_key().certificate_pem],
    });
    assert_eq!(problems(&settings(&by_hand)), []);
}

#[test]
fn all_problems_are_told_at_once_and_none_holds_a_secret() {
    let found = problems(&json!({
        "passiveSignInUri": "http://idp.fabrikam.example/sso",
        "single_sign_on_hosts": ["https://x.example"],
        "signing_key": 20_261_121,
        "signing_certificate": "not PEM 4711",
        "decryption_keys": ["-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"],
        "name_id_format": "transient",
        "email_attribute": "",
        "domains": ["fabrikam.example", "*"],
        "leeway_seconds": 301,
        "longest_age_seconds": 59,
        "colour": "red",
    }));
    let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "colour",
            "decryption_keys.0",
            "domains.1",
            "email_attribute",
            "entity_id",
            "leeway_seconds",
            "longest_age_seconds",
            "metadata",
            "passiveSignInUri",
            "signing_key",
            "single_sign_on_hosts.0",
            "subject_attribute",
        ]
    );
    let told = format!("{found:?}");
    for secret in ["20261121", "4711", "c2VjcmV0"] {
        assert!(!told.contains(secret), "{told}");
    }
}

/// S156: without the partner's entity id there would be nobody whom an assertion must come from; ours is always there.
#[test]
fn sec_156_the_entity_id_is_mandatory() {
    assert_eq!(
        keys(&settings(&json!({ "entity_id": null }))),
        ["entity_id"]
    );
    assert_eq!(keys(&settings(&json!({ "entity_id": "" }))), ["entity_id"]);
    assert_eq!(
        keys(&settings(&json!({ "own_entity_id": "" }))),
        ["own_entity_id"]
    );
}

/// S155: no key to verify with means no provider, not one that verifies nothing.
#[test]
fn sec_155_metadata_without_a_signing_key_is_a_configuration_error() {
    let without = metadata(&[]);
    assert_eq!(
        keys(&settings(&json!({ "metadata": without }))),
        ["metadata"]
    );
    let by_hand = json!({ "metadata": null, "passiveSignInUri": SSO, "partner_certificates": [] });
    assert_eq!(keys(&settings(&by_hand)), ["metadata"]);
    let damaged =
        json!({ "metadata": null, "passiveSignInUri": SSO, "partner_certificates": ["x"] });
    assert_eq!(keys(&settings(&damaged)), ["partner_certificates.0"]);
}

#[test]
fn exactly_one_source_is_given() {
    assert_eq!(keys(&settings(&json!({ "metadata": null }))), ["metadata"]);
    let two = json!({ "metadata_url": METADATA_URL, "passiveSignInUri": SSO });
    assert_eq!(keys(&settings(&two)), ["metadata"]);
}

#[test]
fn what_is_fetched_does_not_decide_where_people_go() {
    assert_eq!(
        keys(&fetched_settings(&json!({ "passiveSignInUri": null }))),
        ["passiveSignInUri"]
    );
    let hosts =
        json!({ "passiveSignInUri": null, "single_sign_on_hosts": ["idp.fabrikam.example"] });
    assert_eq!(problems(&fetched_settings(&hosts)), []);
}

#[test]
fn a_key_comes_with_its_own_certificate() {
    let rsa = json!({ "signing_key": own_rsa_key().private_pem, "signing_certificate": own_rsa_key().certificate_pem });
    assert_eq!(problems(&settings(&rsa)), []);
    let strange = json!({ "signing_certificate": strange_key().certificate_pem });
    assert_eq!(keys(&settings(&strange)), ["signing_certificate"]);
    let other_kind = json!({ "signing_certificate": own_rsa_key().certificate_pem });
    assert_eq!(keys(&settings(&other_kind)), ["signing_certificate"]);
    assert_eq!(
        keys(&settings(&json!({ "signing_certificate": null }))),
        ["signing_certificate"]
    );
    assert_eq!(
        keys(&settings(&json!({ "signing_key": null }))),
        ["signing_key"]
    );
    let swapped = json!({ "signing_key": own_key().certificate_pem });
    assert_eq!(keys(&settings(&swapped)), ["signing_key"]);
}

#[test]
fn the_encryption_certificate_is_that_of_a_decryption_key() {
    let with = |keys: Value, certificate: &TestKey| {
        settings(
            &json!({ "decryption_keys": keys, "encryption_certificate": certificate.certificate_pem }),
        )
    };
    let pem = || json!([next_partner_key().private_pem, own_rsa_key().private_pem]);
    assert_eq!(problems(&with(pem(), own_rsa_key())), []);
    assert_eq!(keys(&with(pem(), own_key())), ["encryption_certificate"]);
    assert_eq!(
        keys(&with(json!([]), own_rsa_key())),
        ["encryption_certificate"]
    );
    let ec = json!([own_key().private_pem]);
    assert_eq!(
        keys(&settings(&json!({ "decryption_keys": ec }))),
        ["decryption_keys.0"]
    );
}

/// One key where a list could be is one key; and nothing that is no key is repeated in a problem.
#[test]
fn keys_in_another_shape_are_not_told() {
    let pem = &own_rsa_key().private_pem;
    assert_eq!(problems(&settings(&json!({ "decryption_keys": pem }))), []);
    for value in [
        json!({ "x": pem }),
        json!([pem, ""]),
        json!([[pem]]),
        json!([pem, 20_261_121]),
        json!(20_261_121),
        json!(""),
    ] {
        for key in ["decryption_keys", "signing_key"] {
            let found = problems(&settings(&json!({ key: value })));
            assert_eq!(found[0].0, key, "{found:?}");
            let told = format!("{found:?}");
            assert!(
                !told.contains("PRIVATE") && !told.contains("20261121"),
                "{told}"
            );
        }
    }
}

#[test]
fn who_takes_signed_requests_only_needs_a_key() {
    let wants = good_metadata().replace(
        "<md:IDPSSODescriptor ",
        "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" ",
    );
    assert_eq!(problems(&settings(&json!({ "metadata": wants }))), []);
    let without = json!({ "metadata": wants, "signing_key": null, "signing_certificate": null });
    assert_eq!(keys(&settings(&without)), ["signing_key"]);
}

#[test]
fn plain_http_needs_loopback_and_permission() {
    let with = |url: &str, allowed: bool| {
        fetched_settings(
            &json!({ "metadata_url": url, "passiveSignInUri": url, "allow_insecure_loopback": allowed }),
        )
    };
    assert_eq!(problems(&with("http://idp.localhost:8080/x", true)), []);
    for (url, allowed) in [
        ("http://idp.localhost/x", false),
        ("http://idp.example/x", true),
    ] {
        let found = keys(&with(url, allowed));
        assert!(
            found.contains(&"metadata_url".to_owned()),
            "{url}: {found:?}"
        );
        assert!(
            found.contains(&"passiveSignInUri".to_owned()),
            "{url}: {found:?}"
        );
    }
}

#[test]
fn only_the_metadata_host_is_fetched_from() {
    assert_eq!(open(&settings(&json!({}))).fetch_hosts(), [] as [&str; 0]);
    let port = json!({ "metadata_url": "https://metadata.fabrikam.example:8443/idp" });
    assert_eq!(
        open(&fetched_settings(&port)).fetch_hosts(),
        ["metadata.fabrikam.example:8443"]
    );
}

#[test]
fn the_schema_lets_through_what_the_plugin_takes() {
    let driver = open(&settings(&json!({})));
    let schema = driver.description().settings_schema.clone().unwrap();
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["required"], json!(["entity_id", "domains"]));
    for key in settings(&json!({})).as_object().unwrap().keys() {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
    assert_eq!(driver.description().kind, "saml");
}

#[test]
fn the_partners_text_record_is_about_its_sign_in() {
    let with =
        |record: &str| settings(&json!({ "passiveSignInUri": SSO, "DirectFedAuthUrl": record }));
    assert_eq!(problems(&with(SSO)), []);
    assert_eq!(keys(&with("https://other.example")), ["DirectFedAuthUrl"]);
}
