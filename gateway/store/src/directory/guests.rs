//! A tenant's guests, by address and by identity.

use std::collections::HashMap;

use gateway_core::address::EmailAddress;
use gateway_core::person::{Guest, GuestState, IdentityKey};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Guests {
    by_address: HashMap<EmailAddress, Guest>,
    addresses: HashMap<IdentityKey, EmailAddress>,
}

impl Guests {
    /// Of two entries with one address the blocked one counts, else the first.
    pub(super) fn declared(guests: Vec<Guest>) -> Self {
        let mut by_address: HashMap<EmailAddress, Guest> = HashMap::with_capacity(guests.len());
        for guest in guests {
            if guest.state == GuestState::Blocked || !by_address.contains_key(&guest.address) {
                by_address.insert(guest.address.clone(), guest);
            }
        }
        Self {
            by_address,
            addresses: HashMap::new(),
        }
    }

    pub(super) fn by_address(&self, address: &EmailAddress) -> Option<&Guest> {
        self.by_address.get(address)
    }

    pub(super) fn by_identity(&self, key: &IdentityKey) -> Option<&Guest> {
        self.by_address.get(self.addresses.get(key)?)
    }

    /// Joins what was redeemed with its entry. Without one the redemption rests in the store: who is not
    /// declared any more is not a guest.
    pub(super) fn redeem(&mut self, address: &EmailAddress, identity: &IdentityKey) {
        let Some(guest) = self.by_address.get_mut(address) else {
            return;
        };
        guest.identity = Some(identity.clone());
        guest.state = match guest.state {
            GuestState::Blocked => GuestState::Blocked,
            GuestState::PendingAcceptance | GuestState::Accepted => GuestState::Accepted,
        };
        self.addresses.insert(identity.clone(), address.clone());
    }

    pub(super) fn block(&mut self, address: &EmailAddress) {
        if let Some(guest) = self.by_address.get_mut(address) {
            guest.state = GuestState::Blocked;
        }
    }
}
