//! Threads that the gateway's runtime has to spare, for calls made on it without a word.
//!
//! To tell the runtime that a thread may not come back (`block_in_place`) wakes another one for every call, which
//! costs more than most calls take. So the runtime is given a few threads more than it needs, and no more calls than
//! that are made on it unannounced: however many of them hang, as many threads as it needs are left.
//!
//! One thing is lost with a thread that hangs unannounced: if it was the last one awake, nobody watches the sockets
//! and timers. A watchman looks every few milliseconds as long as calls are made, and wakes one of the runtime's
//! threads for every call that he sees twice.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::Handle;

/// Most threads to spare that count.
const MOST: usize = 16;
/// Time between two looks of the watchman: the longest that a call which hangs can hold up the others.
const LOOK: Duration = Duration::from_millis(3);
/// Looks without a call after which he rests.
const PATIENCE: u32 = 100;

/// Calls that are made unannounced now: their numbers, 0 for none.
static PLACES: [AtomicU64; MOST] = [const { AtomicU64::new(0) }; MOST];
static ALLOWED: AtomicUsize = AtomicUsize::new(0);
static NUMBER: AtomicU64 = AtomicU64::new(1);
static RESTS: AtomicBool = AtomicBool::new(false);
static WATCHMAN: OnceLock<Option<Thread>> = OnceLock::new();
/// Runtimes whose calls are watched; in the gateway there is one.
static RUNTIMES: Mutex<Vec<Handle>> = Mutex::new(Vec::new());

/// Says that the calling runtime has `count` threads more than it needs; up to 16 count. To be said once, from within
/// the one runtime that providers are called on. Until then there are none.
///
/// # Panics
/// Outside a tokio runtime.
pub fn spare_threads(count: usize) {
    let watched = WATCHMAN.get_or_init(|| {
        let watching = thread::Builder::new().name("plugin-watch".to_owned());
        watching
            .spawn(watch)
            .ok()
            .map(|joined| joined.thread().clone())
    });
    // Without a watchman none can be spared.
    if watched.is_some() {
        let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
        runtimes.push(Handle::current());
        ALLOWED.store(count.min(MOST), Ordering::SeqCst);
    }
}

/// A place for one call; given back when dropped.
pub(crate) struct Place(&'static AtomicU64);

impl Place {
    /// `None` when all are taken, or there are none.
    pub(crate) fn take() -> Option<Self> {
        let allowed = ALLOWED.load(Ordering::SeqCst);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let free = PLACES.iter().take(allowed).find(|place| {
            place
                .compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok()
        })?;
        if RESTS.load(Ordering::SeqCst) && RESTS.swap(false, Ordering::SeqCst) {
            WATCHMAN
                .get()
                .into_iter()
                .flatten()
                .for_each(Thread::unpark);
        }
        Some(Self(free))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

/// Never ends.
fn watch() {
    let (mut seen, mut quiet) = ([0; MOST], 0);
    loop {
        let mut news = false;
        for (place, seen) in PLACES.iter().zip(&mut seen) {
            let now = place.load(Ordering::SeqCst);
            news |= now != 0 && now & !HUNG != *seen & !HUNG;
            if now != 0 && now == *seen {
                wake();
                // Once for each call.
                *seen = now | HUNG;
            } else if *seen != now | HUNG || now == 0 {
                *seen = now;
            }
        }
        quiet = if news { 0 } else { quiet + 1 };
        if quiet < PATIENCE {
            thread::sleep(LOOK);
        } else {
            rest(&seen);
            quiet = 0;
        }
    }
}

/// Marks a call that its runtime has been woken for. No number is that large.
const HUNG: u64 = 1 << 63;

/// Rests until there is a call that has not been seen.
fn rest(seen: &[u64; MOST]) {
    RESTS.store(true, Ordering::SeqCst);
    // One may have come before that was said.
    let missed = PLACES.iter().zip(seen).any(|(place, seen)| {
        let now = place.load(Ordering::SeqCst);
        now != 0 && now != *seen & !HUNG
    });
    while !missed && RESTS.load(Ordering::SeqCst) {
        thread::park();
    }
    RESTS.store(false, Ordering::SeqCst);
}

/// Wakes a thread of every runtime, which then looks after what the one that hangs has left.
fn wake() {
    let runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    for runtime in runtimes.iter() {
        drop(runtime.spawn(async {}));
    }
}
