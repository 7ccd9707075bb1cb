//! A tenant's items as trees of names, one for each site.
//!
//! Names that are the same but for case share a *node*: that is how a site sees them which does not tell case apart.
//! How a path is spelled is its *place*: the node itself where every name is spelled as when its node was made, which is
//! nearly always so, or else a spelling of that node. That is how a site sees them which does tell case apart. So one
//! tree serves both, either lookup finds exactly what it should, and neither gets slower by the other's names.
//!
//! Everything lies in one vector of bytes, each name behind the few bytes that are known about it, so that a step down
//! a path costs two reads from memory. The hash of a name is made of all names before it and needs none of them: the
//! reads for the steps of a path do not wait for each other. Nothing is recursive, for paths may be thousands of
//! segments long.

mod walk;

use self::walk::Step;
pub(super) use self::walk::Walk;

use std::sync::Arc;

use super::hash::{Hash, Keys};
use super::table::{NONE, Table};
use crate::id::SiteId;
use crate::path::{ItemPath, PathCase, same_name};

/// How many steps are asked for at once: paths are seldom deeper.
const STEPS: usize = 32;
/// Entries begin at multiples of this many bytes, so that a number of 32 bits reaches 16 GiB.
const UNIT: usize = 4;

/// The root of a site: its text is the site's name, its parent is none, and there is an extra number: the site's.
const ROOT: u16 = 0x8000;
/// A spelling: its parent is a place, and there is an extra number: its node.
const SPELLING: u16 = 0x4000;
/// A node that has spellings.
pub(super) const SPELLED: u16 = 0x2000;

/// Items, by path. None is ever forgotten.
///
/// An entry is its parent (4 bytes), the length of its name (2), its marks (2), two numbers of its owner's (8), an extra
/// number (4) if it is a root or a spelling, and its name.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    keys: Keys,
    entries: Vec<u8>,
    numbers: Table,
    sites: Vec<SiteId>,
}

/// One step of a walk down a path.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// The item as it is spelled, or its node where case does not matter.
    pub(super) place: u32,
    /// What the tree's owner keeps there.
    pub(super) kept: Kept,
    /// What is marked on it.
    pub(super) marks: u16,
}

/// What the owner of a tree keeps with a place: at first none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The first value of the place.
    pub(super) head: u32,
    /// Whom that one is for, here so that both can be fetched at once.
    pub(super) recipient: u32,
}

impl Kept {
    pub(super) const NOTHING: Self = Self {
        head: NONE,
        recipient: NONE,
    };
}

impl Default for Kept {
    fn default() -> Self {
        Self::NOTHING
    }
}

/// The item an insertion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) node: u32,
    pub(super) place: u32,
}

impl Found {
    const fn at(node: u32) -> Self {
        Self { node, place: node }
    }
}

struct Entry<'a> {
    parent: u32,
    marks: u16,
    kept: Kept,
    extra: u32,
    name: &'a [u8],
}

impl Entry<'_> {
    /// Whether this is the name, in any case.
    fn is_called(&self, name: &str) -> bool {
        same(self.name, name.as_bytes())
            || str::from_utf8(self.name)
                .is_ok_and(|own| same_name(own, name, PathCase::Insensitive))
    }

    const fn level(&self, place: u32) -> Level {
        Level {
            place,
            marks: self.marks,
            kept: self.kept,
        }
    }
}

impl Tree {
    pub(super) const fn new(keys: Keys) -> Self {
        Self {
            keys,
            entries: Vec::new(),
            numbers: Table::new(),
            sites: Vec::new(),
        }
    }

    pub(super) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.numbers.shrink();
        self.sites.shrink_to_fit();
    }

    /// The item's place, made if it is new; none when the tree is full.
    pub(super) fn insert(&mut self, site: &SiteId, path: &ItemPath) -> Option<Found> {
        let mut hash = self.root_hash(site);
        let step = Step {
            hash: hash.short(),
            ..Step::default()
        };
        let root = match self.root(site, &step) {
            Some(root) => root.node,
            None => {
                let number = u32::try_from(self.sites.len()).ok()?;
                let root = self.push(NONE, ROOT, Some(number), site.as_str(), hash)?;
                self.sites.push(site.clone());
                root
            }
        };
        let mut here = Found::at(root);
        for name in path.segments() {
            hash = self.keys.folded(hash, name);
            let step = Step {
                name,
                hash: hash.short(),
                ..Step::default()
            };
            let node = match self.node_below(here.node, &step) {
                Some(node) => node,
                None => self.push(here.node, 0, None, name, hash)?,
            };
            let place = match self.place_below(here, node, name) {
                Some(place) => place,
                None => {
                    let hash = self.spelling_hash(here.place, node, name);
                    self.push(here.place, SPELLING, Some(node), name, hash)?
                }
            };
            here = Found { node, place };
        }
        Some(here)
    }

    /// The place of exactly this item as it is spelled.
    pub(super) fn find(&self, site: &SiteId, path: &ItemPath) -> Option<u32> {
        let steps = path.segments().len() + 1;
        let (mut taken, mut last) = (0, None);
        self.walk(
            self.start(site, path),
            site,
            PathCase::Sensitive,
            |levels| {
                taken += levels.len();
                last = levels.last().map(|level| level.place).or(last);
            },
        );
        last.filter(|_| taken == steps)
    }

    /// The site and the names that lead to a place.
    pub(super) fn path(&self, place: u32) -> Option<(&SiteId, Vec<Arc<str>>)> {
        let mut names = Vec::new();
        let mut entry = self.entry(place)?;
        while entry.marks & ROOT == 0 {
            names.push(str::from_utf8(entry.name).ok()?.into());
            entry = self.entry(entry.parent)?;
        }
        names.reverse();
        Some((self.sites.get(entry.extra as usize)?, names))
    }

    /// The node behind a place.
    pub(super) fn node(&self, place: u32) -> Option<u32> {
        let entry = self.entry(place)?;
        Some(if entry.marks & SPELLING == 0 {
            place
        } else {
            entry.extra
        })
    }

    /// What is kept with a place or node.
    pub(super) fn level(&self, place: u32) -> Option<Level> {
        Some(self.entry(place)?.level(place))
    }

    /// Adds marks to a place or node; they never go.
    pub(super) fn mark(&mut self, place: u32, marks: u16) {
        if let Some(own) = self.bytes_of(place, 6) {
            *own = (u16::from_le_bytes(*own) | marks).to_le_bytes();
        }
    }

    /// Keeps something else with a place.
    pub(super) fn keep(&mut self, place: u32, kept: Kept) {
        if let Some(own) = self.bytes_of(place, 8) {
            *own = kept.head.to_le_bytes();
        }
        if let Some(own) = self.bytes_of(place, 12) {
            *own = kept.recipient.to_le_bytes();
        }
    }

    fn bytes_of<const N: usize>(&mut self, place: u32, offset: usize) -> Option<&mut [u8; N]> {
        let entry = self.entries.get_mut(place as usize * UNIT + offset..)?;
        entry.first_chunk_mut()
    }

    fn root(&self, site: &SiteId, step: &Step<'_>) -> Option<Found> {
        let root = self.numbers.find(step.hash, |at| {
            self.entry(at).is_some_and(|entry| {
                entry.marks & ROOT != 0 && same(entry.name, site.as_str().as_bytes())
            })
        });
        root.map(Found::at)
    }

    #[inline(never)]
    fn below(&self, above: Found, step: &Step<'_>, case: PathCase) -> Option<Found> {
        let node = self.node_below(above.node, step)?;
        let place = match case {
            PathCase::Insensitive => node,
            PathCase::Sensitive => self.place_below(above, node, step.name)?,
        };
        Some(Found { node, place })
    }

    fn node_below(&self, above: u32, step: &Step<'_>) -> Option<u32> {
        self.numbers.find(step.hash, |at| {
            self.entry(at).is_some_and(|entry| {
                entry.parent == above && entry.marks & SPELLING == 0 && entry.is_called(step.name)
            })
        })
    }

    /// The place of `node`, spelled `name`, below a place.
    fn place_below(&self, above: Found, node: u32, name: &str) -> Option<u32> {
        if above.place == above.node && self.entry(node)?.name == name.as_bytes() {
            return Some(node);
        }
        let hash = self.spelling_hash(above.place, node, name);
        self.numbers.find(hash.short(), |at| {
            self.entry(at).is_some_and(|entry| {
                entry.parent == above.place
                    && entry.marks & SPELLING != 0
                    && entry.extra == node
                    && entry.name == name.as_bytes()
            })
        })
    }

    fn root_hash(&self, site: &SiteId) -> Hash {
        self.keys.exact(self.keys.start(), site.as_str())
    }

    fn spelling_hash(&self, above: u32, node: u32, name: &str) -> Hash {
        let above = u64::from(above) << 32 | u64::from(node);
        let hash = self.keys.number(self.keys.start(), above);
        self.keys.exact(hash, name)
    }

    fn entry(&self, at: u32) -> Option<Entry<'_>> {
        let (head, rest) = self
            .entries
            .get(at as usize * UNIT..)?
            .split_first_chunk::<16>()?;
        let [
            p0,
            p1,
            p2,
            p3,
            l0,
            l1,
            m0,
            m1,
            h0,
            h1,
            h2,
            h3,
            r0,
            r1,
            r2,
            r3,
        ] = *head;
        let marks = u16::from_le_bytes([m0, m1]);
        let (extra, rest) = if marks & (ROOT | SPELLING) == 0 {
            (NONE, rest)
        } else {
            let (extra, rest) = rest.split_first_chunk::<4>()?;
            (u32::from_le_bytes(*extra), rest)
        };
        Some(Entry {
            parent: u32::from_le_bytes([p0, p1, p2, p3]),
            marks,
            kept: Kept {
                head: u32::from_le_bytes([h0, h1, h2, h3]),
                recipient: u32::from_le_bytes([r0, r1, r2, r3]),
            },
            extra,
            name: rest.get(..usize::from(u16::from_le_bytes([l0, l1])))?,
        })
    }

    fn push(
        &mut self,
        parent: u32,
        marks: u16,
        extra: Option<u32>,
        name: &str,
        hash: Hash,
    ) -> Option<u32> {
        let at = u32::try_from(self.entries.len() / UNIT).ok();
        let at = at.filter(|at| *at != NONE)?;
        let length = u16::try_from(name.len()).ok()?;
        self.entries.extend(parent.to_le_bytes());
        self.entries.extend(length.to_le_bytes());
        self.entries.extend(marks.to_le_bytes());
        self.entries.extend(NONE.to_le_bytes());
        self.entries.extend(NONE.to_le_bytes());
        self.entries
            .extend(extra.iter().flat_map(|extra| extra.to_le_bytes()));
        self.entries.extend(name.as_bytes());
        let whole = self.entries.len().next_multiple_of(UNIT);
        self.entries.resize(whole, 0);
        self.numbers.insert(hash.short(), at);
        Some(at)
    }
}

/// Whether these are equal; for texts this short faster than a call of what compares texts of any length.
#[inline]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(one_end), Some(other_end)) => {
            // The last word overlaps the one before it.
            let (ones, others) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
            let differ = ones.iter().zip(others).fold(0, |differ, (one, other)| {
                differ | (u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other))
            });
            differ == 0 && one_end == other_end
        }
        _ => one.iter().zip(other).all(|(one, other)| one == other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_the_same_if_they_are_equal(one in "[ab]{0,20}", other in "[ab]{0,20}", at in 0usize..20) {
            let same = |one: &str, other: &str| super::same(one.as_bytes(), other.as_bytes());
            prop_assert_eq!(same(&one, &other), one == other);
            let mut changed = one.clone().into_bytes();
            prop_assert!(super::same(one.as_bytes(), &changed));
            if let Some(byte) = changed.get_mut(at) {
                *byte = b'c';
                prop_assert!(!super::same(one.as_bytes(), &changed));
            }
        }
    }
}
