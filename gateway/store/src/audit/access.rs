//! Access events on their way to the store: taken without waiting, written in batches, counted where they are too many.
//!
//! The request path holds a lock for as long as it takes to look up what is counted and to append to a queue; it never
//! waits for the store. When the queue is full, because the store is slower than the requests or away, events are
//! counted instead ([`super::overflow`]), refusals and accesses alike.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use tokio::sync::Notify;

use super::counting::{Counting, Told};
use super::overflow::Overflow;
use crate::model::AuditEvent;

/// Events that wait to be written, at most.
const QUEUED: usize = 16_384;

/// What is sampled: reading. Who opened a link, and who changed something, is always written.
const READING: [&str; 6] = [
    "FileAccessed",
    "FileAccessedExtended",
    "FileDownloaded",
    "FilePreviewed",
    "FolderAccessed",
    "PageViewed",
];

/// How the audit is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    /// Which allowed accesses are written.
    pub allowed_access: AllowedAccess,
    /// Identical refusals within a minute that are written one by one, at least 1; the others are counted.
    pub denials_per_minute: u64,
    /// A checkpoint is signed after so many records of a chain, at least 1,
    pub checkpoint_records: u64,
    /// and after this long, where there are new ones.
    pub checkpoint_interval: Duration,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            allowed_access: AllowedAccess::All,
            denials_per_minute: 10,
            checkpoint_records: 1_000,
            checkpoint_interval: Duration::from_secs(600),
        }
    }
}

/// Which allowed accesses that only read are written. Refusals, uses of links and accesses that change something always
/// are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedAccess {
    /// All of them.
    All,
    /// None.
    None,
    /// By chance one in so many, and the record says so.
    OneIn(NonZeroU64),
}

/// Events that are not written yet.
#[derive(Debug)]
pub(crate) struct Waiting {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug)]
struct State {
    allowed: AllowedAccess,
    counting: Counting,
    queue: VecDeque<Told>,
    overflow: Overflow,
    chance: u64,
}

impl Waiting {
    /// - `seed`: random; which accesses are sampled comes of it.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        let settings = AuditSettings::default();
        Self {
            state: Mutex::new(State {
                allowed: settings.allowed_access,
                counting: Counting::new(settings.denials_per_minute),
                queue: VecDeque::new(),
                overflow: Overflow::default(),
                // Xorshift stays at 0 for good.
                chance: seed | 1,
            }),
            wake: Notify::new(),
        }
    }

    /// Goes on by these settings.
    pub(crate) fn configure(&self, settings: &AuditSettings) {
        let state = &mut *self.lock();
        state.allowed = settings.allowed_access;
        state.counting.configure(settings.denials_per_minute);
    }

    /// Takes an event.
    pub(crate) fn take(&self, tenant: &TenantId, at: UnixTime, mut event: AuditEvent) {
        let state = &mut *self.lock();
        if !state.is_wanted(&mut event) {
            return;
        }
        let waited = state.queue.is_empty();
        let told = Told {
            tenant: tenant.clone(),
            at,
            event,
        };
        let (queue, overflow) = (&mut state.queue, &mut state.overflow);
        let mut out = |told| put(queue, overflow, told);
        if let Some(told) = state.counting.take(told, &mut out) {
            out(told);
        }
        if waited && !state.queue.is_empty() {
            self.wake.notify_one();
        }
    }

    /// Waits until there is something to write.
    pub(crate) async fn something(&self) {
        self.wake.notified().await;
    }

    /// What is to be written next, at most `limit`, oldest first; what was counted comes after what was queued.
    ///
    /// - `now`: counts that are due then are among it.
    pub(crate) fn next(&self, limit: usize, now: UnixTime) -> Vec<Told> {
        let state = &mut *self.lock();
        let (queue, overflow) = (&mut state.queue, &mut state.overflow);
        state
            .counting
            .close_due(now, &mut |told| put(queue, overflow, told));
        state.drain(limit)
    }

    /// Like [`Waiting::next`], with everything that is being counted, due or not.
    pub(crate) fn rest(&self, limit: usize) -> Vec<Told> {
        let state = &mut *self.lock();
        state.close_all();
        state.drain(limit)
    }

    /// How many events are not written yet: records, and what they count.
    pub(crate) fn unwritten(&self) -> u64 {
        let state = &mut *self.lock();
        state.close_all();
        let overflown = state.overflow.take();
        let all = state.queue.iter().chain(&overflown);
        all.map(|told| told.event.count).sum()
    }

    /// A panic elsewhere left the counts as they were after a whole event, or without it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_wanted(&mut self, event: &mut AuditEvent) -> bool {
        if event.decision != "allow" || !READING.contains(&event.operation.as_str()) {
            return true;
        }
        match self.allowed {
            AllowedAccess::All => true,
            AllowedAccess::None => false,
            AllowedAccess::OneIn(many) => {
                // Xorshift64 (Marsaglia 2003). Who cannot see the audit cannot see what it lets out.
                self.chance ^= self.chance << 13;
                self.chance ^= self.chance >> 7;
                self.chance ^= self.chance << 17;
                event
                    .more
                    .insert("SampledOneIn".to_owned(), many.get().into());
                self.chance % many == 0
            }
        }
    }

    fn close_all(&mut self) {
        let (queue, overflow) = (&mut self.queue, &mut self.overflow);
        self.counting
            .close_all(&mut |told| put(queue, overflow, told));
    }

    fn drain(&mut self, limit: usize) -> Vec<Told> {
        if self.queue.is_empty() && !self.overflow.is_empty() {
            self.queue.extend(self.overflow.take());
        }
        let count = self.queue.len().min(limit);
        self.queue.drain(..count).collect()
    }
}

fn put(queue: &mut VecDeque<Told>, overflow: &mut Overflow, told: Told) {
    if queue.len() < QUEUED {
        queue.push_back(told);
    } else {
        overflow.add(told);
    }
}

#[cfg(test)]
mod tests;
