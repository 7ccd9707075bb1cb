//! What the browser brings back, and what the token endpoint says.

use plugins_oidc_testing::{Scene, assert_done, assert_rejected};
use plugins_sdk::message::{Event, Fields, RejectReason};
use plugins_sdk::testing::input;
use serde_json::{Value, json};

use super::{ORIGIN, driver, scene};

/// What a bad answer is called, and how it comes about.
type Answer = (&'static str, Box<dyn Fn(&mut Fields)>);

fn answered(change: impl Fn(&mut Fields) + 'static) -> Scene {
    let mut scene = scene();
    scene.answer = Box::new(change);
    scene
}

fn set(name: &'static str, value: &'static str) -> impl Fn(&mut Fields) {
    move |fields| {
        fields.insert(name.to_owned(), value.to_owned());
    }
}

#[test]
fn sec_050_an_answer_without_our_state_is_none() {
    let changes: [Answer; 4] = [
        ("missing", Box::new(|fields| drop(fields.remove("state")))),
        ("empty", Box::new(set("state", ""))),
        (
            "of another attempt",
            Box::new(set("state", "BAAAAAAAAAAAAAAAAAAAAA")),
        ),
        (
            "with a suffix",
            Box::new(set("state", "AAAAAAAAAAAAAAAAAAAAAAA")),
        ),
    ];
    for (name, change) in changes {
        let played = answered(change).play(&driver());
        assert_rejected(&played, name, RejectReason::AnswerInvalid, "`state`");
        assert_eq!(played.fetches.len(), 1, "{name}: no code is sent anywhere");
    }
}

#[test]
fn sec_111_a_parameter_in_query_and_form_is_refused() {
    let driver = driver();
    let state = scene().play(&driver).states.swap_remove(1);
    let fields: Fields = [("state", "AAAAAAAAAAAAAAAAAAAAAA"), ("code", "the-code")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let step = |query: &Fields, form: &Fields| {
        let event = Event::Callback {
            query: query.clone(),
            form: form.clone(),
            raw_query: None,
        };
        driver.step(&input(event, Some(state.clone()), 0)).unwrap()
    };
    let posted = step(&Fields::new(), &fields);
    assert!(
        matches!(posted, plugins_sdk::message::Step::Fetch { .. }),
        "{posted:?}"
    );
    let twice = step(&fields, &fields);
    let plugins_sdk::message::Step::Reject { detail, .. } = twice else {
        panic!("{twice:?}");
    };
    assert!(detail.contains("twice"), "{detail}");
}

#[test]
fn sec_112_an_answer_of_another_issuer_is_refused() {
    let promised = |change: Box<dyn Fn(&mut Fields)>| {
        let mut scene = answered(change);
        scene.document["authorization_response_iss_parameter_supported"] = true.into();
        scene.play(&driver())
    };
    assert_done(promised(Box::new(set("iss", ORIGIN))));
    assert_done(answered(set("iss", ORIGIN)).play(&driver()));
    let refused = [
        ("missing", promised(Box::new(|_| {}))),
        (
            "another",
            promised(Box::new(set("iss", "https://mallory.example"))),
        ),
        (
            "slash",
            promised(Box::new(set("iss", "https://idp.example/"))),
        ),
        (
            "not promised",
            answered(set("iss", "https://mallory.example")).play(&driver()),
        ),
    ];
    for (name, played) in refused {
        assert_rejected(&played, name, RejectReason::AnswerInvalid, "`iss`");
    }
}

#[test]
fn an_issuer_is_asked_for_before_an_error_is_believed() {
    let played = answered(|fields| {
        set("iss", "https://mallory.example")(fields);
        set("error", "access_denied")(fields);
    })
    .play(&driver());
    assert_rejected(&played, "error", RejectReason::AnswerInvalid, "`iss`");
}

#[test]
fn errors_are_told_apart_and_only_their_code_is_told() {
    let rows = [
        ("access_denied", RejectReason::Cancelled, "`access_denied`"),
        (
            "login_required",
            RejectReason::Cancelled,
            "`login_required`",
        ),
        (
            "temporarily_unavailable",
            RejectReason::ProviderUnavailable,
            "`temporarily_unavailable`",
        ),
        (
            "server_error",
            RejectReason::ProviderUnavailable,
            "`server_error`",
        ),
        (
            "<script>\u{1b}[31m%n",
            RejectReason::ProviderUnavailable,
            "`unknown`",
        ),
    ];
    for (error, reason, detail) in rows {
        let played = answered(move |fields| {
            fields.remove("code");
            set("error", error)(fields);
            set("error_description", "the-code of ada@idp.example")(fields);
        })
        .play(&driver());
        assert_rejected(&played, error, reason, detail);
        assert!(!format!("{:?}", played.end).contains("ada@"));
    }
}

#[test]
fn sec_075_only_a_code_may_come_through_the_browser() {
    let without_code: [Answer; 3] = [
        ("no code", Box::new(|fields| drop(fields.remove("code")))),
        ("empty code", Box::new(set("code", ""))),
        (
            "endless code",
            Box::new(|fields| {
                fields.insert("code".to_owned(), "c".repeat(8193));
            }),
        ),
    ];
    let with_token: [Answer; 2] = [
        ("id_token", Box::new(set("id_token", "e30.e30."))),
        ("access_token", Box::new(set("access_token", "x"))),
    ];
    let refused = |(name, change): Answer, detail: &str| {
        let played = answered(change).play(&driver());
        assert_rejected(&played, name, RejectReason::AnswerInvalid, detail);
        assert_eq!(played.fetches.len(), 1, "{name}: nothing is sent anywhere");
    };
    without_code
        .into_iter()
        .for_each(|row| refused(row, "no usable code"));
    with_token
        .into_iter()
        .for_each(|row| refused(row, "brings a token"));
}

#[test]
fn the_token_endpoints_refusals_are_told_by_their_code() {
    let refused = |status: u16, body: Value| {
        let mut scene = scene();
        scene.token_answer = Box::new(move |own_status, own_body| {
            *own_status = status;
            *own_body = body.clone();
        });
        scene.play(&driver())
    };
    let error = |code: &str| json!({ "error": code, "error_description": "the-code is over" });
    let rows = [
        (
            400,
            error("invalid_grant"),
            RejectReason::CredentialInvalid,
            "`invalid_grant`",
        ),
        (
            401,
            error("invalid_client"),
            RejectReason::ProviderUnavailable,
            "`invalid_client`",
        ),
        (
            400,
            error("A B"),
            RejectReason::ProviderUnavailable,
            "`unknown`",
        ),
        (
            400,
            json!("the-code"),
            RejectReason::ProviderUnavailable,
            "status 400",
        ),
        (
            500,
            error("invalid_grant"),
            RejectReason::ProviderUnavailable,
            "status 500",
        ),
        (
            0,
            json!("timeout"),
            RejectReason::ProviderUnavailable,
            "status 0",
        ),
        (
            302,
            json!({}),
            RejectReason::ProviderUnavailable,
            "status 302",
        ),
        (
            200,
            json!({}),
            RejectReason::ProviderUnavailable,
            "not a token response",
        ),
        (
            200,
            json!([]),
            RejectReason::ProviderUnavailable,
            "not a token response",
        ),
        (
            200,
            json!({ "access_token": "a", "token_type": "Bearer" }),
            RejectReason::AnswerInvalid,
            "no ID token",
        ),
        (
            200,
            json!({ "access_token": "a", "token_type": "Bearer", "id_token": "x".repeat(40_000) }),
            RejectReason::AnswerInvalid,
            "longer than 16 KiB",
        ),
    ];
    for (status, body, reason, detail) in rows {
        let name = format!(
            "{status} {}",
            body.to_string().chars().take(40).collect::<String>()
        );
        assert_rejected(&refused(status, body), &name, reason, detail);
    }
}
