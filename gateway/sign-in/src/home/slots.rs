//! What clouds said of domains, for as long as it counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_core::address::DomainName;
use gateway_core::time::UnixTime;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use super::document::Answer;

/// How long it counts that a tenant has a domain, in seconds.
const KNOWN: i64 = 24 * 60 * 60;
/// How long it counts that none has: shorter, as domains are verified every day.
const NOWHERE: i64 = 60 * 60;
/// Pause before another try when one failed.
const FAILED: i64 = 60;
/// How long an answer that a tenant has the domain stands in where the cloud fails, in seconds: two days without it.
const OLDEST: i64 = 2 * KNOWN;
/// Most answers kept: strangers choose the domains.
const MAX_ANSWERS: usize = 20_000;

type Key = (usize, DomainName);

#[derive(Default)]
pub(super) struct Slots(Mutex<HashMap<Key, Arc<Slot>>>);

/// One cloud's answer on one domain.
#[derive(Default)]
pub(super) struct Slot {
    kept: Mutex<Option<Kept>>,
    asking: AsyncMutex<()>,
}

struct Kept {
    answer: Answer,
    at: UnixTime,
    until: UnixTime,
}

impl Slots {
    pub(super) fn slot(&self, authority: usize, domain: &DomainName, now: UnixTime) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (authority, domain.clone());
        if slots.len() >= MAX_ANSWERS && !slots.contains_key(&key) {
            slots.retain(|_, slot| slot.fresh(now).is_some());
            if slots.len() >= MAX_ANSWERS {
                slots.clear();
            }
        }
        Arc::clone(slots.entry(key).or_default())
    }
}

impl Slot {
    /// What is kept, while it counts.
    pub(super) fn fresh(&self, now: UnixTime) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        (now < kept.until).then(|| kept.answer.clone())
    }

    /// The right to ask.
    pub(super) async fn alone(&self) -> MutexGuard<'_, ()> {
        self.asking.lock().await
    }

    /// Takes in an answer, and says which one counts.
    pub(super) fn keep(&self, answer: Answer, now: UnixTime) -> Answer {
        let life = match answer {
            Answer::Homes(_) | Answer::Refused(_) => KNOWN,
            Answer::Nowhere => NOWHERE,
            Answer::Failed => FAILED,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let until = now.plus(life);
        if answer == Answer::Failed
            && let Some(old) = kept.as_mut()
            && matches!(old.answer, Answer::Homes(_) | Answer::Refused(_))
            && now.since(old.at) < OLDEST
        {
            old.until = until;
            return old.answer.clone();
        }
        *kept = Some(Kept {
            answer: answer.clone(),
            at: now,
            until,
        });
        answer
    }
}

#[cfg(test)]
impl Slots {
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}
