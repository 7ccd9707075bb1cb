//! The permissions of one tenant.

use std::fmt;
use std::sync::Arc;

use super::hash::Keys;
use super::names::{Name, Names};
use super::postings::{For, Postings};
use super::stored::{Held, MAKERS, Stored, Word};
use super::table::Table;
use super::tree::Walk;
use super::{Grants, Seeker};
use crate::address::EmailAddress;
use crate::id::{PermissionId, SiteId};
use crate::path::{ItemPath, PathCase};
use crate::sharing::{Permission, Recipient};
use crate::time::UnixTime;

/// The permissions of one tenant, found by item and person.
///
/// Around 130 bytes each, and at most 200: ids of up to 38 characters, names of 20 and a person for every ten permissions
/// included. What is removed leaves its path and people behind; collect the rest into a new index to be rid of them.
#[derive(Clone)]
pub struct Permissions {
    keys: Keys,
    makers: Names,
    postings: Postings<Held>,
    by_id: Table,
}

impl Permissions {
    /// An index of these, with the seed 0.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Permission>) -> Self {
        let mut index = Self::with_seed(0);
        index.extend(all);
        index
    }

    /// An empty index.
    ///
    /// - `seed`: any number that those who choose the names of items do not know.
    #[must_use]
    pub const fn with_seed(seed: u64) -> Self {
        Self::with_keys(Keys::new(seed))
    }

    pub(super) const fn with_keys(keys: Keys) -> Self {
        Self {
            keys,
            makers: Names::new(keys),
            postings: Postings::new(keys),
            by_id: Table::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.postings.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a permission. Ids are taken to be unique: two permissions with one id are both granted, and go together.
    ///
    /// What goes beyond 512 MiB of addresses of makers, 16 GiB of names of either people or items, or 2^32 permissions is
    /// not granted.
    pub fn insert(&mut self, permission: Permission) {
        let made_by = self.makers.keep(Name::Person(&permission.created_by), 0);
        let Some(made_by) = made_by.filter(|number| *number < MAKERS) else {
            return;
        };
        let word = Word::new(made_by, &permission);
        let hash = self.hash(&permission.id);
        let held = Held {
            id: permission.id,
            expires: permission.expires.unwrap_or(UnixTime(0)),
        };
        let at = self.postings.insert(
            &permission.site,
            &permission.item,
            &permission.recipient,
            word.0,
            held,
        );
        if let Some(at) = at {
            self.by_id.insert(hash, at);
        }
    }

    /// Takes out the permission with that id; whether there was one.
    pub fn remove(&mut self, id: &PermissionId) -> bool {
        let hash = self.hash(id);
        let mut removed = false;
        while let Some(at) = self.by_id.find(hash, |at| self.is(at, id)) {
            self.by_id.remove(hash, at);
            self.postings.remove(at);
            removed = true;
        }
        removed
    }

    /// The permission with that id.
    #[must_use]
    pub fn find(&self, id: &PermissionId) -> Option<Stored<'_>> {
        self.stored(self.by_id.find(self.hash(id), |at| self.is(at, id))?)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Stored<'_>> {
        self.postings.iter().filter_map(|at| self.stored(at))
    }

    /// The permissions on the item or above it that are granted to the seeker, or to people in general.
    #[must_use]
    pub fn covering<'a>(
        &'a self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
        seeker: Seeker<'a>,
    ) -> Grants<'a> {
        let mut walk = self.start(site, path);
        self.fetch(&mut walk);
        self.fetch_first(&mut walk);
        self.finish(walk, site, case, seeker)
    }

    pub(super) fn start<'p>(
        &self,
        site: &SiteId,
        path: &'p ItemPath,
    ) -> Walk<'p, impl Iterator<Item = &'p str> + use<'p>> {
        self.postings.start(site, path)
    }

    pub(super) fn fetch<'p>(&self, walk: &mut Walk<'p, impl Iterator<Item = &'p str>>) {
        self.postings.fetch(walk);
    }

    pub(super) fn fetch_first<'p>(&self, walk: &mut Walk<'p, impl Iterator<Item = &'p str>>) {
        self.postings.fetch_first(walk);
    }

    pub(super) fn finish<'a, 'p>(
        &'a self,
        walk: Walk<'p, impl Iterator<Item = &'p str>>,
        site: &SiteId,
        case: PathCase,
        seeker: Seeker<'a>,
    ) -> Grants<'a> {
        let mut grants = Grants {
            index: Some(self),
            seeker,
            ..Grants::default()
        };
        let whom = For {
            general: true,
            person: seeker.address,
            groups: seeker.groups,
        };
        self.postings.covering(walk, site, case, whom, |at, whose| {
            grants.found.push((at, whose));
        });
        grants
    }

    pub(super) fn stored(&self, at: u32) -> Option<Stored<'_>> {
        let posting = self.postings.get(at)?;
        Some(Stored {
            index: self,
            held: posting.value,
            place: posting.place,
            recipient: posting.recipient,
            word: Word(posting.word),
        })
    }

    pub(super) fn recipient(&self, number: u32) -> Option<Recipient> {
        self.postings.names().recipient(number)
    }

    pub(super) fn maker(&self, number: u32) -> Option<EmailAddress> {
        match self.makers.recipient(number)? {
            Recipient::Address(address) => Some(address),
            Recipient::Members
            | Recipient::Everyone
            | Recipient::AllUsers
            | Recipient::Group(_) => None,
        }
    }

    pub(super) fn path(&self, place: u32) -> Option<(&SiteId, Vec<Arc<str>>)> {
        self.postings.tree().path(place)
    }

    #[cfg(test)]
    pub(super) const fn slots(&self) -> usize {
        self.postings.slots()
    }

    fn is(&self, at: u32, id: &PermissionId) -> bool {
        self.postings
            .get(at)
            .is_some_and(|posting| posting.value.id == *id)
    }

    fn hash(&self, id: &PermissionId) -> u32 {
        self.keys.exact(self.keys.start(), id.as_str()).short()
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self::with_seed(0)
    }
}

impl Extend<Permission> for Permissions {
    /// Adds many and gives back what memory is left over.
    fn extend<T: IntoIterator<Item = Permission>>(&mut self, all: T) {
        for permission in all {
            self.insert(permission);
        }
        self.makers.shrink();
        self.postings.shrink();
        self.by_id.shrink();
    }
}

/// The same permissions, in whatever order they came.
impl PartialEq for Permissions {
    fn eq(&self, other: &Self) -> bool {
        let holds = |theirs: &Self, mine: Stored<'_>| {
            let same = |at| theirs.stored(at).and_then(|one| one.permission()) == mine.permission();
            theirs
                .by_id
                .find(theirs.hash(&mine.held.id), same)
                .is_some()
        };
        self.len() == other.len()
            && self.iter().all(|mine| holds(other, mine))
            && other.iter().all(|theirs| holds(self, theirs))
    }
}

impl Eq for Permissions {}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permissions")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
