//! What a journey tells while it goes on.

use std::future::Future;

use crate::Outcome;

/// Whoever listens to journeys: the tour prints each step, the tests hear only of the one that failed.
pub trait Listener {
    /// A journey begins.
    fn begins(&mut self, title: &str);
    /// A step has ended; `failure` says what was expected and what was found.
    fn ended(&mut self, step: &str, failure: Option<&str>);
}

/// Runs the steps of one journey and tells how they end.
pub struct Report<'a> {
    listener: &'a mut dyn Listener,
}

/// Hears everything and says nothing.
pub struct Silent;

impl<'a> Report<'a> {
    /// A report of the journey called `title`.
    pub fn new(title: &str, listener: &'a mut dyn Listener) -> Self {
        listener.begins(title);
        Self { listener }
    }

    /// Does one step. What it comes to is handed on; after a failure the journey cannot go on.
    ///
    /// # Errors
    /// The step's own, with the step in front.
    pub async fn step<T>(
        &mut self,
        step: &str,
        doing: impl Future<Output = Outcome<T>>,
    ) -> Outcome<T> {
        let done = doing.await;
        let failure = done.as_ref().err().map(ToString::to_string);
        self.listener.ended(step, failure.as_deref());
        done.map_err(|why| format!("{step}: {why}").into())
    }
}

impl Listener for Silent {
    fn begins(&mut self, _: &str) {}
    fn ended(&mut self, _: &str, _: Option<&str>) {}
}
