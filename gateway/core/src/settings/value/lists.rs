//! Settings that hold several values, written as a list or as one text.

use std::collections::BTreeSet;

use super::{Kind, Raw, Value};
use crate::address::{DomainName, EmailAddress};
use crate::id::GroupId;
use crate::network::AddressRanges;

/// Domains: at most `MOST` of them, or with `CHARACTERS` at most `MOST` characters in all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains<const MOST: usize, const CHARACTERS: bool = false>(pub BTreeSet<DomainName>);

impl<const MOST: usize, const CHARACTERS: bool> Value for Domains<MOST, CHARACTERS> {
    const KIND: Kind = if CHARACTERS {
        Kind::DomainCharacters { most: MOST }
    } else {
        Kind::Domains { most: MOST }
    };

    fn read(raw: &Raw) -> Result<Self, String> {
        let given = parts(raw, &[' ', '\t', '\r', '\n'])?;
        let count = given.len();
        if !CHARACTERS && count > MOST {
            return Err(format!("has {count} domains: at most {MOST} are supported"));
        }
        let parse = |text: &&str| DomainName::parse(text).map_err(|error| error.to_string());
        let domains = given
            .iter()
            .map(parse)
            .collect::<Result<BTreeSet<_>, _>>()?;
        let count = domains
            .iter()
            .map(|domain| domain.as_str().len())
            .sum::<usize>();
        if CHARACTERS && count > MOST {
            return Err(format!(
                "has {count} characters: at most {MOST} are supported"
            ));
        }
        Ok(Self(domains))
    }

    fn write(&self) -> Raw {
        Raw::list(&self.0)
    }
}

/// Groups, at most `MOST`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups<const MOST: usize>(pub BTreeSet<GroupId>);

impl<const MOST: usize> Value for Groups<MOST> {
    const KIND: Kind = Kind::Groups { most: MOST };

    fn read(raw: &Raw) -> Result<Self, String> {
        let given = parts(raw, &[' ', ',', '\t', '\r', '\n'])?;
        if given.len() > MOST {
            let count = given.len();
            return Err(format!("has {count} groups: at most {MOST} are supported"));
        }
        let parse = |text: &&str| GroupId::parse(text).map_err(|error| error.to_string());
        given.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    fn write(&self) -> Raw {
        Raw::list(&self.0)
    }
}

impl Value for BTreeSet<EmailAddress> {
    const KIND: Kind = Kind::Addresses;

    fn read(raw: &Raw) -> Result<Self, String> {
        let parse = |text: &&str| EmailAddress::parse(text).map_err(|error| error.to_string());
        parts(raw, &[',', ' '])?.iter().map(parse).collect()
    }

    fn write(&self) -> Raw {
        Raw::list(self)
    }
}

impl Value for AddressRanges {
    const KIND: Kind = Kind::Ranges;

    fn read(raw: &Raw) -> Result<Self, String> {
        Self::parse(parts(raw, &[',', ' '])?).map_err(|error| error.to_string())
    }

    fn write(&self) -> Raw {
        Raw::list(self.iter())
    }
}

/// The parts of a list, or of a text that is one.
fn parts<'a>(raw: &'a Raw, separators: &[char]) -> Result<Vec<&'a str>, String> {
    const WANTED: &str = "must be a list of texts";
    match raw {
        Raw::Text(text) => Ok(text
            .split(|letter| separators.contains(&letter))
            .filter(|part| !part.is_empty())
            .collect()),
        Raw::List(list) => list
            .iter()
            .map(|one| match one {
                Raw::Text(text) => Ok(text.as_str()),
                Raw::Flag(_) | Raw::Number(_) | Raw::List(_) => Err(WANTED.to_owned()),
            })
            .collect(),
        Raw::Flag(_) | Raw::Number(_) => Err(WANTED.to_owned()),
    }
}
