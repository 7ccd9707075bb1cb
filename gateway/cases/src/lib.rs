//! Files of questions for the rules: a table of cases that anyone can run, without Rust and without a gateway.
//!
//! A file holds settings, facts and one question for each case, and what the answer is expected to be. [`run`] answers
//! every case by the same functions as the gateway does. The format is described in `tests/cases/README.md`, and by
//! [`schema`].

mod answer;
mod ask;
mod contained;
mod json;
mod moment;
mod problem;
mod read;
mod structure;
mod wire;

pub use answer::Answered;
pub use problem::Problem;

use std::cell::RefCell;

use serde_json::Value;

/// Answers every case of a file, in its order.
///
/// # Errors
/// Every [`Problem`] that could be found; then nothing is answered.
pub fn run(text: &str) -> Result<Vec<Answered>, Vec<Problem>> {
    let problems = RefCell::new(Vec::new());
    let asked: Vec<ask::Asked> = wire::read(text, &problems)
        .iter()
        .filter_map(|(case, at)| ask::Asked::read(case, at))
        .collect();
    let problems = problems.into_inner();
    if problems.is_empty() {
        Ok(asked.iter().map(ask::Asked::answer).collect())
    } else {
        Err(problems)
    }
}

/// The JSON schema of such a file.
#[must_use]
pub fn schema() -> Value {
    wire::schema()
}
