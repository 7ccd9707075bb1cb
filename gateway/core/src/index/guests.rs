//! The guests of one tenant's directory.

use super::hash::Keys;
use super::table::Table;
use crate::address::EmailAddress;
use crate::groups::Groups;
use crate::person::{Guest, IdentityKey};

/// Guests, found by the identity that redeemed and by the address that was invited.
#[derive(Clone, Debug)]
pub struct Guests {
    keys: Keys,
    all: Vec<Guest>,
    /// What finds the groups of each.
    for_groups: Vec<u32>,
    by_identity: Table,
    by_address: Table,
}

impl Guests {
    /// - `seed`: as for [`Permissions::with_seed`](super::Permissions::with_seed).
    #[must_use]
    pub const fn with_seed(seed: u64) -> Self {
        Self::with_keys(Keys::new(seed))
    }

    pub(super) const fn with_keys(keys: Keys) -> Self {
        Self {
            keys,
            all: Vec::new(),
            for_groups: Vec::new(),
            by_identity: Table::new(),
            by_address: Table::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Guest> {
        self.all.iter()
    }

    /// The guest invited by this address.
    #[must_use]
    pub fn by_address(&self, address: &EmailAddress) -> Option<&Guest> {
        self.at(self.of_address(address)?)
    }

    /// The guest whose invitation this identity redeemed; of several the one who came last.
    #[must_use]
    pub fn by_identity(&self, key: &IdentityKey) -> Option<&Guest> {
        self.finish(key, self.hash(key))
    }

    pub(super) fn finish(&self, key: &IdentityKey, hash: u32) -> Option<&Guest> {
        let mut last = None;
        self.by_identity.find(hash, |at| {
            let guest = self.at(at);
            if guest.is_some_and(|guest| guest.identity.as_ref() == Some(key)) {
                last = last.max(Some(at));
            }
            false
        });
        self.at(last?)
    }

    /// Has the guest of an identity brought from memory, in three rounds: see [`Walk`](super::tree::Walk).
    pub(super) fn start(&self, key: &IdentityKey) -> u32 {
        let hash = self.hash(key);
        std::hint::black_box(self.by_identity.touch(hash));
        hash
    }

    /// What finds the guest's groups, if nothing collides.
    pub(super) fn fetch(&self, hash: u32) -> Option<u32> {
        let at = self.by_identity.guess(hash);
        let guest = self.at(at)?;
        let key = guest
            .identity
            .as_ref()
            .map(|key| (key.subject.len(), key.tenant.is_some()));
        std::hint::black_box((
            key,
            guest.state,
            guest.expires.len(),
            guest.address.local().len(),
        ));
        self.for_groups.get(at as usize).copied()
    }

    pub(super) fn fetch_last(&self, hash: u32) {
        let first = |text: &str| text.as_bytes().first().copied().unwrap_or_default();
        if let Some(guest) = self.at(self.by_identity.guess(hash)) {
            let key = guest.identity.as_ref();
            let read = key.map(|key| {
                (
                    first(&key.subject),
                    first(&key.issuer),
                    key.tenant.as_deref().map(first),
                )
            });
            let domain = guest.address.domain().as_str();
            std::hint::black_box((read, first(guest.address.local()), first(domain)));
        }
    }

    /// Adds a guest, in the place of one with the same address.
    pub fn insert(&mut self, guest: Guest) {
        let identity = guest.identity.as_ref().map(|key| self.hash(key));
        let at = match self.of_address(&guest.address) {
            Some(at) => {
                let old = self.at(at).and_then(|guest| guest.identity.as_ref());
                if let Some(hash) = old.map(|key| self.hash(key)) {
                    self.by_identity.remove(hash, at);
                }
                if let Some(place) = self.all.get_mut(at as usize) {
                    *place = guest;
                }
                at
            }
            None => {
                let Some(at) = u32::try_from(self.all.len())
                    .ok()
                    .filter(|at| *at < u32::MAX)
                else {
                    return;
                };
                self.by_address
                    .insert(self.hash_of_address(&guest.address), at);
                self.for_groups.push(Groups::hash(&guest.address));
                self.all.push(guest);
                at
            }
        };
        if let Some(hash) = identity {
            self.by_identity.insert(hash, at);
        }
    }

    fn at(&self, at: u32) -> Option<&Guest> {
        self.all.get(at as usize)
    }

    fn of_address(&self, address: &EmailAddress) -> Option<u32> {
        self.by_address.find(self.hash_of_address(address), |at| {
            self.at(at).is_some_and(|guest| guest.address == *address)
        })
    }

    fn hash_of_address(&self, address: &EmailAddress) -> u32 {
        let hash = self.keys.exact(self.keys.start(), address.local());
        self.keys.exact(hash, address.domain().as_str()).short()
    }

    fn hash(&self, key: &IdentityKey) -> u32 {
        // The subject tells nearly all people apart; what else there is is compared.
        self.keys.exact(self.keys.start(), &key.subject).short()
    }
}

impl Default for Guests {
    fn default() -> Self {
        Self::with_seed(0)
    }
}

impl Extend<Guest> for Guests {
    fn extend<T: IntoIterator<Item = Guest>>(&mut self, all: T) {
        for guest in all {
            self.insert(guest);
        }
    }
}

impl FromIterator<Guest> for Guests {
    fn from_iter<T: IntoIterator<Item = Guest>>(all: T) -> Self {
        let mut guests = Self::default();
        guests.extend(all);
        guests
    }
}

/// The same guests, in whatever order they came.
impl PartialEq for Guests {
    fn eq(&self, other: &Self) -> bool {
        let same = |mine: &Guest| other.by_address(&mine.address) == Some(mine);
        self.len() == other.len() && self.iter().all(same)
    }
}

impl Eq for Guests {}
