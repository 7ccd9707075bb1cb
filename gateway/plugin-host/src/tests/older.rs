//! A plugin built against ABI 1.0 is loaded and never sent what it does not know.

use plugins_sdk::message::{Event, Fields, RejectReason, Step};
use plugins_sdk::rules::NotAccepted;
use plugins_sdk::testing;
use serde_json::{Value, json};

use super::Bench;
use crate::{Instance, StepFailed};

/// The strict plugin of 1.0, which answers `start` with `answer`.
fn open(answer: &Value) -> Instance {
    let bench = Bench::new();
    bench.folder.strict_1_0("strict").unwrap();
    let settings = json!({ "answer": answer.to_string() });
    bench
        .load("strict")
        .unwrap()
        .open(&testing::open_request(settings))
        .unwrap()
}

async fn step(instance: &Instance, event: Event) -> Result<Step, StepFailed> {
    let input = testing::input(event, Some("state".to_owned()), 1_800_000_000);
    instance.step(input).await
}

fn start() -> Event {
    Event::Start {
        address: Some("ada@fabrikam.example".to_owned()),
        fresh: true,
        contexts: vec!["c1".to_owned()],
        second_factor: true,
    }
}

fn rejected(detail: &str) -> Result<Step, StepFailed> {
    Ok(Step::Reject {
        reason: RejectReason::UnexpectedEvent,
        detail: detail.to_owned(),
    })
}

#[tokio::test]
async fn sec_197_a_plugin_of_1_0_understands_every_event() {
    let instance =
        open(&json!({ "kind": "reject", "reason": "unexpected-event", "detail": "start" }));
    let (query, raw_query) = (Fields::new(), Some("a=b".to_owned()));
    let events = [
        start(),
        Event::Callback {
            query: query.clone(),
            form: Fields::new(),
            raw_query: raw_query.clone(),
        },
        Event::LogoutRequest {
            query,
            form: Fields::new(),
            raw_query,
        },
        Event::MetadataRequest,
        Event::Sent,
    ];
    for event in events {
        let kind = event.kind();
        assert_eq!(step(&instance, event).await, rejected(kind), "{kind}");
    }
}

#[tokio::test]
async fn sec_197_an_event_it_does_not_know_is_answered_for_it() {
    let instance = open(&json!({}));
    let sign_out = Event::SignOut {
        issuer: "https://idp.example".to_owned(),
        tenant: None,
        subject: "ada".to_owned(),
        sid: None,
        logout_hint: None,
        return_uri: "https://contoso.localhost/".to_owned(),
    };
    let answered = step(&instance, sign_out).await;
    assert_eq!(answered, rejected("the plugin's ABI has no `sign_out`"));
}

/// Its author cannot have read what that means.
#[tokio::test]
async fn sec_197_it_is_not_believed_in_what_it_cannot_know() {
    let claims = |more: &[(&str, &str)]| {
        let mut claims = json!({ "issuer": "urn:vestibule:strict", "subject": "ada" });
        for (name, value) in more {
            claims[*name] = json!(value);
        }
        json!({ "kind": "done", "claims": claims })
    };
    let plain = step(&open(&claims(&[])), start()).await;
    assert!(matches!(plain, Ok(Step::Done { .. })), "{plain:?}");
    let newer = step(&open(&claims(&[("logout_hint", "x")])), start()).await;
    let refused = NotAccepted::NewerThanPlugin {
        what: "claims.logout_hint",
        since: 1,
        minor: 0,
    };
    assert_eq!(newer, Err(StepFailed::NotPermitted(refused)));
}
