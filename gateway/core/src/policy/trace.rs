//! How a decision explains itself.

use super::{Challenge, Denial};

/// What one rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule has nothing against it.
    Pass,
    /// The rule does not concern this case.
    NotApplicable,
    /// The rule asks for something first.
    Challenge(Challenge),
    /// The rule refuses.
    Deny(Denial),
}

/// One rule that was consulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// As whom the case was judged: `person`, `link`.
    pub path: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// What it found.
    pub verdict: Verdict,
    /// The setting it rested on, as operators spell it; empty when there is none.
    pub setting: &'static str,
    /// The value of that setting in effect; empty when there is none.
    pub value: &'static str,
}

/// Receives the rules as they are consulted.
pub trait Trace {
    /// Whether anybody listens. If not, judging stops at the first refusal and nothing is recorded.
    fn listens(&self) -> bool;

    /// Takes one entry.
    fn consulted(&mut self, entry: TraceEntry);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    fn listens(&self) -> bool {
        false
    }

    fn consulted(&mut self, _entry: TraceEntry) {}
}

/// Keeps every entry, in order.
#[derive(Clone, Debug, Default)]
pub struct Recorded(pub Vec<TraceEntry>);

impl Trace for Recorded {
    fn listens(&self) -> bool {
        true
    }

    fn consulted(&mut self, entry: TraceEntry) {
        self.0.push(entry);
    }
}
