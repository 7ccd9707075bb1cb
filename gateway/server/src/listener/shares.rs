//! What everybody shares, and how much of it one network may have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_sign_in::AddressPrefix;

/// Counts what each network holds now, and refuses more than a share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    limit: usize,
    held: Arc<Mutex<HashMap<AddressPrefix, usize>>>,
}

/// One of what is shared; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    prefix: AddressPrefix,
    held: Arc<Mutex<HashMap<AddressPrefix, usize>>>,
}

impl Shares {
    /// Every network may hold `limit` at once.
    #[must_use]
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            held: Arc::default(),
        }
    }

    /// One more for that network, unless it holds its share already.
    #[must_use]
    pub(crate) fn take(&self, prefix: AddressPrefix) -> Option<Share> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let of_prefix = held.entry(prefix).or_default();
        if *of_prefix >= self.limit {
            return None;
        }
        *of_prefix = of_prefix.saturating_add(1);
        Some(Share {
            prefix,
            held: Arc::clone(&self.held),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_prefix) = held.get_mut(&self.prefix) {
            *of_prefix = of_prefix.saturating_sub(1);
            // Networks that hold nothing are forgotten: there are as many as anybody cares to come from.
            if *of_prefix == 0 {
                held.remove(&self.prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn prefix(text: &str) -> AddressPrefix {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_network_has_its_share_and_gets_it_back() {
        let shares = Shares::new(2);
        let (one, two) = (prefix("2001:db8:1:2::1"), prefix("2001:db8:1:2::2"));
        let first = shares.take(one).unwrap();
        let _second = shares.take(two).unwrap();
        assert!(shares.take(one).is_none(), "both are one network");
        assert!(shares.take(prefix("192.0.2.1")).is_some());
        drop(first);
        assert!(shares.take(two).is_some());
    }

    #[test]
    fn networks_that_hold_nothing_are_forgotten() {
        let shares = Shares::new(1);
        drop(shares.take(prefix("192.0.2.1")));
        assert!(shares.held.lock().unwrap().is_empty());
    }
}
