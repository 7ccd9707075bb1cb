//! Looking for what is for somebody, on one place after another.

use super::{FOR_GROUPS, FOR_PEOPLE, For, GENERAL, MANY, Postings, Slot, Sought, Who, Whose};
use crate::id::GroupId;
use crate::index::names::{ALL_USERS, EVERYONE, Known, MEMBERS, Name};
use crate::index::table::NONE;
use crate::index::tree::{Level, SPELLED};
use crate::path::PathCase;
use crate::sharing::Recipient;

impl<T> Postings<T> {
    /// Of the few values of a place, those that are meant for the seeker.
    pub(super) fn few(&self, head: u32, seeker: For<'_>, found: &mut impl FnMut(u32, Whose)) {
        for (at, slot) in self.chain(head) {
            if slot.recipient <= ALL_USERS {
                if seeker.general {
                    found(at, Whose::GENERAL);
                }
                continue;
            }
            match self.names.known(slot.recipient) {
                Some(known @ Known::Person(_))
                    if seeker.person.is_some_and(|one| Name::Person(one).is(known)) =>
                {
                    found(at, Whose::PERSON);
                }
                Some(Known::Person(_)) | None => {}
                Some(Known::Group(text)) => {
                    let place = |group: &GroupId| group.as_str().as_bytes().cmp(text);
                    if let Ok(place) = seeker.groups.binary_search_by(place) {
                        found(at, Whose(place as u32));
                    }
                }
            }
        }
    }

    /// What is found through tables.
    pub(super) fn many(
        &self,
        levels: &[Level],
        case: PathCase,
        seeker: For<'_>,
        found: &mut impl FnMut(u32, Whose),
    ) {
        if seeker.general {
            for (number, mark) in GENERAL {
                let sought = Sought {
                    hash: self.hash_of(number),
                    whose: Whose::GENERAL,
                    who: Who::General(number),
                };
                self.sought(levels, case, sought, mark, found);
            }
        }
        let named = |name: Name<'_>, whose, mark, found: &mut _| {
            let sought = Sought {
                hash: name.hash(self.keys).short(),
                whose,
                who: Who::Named(name),
            };
            self.sought(levels, case, sought, mark, found);
        };
        if let Some(person) = seeker.person {
            named(Name::Person(person), Whose::PERSON, FOR_PEOPLE, found);
        }
        let marks = levels.iter().fold(0, |marks, level| marks | level.marks);
        if marks & (FOR_GROUPS | SPELLED) != 0 {
            for (at, group) in (0u32..).zip(seeker.groups) {
                named(Name::Group(group), Whose(at), FOR_GROUPS, found);
            }
        }
    }

    pub(super) fn sought(
        &self,
        levels: &[Level],
        case: PathCase,
        sought: Sought<'_>,
        mark: u16,
        found: &mut impl FnMut(u32, Whose),
    ) {
        for level in levels {
            if level.marks & MANY != 0 && level.marks & mark != 0 {
                self.at(level, sought, found);
            }
            if case == PathCase::Insensitive && level.marks & SPELLED != 0 {
                let mut next = self.first_alias(level.place, sought.hash);
                while let Some(alias) = next.and_then(|at| self.aliases.get(at as usize)) {
                    if self.is(sought, alias.recipient)
                        && let Some(level) = self.tree.level(alias.place)
                    {
                        self.at(&level, sought, found);
                    }
                    next = Some(alias.next);
                }
            }
        }
    }

    /// The values of one recipient on one place.
    pub(super) fn at(&self, level: &Level, sought: Sought<'_>, found: &mut impl FnMut(u32, Whose)) {
        let head = if level.marks & MANY == 0 {
            level.kept.head
        } else {
            let head = self.heads.find(self.hash(level.place, sought.hash), |at| {
                self.slot(at).is_some_and(|slot| {
                    slot.place == level.place && self.is(sought, slot.recipient)
                })
            });
            head.unwrap_or(NONE)
        };
        for (at, slot) in self.chain(head) {
            // A chain of few is of several recipients.
            if level.marks & MANY != 0 || self.is(sought, slot.recipient) {
                found(at, sought.whose);
            }
        }
    }

    pub(super) fn is(&self, sought: Sought<'_>, recipient: u32) -> bool {
        match sought.who {
            Who::General(number) => recipient == number,
            Who::Named(name) => self
                .names
                .known(recipient)
                .is_some_and(|known| name.is(known)),
        }
    }

    pub(super) fn chain(&self, head: u32) -> impl Iterator<Item = (u32, &Slot<T>)> {
        let mut next = head;
        std::iter::from_fn(move || {
            let at = next;
            let slot = self.slot(at)?;
            next = slot.next;
            Some((at, slot))
        })
    }

    pub(super) fn slot(&self, at: u32) -> Option<&Slot<T>> {
        self.slots.get(at as usize)
    }

    /// Where a place's values for a recipient begin, where it has many.
    pub(super) fn head(&self, place: u32, recipient: u32, hash: u32) -> Option<u32> {
        self.heads.find(hash, |at| {
            self.slot(at)
                .is_some_and(|slot| slot.place == place && slot.recipient == recipient)
        })
    }

    pub(super) fn first_alias(&self, node: u32, recipient: u32) -> Option<u32> {
        self.folded.find(self.hash(node, recipient), |at| {
            let alias = self.aliases.get(at as usize);
            alias.is_some_and(|alias| alias.node == node)
        })
    }

    /// The number and the hash of a recipient who is known.
    pub(super) fn find_recipient(&self, recipient: &Recipient) -> Option<(u32, u32)> {
        let name = match recipient {
            Recipient::Members => return Some((MEMBERS, self.hash_of(MEMBERS))),
            Recipient::Everyone => return Some((EVERYONE, self.hash_of(EVERYONE))),
            Recipient::AllUsers => return Some((ALL_USERS, self.hash_of(ALL_USERS))),
            Recipient::Group(group) => Name::Group(group),
            Recipient::Address(address) => Name::Person(address),
        };
        let (number, _) = self.names.find(name)?;
        Some((number, name.hash(self.keys).short()))
    }

    /// The hash of a recipient, by number.
    pub(super) fn hash_of(&self, recipient: u32) -> u32 {
        match self.names.known(recipient) {
            Some(known) => known.hash(self.keys).short(),
            None => self
                .keys
                .number(self.keys.start(), u64::from(recipient))
                .short(),
        }
    }

    pub(super) fn hash(&self, place: u32, recipient: u32) -> u32 {
        let both = u64::from(place) << 32 | u64::from(recipient);
        self.keys.number(self.keys.start(), both).short()
    }
}
