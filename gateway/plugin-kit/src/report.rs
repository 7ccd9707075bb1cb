//! The report: what was checked, how it came out, what was found.

use std::fmt;

use gateway_plugin_host::{CheckReport, Finding, Verdict};
use plugins_sdk::message::Description;
use serde::Serialize;

/// What was found about a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KitReport {
    /// The library, and every check in its order.
    #[serde(flatten)]
    pub check: CheckReport,
    /// What the random inputs were made from: the same seed makes the same again.
    pub seed: u64,
}

impl KitReport {
    pub(crate) fn new(check: CheckReport, seed: u64) -> Self {
        Self { check, seed }
    }

    /// Whether the plugin keeps the contract, as far as was looked.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.check.passed()
    }

    /// How a check came out, if it was made.
    #[must_use]
    pub fn verdict(&self, check: &str) -> Option<Verdict> {
        let findings = &self.check.findings;
        let finding = findings.iter().find(|finding| finding.check == check);
        finding.map(|finding| finding.verdict)
    }

    pub(crate) fn describe(&mut self, description: &Description) {
        self.check.description = Some(description.clone());
    }

    pub(crate) fn pass(&mut self, check: &'static str, detail: impl Into<String>) {
        self.add(check, Verdict::Passed, detail);
    }

    pub(crate) fn fail(&mut self, check: &'static str, detail: impl Into<String>) {
        self.add(check, Verdict::Failed, detail);
    }

    pub(crate) fn skip(&mut self, check: &'static str, detail: impl Into<String>) {
        self.add(check, Verdict::Skipped, detail);
    }

    /// Passes where there is nothing wrong.
    pub(crate) fn judge(
        &mut self,
        check: &'static str,
        wrong: Option<String>,
        well: impl Into<String>,
    ) {
        match wrong {
            Some(wrong) => self.fail(check, wrong),
            None => self.pass(check, well),
        }
    }

    fn add(&mut self, check: &'static str, verdict: Verdict, detail: impl Into<String>) {
        // One row, one line, whatever a plugin says.
        let detail = detail.into().replace(|c: char| c.is_control(), " ");
        self.check.findings.push(Finding {
            check,
            verdict,
            detail,
        });
    }
}

impl fmt::Display for KitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.check, f)?;
        let count = |verdict| {
            let findings = self.check.findings.iter();
            findings
                .filter(|finding| finding.verdict == verdict)
                .count()
        };
        writeln!(
            f,
            "{}: {} checks passed, {} failed, {} skipped (seed {})",
            if self.passed() { "passed" } else { "FAILED" },
            count(Verdict::Passed),
            count(Verdict::Failed) + count(Verdict::Refused),
            count(Verdict::Skipped),
            self.seed
        )
    }
}
