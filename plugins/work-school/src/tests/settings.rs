//! Which settings are refused.

use plugins_oidc::entra::CONSUMERS;
use plugins_sdk::testing::{ContractBroken, Driver};
use serde_json::{Value, json};

use super::{FABRIKAM, MALLORY, WorkSchool, driver, request};

fn problems(settings: &Value) -> Vec<String> {
    match Driver::<WorkSchool>::open(&request(settings)) {
        Err(ContractBroken::Refused(problems)) => {
            let mut keys: Vec<String> = problems.into_iter().map(|problem| problem.key).collect();
            keys.sort_unstable();
            keys
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn somebody_must_say_whose_accounts_are_let_in() {
    assert_eq!(problems(&json!({})), ["tenants"]);
    assert_eq!(problems(&json!({ "tenants": [] })), ["tenants"]);
    assert_eq!(
        problems(&json!({ "any_tenant": true, "tenants": [FABRIKAM] })),
        ["any_tenant"]
    );
    assert_eq!(
        problems(&json!({ "any_tenant": true, "tenant": FABRIKAM })),
        ["any_tenant"]
    );
    assert_eq!(
        problems(&json!({ "tenant": FABRIKAM, "tenants": [MALLORY] })),
        ["tenants"]
    );
    for good in [
        json!({ "any_tenant": true }),
        json!({ "tenant": "organizations", "tenants": [FABRIKAM, MALLORY] }),
        json!({ "tenant": FABRIKAM }),
        json!({ "tenant": FABRIKAM, "tenants": [FABRIKAM] }),
    ] {
        driver(&good);
    }
}

#[test]
fn a_tenant_is_an_id_and_never_the_consumers() {
    for word in ["common", "consumers", CONSUMERS, "fabrikam.example", ""] {
        assert!(
            problems(&json!({ "tenant": word })).contains(&"tenant".to_owned()),
            "{word}"
        );
        assert_eq!(
            problems(&json!({ "tenants": [word] })),
            ["tenants.0"],
            "{word}"
        );
    }
}

#[test]
fn the_authority_is_the_clouds_own_except_on_loopback() {
    let with = |authority: &str, allowed: bool| json!({ "any_tenant": true, "authority": authority, "allow_insecure_loopback": allowed });
    assert_eq!(
        problems(&with("https://login.mallory.example", true)),
        ["authority"]
    );
    assert_eq!(
        problems(&with("https://login.microsoftonline.us", false)),
        ["authority"]
    );
    assert_eq!(
        problems(&with("http://localhost:9000", false)),
        ["authority"]
    );
    let mock = driver(&with("http://entra.localhost:9000/", true));
    assert_eq!(mock.fetch_hosts(), ["entra.localhost:9000"]);
    assert_eq!(
        driver(&json!({ "any_tenant": true, "cloud": "gcc-high" })).fetch_hosts(),
        ["login.microsoftonline.us"]
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let found = problems(&json!({
        "client_id": " ",
        "client_secret": 5,
        "cloud": "bleu",
        "tenant": "common",
        "tenants": ["x", FABRIKAM],
        "leeway_seconds": 900,
        "tenant_id": "typing error",
    }));
    assert_eq!(
        found,
        [
            "client_id",
            "client_secret",
            "cloud",
            "leeway_seconds",
            "tenant",
            "tenant_id",
            "tenants",
            "tenants.0"
        ]
    );
}

#[test]
fn contexts_of_a_second_factor_are_c1_to_c99_of_tenants() {
    for context in ["", "C", "C0", "C100", "C01", "1", "C+1", "mfa", "C1 "] {
        let found = problems(&json!({ "any_tenant": true, "second_factor_context": context }));
        assert_eq!(found, ["second_factor_context"], "{context}");
    }
    let per_tenant = json!({ "fabrikam.example": "C1" });
    let found = problems(&json!({ "any_tenant": true, "second_factor_contexts": per_tenant }));
    assert_eq!(found, ["second_factor_contexts.fabrikam.example"]);
    for context in ["C1", "c99"] {
        driver(&json!({ "any_tenant": true, "second_factor_context": context }));
    }
}
