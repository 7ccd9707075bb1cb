//! What holds for an item and everything below it, found by walking down the path, and of that only what is meant for
//! somebody.
//!
//! The first few values of a place are in a chain that begins at the place itself: most items have one, found without a
//! table. Of places with more, each recipient's are found through a table, so that it makes no difference how many
//! others something was given to.

mod change;
mod search;

use super::hash::Keys;
use super::names::{ALL_USERS, EVERYONE, MEMBERS, Name, Names};
use super::table::{NONE, Table};
use super::tree::{SPELLED, Tree, Walk};
use crate::address::EmailAddress;
use crate::id::{GroupId, SiteId};
use crate::path::{ItemPath, PathCase};
use crate::sharing::Recipient;

/// Marks on a place: there is, or was, something for them.
const FOR_MEMBERS: u16 = 0x01;
const FOR_EVERYONE: u16 = 0x02;
const FOR_ALL_USERS: u16 = 0x04;
const FOR_GROUPS: u16 = 0x08;
const FOR_PEOPLE: u16 = 0x10;
/// A mark on a place whose values are found through the table.
const MANY: u16 = 0x20;

/// The recipients that are not looked up by name.
const GENERAL: [(u32, u16); 3] = [
    (MEMBERS, FOR_MEMBERS),
    (EVERYONE, FOR_EVERYONE),
    (ALL_USERS, FOR_ALL_USERS),
];

/// Values, each on a place and for a recipient.
#[derive(Clone, Debug)]
pub(super) struct Postings<T> {
    keys: Keys,
    names: Names,
    tree: Tree,
    slots: Vec<Slot<T>>,
    /// The first of the slots that can be used again.
    free: u32,
    len: usize,
    /// The first slot of a place and recipient, where a place has many.
    heads: Table,
    aliases: Vec<Alias>,
    free_alias: u32,
    /// The first alias of a node and recipient.
    folded: Table,
}

/// One value, and the next of its chain. A permission fills a cache line, and begins with one.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Slot<T> {
    place: u32,
    recipient: u32,
    next: u32,
    /// A number that belongs to the value, here because there is room.
    word: u32,
    value: Option<T>,
}

/// What leads from a node to one of its spellings on which there is something for a recipient, where case does not
/// matter. One for each spelling and recipient; in a chain are those of one node and hash.
#[derive(Clone, Copy, Debug)]
struct Alias {
    node: u32,
    recipient: u32,
    place: u32,
    next: u32,
}

/// A value as it was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting<'a, T> {
    pub(super) place: u32,
    pub(super) recipient: u32,
    pub(super) word: u32,
    pub(super) value: &'a T,
}

/// For whom is looked.
#[derive(Clone, Copy, Debug)]
pub(super) struct For<'a> {
    /// Whether for people in general as well.
    pub(super) general: bool,
    pub(super) person: Option<&'a EmailAddress>,
    /// The person's groups, sorted.
    pub(super) groups: &'a [GroupId],
}

/// For whom something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whose(u32);

impl Whose {
    pub(super) const GENERAL: Self = Self(u32::MAX);
    pub(super) const PERSON: Self = Self(u32::MAX - 1);

    /// The group at this place of the seeker's.
    pub(super) const fn group(self) -> usize {
        self.0 as usize
    }
}

/// What a recipient is looked for by.
#[derive(Clone, Copy)]
struct Sought<'a> {
    hash: u32,
    whose: Whose,
    who: Who<'a>,
}

#[derive(Clone, Copy)]
enum Who<'a> {
    General(u32),
    Named(Name<'a>),
}

impl<T> Postings<T> {
    pub(super) const fn new(keys: Keys) -> Self {
        Self {
            keys,
            names: Names::new(keys),
            tree: Tree::new(keys),
            slots: Vec::new(),
            free: NONE,
            len: 0,
            heads: Table::new(),
            aliases: Vec::new(),
            free_alias: NONE,
            folded: Table::new(),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    #[cfg(test)]
    pub(super) const fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(super) const fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(super) const fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn shrink(&mut self) {
        self.names.shrink();
        self.tree.shrink();
        self.slots.shrink_to_fit();
        self.heads.shrink();
        self.aliases.shrink_to_fit();
        self.folded.shrink();
    }

    pub(super) fn get(&self, at: u32) -> Option<Posting<'_, T>> {
        let slot = self.slot(at)?;
        Some(Posting {
            place: slot.place,
            recipient: slot.recipient,
            word: slot.word,
            value: slot.value.as_ref()?,
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let all = (0u32..).zip(&self.slots);
        all.filter(|(_, slot)| slot.value.is_some())
            .map(|(at, _)| at)
    }

    /// Begins to look for what covers an item. Between this, [`fetch`](Self::fetch), [`fetch_first`](Self::fetch_first)
    /// and [`covering`](Self::covering) something else can be done while memory answers.
    pub(super) fn start<'p>(
        &self,
        site: &SiteId,
        path: &'p ItemPath,
    ) -> Walk<'p, impl Iterator<Item = &'p str> + use<'p, T>> {
        self.tree.start(site, path)
    }

    pub(super) fn fetch<'p>(&self, walk: &mut Walk<'p, impl Iterator<Item = &'p str>>) {
        self.tree.fetch(walk);
    }

    /// Has the first values of the next steps, and whom they are for, brought from memory.
    pub(super) fn fetch_first<'p>(&self, walk: &mut Walk<'p, impl Iterator<Item = &'p str>>) {
        let mut read = 0;
        for kept in self.tree.kept(walk) {
            read ^= self.slot(kept.head).map_or(0, |slot| slot.place);
            read ^= u32::from(self.names.touch(kept.recipient));
        }
        std::hint::black_box(read);
    }

    /// Shows every value on the item or above it that is meant for them.
    pub(super) fn covering<'p>(
        &self,
        walk: Walk<'p, impl Iterator<Item = &'p str>>,
        site: &SiteId,
        case: PathCase,
        seeker: For<'_>,
        mut found: impl FnMut(u32, Whose),
    ) {
        self.tree.walk(walk, site, case, |levels| {
            let mut many = false;
            for level in levels {
                // Most items on the way to one have nothing on them.
                if level.marks & MANY == 0 {
                    self.few(level.kept.head, seeker, &mut found);
                }
                let spelled = case == PathCase::Insensitive && level.marks & SPELLED != 0;
                many |= spelled || level.marks & MANY != 0;
            }
            if many {
                self.many(levels, case, seeker, &mut found);
            }
        });
    }

    /// Every value, with its word, for a recipient on exactly this item as it is spelled.
    pub(super) fn on_item(
        &self,
        site: &SiteId,
        path: &ItemPath,
        recipient: &Recipient,
    ) -> impl Iterator<Item = (u32, u32)> {
        let level = self
            .tree
            .find(site, path)
            .and_then(|place| self.tree.level(place));
        let recipient = self.find_recipient(recipient);
        let first = match (level, recipient) {
            (Some(level), Some((_, hash))) if level.marks & MANY != 0 => {
                let hash = self.hash(level.place, hash);
                recipient.and_then(|(number, _)| self.head(level.place, number, hash))
            }
            (Some(level), Some(_)) => Some(level.kept.head),
            (None, _) | (_, None) => None,
        };
        let chain = self.chain(first.unwrap_or(NONE));
        let number = recipient.map(|(number, _)| number);
        chain.filter_map(move |(at, slot)| {
            (Some(slot.recipient) == number).then_some((at, slot.word))
        })
    }
}
