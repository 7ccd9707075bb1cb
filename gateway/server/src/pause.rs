//! Measures how long nothing moves, without reading a clock whenever something does.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Sleep;

/// Ends a stillness between one and two times its limit after the last movement.
pub(crate) struct Pause {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    moved: bool,
}

impl Pause {
    /// A pause may last for `limit`.
    #[must_use]
    pub(crate) const fn new(limit: Duration) -> Self {
        Self {
            limit,
            sleep: None,
            moved: false,
        }
    }

    /// Something moved.
    pub(crate) const fn moved(&mut self) {
        self.moved = true;
    }

    /// Nothing moves right now. Ready when that has been so for too long.
    pub(crate) fn poll_too_long(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let sleep = self
                .sleep
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(self.limit)));
            ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
            if !std::mem::take(&mut self.moved) {
                return Poll::Ready(());
            }
        }
    }
}
