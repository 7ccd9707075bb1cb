//! `schema/*.schema.json` is what the types say. `VESTIBULE_WRITE_SCHEMA=1 cargo test -p plugins-sdk` writes it.

use std::fs;
use std::path::{Path, PathBuf};

use schemars::{Schema, schema_for};
use serde::Serialize;

use super::samples;
use crate::message::{Description, Input, OpenAnswer, OpenRequest, SettingProblem, Step};
use crate::testing;

fn schemas() -> [(&'static str, Schema); 5] {
    [
        ("description", schema_for!(Description)),
        ("open-request", schema_for!(OpenRequest)),
        ("open-answer", schema_for!(OpenAnswer)),
        ("input", schema_for!(Input)),
        ("step", schema_for!(Step)),
    ]
}

fn file_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(format!("{name}.schema.json"))
}

#[test]
fn the_schema_files_are_current() {
    let write = std::env::var_os("VESTIBULE_WRITE_SCHEMA").is_some();
    for (name, schema) in schemas() {
        let wanted = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if write {
            fs::write(file_of(name), &wanted).unwrap();
        }
        let found = fs::read_to_string(file_of(name)).unwrap_or_default();
        assert!(
            found == wanted,
            "{name}: run `VESTIBULE_WRITE_SCHEMA=1 cargo test -p plugins-sdk schema`"
        );
    }
}

/// Whether the schema in the file takes `message`.
#[track_caller]
fn check(name: &str, message: &impl Serialize, wanted: bool) {
    let schema = serde_json::from_str(&fs::read_to_string(file_of(name)).unwrap()).unwrap();
    let message = serde_json::to_value(message).unwrap();
    assert_eq!(
        jsonschema::is_valid(&schema, &message),
        wanted,
        "{name}: {message}"
    );
}

#[test]
fn every_message_fits_its_schema() {
    check("description", &samples::description(), true);
    check(
        "open-request",
        &testing::open_request(serde_json::json!({ "client_id": "id" })),
        true,
    );
    check(
        "open-answer",
        &OpenAnswer::Opened {
            fetch_hosts: samples::fetch_hosts(),
        },
        true,
    );
    let problem = SettingProblem {
        key: "client_id".to_owned(),
        message: "is missing".to_owned(),
    };
    check(
        "open-answer",
        &OpenAnswer::Refused {
            problems: vec![problem],
        },
        true,
    );
    samples::events()
        .into_iter()
        .for_each(|event| check("input", &testing::input(event, None, 0), true));
    samples::steps()
        .iter()
        .for_each(|step| check("step", step, true));
}

#[test]
fn other_messages_do_not_fit() {
    check("step", &serde_json::json!({ "kind": "dance" }), false);
    check(
        "step",
        &serde_json::json!({ "kind": "redirect", "url": "https://idp.example/" }),
        false,
    );
    check(
        "step",
        &serde_json::json!({ "kind": "document", "content_type": "a/b", "body": "", "more": 1 }),
        false,
    );
    check("input", &samples::steps(), false);
}
