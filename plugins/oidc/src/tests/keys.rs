//! Which keys are used, and when they are asked for again.

use plugins_oidc_testing::{Scene, assert_done, assert_rejected, keys};
use plugins_sdk::message::{Freshness, RejectReason};
use serde_json::json;

use super::{driver, scene};

fn key_fetches(scene: &Scene) -> Vec<Freshness> {
    let played = scene.play(&driver());
    let fetches = played.fetches.iter();
    fetches
        .filter(|(request, _)| request.url.ends_with("/keys"))
        .map(|(_, freshness)| *freshness)
        .collect()
}

#[test]
fn a_new_key_is_found_by_asking_once_more() {
    let mut rolled = scene();
    rolled.keys = vec![keys::foreign_jwk("old")];
    rolled.fresh_keys = Some(vec![keys::foreign_jwk("old"), keys::rsa_jwk(keys::RSA)]);
    assert_eq!(
        key_fetches(&rolled),
        [Freshness::Cached, Freshness::Revalidate]
    );
    assert_done(rolled.play(&driver()));
}

#[test]
fn sec_113_an_unknown_key_is_asked_for_once_and_not_again() {
    let mut unknown = scene();
    unknown.keys = vec![keys::foreign_jwk("old")];
    assert_eq!(
        key_fetches(&unknown),
        [Freshness::Cached, Freshness::Revalidate]
    );
    assert_rejected(
        &unknown.play(&driver()),
        "unknown key",
        RejectReason::AnswerInvalid,
        "does not publish",
    );
}

#[test]
fn a_wrong_signature_does_not_ask_again() {
    let mut wrong = scene();
    wrong.keys = vec![keys::foreign_jwk(keys::RSA)];
    assert_eq!(key_fetches(&wrong), [Freshness::Cached]);
}

#[test]
fn the_other_algorithms_are_accepted() {
    let mut pss = scene();
    pss.token.header("alg", "PS256");
    pss.token.sign = keys::ps256;
    assert_done(pss.play(&driver()));
    let mut curve = scene();
    curve.token.header("alg", "ES256");
    curve.token.header("kid", keys::EC);
    curve.token.sign = keys::es256;
    assert_done(curve.play(&driver()));
}

#[test]
fn a_token_without_kid_needs_a_single_key() {
    let mut single = scene();
    single.token.header.remove("kid");
    assert_done(single.play(&driver()));
    single.keys.push(keys::foreign_jwk("another"));
    assert_rejected(
        &single.play(&driver()),
        "two keys",
        RejectReason::AnswerInvalid,
        "several keys",
    );
}

#[test]
fn two_keys_of_one_name_are_no_key() {
    let mut twice = scene();
    twice.keys.push(keys::foreign_jwk(keys::RSA));
    assert_rejected(
        &twice.play(&driver()),
        "same kid",
        RejectReason::AnswerInvalid,
        "several keys",
    );
}

#[test]
fn keys_that_are_not_for_signing_do_not_verify() {
    let cases = [
        ("for encryption", json!({ "use": "enc" })),
        ("for another algorithm", json!({ "alg": "RS512" })),
        ("for encryption by algorithm", json!({ "alg": "RSA-OAEP" })),
        ("too short", json!({ "n": "w".repeat(171) })),
        ("modulus missing its encoding", json!({ "n": "*" })),
        ("no RSA key", json!({ "kty": "oct", "k": "AA" })),
    ];
    for (name, members) in cases {
        let mut unfit = scene();
        for (member, value) in members.as_object().unwrap() {
            unfit.keys[0][member] = value.clone();
        }
        assert_rejected(
            &unfit.play(&driver()),
            name,
            RejectReason::AnswerInvalid,
            "does not publish",
        );
    }
}

#[test]
fn keys_that_cannot_be_read_do_not_hide_the_others() {
    let mut mixed = scene();
    mixed.keys.insert(0, json!({ "kty": "new", "kid": "n" }));
    mixed.keys.insert(0, json!(1));
    assert_done(mixed.play(&driver()));
}
