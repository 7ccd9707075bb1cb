//! What is asked for, and whether it was given.

use plugins_oidc_testing::{NOW, Played, Scene, assert_done, assert_rejected};
use plugins_sdk::message::{Event, RejectReason};
use serde_json::{Value, json};

use super::{FABRIKAM, MALLORY, any, driver, scene};

fn asked(address: Option<&str>, fresh: bool, contexts: &[&str]) -> Scene {
    let mut scene = scene();
    scene.start = Event::Start {
        address: address.map(str::to_owned),
        fresh,
        contexts: contexts
            .iter()
            .map(|context| (*context).to_owned())
            .collect(),
        second_factor: false,
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

fn second_factor(given: &Value) -> Scene {
    let mut scene = asked(None, false, &[]);
    let Event::Start { second_factor, .. } = &mut scene.start else {
        panic!("not a start");
    };
    *second_factor = true;
    scene.token.claim("acrs", given.clone());
    scene
}

/// The values that are asked for, whether there is one or several.
fn asked_for(played: &Played) -> Vec<String> {
    let Some(claims) = requested_claims(played) else {
        return Vec::new();
    };
    let acrs = &claims["id_token"]["acrs"];
    assert_eq!(acrs["essential"], true);
    let values = acrs["values"].as_array().cloned();
    values
        .unwrap_or_else(|| vec![acrs["value"].clone()])
        .iter()
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_second_factor_is_a_context_of_the_tenant() {
    let everywhere = json!({ "tenants": [FABRIKAM], "second_factor_context": "c7" });
    let own = json!({
        "tenants": [FABRIKAM, MALLORY],
        "second_factor_context": "C7",
        "second_factor_contexts": { FABRIKAM.to_uppercase(): "C3" },
    });
    let alone = json!({ "tenants": [FABRIKAM], "second_factor_contexts": { FABRIKAM: "C3" } });
    let of_another = json!({ "tenants": [FABRIKAM], "second_factor_contexts": { MALLORY: "C3" } });
    let rows = [
        (&everywhere, json!(["C7"]), &["C7"][..], true),
        (&everywhere, json!(["c7"]), &["C7"], true),
        (&everywhere, json!(["C3"]), &["C7"], false),
        (&everywhere, json!(null), &["C7"], false),
        (&own, json!(["C3"]), &["C3", "C7"], true),
        // What means a second factor elsewhere means nothing here.
        (&own, json!(["C7"]), &["C3", "C7"], false),
        (&alone, json!(["C3"]), &["C3"], true),
        (&of_another, json!(["C3"]), &[], false),
    ];
    for (settings, given, asked, shown) in rows {
        let played = second_factor(&given).play(&driver(settings));
        assert_eq!(asked_for(&played), asked, "{settings}");
        // A missing one is for the gateway to refuse: it looks for `mfa` itself.
        let amr = assert_done(played).amr;
        assert_eq!(amr.contains(&"mfa".to_owned()), shown, "{settings} {given}");
    }
}

#[test]
fn a_context_that_means_nothing_is_no_second_factor() {
    let played = second_factor(&json!(["C1"])).play(&any());
    assert_eq!(requested_claims(&played), None);
    assert!(assert_done(played).amr.is_empty());
}

#[test]
fn sec_084_a_second_factor_that_is_not_named_was_not_shown() {
    let settings = json!({ "tenants": [FABRIKAM], "second_factor_context": "C7" });
    for amr in [json!(null), json!([]), json!(["pwd"]), json!("pwd")] {
        let mut scene = second_factor(&json!(null));
        scene.token.claim("amr", amr.clone());
        let claims = assert_done(scene.play(&driver(&settings)));
        assert!(!claims.amr.contains(&"mfa".to_owned()), "{amr}");
    }
}

#[test]
fn contexts_and_second_factor_are_asked_for_together() {
    let settings = json!({ "tenants": [FABRIKAM], "second_factor_context": "C7" });
    let mut both = second_factor(&json!(["C1", "C7"]));
    let Event::Start { contexts, .. } = &mut both.start else {
        panic!("not a start");
    };
    *contexts = vec!["C1".to_owned(), "c7".to_owned()];
    let played = both.play(&driver(&settings));
    assert_eq!(asked_for(&played), ["C1", "c7"]);
    assert_eq!(assert_done(played).amr, ["mfa"]);
}
