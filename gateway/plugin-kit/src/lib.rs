//! Judges a provider by what it does: the conformance kit.
//!
//! [`judge`] asks a plugin every kind of event, as a well-meant sign-in brings it about and as nobody should, and sees
//! whether the answers keep the contract of `plugins/sdk`: the same for the same input, within the limits, in time,
//! without a look at clock, files or network, and without growing. Its code runs in processes of their own, which the
//! kit starts from a program whose [`child`] mode does what it is told, so that a crash is a row of the report.
//!
//! ```text
//! judge ─► inspect (plugin-host: file, table, hash) ─► Process ─frames─► child ─► Direct (plugin-host)
//!       ├► cases: valid, by following every step ─► hostile ─► malformed ─► random
//!       ├► watch: the same under ptrace(2)
//!       └► purity, memory ─► rows
//! ```

mod asking;
mod cases;
mod child;
mod endurance;
mod manifest;
mod mark;
mod process;
mod purity;
mod random;
mod report;
mod tally;
mod watch;
mod watched;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use gateway_plugin_host::{FileHash, inspect_file};
use plugins_sdk::limits;
use serde_json::Value;

pub use child::run as child;
pub use report::KitReport;

use crate::asking::Asking;
use crate::cases::Class;
use crate::process::Launch;

/// What is to be judged, and how.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The library: `DIRECTORY/NAME.so`.
    pub file: PathBuf,
    /// Its SHA-256, by which somebody says that it is the file they mean.
    pub sha256: FileHash,
    /// The outermost folder that must not be writable by others.
    pub trust_root: Option<PathBuf>,
    /// The settings it is opened with, secrets resolved.
    pub settings: Value,
    /// What the random cases are made from.
    pub seed: u64,
    /// A program with its first arguments, which hands those that follow to [`child`].
    pub program: Vec<String>,
    /// How much is done.
    pub effort: Effort,
}

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Time for a step.
    pub patience: Duration,
    /// Inputs that are made at random.
    pub random: usize,
    /// Steps over which memory may not grow; 0 leaves memory alone.
    pub steps: u32,
    /// Whether system calls are watched.
    pub watch: bool,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            patience: limits::DEADLINE,
            random: 2000,
            steps: 10_000,
            watch: true,
        }
    }
}

/// Judges a plugin. Takes seconds; blocks.
#[must_use]
pub fn judge(judged: &Judged) -> KitReport {
    let check = inspect_file(
        &judged.file,
        Some(judged.sha256),
        judged.trust_root.as_deref(),
    );
    let mut report = KitReport::new(check, judged.seed);
    if !report.passed() {
        report.skip("load", "none of its code was run");
        return report;
    }
    let launch = Launch {
        program: judged.program.clone(),
        file: judged.file.clone(),
        sha256: judged.sha256.to_string(),
        trust_root: judged.trust_root.clone(),
        patience: judged.effort.patience,
    };
    let Some(mut asking) = manifest::open(&launch, judged, &mut report) else {
        return report;
    };
    let valid = asking.follow_every_step();
    let damaged = asking.ask_damaged(&valid, judged);
    let sample = asking::sample(&valid, &damaged);
    purity::check(&mut asking, &sample, &mut report);
    if judged.effort.watch {
        watched::check(&mut asking, &sample, &mut report);
    }
    asking.tally.report(&mut report);
    if judged.effort.steps > 0 {
        endurance::check(&mut asking, &sample, judged.effort.steps, &mut report);
    }
    finish(asking, &mut report);
    report
}

/// The process ends well once nothing more is asked.
fn finish(asking: Asking, report: &mut KitReport) {
    match asking.finish() {
        Ok(()) => {}
        Err(how) => report.fail(
            "end",
            format!("the process that ran it did not end well: {how}"),
        ),
    }
}

/// Rows of the classes, in their order.
pub(crate) const CLASSES: [Class; 4] = Class::ALL;
