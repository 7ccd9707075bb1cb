//! Bytes of one request, counted while they pass.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of bodies and tunnels, without heads.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    received: AtomicU64,
    sent: AtomicU64,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client.
    Received,
    /// To the client.
    Sent,
}

impl Traffic {
    /// Counts bytes.
    pub(crate) fn count(&self, direction: Direction, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        match direction {
            Direction::Received => self.received.fetch_add(bytes, Ordering::Relaxed),
            Direction::Sent => self.sent.fetch_add(bytes, Ordering::Relaxed),
        };
    }

    /// Bytes from the client so far.
    #[must_use]
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Bytes to the client so far.
    #[must_use]
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}
