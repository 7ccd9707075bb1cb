//! Which tokens are accepted. The many that are not: [`corpus`].

use plugins_oidc_testing::corpus::{self, Group};
use plugins_oidc_testing::{NOW, assert_done, assert_rejected};
use plugins_sdk::message::{Event, RejectReason};
use serde_json::json;

use super::{driver, scene};

#[test]
fn sec_103_every_bad_token_is_refused() {
    corpus::replay(&driver(), scene);
}

/// There is no setting that would switch it off: what the providers take is in their schemas.
#[test]
fn sec_099_a_token_that_does_not_answer_our_request_is_refused() {
    corpus::replay_groups(&driver(), scene, &[Group::Bindings]);
}

#[test]
fn sec_102_issuer_audience_and_times_must_be_there_and_right() {
    let groups = [Group::Issuers, Group::Audiences, Group::Times];
    corpus::replay_groups(&driver(), scene, &groups);
    for typ in ["at+jwt", "logout+jwt", "secevent+jwt", "", "x"] {
        let mut other = scene();
        other.token.header("typ", typ);
        let played = other.play(&driver());
        assert_rejected(&played, typ, RejectReason::AnswerInvalid, "another type");
    }
}

#[test]
fn sec_104_the_token_does_not_choose_how_it_is_verified() {
    corpus::replay_groups(&driver(), scene, &[Group::Algorithms, Group::Headers]);
}

#[test]
fn sec_105_sec_106_what_is_no_signed_token_of_three_segments_is_refused() {
    corpus::replay_groups(&driver(), scene, &[Group::Shapes, Group::Headers]);
}

/// A pass over the text for each of a few questions, however many dots there are.
#[test]
fn sec_106_dots_are_not_taken_apart_one_by_one() {
    for dots in [1_000, 16_384, 100_000] {
        let mut dotted = scene();
        dotted.token_answer = Box::new(move |_, body| body["id_token"] = ".".repeat(dots).into());
        let played = dotted.play(&driver());
        let detail = match dots {
            100_000 => "longer than 16 KiB",
            _ => "not three segments",
        };
        assert_rejected(
            &played,
            &dots.to_string(),
            RejectReason::AnswerInvalid,
            detail,
        );
        // What is too long is not even carried to the next step.
        let fetched_keys = played.fetches.len() == 3;
        assert_eq!(fetched_keys, dots != 100_000);
    }
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
        // A clock that is ten minutes behind: what counts is that the token is not over.
        ("iat", json!(NOW - 600)),
        ("iat", json!(NOW + 30 - 60 - 3600)),
        ("nbf", json!(NOW + 90)),
        ("nbf", json!(null)),
    ];
    for (claim, value) in rows {
        let mut good = scene();
        good.token.claim(claim, value);
        assert_done(good.play(&driver()));
    }
}

/// The other side of each boundary.
#[test]
fn sec_115_and_by_no_second_more() {
    let rows = [
        ("exp", NOW - 30, "expired"),
        ("iat", NOW + 91, "another time"),
        ("iat", NOW + 30 - 60 - 3601, "another time"),
        ("nbf", NOW + 91, "not valid yet"),
    ];
    for (claim, value, detail) in rows {
        let mut bad = scene();
        bad.token.claim(claim, value);
        let reason = match detail {
            "expired" => RejectReason::CredentialInvalid,
            _ => RejectReason::AnswerInvalid,
        };
        assert_rejected(&bad.play(&driver()), claim, reason, detail);
    }
}

/// Timing cannot be tested; that nothing secret is compared in any other way can.
#[test]
fn sec_116_what_is_secret_is_compared_in_constant_time() {
    let verify = include_str!("../verify.rs");
    let flow = include_str!("../flow.rs");
    assert!(verify.contains("left.as_bytes().ct_eq(right.as_bytes()).into()"));
    for compared in ["same(nonce, expected.nonce)", "same(given, own)"] {
        assert!(verify.contains(compared), "{compared}");
    }
    assert!(flow.contains(r#"same(answer.get("state").unwrap_or_default(), &input.attempt)"#));
    for plain in [
        "== expected.nonce",
        "nonce ==",
        "== input.attempt",
        "attempt ==",
    ] {
        assert!(!verify.contains(plain) && !flow.contains(plain), "{plain}");
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
        second_factor: false,
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

/// S117: what others wrote is told to the operator without anything that a terminal or a log would act on.
#[test]
fn sec_117_what_a_document_says_is_told_as_plain_text() {
    let mut hostile = scene();
    let issuer = "https://mallory.example/<script>%n\u{1b}[31m\nforged=line";
    hostile.document["issuer"] = issuer.into();
    let played = hostile.play(&driver());
    let plugins_sdk::message::Step::Reject { detail, .. } = &played.end else {
        panic!("{:?}", played.end);
    };
    assert!(!detail.contains(char::is_control), "{detail:?}");
    assert!(detail.contains(r"\u{1b}[31m"), "{detail:?}");
}
