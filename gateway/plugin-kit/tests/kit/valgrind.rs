//! The boundary under valgrind: what the kit asks, with every access to memory looked at.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what was found is told where a test fails"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bad_plugins::PluginFolder;
use gateway_plugin_host::Verdict;
use gateway_plugin_kit::{Effort, Judged, KitReport};
use serde_json::{Value, json};

use crate::bench::{judged, report};

/// What valgrind ends with where it found something.
const FOUND: &str = "99";

/// The kit over a library whose process runs under valgrind; nothing where that is not installed.
fn under_valgrind(folder: &PluginFolder, file: &Path, settings: Value) -> Option<KitReport> {
    let found = Command::new("valgrind").arg("--version").output();
    if found.is_err() {
        eprintln!("VALGRIND IS NOT INSTALLED: the boundary was not looked at");
        return None;
    }
    let log = folder.path().join("valgrind.log");
    let valgrind = [
        "valgrind",
        "--quiet",
        &format!("--error-exitcode={FOUND}"),
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--show-leak-kinds=definite",
        &format!("--log-file={}", log.display()),
    ];
    let judged = judged(folder, file, settings);
    let program = valgrind.map(str::to_owned).into_iter();
    let report = report(&Judged {
        program: program.chain(judged.program.clone()).collect(),
        effort: Effort {
            patience: Duration::from_secs(60),
            random: 200,
            steps: 0,
            watch: false,
        },
        ..judged
    });
    let found = fs::read_to_string(log).unwrap_or_default();
    println!("{found}");
    Some(report)
}

#[track_caller]
fn is_clean(folder: &PluginFolder, file: &Path, settings: Value) {
    if let Some(report) = under_valgrind(folder, file, settings) {
        assert!(report.passed(), "{report}");
    }
}

#[test]
fn the_boundary_of_the_example_in_c_is_clean() {
    let folder = PluginFolder::new().unwrap();
    let file = folder.badge("badge").unwrap();
    let badge = json!({ "number": "B-100", "pin": "4711", "address": "kim@fabrikam.example" });
    is_clean(&folder, &file, json!({ "badges": [badge] }));
}

#[test]
fn the_boundary_of_a_provider_in_rust_is_clean() {
    let folder = PluginFolder::new().unwrap();
    let file = folder.built("otp", "plugins_email_otp").unwrap();
    is_clean(&folder, &file, json!({}));
}

/// Both would go unseen without it.
#[test]
fn what_reads_beyond_its_message_or_leaks_is_found() {
    for does in ["READS_BEYOND", "LEAKS_INSTANCES"] {
        let folder = PluginFolder::new().unwrap();
        let file = folder.impure("impure", does).unwrap();
        if let Some(report) = under_valgrind(&folder, &file, json!({})) {
            assert_eq!(
                report.verdict("end"),
                Some(Verdict::Failed),
                "{does}:\n{report}"
            );
        }
    }
}
