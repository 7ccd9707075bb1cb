//! Documents of providers, kept as long as they say, and the last good one for when the network fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;

use super::{FetchFailed, Fetched};

/// Life of a document that does not say, in seconds.
const DEFAULT_AGE: i64 = 60 * 60;
/// Longest life of a document, whatever it says.
const MAX_AGE: i64 = 24 * 60 * 60;
/// Age at which even the last good one is no good any more, in seconds: two days without the network.
const OLDEST: i64 = 2 * MAX_AGE;
/// Pause before another try when one failed.
const RETRY_AFTER: i64 = 60;
/// Pause between two revalidations of one URL (S113).
const REVALIDATE_AFTER: i64 = 300;
/// Most documents kept.
const MAX_DOCUMENTS: usize = 512;

pub(super) type Key = (ProviderId, String);

#[derive(Default)]
pub(super) struct Cache {
    slots: Mutex<Slots>,
}

#[derive(Clone, Default)]
struct Slots {
    /// Each with when it was last wanted.
    all: HashMap<Key, (u64, Slot)>,
    /// Counts up with every use.
    uses: u64,
}

/// One document. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    document: Option<(Fetched, UnixTime)>,
    fresh_until: Option<UnixTime>,
    revalidated: Option<UnixTime>,
}

pub(super) enum Lookup {
    Serve(Fetched, UnixTime),
    Fetch,
}

impl Cache {
    /// The documents of the providers that `wanted` says, shared.
    pub(super) fn of(&self, wanted: impl Fn(&ProviderId) -> bool) -> Self {
        let mut slots = self.locked().clone();
        slots.all.retain(|(provider, _), _| wanted(provider));
        Self {
            slots: Mutex::new(slots),
        }
    }

    pub(super) fn slot(&self, provider: &ProviderId, url: &str) -> Slot {
        self.locked().slot((provider.clone(), url.to_owned()))
    }

    /// Everything that is kept, with its name.
    pub(super) fn documents(&self) -> Vec<(Key, String)> {
        let slots = self.locked().clone();
        let kept = slots.all.into_iter();
        kept.filter_map(|(key, (_, slot))| Some((key, slot.body()?)))
            .collect()
    }

    fn locked(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// The slot of that name. One more than fit takes the place of the one that nobody has wanted for longest: whoever makes
    /// a provider name ever more URLs does not have the documents of the others fetched anew.
    fn slot(&mut self, key: Key) -> Slot {
        if self.all.len() >= MAX_DOCUMENTS && !self.all.contains_key(&key) {
            let oldest = self.all.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.all.remove(&oldest);
            }
        }
        self.uses += 1;
        let (used, slot) = self.all.entry(key).or_default();
        *used = self.uses;
        slot.clone()
    }
}

impl Slot {
    fn body(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.document
            .as_ref()
            .map(|(document, _)| document.body.clone())
    }

    /// Whether what is kept will do. Whoever is told to fetch is the only one for a while: everybody else is
    /// served what there is, without waiting.
    pub(super) fn look_up(&self, revalidate: bool, now: UnixTime) -> Lookup {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((document, at)) = kept.document.clone() else {
            return Lookup::Fetch;
        };
        let fresh = kept.fresh_until.is_some_and(|until| now < until);
        let due = if revalidate {
            let last = kept.revalidated.unwrap_or(at);
            let rested = kept.revalidated.is_none() || now.since(last) >= REVALIDATE_AFTER;
            if rested {
                kept.revalidated = Some(now);
            }
            rested
        } else {
            !fresh
        };
        if due || now.since(at) >= OLDEST {
            kept.fresh_until = Some(now.plus(RETRY_AFTER));
            Lookup::Fetch
        } else {
            Lookup::Serve(document, at)
        }
    }

    /// Takes in the outcome of a fetch, and says what to deliver.
    pub(super) fn settle(
        &self,
        outcome: Result<Fetched, FetchFailed>,
        now: UnixTime,
    ) -> Result<(Fetched, UnixTime), FetchFailed> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (outcome, &kept.document) {
            (Ok(fetched), _) if fetched.status == 200 => {
                kept.fresh_until = Some(now.plus(max_age(&fetched)));
                kept.document = Some((fetched.clone(), now));
                Ok((fetched, now))
            }
            (_, Some((last_good, at))) if now.since(*at) < OLDEST => Ok((last_good.clone(), *at)),
            (outcome, _) => outcome.map(|fetched| (fetched, now)),
        }
    }
}

/// Source: RFC 9111 section 5.2.2.
fn max_age(fetched: &Fetched) -> i64 {
    let Some(control) = fetched.headers.get("cache-control") else {
        return DEFAULT_AGE;
    };
    let directives = || {
        control
            .split(',')
            .map(|directive| directive.trim().to_ascii_lowercase())
    };
    if directives().any(|directive| directive == "no-store" || directive == "no-cache") {
        return 0;
    }
    directives()
        .find_map(|directive| {
            directive
                .strip_prefix("max-age=")
                .map(|age| age.trim_matches('"').to_owned())
        })
        .and_then(|age| age.parse::<i64>().ok())
        .map_or(DEFAULT_AGE, |age| age.clamp(0, MAX_AGE))
}
