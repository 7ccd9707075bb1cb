//! The contract is one contract: messages, schema, C header and Rust agree.

mod header;
pub(crate) mod samples;
mod schema;
mod versions;

use crate::message::{Event, Step};

/// The name in logs is the name on the wire.
#[test]
fn kinds_are_the_tags() {
    for event in samples::events() {
        assert_eq!(serde_json::to_value(&event).unwrap()["kind"], event.kind());
    }
    for step in samples::steps() {
        assert_eq!(serde_json::to_value(&step).unwrap()["kind"], step.kind());
    }
}

#[test]
fn messages_survive_their_json() {
    for event in samples::events() {
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(
            serde_json::from_str::<Event>(&json).unwrap(),
            event,
            "{json}"
        );
    }
    for step in samples::steps() {
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(serde_json::from_str::<Step>(&json).unwrap(), step, "{json}");
    }
}

/// A misspelt optional key is an error and not a value that is missing.
#[test]
fn unknown_keys_are_refused() {
    for step in samples::steps() {
        let mut json = serde_json::to_value(&step).unwrap();
        json["consumes"] = serde_json::json!([]);
        assert!(
            serde_json::from_value::<Step>(json).is_err(),
            "{}",
            step.kind()
        );
    }
}
