//! How late the machine is, where a test measures what the gateway promises in seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(10);

/// Adds up by how much the machine lets a thread oversleep that has nothing to do: what a promise may take longer on a
/// machine that is busy with something else, and next to nothing on one that is not. Watches until it is dropped.
pub struct Lateness(Arc<Watched>);

#[derive(Default)]
struct Watched {
    micros: AtomicU64,
    over: AtomicBool,
}

impl Lateness {
    /// Begins to watch.
    #[must_use]
    pub fn watch() -> Self {
        let watched = Arc::<Watched>::default();
        let watching = Arc::clone(&watched);
        thread::spawn(move || {
            while !watching.over.load(Ordering::Relaxed) {
                let asleep = Instant::now();
                thread::sleep(TICK);
                let late = asleep.elapsed().saturating_sub(TICK);
                let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
                watching.micros.fetch_add(late, Ordering::Relaxed);
            }
        });
        Self(watched)
    }

    /// What was promised within `promised` is to be there within this long, by now.
    #[must_use]
    pub fn allow(&self, promised: Duration) -> Duration {
        promised + Duration::from_micros(self.0.micros.load(Ordering::Relaxed))
    }
}

impl Drop for Lateness {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}
