//! The sharing links of one tenant.

use std::fmt;

use smallvec::SmallVec;

use super::hash::Keys;
use super::postings::{For, Postings};
use super::table::Table;
use crate::address::EmailAddress;
use crate::id::{LinkId, SiteId};
use crate::path::{ItemPath, PathCase};
use crate::sharing::{LinkScope, Recipient, SharingLink};

/// Links that may cover one item.
#[derive(Clone, Debug, Default)]
pub struct Links<'a> {
    index: Option<&'a LinkIndex>,
    found: SmallVec<[(u32, bool); 4]>,
    given: Vec<LinkFacts<'a>>,
    missing: bool,
}

/// A link, and what is known about the people it names.
#[derive(Clone, Copy, Debug)]
pub struct LinkFacts<'a> {
    /// The link.
    pub link: &'a SharingLink,
    /// Whether one of the people it names is in the directory.
    pub recipient_in_directory: bool,
}

impl<'a> Links<'a> {
    /// The links. More than cover the item do no harm.
    pub fn iter(&self) -> impl Iterator<Item = LinkFacts<'a>> {
        let index = self.index;
        let found = self.found.iter().filter_map(move |(at, known)| {
            Some(LinkFacts {
                link: index?.link(*at)?,
                recipient_in_directory: *known,
            })
        });
        found.chain(self.given.iter().copied())
    }

    /// Whether a link that the principal showed exists no more.
    #[must_use]
    pub const fn missing(&self) -> bool {
        self.missing
    }

    /// The same, where a link that the principal showed exists no more.
    #[must_use]
    pub fn with_missing(self, missing: bool) -> Self {
        Self { missing, ..self }
    }
}

impl<'a> FromIterator<LinkFacts<'a>> for Links<'a> {
    fn from_iter<T: IntoIterator<Item = LinkFacts<'a>>>(links: T) -> Self {
        Self {
            given: links.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// The sharing links of one tenant, found by id, by item, and by item and person.
#[derive(Clone)]
pub struct LinkIndex {
    keys: Keys,
    links: Vec<Option<SharingLink>>,
    free: Vec<u32>,
    by_id: Table,
    /// Each link for everyone, which finds all of an item, and for each person it names.
    postings: Postings<()>,
}

impl LinkIndex {
    /// An index of these, with the seed 0.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = SharingLink>) -> Self {
        let mut index = Self::with_seed(0);
        for link in all {
            index.insert(link);
        }
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
            links: Vec::new(),
            free: Vec::new(),
            by_id: Table::new(),
            postings: Postings::new(keys),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.links.len() - self.free.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &SharingLink> {
        self.links.iter().flatten()
    }

    /// Adds a link. Ids are taken to be unique: of two links with one id both count, and go together.
    ///
    /// What goes beyond 2^27 people, 16 GiB of names or 2^32 links does not count.
    pub fn insert(&mut self, link: SharingLink) {
        let at = self.free.last().copied();
        let Some(at) = at.or_else(|| u32::try_from(self.links.len()).ok()) else {
            return;
        };
        let all = [Recipient::Everyone].into_iter();
        let people = named(&link).map(|person| Recipient::Address(person.clone()));
        for recipient in all.chain(people) {
            let posted = self
                .postings
                .insert(&link.site, &link.item, &recipient, at, ());
            if posted.is_none() {
                return self.unpost(at, &link);
            }
        }
        self.by_id.insert(self.hash(&link.id), at);
        match self.links.get_mut(at as usize) {
            Some(place) => {
                *place = Some(link);
                self.free.pop();
            }
            None => self.links.push(Some(link)),
        }
    }

    /// Takes out the link with that id; whether there was one.
    pub fn remove(&mut self, id: &LinkId) -> bool {
        let hash = self.hash(id);
        let mut removed = false;
        while let Some(at) = self.by_id.find(hash, |at| self.is(at, id)) {
            self.by_id.remove(hash, at);
            if let Some(link) = self.links.get_mut(at as usize).and_then(Option::take) {
                self.unpost(at, &link);
                self.free.push(at);
            }
            removed = true;
        }
        removed
    }

    /// The link with that id.
    #[must_use]
    pub fn find(&self, id: &LinkId) -> Option<&SharingLink> {
        self.link(self.by_id.find(self.hash(id), |at| self.is(at, id))?)
    }

    /// All links on the item or above it, whoever has them, in no order.
    pub fn on(
        &self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
    ) -> impl Iterator<Item = &SharingLink> {
        let all = self.posted(site, path, case, None);
        all.into_iter()
            .filter_map(|posting| self.link(self.postings.get(posting)?.word))
    }

    /// The links on the item or above it that were shown, or name the person; and whether one that was shown exists no
    /// more.
    ///
    /// - `shown`: links whose token the principal showed.
    /// - `address`: whom links are looked up for.
    /// - `known`: whether somebody with that address is in the directory. Asked about the people of the links found,
    ///   where nobody signed in: nobody needs to know otherwise.
    #[must_use]
    pub fn covering<'a>(
        &'a self,
        (site, path, case): (&SiteId, &ItemPath, PathCase),
        shown: &[LinkId],
        address: Option<&EmailAddress>,
        known: impl Fn(&EmailAddress) -> bool,
    ) -> Links<'a> {
        let mut links = Links {
            index: Some(self),
            ..Links::default()
        };
        if self.is_empty() {
            return links.with_missing(!shown.is_empty());
        }
        for id in shown {
            let mut exists = false;
            self.by_id.find(self.hash(id), |at| {
                let link = self.link(at).filter(|link| link.id == *id);
                exists |= link.is_some();
                if let Some(link) = link
                    && link.site == *site
                    && path.is_within(&link.item, case)
                {
                    links.found.push((at, named(link).any(&known)));
                }
                false
            });
            links.missing |= !exists;
        }
        let of_shown = links.found.len();
        if let Some(address) = address {
            for posting in self.posted(site, path, case, Some(address)) {
                if let Some(at) = self.postings.get(posting).map(|posting| posting.word)
                    && !links
                        .found
                        .iter()
                        .take(of_shown)
                        .any(|(other, _)| *other == at)
                {
                    links.found.push((
                        at,
                        self.link(at).is_some_and(|link| named(link).any(&known)),
                    ));
                }
            }
        }
        links
    }

    /// The postings on the item or above it: of the person, or all.
    fn posted(
        &self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
        address: Option<&EmailAddress>,
    ) -> SmallVec<[u32; 8]> {
        let mut found = SmallVec::new();
        let seeker = For {
            general: address.is_none(),
            person: address,
            groups: &[],
        };
        let walk = self.postings.start(site, path);
        self.postings
            .covering(walk, site, case, seeker, |at, _| found.push(at));
        found
    }

    fn unpost(&mut self, at: u32, link: &SharingLink) {
        let all = [Recipient::Everyone].into_iter();
        let people = named(link).map(|person| Recipient::Address(person.clone()));
        for recipient in all.chain(people) {
            let mut posted = self.postings.on_item(&link.site, &link.item, &recipient);
            let posting = posted.find(|(_, word)| *word == at);
            drop(posted);
            if let Some((posting, _)) = posting {
                self.postings.remove(posting);
            }
        }
    }

    fn link(&self, at: u32) -> Option<&SharingLink> {
        self.links.get(at as usize)?.as_ref()
    }

    fn is(&self, at: u32, id: &LinkId) -> bool {
        self.link(at).is_some_and(|link| link.id == *id)
    }

    fn hash(&self, id: &LinkId) -> u32 {
        self.keys.exact(self.keys.start(), id.as_str()).short()
    }
}

fn named(link: &SharingLink) -> impl Iterator<Item = &EmailAddress> {
    let people = match &link.scope {
        LinkScope::Users(people) => Some(people),
        LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => None,
    };
    people.into_iter().flatten()
}

impl Default for LinkIndex {
    fn default() -> Self {
        Self::with_seed(0)
    }
}

/// The same links, in whatever order they came.
impl PartialEq for LinkIndex {
    fn eq(&self, other: &Self) -> bool {
        let holds = |theirs: &Self, mine: &SharingLink| {
            let same = |at| theirs.link(at) == Some(mine);
            theirs.by_id.find(theirs.hash(&mine.id), same).is_some()
        };
        self.len() == other.len()
            && self.iter().all(|mine| holds(other, mine))
            && other.iter().all(|theirs| holds(self, theirs))
    }
}

impl Eq for LinkIndex {}

impl fmt::Debug for LinkIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkIndex")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
