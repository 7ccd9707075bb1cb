//! How often a caller may call: a bucket of tokens for each. Decided before anything is done, for the clients try again by
//! themselves.
//!
//! Source: specification "Graph API" 5 (throttling).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gateway_core::time::UnixTime;

/// Callers that are remembered, at most. Those whose bucket is full again need not be.
const MOST_CALLERS: usize = 10_000;

/// The buckets of all callers.
#[derive(Default)]
pub(crate) struct Throttle {
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Sixtieths of calls that are left: so many come back each second as calls do each minute.
    left: u64,
    at: UnixTime,
}

impl Throttle {
    /// Takes a call out of the caller's bucket.
    ///
    /// - `per_minute`: how many it holds, and how many come back each minute; 0 is no limit at all.
    ///
    /// # Errors
    /// In how many seconds there will be one.
    pub(crate) fn take(&self, caller: &str, per_minute: u32, now: UnixTime) -> Result<(), u32> {
        let rate = u64::from(per_minute);
        if rate == 0 {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_CALLERS && !buckets.contains_key(caller) {
            buckets.retain(|_, bucket| bucket.at(rate, now).left < rate * CALL);
            if buckets.len() >= MOST_CALLERS {
                return Err(1);
            }
        }
        let full = Bucket {
            left: rate * CALL,
            at: now,
        };
        let bucket = buckets.entry(caller.to_owned()).or_insert(full);
        *bucket = bucket.at(rate, now);
        match bucket.left.checked_sub(CALL) {
            Some(left) => {
                bucket.left = left;
                Ok(())
            }
            None => Err(u32::try_from((CALL - bucket.left).div_ceil(rate)).unwrap_or(1)),
        }
    }
}

/// What a call costs, in sixtieths.
const CALL: u64 = 60;

impl Bucket {
    /// The bucket as it is now. A clock that goes back fills nothing.
    fn at(self, rate: u64, now: UnixTime) -> Self {
        let passed = u64::try_from(now.since(self.at)).unwrap_or(0);
        let left = self.left.saturating_add(passed.saturating_mul(rate));
        Self {
            left: left.min(rate * CALL),
            at: UnixTime(self.at.0.max(now.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_with_time() {
        let throttle = Throttle::default();
        let take = |caller: &str, now: i64| throttle.take(caller, 2, UnixTime(now));
        assert_eq!(take("a", 10), Ok(()));
        assert_eq!(take("a", 10), Ok(()));
        assert_eq!(take("a", 10), Err(30), "whole seconds until there is one");
        assert_eq!(take("b", 10), Ok(()), "each has its own");
        assert_eq!(
            take("a", 9),
            Err(30),
            "a clock that goes back fills nothing"
        );
        assert_eq!(take("a", 40), Ok(()));
        assert_eq!(take("a", 40), Err(30));
        assert_eq!(take("a", i64::MAX), Ok(()));
    }

    #[test]
    fn many_callers_are_not_remembered_for_ever() {
        let throttle = Throttle::default();
        for caller in 0..MOST_CALLERS {
            assert_eq!(throttle.take(&caller.to_string(), 2, UnixTime(0)), Ok(()));
        }
        assert_eq!(throttle.take("late", 2, UnixTime(0)), Err(1));
        assert_eq!(throttle.take("late", 2, UnixTime(60)), Ok(()));
        assert_eq!(throttle.buckets.lock().unwrap().len(), 1);
    }

    #[test]
    fn no_rate_is_no_limit() {
        let throttle = Throttle::default();
        for _ in 0..1_000 {
            assert_eq!(throttle.take("a", 0, UnixTime(0)), Ok(()));
        }
    }
}
