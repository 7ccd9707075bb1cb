//! The C example signs somebody in.

use std::process::Command;

use plugins_sdk::message::{
    Claims, EmailClaim, EmailProof, Event, Fields, Input, RejectReason, Step,
};
use plugins_sdk::testing;
use serde_json::{Value, json};

use super::{Bench, start};
use crate::{Instance, OpenFailed};

fn settings() -> Value {
    json!({ "badges": [
        { "number": "B-100", "pin": "4711", "address": "kim@fabrikam.example", "name": "Kim \"K\" Ünal \u{1f511}" },
        { "number": "B-2\"\\", "pin": "0815 0815", "address": "lee@fabrikam.example" },
    ] })
}

fn open(settings: Value) -> Result<Instance, OpenFailed> {
    let bench = Bench::new();
    bench.folder.badge("badge").unwrap();
    bench
        .load("badge")
        .unwrap()
        .open(&testing::open_request(settings))
}

fn submit(badge: &str, pin: &str) -> Input {
    let fields = Fields::from([
        ("badge".to_owned(), badge.to_owned()),
        ("pin".to_owned(), pin.to_owned()),
    ]);
    testing::input(
        Event::Submit { fields },
        Some("asked".to_owned()),
        1_800_000_000,
    )
}

async fn claims(badge: &str, pin: &str) -> Option<Claims> {
    match open(settings())
        .unwrap()
        .step(submit(badge, pin))
        .await
        .unwrap()
    {
        Step::Done { claims, .. } => Some(claims),
        Step::Show { form, .. } => {
            assert_eq!(
                form.error.as_deref(),
                Some("The number or the PIN is wrong.")
            );
            None
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn shows_a_form_and_then_knows_the_person() {
    let first = open(settings()).unwrap().step(start()).await.unwrap();
    assert!(
        matches!(&first, Step::Show { form, submits: 5, .. } if form.error.is_none()),
        "{first:?}"
    );
    let claims = claims("B-100", "4711").await.unwrap();
    let email = EmailClaim {
        address: "kim@fabrikam.example".to_owned(),
        proof: EmailProof::ProviderVerified,
    };
    assert_eq!(
        (claims.issuer.as_str(), claims.subject.as_str()),
        ("urn:vestibule:badge", "B-100")
    );
    assert_eq!(claims.email, Some(email));
    assert_eq!(
        claims.display_name.as_deref(),
        Some("Kim \"K\" Ünal \u{1f511}")
    );
}

#[tokio::test]
async fn escapes_in_what_is_typed_are_read() {
    assert_eq!(
        claims("B-2\"\\", "0815 0815").await.unwrap().subject,
        "B-2\"\\"
    );
}

#[tokio::test]
async fn a_wrong_number_or_pin_asks_again() {
    let long = "x".repeat(1024);
    for (badge, pin) in [
        ("B-100", "4712"),
        ("B-100", "4711 "),
        ("B-100", "471"),
        ("B-101", "4711"),
        ("B-100", "0815 0815"),
        ("b-100", "4711"),
        ("", ""),
        ("B-100", ""),
        ("B-100\0", "4711"),
        ("B-100", "4711\0"),
        (&long, &long),
        ("\u{1f511}", "\u{7}\n\t\u{10ffff}"),
    ] {
        assert_eq!(claims(badge, pin).await, None, "{badge:?} {pin:?}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_rejected() {
    let event = Event::Callback {
        query: Fields::new(),
        form: Fields::new(),
        raw_query: None,
    };
    let step = open(settings())
        .unwrap()
        .step(testing::input(event, None, 0))
        .await
        .unwrap();
    assert_eq!(
        step,
        Step::Reject {
            reason: RejectReason::UnexpectedEvent,
            detail: "callback".to_owned()
        }
    );
}

#[tokio::test]
async fn a_submission_without_its_fields_asks_again() {
    let event = Event::Submit {
        fields: Fields::new(),
    };
    let step = open(settings())
        .unwrap()
        .step(testing::input(event, None, 0))
        .await
        .unwrap();
    assert!(matches!(step, Step::Show { .. }), "{step:?}");
}

/// Opens with `settings` and lists the keys that are complained about.
#[track_caller]
fn check_refused(settings: Value, keys: &[&str]) {
    match open(settings) {
        Err(OpenFailed::Settings(problems)) => {
            assert_eq!(
                problems
                    .iter()
                    .map(|problem| problem.key.as_str())
                    .collect::<Vec<_>>(),
                keys,
                "{problems:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_problem_with_the_settings_is_told_at_once() {
    check_refused(json!({}), &["badges"]);
    check_refused(json!(null), &["badges"]);
    check_refused(json!({ "badges": [] }), &["badges"]);
    check_refused(json!({ "badges": "B-100" }), &["badges"]);
    check_refused(
        json!({ "badges": [7] }),
        &["badges.0.number", "badges.0.pin", "badges.0.address"],
    );
    let good = json!({ "number": "1", "pin": "4711", "address": "a@b.example" });
    let bad =
        json!({ "number": 1, "pin": "471", "address": "nobody", "name": "", "colour": "red" });
    check_refused(
        json!({ "badges": [good, bad] }),
        &[
            "badges.1",
            "badges.1.number",
            "badges.1.pin",
            "badges.1.address",
            "badges.1.name",
        ],
    );
    check_refused(json!({ "badges": [good, good] }), &["badges.1.number"]);
    check_refused(json!({ "badges": vec![json!(1); 1001] }), &["badges"]);
}

/// Damaged messages, which the gateway never sends, under the compiler's sanitizers.
#[test]
fn the_example_touches_no_memory_but_its_own() {
    let bench = Bench::new();
    let run = Command::new(bench.folder.badge_test().unwrap())
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}
