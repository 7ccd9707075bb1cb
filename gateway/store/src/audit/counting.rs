//! Events that are the same over and over: the first are written one by one, the others are counted.
//!
//! The counts of what comes out add up to what went in, always.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::mem;
use std::net::IpAddr;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use serde_json::json;

use crate::model::AuditEvent;

/// Who is not known.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// Windows at once. When they are more, all are closed: what was counted is written.
const WINDOWS: usize = 16_384;

/// Refusals are counted over this many seconds.
pub(crate) const REFUSED_FOR: i64 = 60;

/// What is done again to the same item by the same person is not told again for this many seconds.
///
/// Source: specification "sharing rules" 8 and 9: audit de-dup.
pub(crate) const REPEATED_FOR: i64 = 300;

/// Operations that are not told again.
const TOLD_ONCE: [&str; 3] = ["FileAccessed", "FileModified", "PageViewed"];

/// An event with its tenant and moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// The tenant.
    pub(crate) tenant: TenantId,
    /// When.
    pub(crate) at: UnixTime,
    /// What.
    pub(crate) event: AuditEvent,
}

/// What is being counted.
#[derive(Debug)]
pub(crate) struct Counting {
    /// By keyed hashes of what makes events the same, 128 bits: nobody outside can make two of them meet.
    windows: HashMap<(u64, u64), Window>,
    hashes: (RandomState, RandomState),
    /// Refusals of a window that are written one by one.
    singly: u64,
    /// The latest moment at which anything can have become due was looked for.
    looked: UnixTime,
}

#[derive(Debug)]
struct Window {
    ends: UnixTime,
    singly_left: u64,
    counted: u64,
    first: UnixTime,
    last: UnixTime,
    told: Option<Box<Told>>,
}

impl Counting {
    /// - `singly`: identical refusals a minute that are written one by one.
    #[must_use]
    pub(crate) fn new(singly: u64) -> Self {
        Self {
            windows: HashMap::new(),
            hashes: (RandomState::new(), RandomState::new()),
            singly,
            looked: UnixTime(i64::MIN),
        }
    }

    /// Writes so many identical refusals a minute one by one from now on. Minutes that have begun end as they began.
    pub(crate) const fn configure(&mut self, singly: u64) {
        self.singly = singly;
    }

    /// Counts the event, or gives it back to be written. What becomes due by it goes to `out`.
    pub(crate) fn take(&mut self, told: Told, out: &mut impl FnMut(Told)) -> Option<Told> {
        let refused = told.event.decision != "allow";
        let (lasts, singly) = match () {
            () if refused => (REFUSED_FOR, self.singly),
            () if TOLD_ONCE.contains(&told.event.operation.as_str()) => (REPEATED_FOR, 1),
            () => return Some(told),
        };
        let key = self.key(&told, refused);
        if let Some(window) = self.windows.get_mut(&key) {
            if told.at < window.ends {
                return window.count(told);
            }
            // A new window begins with this event.
            if let Some(due) = self.windows.remove(&key).and_then(Window::close) {
                out(due);
            }
        }
        if self.windows.len() >= WINDOWS {
            self.close_all(out);
        }
        let window = Window {
            ends: told.at.plus(lasts),
            singly_left: singly.saturating_sub(1),
            counted: 0,
            first: told.at,
            last: told.at,
            told: None,
        };
        self.windows.insert(key, window);
        Some(told)
    }

    /// Closes the windows that end at `now` or before.
    pub(crate) fn close_due(&mut self, now: UnixTime, out: &mut impl FnMut(Told)) {
        if now <= self.looked {
            return;
        }
        self.looked = now;
        for (_, window) in self.windows.extract_if(|_, window| window.ends <= now) {
            window.close().into_iter().for_each(&mut *out);
        }
    }

    /// Closes every window.
    pub(crate) fn close_all(&mut self, out: &mut impl FnMut(Told)) {
        let windows = mem::take(&mut self.windows);
        windows
            .into_values()
            .filter_map(Window::close)
            .for_each(out);
    }

    /// Identical refusals: of one person, or of strangers from one network, for one item, with one code. Identical
    /// accesses: of one person to one item by one operation.
    fn key(&self, told: &Told, refused: bool) -> (u64, u64) {
        let event = &told.event;
        let client = event.actor.client.as_deref().filter(|_| {
            // Who is known is counted together wherever they are.
            event.actor.id == ANONYMOUS
        });
        let same = (
            (refused, told.tenant.as_str(), event.actor.id.as_str()),
            client.map(prefix),
            event.site.as_ref().map(|site| site.as_str()),
            event.item.as_deref(),
            event.operation.as_str(),
            (event.decision, event.reason.as_str()),
            event.link.as_ref().map(|link| link.as_str()),
        );
        (self.hashes.0.hash_one(same), self.hashes.1.hash_one(same))
    }
}

impl Window {
    fn count(&mut self, told: Told) -> Option<Told> {
        if self.singly_left > 0 {
            self.singly_left -= 1;
            return Some(told);
        }
        if self.told.is_none() {
            self.first = told.at;
        }
        self.counted = self.counted.saturating_add(told.event.count);
        self.last = self.last.max(told.at);
        self.told.get_or_insert_with(|| Box::new(told));
        None
    }

    /// The counted record, if anything was counted.
    fn close(self) -> Option<Told> {
        let mut told = *self.told?;
        told.at = self.last;
        told.event.count = self.counted;
        span(&mut told.event, self.first, self.last);
        Some(told)
    }
}

/// Notes the moments of the first and the last that were counted.
pub(crate) fn span(event: &mut AuditEvent, first: UnixTime, last: UnixTime) {
    event.more.insert("FirstTime".to_owned(), json!(first.0));
    event.more.insert("LastTime".to_owned(), json!(last.0));
}

/// The network of an address: IPv4 /32, IPv6 /64; the text itself where it is no address.
fn prefix(client: &str) -> Result<(bool, u128), &str> {
    match client.parse() {
        Ok(IpAddr::V4(address)) => Ok((false, address.to_bits().into())),
        Ok(IpAddr::V6(address)) => Ok((true, address.to_bits() >> 64)),
        Err(_) => Err(client),
    }
}

#[cfg(test)]
mod tests;
