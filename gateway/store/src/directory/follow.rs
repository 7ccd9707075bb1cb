//! Following what changes in the store, whoever changed it, and knowing how old that knowledge is.
//!
//! Every change has its number in the order of the commits. What is held in memory is the state after the change with
//! a certain number; following reads what came after it. That is done after every commit of this process, before it is
//! acknowledged; and as a heartbeat, for what others commit. A heartbeat that fails makes knowledge older, never wrong;
//! once it is older than the configured staleness nothing rests on it any more.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use gateway_core::time::UnixTime;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout};

use super::held::Held;
use super::touched::Touched;
use crate::store::follow::Followed;
use crate::{Store, StoreError};

/// How often the store is asked what others changed. Half of what one has to hear of it in, and half of that for the
/// asking.
const HEARTBEAT: Duration = Duration::from_millis(250);

/// How long the store has for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How old knowledge may be where nothing is configured.
pub const MAX_STALENESS: Duration = Duration::from_secs(30);

/// What is known of the store, and since when.
#[derive(Debug)]
pub(super) struct Following {
    store: Store,
    held: ArcSwap<Held>,
    touched: RwLock<Touched>,
    changes: watch::Sender<u64>,
    max_staleness: Duration,
    /// Held while following: states follow each other in the store's order.
    turn: Mutex<()>,
    /// How many times following was begun, and the last time that it was and came to an end.
    begun: AtomicU64,
    done: AtomicU64,
    /// The last time that it came to nothing.
    failed: AtomicU64,
    started: Instant,
    /// When that last time began, in milliseconds since `started`.
    heard: AtomicU64,
    /// Something may have been committed here that is not known here, until following was begun so many times. 0 where
    /// there is no such thing.
    in_doubt: AtomicU64,
    /// The last heartbeat failed.
    failing: AtomicBool,
}

impl Following {
    pub(super) async fn begin(
        store: Store,
        max_staleness: Duration,
        now: UnixTime,
    ) -> Result<Self, StoreError> {
        let started = Instant::now();
        let held = Held::read(&store, now).await?;
        Ok(Self {
            store,
            held: ArcSwap::from_pointee(held),
            touched: RwLock::default(),
            changes: watch::Sender::new(0),
            max_staleness,
            turn: Mutex::new(()),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            started,
            heard: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            in_doubt: AtomicU64::new(0),
            failing: AtomicBool::new(false),
        })
    }

    /// Follows for as long as `of` is there.
    pub(super) async fn beat<T: Send + Sync + 'static>(
        of: Weak<T>,
        following: impl Fn(&T) -> &Self + Send,
    ) {
        loop {
            sleep(HEARTBEAT).await;
            let Some(shared) = of.upgrade() else { return };
            let this = following(&shared);
            match this.hear().await {
                Ok(()) => {}
                Err(StoreError::Interrupted) => return,
                Err(error) => {
                    if !this.failing.swap(true, Ordering::SeqCst) {
                        tracing::warn!(error = %error, "Changes of the directory cannot be followed");
                    }
                }
            }
        }
    }

    pub(super) const fn changes(&self) -> &watch::Sender<u64> {
        &self.changes
    }

    /// What is held, however old.
    pub(super) fn held(&self) -> Arc<Held> {
        self.held.load_full()
    }

    /// What is held, where it is recent enough.
    ///
    /// Recent is what was heard of at most the configured staleness ago. With a staleness of 0 nothing is, and the store
    /// is asked now; and so it is where nothing was heard for too long and no heartbeat is known to have failed since.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub(super) async fn current(&self) -> Result<Arc<Held>, StoreError> {
        if !self.is_recent() {
            let known_away = self.failing.load(Ordering::SeqCst) && !self.max_staleness.is_zero();
            if known_away || self.hear().await.is_err() {
                return Err(StoreError::Stale);
            }
        }
        Ok(self.held())
    }

    fn is_recent(&self) -> bool {
        let heard = Duration::from_millis(self.heard.load(Ordering::SeqCst));
        let age = self.started.elapsed().saturating_sub(heard);
        !self.max_staleness.is_zero()
            && self.in_doubt.load(Ordering::SeqCst) == 0
            && age <= self.max_staleness
    }

    /// Shows what was committed here. Where that fails nothing is taken from memory until it has been done.
    pub(super) async fn committed(&self) {
        if let Err(error) = self.hear().await {
            self.doubt();
            tracing::warn!(error = %error, "Changes that were made cannot be followed");
        }
    }

    /// Something may have been committed here. Until following that begins from now on tells, nothing is taken from memory.
    pub(super) fn doubt(&self) {
        let next = self.begun.load(Ordering::SeqCst) + 1;
        self.in_doubt.store(next, Ordering::SeqCst);
    }

    /// Knows everything that was committed before this was called.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn hear(&self) -> Result<(), StoreError> {
        let before = self.begun.load(Ordering::SeqCst);
        let _turn = self.turn.lock().await;
        // Whoever waited for somebody who began later than this need not ask again.
        if self.done.load(Ordering::SeqCst) > before {
            return Ok(());
        }
        // Nor do all of them wait, one after the other, for somebody who does not answer.
        if self.failed.load(Ordering::SeqCst) > before {
            return Err(StoreError::Stale);
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let began = self.started.elapsed();
        let followed = timeout(PATIENCE, self.catch_up()).await;
        let followed = followed.unwrap_or(Err(StoreError::Stale));
        if followed.is_err() {
            self.failed.store(number, Ordering::SeqCst);
        }
        followed?;
        let began = u64::try_from(began.as_millis()).unwrap_or(u64::MAX);
        self.heard.store(began, Ordering::SeqCst);
        self.done.store(number, Ordering::SeqCst);
        // One that was begun before the doubt arose does not end it.
        let _ = self
            .in_doubt
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |next| {
                (next <= number).then_some(0)
            });
        if self.failing.swap(false, Ordering::SeqCst) {
            tracing::info!("Changes of the directory are followed again");
        }
        Ok(())
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        if self.in_doubt.load(Ordering::SeqCst) != 0 {
            self.store.settle_changes().await?;
        }
        loop {
            let position = self.held.load().position;
            let Some(followed) = self.store.follow(position).await? else {
                return self.begin_anew().await;
            };
            let more = followed.more;
            if !followed.changes.is_empty() {
                self.take(followed);
                self.announce();
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// The state is replaced last: whoever takes its number for that of a copy is told of everything after it.
    fn take(&self, followed: Followed) {
        {
            let mut touched = self.touched.write().unwrap_or_else(PoisonError::into_inner);
            for change in &followed.changes {
                let Some(tenant) = &change.tenant else {
                    continue;
                };
                if change.kind == "everything" {
                    touched.whole(tenant, change.sequence);
                } else {
                    let subject = touched.subject(tenant, &change.kind, &change.key);
                    touched.mark(subject, change.sequence);
                }
            }
        }
        let mut held = Held::clone(&self.held.load());
        held.take(followed);
        self.held.store(Arc::new(held));
    }

    /// What changed cannot be told any more: everything is read again, and no copy counts.
    async fn begin_anew(&self) -> Result<(), StoreError> {
        // Whatever holds at any moment: what is over counts as absent anyway.
        let read = Held::read(&self.store, UnixTime(0)).await?;
        let mut touched = self.touched.write().unwrap_or_else(PoisonError::into_inner);
        touched.everything(read.position);
        drop(touched);
        // The order may be another one, whose numbers begin below.
        let held = read.instead_of(&self.held.load());
        self.held.store(Arc::new(held));
        self.announce();
        Ok(())
    }

    /// Reads of what was changed when.
    pub(super) fn touched<T>(&self, read: impl FnOnce(&Touched) -> T) -> T {
        read(&self.touched.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets revocations that would be over at `now` anyway.
    pub(super) async fn forget(&self, now: UnixTime) {
        let _turn = self.turn.lock().await;
        let mut held = Held::clone(&self.held.load());
        held.revocations.forget(now);
        self.held.store(Arc::new(held));
    }

    fn announce(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}
