//! The providers of this workspace.

use bad_plugins::PluginFolder;
use gateway_plugin_host::Verdict;
use serde_json::{Value, json};

use crate::bench::{judged, report};

/// The provider passes every check with these settings.
#[track_caller]
fn check(library: &str, settings: Value) {
    let folder = PluginFolder::new().unwrap();
    let file = if library == "badge" {
        folder.badge("badge").unwrap()
    } else {
        folder.built("provider", library).unwrap()
    };
    let report = report(&judged(&folder, &file, settings));
    assert!(report.passed(), "{report}");
}

#[test]
fn the_example_in_c_passes() {
    check(
        "badge",
        json!({ "badges": [
            { "number": "B-100", "pin": "4711", "address": "kim@fabrikam.example", "name": "Kim" },
        ] }),
    );
}

#[test]
fn openid_passes() {
    check(
        "plugins_openid",
        json!({ "issuer": "https://login.fabrikam.example", "client_id": "vestibule", "client_secret": "s" }),
    );
}

#[test]
fn work_school_passes() {
    check(
        "plugins_work_school",
        json!({ "client_id": "11111111-1111-4111-8111-111111111111", "client_secret": "s", "any_tenant": true }),
    );
}

#[test]
fn microsoft_account_passes() {
    check(
        "plugins_microsoft_account",
        json!({ "client_id": "11111111-1111-4111-8111-111111111111", "client_secret": "s" }),
    );
}

#[test]
fn google_passes() {
    check(
        "plugins_google",
        json!({ "client_id": "vestibule.apps.googleusercontent.com", "client_secret": "s" }),
    );
}

#[test]
fn email_otp_passes() {
    check("plugins_email_otp", json!({ "organisation": "Contoso" }));
}

/// A certificate of a partner, as its metadata would bring it.
fn certificate() -> String {
    let response = include_str!("../../../../plugins/saml/src/self_test/ec.xml");
    let (_, rest) = response.split_once("<ds:X509Certificate>").unwrap();
    let (text, _) = rest.split_once('<').unwrap();
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[test]
fn saml_passes_with_a_partner_in_its_settings() {
    check(
        "plugins_saml",
        json!({
            "entity_id": "https://idp.fabrikam.example/entity",
            "domains": ["fabrikam.example"],
            "partner_certificates": [certificate()],
            "passiveSignInUri": "https://idp.fabrikam.example/sso",
            "signOutUri": "https://idp.fabrikam.example/slo",
        }),
    );
}

#[test]
fn saml_passes_with_metadata_that_it_fetches() {
    check(
        "plugins_saml",
        json!({
            "entity_id": "https://idp.fabrikam.example/entity",
            "domains": ["fabrikam.example"],
            "metadata_url": "https://idp.fabrikam.example/metadata",
            "passiveSignInUri": "https://idp.fabrikam.example/sso",
        }),
    );
}

/// It refuses every key that its version does not know: the kit sends it none.
#[test]
fn one_of_the_first_version_is_sent_nothing_newer() {
    let folder = PluginFolder::new().unwrap();
    let file = folder.strict_1_0("strict").unwrap();
    let report = report(&judged(&folder, &file, json!({})));
    let findings = report.check.findings.iter();
    let wrong: Vec<&str> = findings
        .filter(|finding| finding.verdict != Verdict::Passed)
        .map(|finding| finding.check)
        .collect();
    // It calls unknown settings unreadable, where it should name them.
    assert_eq!(wrong, ["refusals"], "{report}");
}
