//! A key in place of a secret.

use plugins_oidc_testing::{assert_done, keys};
use plugins_sdk::testing::{ContractBroken, Driver, open_request};
use serde_json::{Value, json};

use super::{FABRIKAM, WorkSchool, scene};

fn settings(further: &Value) -> Value {
    let mut settings = json!({ "client_id": "client", "tenants": [FABRIKAM] });
    for (name, value) in further.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

fn problems(further: &Value) -> Vec<String> {
    match Driver::<WorkSchool>::open(&open_request(settings(further))) {
        Err(ContractBroken::Refused(problems)) => {
            assert!(!format!("{problems:?}").contains("MII"), "{problems:?}");
            problems.into_iter().map(|problem| problem.key).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn a_key_with_its_certificate_takes_the_place_of_the_secret() {
    let (certificate, _) = keys::certificate();
    let given = json!({ "client_key": keys::rsa_pem(), "client_certificate": certificate });
    let driver = Driver::<WorkSchool>::open(&open_request(settings(&given))).unwrap();
    let played = scene().play(&driver);
    assert!(played.token_request_field("client_assertion").is_some());
    assert_eq!(played.token_request_field("client_secret"), None);
    assert_done(played);
}

#[test]
fn one_credential_and_all_of_it() {
    let (certificate, _) = keys::certificate();
    let (key, secret) = (keys::rsa_pem(), keys::CLIENT_SECRET);
    let rows = [
        (json!({ "client_secret": secret }), &[][..]),
        (json!({}), &["client_secret"]),
        (json!({ "client_key": key }), &["client_certificate"]),
        (
            json!({ "client_key": key, "client_certificate": key }),
            &["client_certificate"],
        ),
        (
            json!({ "client_key": "x", "client_certificate": certificate }),
            &["client_key"],
        ),
        (
            json!({ "client_key": keys::ec_pem(), "client_certificate": certificate }),
            &["client_certificate"],
        ),
        (
            json!({ "client_secret": secret, "client_certificate": certificate }),
            &["client_certificate"],
        ),
        (
            json!({ "client_secret": secret, "client_key": key, "client_certificate": certificate }),
            &["client_key"],
        ),
    ];
    for (given, want) in rows {
        assert_eq!(
            problems(&given),
            want,
            "{:?}",
            given.as_object().unwrap().keys()
        );
    }
}
