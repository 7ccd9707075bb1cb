//! People and groups by number: each is kept once, as text, however many permissions name them.

use super::hash::{Hash, Keys};
use super::table::Table;
use crate::address::EmailAddress;
use crate::id::GroupId;
use crate::sharing::Recipient;

/// The numbers of those that are always there.
pub(super) const MEMBERS: u32 = 0;
pub(super) const EVERYONE: u32 = 1;
pub(super) const ALL_USERS: u32 = 2;
const FIRST: u32 = 3;

const PERSON: u8 = b'@';
const GROUP: u8 = b'#';

/// Entries begin at multiples of this many bytes.
const UNIT: usize = 4;

/// The names, of which none is ever forgotten.
///
/// An entry is the length of its text (2 bytes), its kind (1), a spare byte, a number that belongs to it (4), and its
/// text.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    keys: Keys,
    entries: Vec<u8>,
    numbers: Table,
}

/// A person or group that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    Person(&'a EmailAddress),
    Group(&'a GroupId),
}

/// A person or group as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known<'a> {
    Person(&'a [u8]),
    Group(&'a [u8]),
}

impl Name<'_> {
    pub(crate) fn hash(self, keys: Keys) -> Hash {
        match self {
            Self::Person(address) => {
                let hash = keys.exact(keys.start(), address.local());
                keys.exact(hash, address.domain().as_str())
            }
            Self::Group(group) => keys.exact(keys.start(), group.as_str()),
        }
    }

    pub(super) fn is(self, known: Known<'_>) -> bool {
        match (self, known) {
            (Self::Person(address), Known::Person(text)) => {
                text.strip_suffix(address.domain().as_str().as_bytes())
                    .and_then(|text| text.strip_suffix(b"@"))
                    == Some(address.local().as_bytes())
            }
            (Self::Group(group), Known::Group(text)) => text == group.as_str().as_bytes(),
            (Self::Person(_), Known::Group(_)) | (Self::Group(_), Known::Person(_)) => false,
        }
    }
}

impl Known<'_> {
    /// The same as [`Name::hash`].
    pub(super) fn hash(self, keys: Keys) -> Hash {
        match self {
            Self::Person(text) => {
                let mut parts = text.splitn(2, |byte| *byte == b'@');
                let local = keys.bytes(keys.start(), parts.next().unwrap_or_default());
                keys.bytes(local, parts.next().unwrap_or_default())
            }
            Self::Group(text) => keys.bytes(keys.start(), text),
        }
    }
}

impl Names {
    pub(crate) const fn new(keys: Keys) -> Self {
        Self {
            keys,
            entries: Vec::new(),
            numbers: Table::new(),
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.numbers.shrink();
    }

    /// The person or group with that number.
    pub(super) fn known(&self, number: u32) -> Option<Known<'_>> {
        self.entry(number).map(|(_, known)| known)
    }

    /// The recipient with that number, put together anew.
    pub(super) fn recipient(&self, number: u32) -> Option<Recipient> {
        match number {
            MEMBERS => Some(Recipient::Members),
            EVERYONE => Some(Recipient::Everyone),
            ALL_USERS => Some(Recipient::AllUsers),
            _ => match self.known(number)? {
                Known::Person(text) => person(text).map(Recipient::Address),
                Known::Group(text) => {
                    let id = GroupId::parse(str::from_utf8(text).ok()?).ok()?;
                    Some(Recipient::Group(id))
                }
            },
        }
    }

    /// Has a name brought from memory, in two rounds: see [`Walk`](super::tree::Walk).
    pub(crate) fn start(&self, hash: u32) {
        std::hint::black_box(self.numbers.touch(hash));
    }

    pub(crate) fn fetch(&self, hash: u32) {
        std::hint::black_box(self.touch(self.numbers.guess(hash)));
    }

    /// The first byte of a name, to have it brought from memory.
    pub(super) fn touch(&self, number: u32) -> u8 {
        let at = number.wrapping_sub(FIRST) as usize * UNIT;
        self.entries.get(at).copied().unwrap_or_default()
    }

    /// Where a name is, and the number that belongs to it, if it is kept.
    pub(crate) fn find(&self, name: Name<'_>) -> Option<(u32, u32)> {
        let mut found = None;
        self.numbers
            .find(name.hash(self.keys).short(), |number| {
                found = self.entry(number).filter(|(_, known)| name.is(*known));
                found.is_some()
            })
            .zip(found.map(|(extra, _)| extra))
    }

    /// The number of a recipient, who is kept from now on; none when there is no room.
    pub(super) fn number(&mut self, recipient: &Recipient) -> Option<u32> {
        match recipient {
            Recipient::Members => Some(MEMBERS),
            Recipient::Everyone => Some(EVERYONE),
            Recipient::AllUsers => Some(ALL_USERS),
            Recipient::Group(group) => self.keep(Name::Group(group), 0),
            Recipient::Address(address) => self.keep(Name::Person(address), 0),
        }
    }

    /// The number of a name, which is kept from now on; none when there is no room.
    ///
    /// - `extra`: the number that belongs to it if it is new.
    pub(crate) fn keep(&mut self, name: Name<'_>, extra: u32) -> Option<u32> {
        if let Some((number, _)) = self.find(name) {
            return Some(number);
        }
        let at = u32::try_from(self.entries.len() / UNIT).ok()?;
        let number = at.checked_add(FIRST).filter(|number| *number != u32::MAX)?;
        let (kind, parts) = match name {
            Name::Person(address) => (PERSON, [address.local(), "@", address.domain().as_str()]),
            Name::Group(group) => (GROUP, [group.as_str(), "", ""]),
        };
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u16::try_from(length).ok()?;
        self.entries.extend(length.to_le_bytes());
        self.entries.extend([kind, 0]);
        self.entries.extend(extra.to_le_bytes());
        for part in parts {
            self.entries.extend(part.as_bytes());
        }
        let whole = self.entries.len().next_multiple_of(UNIT);
        self.entries.resize(whole, 0);
        self.numbers.insert(name.hash(self.keys).short(), number);
        Some(number)
    }

    fn entry(&self, number: u32) -> Option<(u32, Known<'_>)> {
        let at = number.checked_sub(FIRST)? as usize * UNIT;
        let (head, rest) = self.entries.get(at..)?.split_first_chunk::<8>()?;
        let [l0, l1, kind, _, e0, e1, e2, e3] = *head;
        let text = rest.get(..usize::from(u16::from_le_bytes([l0, l1])))?;
        let known = if kind == PERSON {
            Known::Person(text)
        } else {
            Known::Group(text)
        };
        Some((u32::from_le_bytes([e0, e1, e2, e3]), known))
    }

    /// Everybody, with the numbers that belong to them.
    pub(crate) fn people(&self) -> impl Iterator<Item = (EmailAddress, u32)> {
        let mut next = Some(FIRST);
        let entries = std::iter::from_fn(move || {
            let number = next?;
            let (extra, known) = self.entry(number)?;
            let (Known::Person(text) | Known::Group(text)) = known;
            let units = (8 + text.len()).div_ceil(UNIT);
            next = u32::try_from(units)
                .ok()
                .and_then(|units| number.checked_add(units));
            Some((known, extra))
        });
        entries.filter_map(|(known, extra)| match known {
            Known::Person(text) => Some((person(text)?, extra)),
            Known::Group(_) => None,
        })
    }
}

fn person(text: &[u8]) -> Option<EmailAddress> {
    let (local, domain) = str::from_utf8(text).ok()?.split_once('@')?;
    Some(EmailAddress::of_parts(local, domain))
}
