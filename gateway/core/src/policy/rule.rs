//! Rules as rows of a table: each question has one, judged from top to bottom.

use super::trace::{Basis, Trace, TraceEntry, Verdict};
use super::{Challenge, Denial};

/// One rule about cases of the type `C`.
pub(super) struct Rule<C> {
    /// Its name in traces.
    pub(super) name: &'static str,
    /// What it finds.
    pub(super) judge: fn(&C) -> Verdict,
    /// What it rests on.
    pub(super) basis: fn(&C) -> Basis,
}

/// Why not, and which rule says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) path: &'static str,
    pub(super) rule: &'static str,
    pub(super) why: Why,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Challenge(Challenge),
    Request(Denial),
    Deny(Denial),
}

/// Judges `case` by `rules`, in their order. The first refusal is the outcome; a trace that listens is told of all.
pub(super) fn run<C>(
    path: &'static str,
    rules: &[Rule<C>],
    case: &C,
    trace: &mut dyn Trace,
) -> Result<(), Refusal> {
    let listens = trace.listens();
    let mut outcome = Ok(());
    for rule in rules {
        let verdict = (rule.judge)(case);
        if listens {
            trace.consulted(TraceEntry {
                path,
                rule: rule.name,
                verdict,
                basis: (rule.basis)(case),
            });
        }
        let why = match verdict {
            Verdict::Pass | Verdict::NotApplicable => continue,
            Verdict::Challenge(challenge) => Why::Challenge(challenge),
            Verdict::Request(denial) => Why::Request(denial),
            Verdict::Deny(denial) => Why::Deny(denial),
            // Only settings are rejected. A rule about anything else that says so must not let it pass.
            Verdict::Reject => Why::Deny(Denial::FactsMissing),
        };
        if outcome.is_ok() {
            outcome = Err(Refusal {
                path,
                rule: rule.name,
                why,
            });
        }
        if !listens {
            break;
        }
    }
    outcome
}

/// For rules that rest on no setting.
pub(super) fn no_setting<C>(_case: &C) -> Basis {
    Basis::NONE
}

/// A check that refuses or passes.
pub(super) fn deny_or_pass(judged: Result<(), Denial>) -> Verdict {
    judged.map_or_else(Verdict::Deny, |()| Verdict::Pass)
}
