//! Which tokens are accepted. The many that are not: [`corpus`].

use plugins_oidc_testing::{NOW, assert_done, assert_rejected, corpus};
use plugins_sdk::message::{Event, RejectReason};
use serde_json::json;

use super::{driver, scene};

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&driver(), scene);
}

#[test]
fn the_claims_are_those_of_the_token() {
    let mut full = scene();
    for (claim, value) in [
        ("name", json!("Ada")),
        ("amr", json!(["pwd", "mfa"])),
        ("sid", json!("session-1")),
        ("email", json!("ada@idp.example")),
    ] {
        full.token.claim(claim, value);
    }
    let claims = assert_done(full.play(&driver()));
    assert_eq!(claims.issuer, super::ORIGIN);
    assert_eq!(claims.subject, "ada");
    assert_eq!(claims.display_name.as_deref(), Some("Ada"));
    assert_eq!(claims.amr, ["pwd", "mfa"]);
    assert_eq!(claims.sid.as_deref(), Some("session-1"));
    assert_eq!(claims.authenticated_at, Some(NOW + 25));
    assert_eq!(
        claims.email, None,
        "what an address is worth is for a profile to say"
    );
}

/// The token is judged at `NOW + 30`, with 60 seconds of leeway.
#[test]
fn sec_115_clocks_may_differ_by_the_leeway() {
    let rows = [
        ("exp", json!(NOW - 29)),
        ("exp", json!(253_402_300_799_i64)),
        ("exp", json!(NOW as f64 + 100.5)),
        ("iat", json!(NOW + 90)),
        ("iat", json!(NOW - 600)),
        ("nbf", json!(NOW + 90)),
        ("nbf", json!(null)),
    ];
    for (claim, value) in rows {
        let mut good = scene();
        good.token.claim(claim, value);
        assert_done(good.play(&driver()));
    }
}

#[test]
fn several_audiences_need_us_as_authorized_party() {
    let mut several = scene();
    several.token.claim("aud", json!(["client", "friend"]));
    several.token.claim("azp", "client");
    assert_done(several.play(&driver()));
    let mut single = scene();
    single.token.claim("aud", json!(["client"]));
    assert_done(single.play(&driver()));
}

#[test]
fn harmless_headers_are_accepted() {
    for (member, value) in [
        ("typ", json!("jwt")),
        ("typ", json!("application/JWT")),
        ("typ", json!(null)),
        ("x5t", json!("AA")),
    ] {
        let mut good = scene();
        good.token.header(member, value);
        assert_done(good.play(&driver()));
    }
}

#[test]
fn no_at_hash_is_no_fault() {
    let mut plain = scene();
    plain.spoil = Box::new(|token| token.without_claim("at_hash"));
    assert_done(plain.play(&driver()));
}

#[test]
fn contexts_are_left_to_the_gateway_where_the_provider_knows_none() {
    let mut asked = scene();
    asked.start = Event::Start {
        address: None,
        fresh: false,
        contexts: vec!["C1".to_owned()],
    };
    assert!(assert_done(asked.play(&driver())).contexts.is_empty());
}

#[test]
fn a_token_for_another_sign_in_of_ours_is_refused() {
    let mut other = scene();
    other.spoil = Box::new(|token| token.claim("nonce", "A".repeat(43)));
    assert_rejected(
        &other.play(&driver()),
        "nonce of another attempt",
        RejectReason::AnswerInvalid,
        "nonce",
    );
}
