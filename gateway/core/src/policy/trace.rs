//! How a decision explains itself.

use super::{Challenge, Denial};
use crate::settings::{Effective, Source};

/// What one rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule has nothing against it.
    Pass,
    /// The rule does not concern this case.
    NotApplicable,
    /// The rule asks for something first.
    Challenge(Challenge),
    /// The rule refuses, but the owner may be asked.
    Request(Denial),
    /// The rule refuses.
    Deny(Denial),
    /// The rule does not let the settings be so.
    Reject,
}

impl Verdict {
    /// Its name in traces: `pass`, `not-applicable`, `challenge`, `request`, `deny`, `reject`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
            Self::Challenge(_) => "challenge",
            Self::Request(_) => "request",
            Self::Deny(_) => "deny",
            Self::Reject => "reject",
        }
    }

    /// The documented code of a refusal or challenge; empty otherwise.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pass | Self::NotApplicable | Self::Reject => "",
            Self::Challenge(challenge) => challenge.code(),
            Self::Request(denial) | Self::Deny(denial) => denial.code(),
        }
    }
}

/// A value in effect, as a trace shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// None.
    Nothing,
    /// A word.
    Word(&'static str),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
}

impl Shown {
    /// A number of entries in a list.
    pub(super) fn count(length: usize) -> Self {
        Self::Number(i64::try_from(length).unwrap_or(i64::MAX))
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Word(word) => f.write_str(word),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// The setting that a rule rested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// Its name, as operators spell it; empty when there is none.
    pub setting: &'static str,
    /// The value in effect.
    pub value: Shown,
    /// Where the value came from; none where there is no setting.
    pub source: Option<Source>,
}

impl Basis {
    /// No setting.
    pub const NONE: Self = Self {
        setting: "",
        value: Shown::Nothing,
        source: None,
    };

    /// A setting with its value.
    #[must_use]
    pub const fn new(setting: &'static str, value: Shown, source: Source) -> Self {
        Self {
            setting,
            value,
            source: Some(source),
        }
    }
}

impl From<Effective<bool>> for Basis {
    fn from(effective: Effective<bool>) -> Self {
        Self::new(
            effective.setting,
            Shown::Flag(effective.value),
            effective.source,
        )
    }
}

/// One rule that was consulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// As whom, or about whom, the case was judged: `person`, `link`, `share`, `redeem`, `configure`.
    pub path: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// What it found.
    pub verdict: Verdict,
    /// What it rested on.
    pub basis: Basis,
}

/// Receives the rules as they are consulted.
pub trait Trace {
    /// Whether anybody listens. If not, judging stops at the first refusal and nothing is recorded.
    fn listens(&self) -> bool;

    /// Takes one entry.
    fn consulted(&mut self, entry: TraceEntry);

    /// Is told which rule decided, after the last entry.
    fn decided(&mut self, path: &'static str, rule: &'static str);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    fn listens(&self) -> bool {
        false
    }

    fn consulted(&mut self, _entry: TraceEntry) {}

    fn decided(&mut self, _path: &'static str, _rule: &'static str) {}
}

/// Keeps every entry, in order.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The entries.
    pub entries: Vec<TraceEntry>,
    /// Path and name of the rule that decided.
    pub decided: Option<(&'static str, &'static str)>,
}

impl Recorded {
    /// The entry of the rule that decided.
    #[must_use]
    pub fn decider(&self) -> Option<&TraceEntry> {
        let (path, rule) = self.decided?;
        self.entries
            .iter()
            .find(|entry| entry.path == path && entry.rule == rule)
    }
}

impl Trace for Recorded {
    fn listens(&self) -> bool {
        true
    }

    fn consulted(&mut self, entry: TraceEntry) {
        self.entries.push(entry);
    }

    fn decided(&mut self, path: &'static str, rule: &'static str) {
        self.decided = Some((path, rule));
    }
}
