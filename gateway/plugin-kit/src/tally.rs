//! What the answers had in common, counted while they come.

use std::collections::BTreeMap;
use std::time::Duration;

use plugins_sdk::abi::{STATUS_MALFORMED, STATUS_PANIC};
use plugins_sdk::message::{Description, Step};
use plugins_sdk::{limits, rules, versions};
use serde_json::Value;

use crate::CLASSES;
use crate::cases::{Case, Class};
use crate::process::Broken;
use crate::report::KitReport;
use crate::wire::Reply;

/// Wrong answers of a class after which no more of it is asked.
const MOST_WRONG: usize = 100;

/// Counts of everything that was asked.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    asked: BTreeMap<Class, usize>,
    wrong: BTreeMap<Class, Wrong>,
    kinds: BTreeMap<&'static str, usize>,
    panics: Wrong,
    crashes: Wrong,
    late: Wrong,
    nanos: Vec<u64>,
    slowest: (u64, String),
    largest_state: usize,
    largest_answer: usize,
    given_up: bool,
}

/// What went wrong how often, and the first time.
#[derive(Debug, Default)]
pub(crate) struct Wrong {
    times: usize,
    first: String,
}

impl Wrong {
    pub(crate) fn add(&mut self, label: &str, problem: &str) {
        if self.times == 0 {
            self.first = format!("{label}: {problem}");
        }
        self.times += 1;
    }

    pub(crate) fn told(&self) -> Option<String> {
        (self.times > 0).then(|| format!("{} times, first at {}", self.times, self.first))
    }
}

impl Tally {
    /// Judges an answer; the step where it is one that the gateway acts on.
    pub(crate) fn answered(
        &mut self,
        case: &Case,
        reply: &Reply,
        minor: u16,
        description: &Description,
        fetch_hosts: &[String],
    ) -> Option<Step> {
        *self.asked.entry(case.class).or_default() += 1;
        self.nanos.push(reply.nanos);
        if reply.nanos > self.slowest.0 {
            self.slowest = (reply.nanos, case.label.clone());
        }
        self.largest_answer = self.largest_answer.max(reply.answer.bytes.len());
        if reply.answer.status == STATUS_PANIC {
            let message = String::from_utf8_lossy(&reply.answer.bytes).into_owned();
            self.panics.add(&case.label, &message);
            return None;
        }
        match judge(case, reply, minor, description, fetch_hosts) {
            Ok(step) => {
                if let Some(step) = &step {
                    *self.kinds.entry(step.kind()).or_default() += 1;
                    self.largest_state = self.largest_state.max(state_of(step));
                }
                step
            }
            Err(problem) => {
                let wrong = self.wrong.entry(case.class).or_default();
                wrong.add(&case.label, &problem);
                None
            }
        }
    }

    /// Whether so much of a class was wrong that more of it tells nothing new.
    pub(crate) fn has_seen_enough(&self, class: Class) -> bool {
        let wrong = self.wrong.get(&class);
        wrong.is_some_and(|wrong| wrong.times >= MOST_WRONG)
    }

    /// No answer came.
    pub(crate) fn broke(&mut self, label: &str, broken: &Broken) {
        match broken {
            Broken::TooLate(_) => self.late.add(label, &broken.to_string()),
            Broken::Ended(_) | Broken::NotLoaded(_) | Broken::NotStarted(_) => {
                self.crashes.add(label, &broken.to_string());
            }
        }
    }

    /// It broke too often: the rest was not asked.
    pub(crate) fn give_up(&mut self) {
        self.given_up = true;
    }

    pub(crate) fn report(&self, report: &mut KitReport) {
        for class in CLASSES {
            let asked = self.asked.get(&class).copied().unwrap_or_default();
            let wrong = self.wrong.get(&class).and_then(Wrong::told);
            if self.given_up && wrong.is_none() {
                report.skip(
                    class.row(),
                    format!("{asked} inputs, then it broke too often"),
                );
            } else if asked == 0 {
                report.skip(class.row(), "nothing was asked");
            } else {
                report.judge(class.row(), wrong, self.describe(class, asked));
            }
        }
        report.judge("panics", self.panics.told(), "none");
        report.judge("crashes", self.crashes.told(), "none");
        report.judge("time", self.late.told(), self.times());
        report.pass(
            "sizes",
            format!(
                "largest state {} of {} bytes, largest answer {} of {} bytes",
                self.largest_state,
                limits::STATE_BYTES,
                self.largest_answer,
                limits::ANSWER_BYTES
            ),
        );
    }

    fn describe(&self, class: Class, asked: usize) -> String {
        match class {
            Class::Valid => {
                let kinds = self
                    .kinds
                    .iter()
                    .map(|(kind, count)| format!("{kind} {count}"));
                let kinds: Vec<String> = kinds.collect();
                format!("{asked} inputs; steps of all classes: {}", kinds.join(", "))
            }
            Class::Hostile => format!("{asked} inputs, none answered against the rules"),
            Class::Random => format!("{asked} inputs, each refused or answered with a step"),
            Class::Malformed => format!("{asked} inputs, each refused or answered by the rules"),
        }
    }

    fn times(&self) -> String {
        let mut nanos = self.nanos.clone();
        nanos.sort_unstable();
        let median = nanos.get(nanos.len() / 2).copied().unwrap_or_default();
        let (worst, label) = &self.slowest;
        format!(
            "median {:?}, worst {:?} of {:?} ({label})",
            Duration::from_nanos(median),
            Duration::from_nanos(*worst),
            limits::DEADLINE
        )
    }
}

fn judge(
    case: &Case,
    reply: &Reply,
    minor: u16,
    description: &Description,
    fetch_hosts: &[String],
) -> Result<Option<Step>, String> {
    let may_refuse = matches!(case.class, Class::Malformed | Class::Random);
    if reply.answer.status == STATUS_MALFORMED && !reply.answer.too_large && may_refuse {
        return Ok(None);
    }
    // To what is no JSON there is no wrong answer, as long as one comes: the gateway never sends it.
    let no_json = || serde_json::from_slice::<Value>(&case.bytes).is_err();
    if may_refuse && !reply.answer.too_large && no_json() {
        return Ok(reply.answer.read().ok());
    }
    let step: Step = reply.answer.read().map_err(|failed| failed.to_string())?;
    if case.class != Class::Random {
        versions::check_step(&step, minor).map_err(|rule| rule.to_string())?;
    }
    // A state that was changed at random can say anything, such as another host; the gateway keeps states, and holds
    // the answer against the rules itself.
    let judged = case.event.as_ref().filter(|_| case.class != Class::Random);
    let Some(event) = judged else {
        return Ok(Some(step));
    };
    rules::accept_step(step, event, description, fetch_hosts)
        .map(Some)
        .map_err(|rule| rule.to_string())
}

fn state_of(step: &Step) -> usize {
    match step {
        Step::Redirect { state, .. }
        | Step::Post { state, .. }
        | Step::Show { state, .. }
        | Step::Fetch { state, .. }
        | Step::Mail { state, .. } => state.len(),
        Step::Done { .. }
        | Step::Document { .. }
        | Step::Ended { .. }
        | Step::SignedOut {}
        | Step::Reject { .. } => 0,
    }
}
