//! Stops calling a provider that keeps failing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Opens after so many faults in a row; after the pause calls pass again, and one more fault opens it again.
#[derive(Debug)]
pub(crate) struct Breaker {
    most_faults: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults_in_row: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// A closed breaker that opens after `most_faults` faults in a row, for `pause`.
    pub(crate) fn new(most_faults: u32, pause: Duration) -> Self {
        Self {
            most_faults,
            pause,
            state: Mutex::default(),
        }
    }

    /// Whether a call may pass at `now`; if not, how long it stays that way.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        match self.state().open_until {
            Some(until) if now < until => Err(until - now),
            _ => Ok(()),
        }
    }

    /// Records how a call ended; answers whether the breaker has opened just now.
    pub(crate) fn record(&self, fault: bool, now: Instant) -> bool {
        let mut state = self.state();
        if !fault {
            *state = State::default();
            return false;
        }
        state.faults_in_row = state.faults_in_row.saturating_add(1);
        let opens = state.faults_in_row >= self.most_faults;
        if opens {
            state.open_until = Some(now + self.pause);
        }
        opens
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    /// Plays `outcomes` (`x` fault, `.` success) one second apart; `want` says for each second whether a call passes
    /// just before.
    fn check(outcomes: &str, want: &str) {
        let (breaker, start) = (Breaker::new(3, PAUSE), Instant::now());
        let mut passed = String::new();
        for (second, outcome) in outcomes.chars().enumerate() {
            let now = start + Duration::from_secs(second as u64);
            let passes = breaker.admit(now).is_ok();
            passed.push(if passes { 'y' } else { 'n' });
            if passes {
                breaker.record(outcome == 'x', now);
            }
        }
        assert_eq!(passed, want, "for {outcomes}");
    }

    #[test]
    fn opens_after_three_faults_in_a_row() {
        check("xxx.", "yyyn");
        check("xx.xx.x", "yyyyyyy");
    }

    #[test]
    fn closes_after_the_pause_and_opens_again_at_the_next_fault() {
        let pause = "n".repeat(29);
        let silence = ".".repeat(29);
        check(&format!("xxx{silence}x."), &format!("yyy{pause}yn"));
        check(&format!("xxx{silence}.xxx."), &format!("yyy{pause}yyyyn"));
    }

    #[test]
    fn says_how_long_it_stays_open() {
        let (breaker, now) = (Breaker::new(1, PAUSE), Instant::now());
        assert!(breaker.record(true, now));
        assert_eq!(
            breaker.admit(now + Duration::from_secs(10)),
            Err(Duration::from_secs(20))
        );
        assert_eq!(breaker.admit(now + PAUSE), Ok(()));
    }
}
