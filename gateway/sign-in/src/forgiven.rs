//! Submissions that were counted before they were judged, and turned out to be no failures.
//!
//! The store counts first, so that parallel tries cannot outrun it. What was right is added to the limit again for as long as
//! it counts. This is in memory only: after a restart a right code weighs like a wrong one until its hour is over, which is strict
//! and harms nobody. Strangers fill no memory here, since only right codes are remembered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gateway_core::time::UnixTime;

/// Keys remembered at once; when they are more, all are forgotten.
const REMEMBERED: usize = 100_000;

/// What was forgiven, by the key it was counted under.
#[derive(Debug, Default)]
pub(crate) struct Forgiven(Mutex<HashMap<String, Vec<UnixTime>>>);

impl Forgiven {
    /// How many of the key's occurrences in the last `window` seconds were no failures.
    pub(crate) fn of(&self, key: &str, window: u32, now: UnixTime) -> u32 {
        let mut forgiven = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = forgiven.get_mut(key) else {
            return 0;
        };
        times.retain(|at| *at > now.plus(-i64::from(window)));
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
        if count == 0 {
            forgiven.remove(key);
        }
        count
    }

    /// An occurrence that was counted at `at` is no failure.
    pub(crate) fn add(&self, key: String, at: UnixTime) {
        let mut forgiven = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if forgiven.len() >= REMEMBERED {
            forgiven.clear();
        }
        forgiven.entry(key).or_default().push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_right_is_forgiven_for_as_long_as_it_counts() {
        let forgiven = Forgiven::default();
        forgiven.add("pat".to_owned(), UnixTime(100));
        forgiven.add("pat".to_owned(), UnixTime(120));
        let check = |key: &str, now: i64, want: u32| {
            assert_eq!(forgiven.of(key, 60, UnixTime(now)), want, "{key} at {now}");
        };
        check("pat", 120, 2);
        check("sam", 120, 0);
        check("pat", 160, 1);
        check("pat", 180, 0);
        assert!(forgiven.0.lock().unwrap().is_empty());
    }
}
