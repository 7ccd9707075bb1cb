//! A host that does not answer is left alone for a while, so that whoever comes next is told so at once.
//!
//! Only what the network does counts, and never what a host says: its answers may be provoked by strangers, who could else
//! shut a provider for everybody.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;

use super::FetchFailed;

/// Failures in a row after which a host is left alone.
const FAILURES: u8 = 3;
/// For how long, in seconds. Then one request tries it.
const PAUSE: i64 = 15;
/// Most hosts kept; hosts are declared, so more mean that something is wrong.
const MAX_HOSTS: usize = 4096;

/// Hosts that failed lately, for each provider: each has certificate authorities of its own.
#[derive(Default)]
pub(super) struct Breaker(Mutex<HashMap<(ProviderId, String), Failing>>);

struct Failing {
    in_a_row: u8,
    rests_until: UnixTime,
}

impl Breaker {
    /// Whether the host may be asked. Whoever may after a pause is the only one for another.
    pub(super) fn admits(&self, provider: &ProviderId, host: &str, now: UnixTime) -> bool {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.get_mut(&(provider.clone(), host.to_owned())) {
            Some(failing) if failing.in_a_row >= FAILURES => {
                let rested = now >= failing.rests_until;
                if rested {
                    failing.rests_until = now.plus(PAUSE);
                }
                rested
            }
            Some(_) | None => true,
        }
    }

    /// Takes in how a request ended.
    pub(super) fn ended<T>(
        &self,
        provider: &ProviderId,
        host: &str,
        outcome: &Result<T, FetchFailed>,
        now: UnixTime,
    ) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (provider.clone(), host.to_owned());
        let silent = matches!(
            outcome,
            Err(FetchFailed::Unreachable { .. } | FetchFailed::TooSlow(_))
        );
        if !silent {
            hosts.remove(&key);
            return;
        }
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(&key) {
            hosts.clear();
        }
        let failing = hosts.entry(key).or_insert(Failing {
            in_a_row: 0,
            rests_until: now,
        });
        failing.in_a_row = failing.in_a_row.saturating_add(1);
        failing.rests_until = now.plus(PAUSE);
        if failing.in_a_row == FAILURES {
            tracing::warn!(provider.id = %provider, fetch.host = host, "Host left alone for a while");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn provider() -> ProviderId {
        ProviderId::parse("work-school").unwrap()
    }

    fn fail(breaker: &Breaker, host: &str, at: i64) {
        let failed: Result<(), _> = Err(FetchFailed::TooSlow(host.to_owned()));
        breaker.ended(&provider(), host, &failed, NOW.plus(at));
    }

    #[test]
    fn a_host_that_fails_three_times_in_a_row_rests_and_is_tried_by_one() {
        let breaker = Breaker::default();
        let check = |host: &str, at: i64, want: bool| {
            let got = breaker.admits(&provider(), host, NOW.plus(at));
            assert_eq!(got, want, "{host} at {at}");
        };
        for _ in 0..3 {
            check("a", 0, true);
            fail(&breaker, "a", 0);
        }
        check("a", 0, false);
        check("a", 14, false);
        check("b", 14, true);
        let another = ProviderId::parse("google").unwrap();
        assert!(
            breaker.admits(&another, "a", NOW),
            "others have other roots"
        );
        check("a", 15, true);
        check("a", 15, false);
        fail(&breaker, "a", 20);
        check("a", 34, false);
        check("a", 35, true);
        breaker.ended(&provider(), "a", &Ok(()), NOW.plus(36));
        check("a", 36, true);
        check("a", 36, true);
    }

    #[test]
    fn what_a_host_answers_does_not_shut_it() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            for said in [
                FetchFailed::TooLarge("a".to_owned()),
                FetchFailed::NotText("a".to_owned()),
                FetchFailed::NotAllowed("a".to_owned()),
            ] {
                breaker.ended::<()>(&provider(), "a", &Err(said), NOW);
            }
            assert!(breaker.admits(&provider(), "a", NOW));
            fail(&breaker, "a", 0);
        }
    }
}
