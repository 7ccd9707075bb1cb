//! How a change is told to a trace.

use super::{Consequence, Rejection, Scope, Settings, effective};
use crate::cloud::Clouds;
use crate::policy::trace::{Basis, Shown, Trace, TraceEntry, Verdict};
use crate::settings::effective::find;
use crate::settings::value::Kind;

type Concerns = fn(&Consequence) -> bool;

/// What a trace shows of a setting: its value in effect.
pub(super) fn basis(
    settings: &Settings,
    asked: Option<&(Scope, String)>,
    clouds: &Clouds,
) -> Basis {
    let Some((scope, name)) = asked else {
        return Basis::NONE;
    };
    let (Some(setting), Some((value, source))) = (
        find(scope.table(), name),
        effective(settings, scope, name, clouds),
    ) else {
        return Basis::NONE;
    };
    let shown = match setting.kind {
        Kind::Flag => value.parse().map_or(Shown::Nothing, Shown::Flag),
        Kind::Number { .. } => value.parse().map_or(Shown::Nothing, Shown::Number),
        Kind::Word(words) | Kind::WordOrFlag(words) => {
            let word = words.iter().find(|word| **word == value);
            word.map_or(Shown::Nothing, |word| Shown::Word(word))
        }
        Kind::Words(_)
        | Kind::Domains { .. }
        | Kind::DomainCharacters { .. }
        | Kind::Groups { .. }
        | Kind::Ranges
        | Kind::Addresses
        | Kind::Text => Shown::Nothing,
    };
    Basis::new(setting.name, shown, source)
}

/// Tells the trace, rule by rule, and keeps what is rejected.
pub(super) struct Report<'a> {
    trace: &'a mut dyn Trace,
    pub(super) rejections: Vec<Rejection>,
    first: Option<&'static str>,
}

impl<'a> Report<'a> {
    const PATH: &'static str = "configure";

    pub(super) const fn new(trace: &'a mut dyn Trace) -> Self {
        Self {
            trace,
            rejections: Vec::new(),
            first: None,
        }
    }

    fn consult(&mut self, rule: &'static str, verdict: Verdict, basis: Basis) {
        if self.trace.listens() {
            self.trace.consulted(TraceEntry {
                path: Self::PATH,
                rule,
                verdict,
                basis,
            });
        }
    }

    pub(super) fn judge(&mut self, rule: &'static str, basis: Basis, found: Vec<Rejection>) {
        let verdict = if found.is_empty() {
            Verdict::Pass
        } else {
            self.first.get_or_insert(rule);
            Verdict::Reject
        };
        self.consult(rule, verdict, basis);
        self.rejections.extend(found);
    }

    pub(super) fn rejected(&mut self) -> bool {
        if let Some(rule) = self.first {
            self.trace.decided(Self::PATH, rule);
        }
        self.first.is_some()
    }

    /// What came of the changes, told as rules: the first of them that did something is the one that decided.
    pub(super) fn taken(&mut self, consequences: &[Consequence], basis: Basis) {
        let rules: [(&'static str, Concerns); 5] = [
            ("other-list", |one| {
                matches!(one, Consequence::ListDiscarded { .. })
            }),
            ("link-life", |one| {
                matches!(one, Consequence::LinkShortened(..))
            }),
            ("ceilings", |one| {
                matches!(one, Consequence::Sleeps { .. } | Consequence::Wakes { .. })
            }),
            ("warnings", |one| matches!(one, Consequence::Warning { .. })),
            ("effective", |one| {
                matches!(one, Consequence::Effective { .. })
            }),
        ];
        let mut decided = None;
        for (rule, concerns) in rules {
            let verdict = if consequences.iter().any(concerns) {
                decided.get_or_insert(rule);
                Verdict::Pass
            } else {
                Verdict::NotApplicable
            };
            self.consult(rule, verdict, basis);
        }
        self.trace
            .decided(Self::PATH, decided.unwrap_or("effective"));
    }
}
