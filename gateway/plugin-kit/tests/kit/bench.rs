//! How a test judges.
#![expect(
    clippy::print_stdout,
    reason = "what was found is told where a test fails"
)]

use std::fs;
use std::path::Path;

use bad_plugins::PluginFolder;
use gateway_plugin_host::FileHash;
use gateway_plugin_kit::{Effort, Judged, KitReport, judge};
use serde_json::Value;

/// What the kit is told of a library in `folder`.
pub(crate) fn judged(folder: &PluginFolder, file: &Path, settings: Value) -> Judged {
    Judged {
        file: file.to_owned(),
        sha256: FileHash::of(&fs::read(file).unwrap()),
        trust_root: Some(folder.path().to_owned()),
        settings,
        seed: 1,
        program: vec![env!("CARGO_BIN_EXE_plugin-kit").to_owned()],
        effort: Effort {
            random: 400,
            ..Effort::default()
        },
    }
}

/// Judges and prints: `--nocapture` shows the tables.
pub(crate) fn report(judged: &Judged) -> KitReport {
    let report = judge(judged);
    println!("{report}");
    report
}
