//! What is asked for, and whether it was given.

use plugins_oidc_testing::{NOW, Played, Scene, assert_done, assert_rejected};
use plugins_sdk::message::{Event, RejectReason};
use serde_json::{Value, json};

use super::{any, scene};

fn asked(address: Option<&str>, fresh: bool, contexts: &[&str]) -> Scene {
    let mut scene = scene();
    scene.start = Event::Start {
        address: address.map(str::to_owned),
        fresh,
        contexts: contexts
            .iter()
            .map(|context| (*context).to_owned())
            .collect(),
    };
    scene
}

fn requested_claims(played: &Played) -> Option<Value> {
    played
        .parameter("claims")
        .map(|claims| serde_json::from_str(&claims).unwrap())
}

#[test]
fn the_request_hints_at_the_account() {
    let parameters = |scene: Scene| {
        let played = scene.play(&any());
        (
            played.parameter("prompt"),
            played.parameter("domain_hint"),
            requested_claims(&played),
        )
    };
    let text = |text: &str| Some(text.to_owned());
    let ada = Some("ada@fabrikam.example");
    assert_eq!(
        parameters(asked(None, false, &[])),
        (text("select_account"), None, None)
    );
    assert_eq!(
        parameters(asked(ada, false, &[])),
        (None, text("fabrikam.example"), None)
    );
    assert_eq!(
        parameters(asked(ada, true, &[])),
        (
            text("login"),
            text("fabrikam.example"),
            Some(json!({ "id_token": { "auth_time": { "essential": true } } }))
        )
    );
}

#[test]
fn contexts_are_asked_for_as_claims() {
    let claims = |contexts: &[&str]| requested_claims(&asked(None, false, contexts).play(&any()));
    assert_eq!(
        claims(&["C1"]),
        Some(json!({ "id_token": { "acrs": { "essential": true, "value": "C1" } } }))
    );
    assert_eq!(
        claims(&["C1", "C2"]),
        Some(json!({ "id_token": { "acrs": { "essential": true, "values": ["C1", "C2"] } } }))
    );
}

#[test]
fn contexts_asked_for_must_be_given() {
    for given in [json!(["C1", "C5"]), json!(["c1"]), json!("C1")] {
        let mut scene = asked(None, false, &["C1"]);
        scene.token.claim("acrs", given);
        assert!(
            assert_done(scene.play(&any()))
                .contexts
                .contains(&"C1".to_owned())
        );
    }
    for given in [json!(null), json!([]), json!(["C2"]), json!(["C11"])] {
        let mut scene = asked(None, false, &["C1"]);
        scene.token.claim("acrs", given.clone());
        assert_rejected(
            &scene.play(&any()),
            &given.to_string(),
            RejectReason::AnswerInvalid,
            "`C1`",
        );
    }
}

#[test]
fn a_fresh_sign_in_must_be_shown_by_the_token() {
    assert_done(asked(None, true, &[]).play(&any()));
    for auth_time in [json!(null), json!(NOW - 3600)] {
        let mut stale = asked(None, true, &[]);
        stale.token.claim("auth_time", auth_time);
        assert_rejected(
            &stale.play(&any()),
            "stale",
            RejectReason::AnswerInvalid,
            "not fresh",
        );
    }
}
