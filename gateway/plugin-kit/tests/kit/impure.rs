//! Plugins that keep to the messages and are not pure: each fails where it should, and nowhere else.

use bad_plugins::{Bad, Behaviour, PluginFolder};
use gateway_plugin_host::Verdict;
use gateway_plugin_kit::KitReport;
use serde_json::json;

use crate::bench::{judged, report};

fn judge(does: &str) -> KitReport {
    let folder = PluginFolder::new().unwrap();
    let file = folder.impure("impure", does).unwrap();
    report(&judged(&folder, &file, json!({})))
}

/// The plugin fails in `rows` and in no other.
#[track_caller]
fn fails(does: &str, rows: &[&str]) {
    let report = judge(does);
    let failed: Vec<&str> = report
        .check
        .findings
        .iter()
        .filter(|finding| finding.verdict != Verdict::Passed)
        .map(|finding| finding.check)
        .collect();
    assert_eq!(failed, rows, "{does}:\n{report}");
    assert_eq!(report.passed(), rows.is_empty());
}

#[test]
fn one_that_does_nothing_bad_passes() {
    fails("NOTHING", &[]);
}

#[test]
fn a_look_at_the_clock_is_seen() {
    fails("TELLS_TIME", &["clock"]);
    fails("READS_CLOCK", &["clock"]);
    fails("READS_DAY", &["clock"]);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_processor_s_counter_is_a_clock() {
    fails("READS_COUNTER", &["clock"]);
}

#[test]
fn randomness_is_seen_or_shows() {
    fails("DRAWS", &["randomness"]);
    #[cfg(target_arch = "x86_64")]
    fails("ANSWERS_AT_RANDOM", &["concurrency", "purity"]);
}

#[test]
fn files_and_sockets_are_seen() {
    fails("OPENS_FILE", &["files"]);
    fails("WRITES", &["files"]);
    fails("OPENS_SOCKET", &["sockets"]);
}

#[test]
fn threads_and_processes_are_seen() {
    fails("FORKS", &["processes"]);
    // How far the thread had come when the watch began differs from time to time.
    let kept = judge("KEEPS_THREAD");
    let row = |name: &str| kept.check.findings.iter().find(|row| row.check == name);
    assert_ne!(row("threads").unwrap().verdict, Verdict::Passed, "{kept}");
    assert!(!kept.passed());
}

#[test]
fn memory_of_earlier_calls_shows() {
    fails("COUNTS", &["concurrency", "purity"]);
    fails("REMEMBERS_INSTANCE", &["purity"]);
}

#[test]
fn leaks_show() {
    fails("LEAKS", &["memory"]);
    fails("LEAKS_INSTANCES", &["instances"]);
}

#[test]
fn wrong_answers_fail_by_class() {
    fails("PANICS", &["panics"]);
    fails("GROWS_STATE", &["valid", "hostile", "malformed"]);
    fails("REFUSES", &["valid", "hostile"]);
}

#[test]
fn what_ends_or_stops_the_process_is_a_row_and_not_the_kit_s_end() {
    for (does, row) in [
        ("CRASHES", "crashes"),
        ("ABORTS", "crashes"),
        ("EXITS", "crashes"),
        ("DAWDLES", "time"),
    ] {
        let report = judge(does);
        assert_eq!(
            report.verdict(row),
            Some(Verdict::Failed),
            "{does}:\n{report}"
        );
    }
}

#[test]
fn a_thread_for_each_step_is_seen() {
    let report = judge("STARTS_THREAD");
    assert_eq!(report.verdict("threads"), Some(Verdict::Failed), "{report}");
}

#[test]
fn what_cannot_be_opened_is_told_in_its_row() {
    for (bad, row) in [
        (
            Bad {
                open: Some(Behaviour::NoInstance),
                ..Bad::default()
            },
            "settings",
        ),
        (
            Bad {
                open: Some(Behaviour::BadValue),
                ..Bad::default()
            },
            "settings",
        ),
        (
            Bad {
                open: Some(Behaviour::Hang),
                ..Bad::default()
            },
            "settings",
        ),
        (
            Bad {
                describe: Some(Behaviour::Garbage),
                ..Bad::default()
            },
            "description",
        ),
        (
            Bad {
                describe: Some(Behaviour::BadValue),
                ..Bad::default()
            },
            "description",
        ),
        (
            Bad {
                abi_major: Some(7),
                ..Bad::default()
            },
            "table",
        ),
    ] {
        let folder = PluginFolder::new().unwrap();
        let file = folder.bad("bad", &bad).unwrap();
        let report = report(&judged(&folder, &file, json!({})));
        assert!(!report.passed());
        let verdict = report.verdict(row);
        assert!(
            matches!(verdict, Some(Verdict::Failed | Verdict::Refused)),
            "{bad:?}:\n{report}"
        );
    }
}

#[test]
fn wrong_steps_of_every_kind_fail() {
    for behaviour in [
        Behaviour::Garbage,
        Behaviour::OtherShape,
        Behaviour::Oversized,
        Behaviour::OversizedState,
        Behaviour::Undeclared,
        Behaviour::BadValue,
        Behaviour::UnknownStatus,
    ] {
        let folder = PluginFolder::new().unwrap();
        let bad = Bad {
            step: Some(behaviour),
            ..Bad::default()
        };
        let file = folder.bad("bad", &bad).unwrap();
        let mut judged = judged(&folder, &file, json!({}));
        judged.effort.steps = 0;
        let report = report(&judged);
        assert_eq!(
            report.verdict("valid"),
            Some(Verdict::Failed),
            "{behaviour:?}:\n{report}"
        );
    }
}

/// A panic that is caught is a row of its own.
#[test]
fn a_panic_in_rust_is_counted() {
    let folder = PluginFolder::new().unwrap();
    let file = folder.panicking("panics").unwrap();
    let report = report(&judged(&folder, &file, json!({ "panics_in": "step" })));
    assert_eq!(report.verdict("panics"), Some(Verdict::Failed), "{report}");
    assert_eq!(report.verdict("crashes"), Some(Verdict::Passed), "{report}");
}

/// The same seed makes the same cases.
#[test]
fn a_seed_says_what_was_asked() {
    let (first, second) = (judge("PANICS"), judge("PANICS"));
    let panics = |report: &KitReport| {
        let findings = report.check.findings.iter();
        findings
            .filter(|finding| finding.check == "panics")
            .map(|finding| finding.detail.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(panics(&first), panics(&second));
}
