//! A provider answers the same wherever it runs.

use std::path::Path;

use gateway_plugin_host::{
    CallFailed, Expectations, FileHash, Isolation, Library, OpenFailed, Refused,
};
use plugins_sdk::message::Event;
use plugins_sdk::testing;
use serde_json::json;

use super::bench::{Bench, apart, submit};

#[tokio::test]
async fn answers_are_the_same_here_and_apart() {
    let bench = Bench::new();
    bench.folder.badge("badge").unwrap();
    let badge = json!({ "number": "B-1", "pin": "4711", "address": "kim@fabrikam.example" });
    let request = testing::open_request(json!({ "badges": [badge] }));
    let (here, apart) = (
        bench.load("badge", Isolation::None),
        bench.load("badge", apart()),
    );
    assert_eq!(here.description(), apart.description());
    assert_eq!(here.hash(), apart.hash());
    let (here, apart) = (here.open(&request).unwrap(), apart.open(&request).unwrap());
    assert_eq!(here.fetch_hosts(), apart.fetch_hosts());
    let start = testing::input(
        Event::Start {
            address: None,
            fresh: false,
            contexts: Vec::new(),
            second_factor: true,
        },
        None,
        1_800_000_000,
    );
    for input in [
        start,
        submit("x"),
        testing::input(Event::MetadataRequest, None, 0),
    ] {
        assert_eq!(here.step(input.clone()).await, apart.step(input).await);
    }
}

#[test]
fn settings_are_refused_with_every_problem() {
    let bench = Bench::new();
    bench.folder.badge("badge").unwrap();
    let refused = bench
        .load("badge", apart())
        .open(&testing::open_request(json!({ "badges": [], "more": 1 })));
    assert!(matches!(refused, Err(OpenFailed::Settings(problems)) if problems.len() == 2));
}

/// Panics of Rust are caught in the process as they are in the gateway; it lives on.
#[tokio::test]
async fn sec_199_a_panic_is_caught_and_told() {
    let bench = Bench::new();
    bench.folder.panicking("panics").unwrap();
    let instance = bench
        .load("panics", apart())
        .open(&testing::open_request(json!({ "panics_in": "step" })))
        .unwrap();
    for _ in 0..2 {
        match instance.step(submit("x")).await {
            Err(gateway_plugin_host::StepFailed::Call(CallFailed::Panicked { message })) => {
                assert!(message.contains("panics/src/lib.rs:"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn without_a_runner_it_is_said_which_is_missing() {
    let bench = Bench::new();
    bench.folder.badge("badge").unwrap();
    let hash = FileHash::of(&std::fs::read(bench.folder.file("badge")).unwrap());
    let expectations = Expectations {
        trust_root: Some(bench.folder.path().to_owned()),
        isolation: Isolation::Process {
            runner: Path::new("/nowhere/vestibule-plugin-runner").to_owned(),
        },
        ..Expectations::new(bench.folder.path(), Some(hash))
    };
    let refused = Library::load("badge.so", &expectations).unwrap_err();
    assert!(
        matches!(
            &refused,
            Refused::Undescribed {
                source: CallFailed::NotStarted { .. },
                ..
            }
        ),
        "{refused:?}"
    );
    assert!(
        refused
            .to_string()
            .contains("/nowhere/vestibule-plugin-runner"),
        "{refused}"
    );
}

#[test]
fn a_runner_started_by_hand_does_nothing() {
    let status = std::process::Command::new(super::bench::runner())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}
