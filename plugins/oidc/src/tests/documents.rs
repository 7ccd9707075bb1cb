//! Which discovery documents are believed.

use plugins_oidc_testing::{assert_done, assert_rejected};
use plugins_sdk::message::RejectReason;
use serde_json::{Value, json};

use super::{driver, scene};

/// What a bad document is called, how it comes about, and what the operator is told.
type Row = (&'static str, fn(&mut Value), &'static str);

#[test]
fn a_document_cannot_send_anybody_elsewhere() {
    let endpoints = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    let elsewhere = [
        "http://idp.example/x",
        "https://mallory.example/x",
        "https://idp.example.mallory.example/x",
        "https://idp.example:8443/x",
        "https://user@idp.example/x",
        "https://idp.example/x#fragment",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
    ];
    for endpoint in endpoints {
        for url in elsewhere {
            let mut bad = scene();
            bad.document[endpoint] = url.into();
            let played = bad.play(&driver());
            let name = format!("{endpoint} {url}");
            assert_rejected(&played, &name, RejectReason::ProviderUnavailable, endpoint);
            assert_eq!(played.fetches.len(), 1, "{name}");
            assert_eq!(played.redirect, None, "{name}");
        }
    }
}

#[test]
fn a_document_must_be_whole_and_of_the_issuer() {
    let rows: [Row; 6] = [
        (
            "another issuer",
            |d| d["issuer"] = "https://mallory.example".into(),
            "is that of issuer",
        ),
        (
            "issuer missing",
            |d| remove(d, "issuer"),
            "not a discovery document",
        ),
        (
            "no token endpoint",
            |d| remove(d, "token_endpoint"),
            "no token endpoint",
        ),
        (
            "no keys",
            |d| remove(d, "jwks_uri"),
            "not a discovery document",
        ),
        ("a list", |d| *d = json!([]), "not a discovery document"),
        (
            "a relative URL",
            |d| d["jwks_uri"] = "/keys".into(),
            "not a discovery document",
        ),
    ];
    for (name, change, detail) in rows {
        let mut bad = scene();
        change(&mut bad.document);
        let played = bad.play(&driver());
        assert_rejected(&played, name, RejectReason::ProviderUnavailable, detail);
    }
}

#[test]
fn a_provider_that_does_not_answer_is_said_to_be_unavailable() {
    for status in [0, 204, 301, 404, 500] {
        let mut down = scene();
        down.document_status = status;
        let played = down.play(&driver());
        let detail = format!("status {status}");
        assert_rejected(&played, &detail, RejectReason::ProviderUnavailable, &detail);
    }
}

#[test]
fn pkce_does_not_depend_on_the_document() {
    let mut silent = scene();
    silent.document["code_challenge_methods_supported"] = json!(["plain"]);
    let played = silent.play(&driver());
    assert_eq!(
        played.parameter("code_challenge_method").as_deref(),
        Some("S256")
    );
    assert_done(played);
}

fn remove(document: &mut Value, member: &str) {
    document.as_object_mut().unwrap().remove(member).unwrap();
}
