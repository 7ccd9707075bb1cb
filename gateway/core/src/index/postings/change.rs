//! Putting values in and taking them out.

use super::super::table::NONE;
use super::super::tree::{Kept, SPELLED};
use super::{
    Alias, FOR_ALL_USERS, FOR_EVERYONE, FOR_GROUPS, FOR_MEMBERS, FOR_PEOPLE, MANY, Postings, Slot,
};
use crate::id::SiteId;
use crate::path::ItemPath;
use crate::sharing::Recipient;

/// How many values a place has without the mark [`MANY`].
const FEW: usize = 2;

impl<T> Postings<T> {
    /// Adds a value and tells where it is; none when there are too many.
    pub(in super::super) fn insert(
        &mut self,
        site: &SiteId,
        path: &ItemPath,
        recipient: &Recipient,
        word: u32,
        value: T,
    ) -> Option<u32> {
        let number = self.names.number(recipient)?;
        let item = self.tree.insert(site, path)?;
        let hash = self.hash_of(number);
        let first_for = self.has_none(item.place, number, hash);
        let slot = Slot {
            place: item.place,
            recipient: number,
            next: NONE,
            word,
            value: Some(value),
        };
        let at = if let Some(free) = self.slots.get_mut(self.free as usize) {
            let at = std::mem::replace(&mut self.free, free.next);
            *free = slot;
            at
        } else {
            let at = u32::try_from(self.slots.len()).ok();
            let at = at.filter(|at| *at != NONE)?;
            self.slots.push(slot);
            at
        };
        self.len += 1;
        if item.place != item.node {
            self.tree.mark(item.node, SPELLED);
            if first_for {
                self.add_alias(item.node, item.place, number, hash);
            }
        }
        self.tree.mark(item.place, mark(recipient));
        self.link(item.place, at);
        Some(at)
    }

    /// Takes a value out.
    pub(in super::super) fn remove(&mut self, at: u32) -> Option<T> {
        let slot = self.slots.get_mut(at as usize)?;
        let value = slot.value.take()?;
        let (place, recipient, next) = (slot.place, slot.recipient, slot.next);
        self.len -= 1;
        let hash = self.hash_of(recipient);
        let level = self.tree.level(place)?;
        let both = self.hash(place, hash);
        let first = if level.marks & MANY == 0 {
            Some(level.kept.head)
        } else {
            self.head(place, recipient, both)
        };
        if first != Some(at) {
            let before = self.chain(first.unwrap_or(NONE));
            let before = before.filter(|(_, slot)| slot.next == at).map(|(at, _)| at);
            let before = { before }.next();
            if let Some(slot) = before.and_then(|before| self.slots.get_mut(before as usize)) {
                slot.next = next;
            }
        } else if level.marks & MANY == 0 {
            self.keep_first(place, next);
        } else if next == NONE {
            self.heads.remove(both, at);
        } else {
            self.heads.replace(both, at, next);
        }
        let free = std::mem::replace(&mut self.free, at);
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.next = free;
        }
        if let Some(node) = self.tree.node(place).filter(|node| *node != place)
            && self.has_none(place, recipient, hash)
        {
            self.remove_alias(node, place, recipient, hash);
        }
        Some(value)
    }

    /// Whether a place has nothing for a recipient.
    fn has_none(&self, place: u32, recipient: u32, hash: u32) -> bool {
        match self.tree.level(place) {
            Some(level) if level.marks & MANY == 0 => self
                .chain(level.kept.head)
                .all(|(_, slot)| slot.recipient != recipient),
            Some(_) => {
                let hash = self.hash(place, hash);
                self.head(place, recipient, hash).is_none()
            }
            None => true,
        }
    }

    /// Puts a slot into its chain; a chain that gets too long is taken apart.
    fn link(&mut self, place: u32, at: u32) {
        let Some(level) = self.tree.level(place) else {
            return;
        };
        if level.marks & MANY != 0 {
            return self.link_among_many(place, at);
        }
        if self.chain(level.kept.head).count() < FEW {
            if let Some(slot) = self.slots.get_mut(at as usize) {
                slot.next = level.kept.head;
            }
            return self.keep_first(place, at);
        }
        self.tree.mark(place, MANY);
        self.keep_first(place, NONE);
        let mut next = level.kept.head;
        while let Some(slot) = self.slots.get_mut(next as usize) {
            let this = std::mem::replace(&mut next, slot.next);
            self.link_among_many(place, this);
        }
        self.link_among_many(place, at);
    }

    /// Has the chain of a place begin with another slot.
    fn keep_first(&mut self, place: u32, head: u32) {
        let kept = self.slot(head).map_or(Kept::NOTHING, |slot| Kept {
            head,
            recipient: slot.recipient,
        });
        self.tree.keep(place, kept);
    }

    fn link_among_many(&mut self, place: u32, at: u32) {
        let Some(recipient) = self.slot(at).map(|slot| slot.recipient) else {
            return;
        };
        let hash = self.hash(place, self.hash_of(recipient));
        let head = self.head(place, recipient, hash);
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.next = head.unwrap_or(NONE);
        }
        match head {
            Some(head) => self.heads.replace(hash, head, at),
            None => self.heads.insert(hash, at),
        }
    }

    fn add_alias(&mut self, node: u32, place: u32, recipient: u32, hash: u32) {
        let first = self.first_alias(node, hash);
        let hash = self.hash(node, hash);
        let alias = Alias {
            node,
            recipient,
            place,
            next: first.unwrap_or(NONE),
        };
        let at = if let Some(free) = self.aliases.get_mut(self.free_alias as usize) {
            let at = std::mem::replace(&mut self.free_alias, free.next);
            *free = alias;
            at
        } else {
            // There are no more aliases than slots.
            let at = self.aliases.len() as u32;
            self.aliases.push(alias);
            at
        };
        match first {
            Some(first) => self.folded.replace(hash, first, at),
            None => self.folded.insert(hash, at),
        }
    }

    fn remove_alias(&mut self, node: u32, place: u32, recipient: u32, hash: u32) {
        let (mut before, mut next) = (None, self.first_alias(node, hash));
        let hash = self.hash(node, hash);
        while let Some((at, alias)) =
            next.and_then(|at| Some((at, *self.aliases.get(at as usize)?)))
        {
            if alias.place != place || alias.recipient != recipient {
                (before, next) = (Some(at), Some(alias.next));
                continue;
            }
            match before.and_then(|before: u32| self.aliases.get_mut(before as usize)) {
                Some(before) => before.next = alias.next,
                None if alias.next == NONE => self.folded.remove(hash, at),
                None => self.folded.replace(hash, at, alias.next),
            }
            if let Some(alias) = self.aliases.get_mut(at as usize) {
                alias.next = std::mem::replace(&mut self.free_alias, at);
            }
            return;
        }
    }
}

const fn mark(recipient: &Recipient) -> u16 {
    match recipient {
        Recipient::Members => FOR_MEMBERS,
        Recipient::Everyone => FOR_EVERYONE,
        Recipient::AllUsers => FOR_ALL_USERS,
        Recipient::Group(_) => FOR_GROUPS,
        Recipient::Address(_) => FOR_PEOPLE,
    }
}
