//! Values of settings: how they are written, and which ones there are.

mod lists;

use std::fmt;

pub use lists::{Domains, Groups};

/// A value as somebody wrote it, whatever the file's format was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Self>),
}

impl Raw {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> Self {
        let text = |one: T| Self::Text(one.to_string());
        Self::List(all.into_iter().map(text).collect())
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => {
                for (index, one) in list.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" ")?;
                    }
                    one.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

/// What values a setting has, for schemas, references and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or `true` or `false` for two of them.
    WordOrFlag(&'static [&'static str]),
    /// Several of these words, in order.
    Words(&'static [&'static str]),
    /// A whole number: 0 for "none" where `zero`, and otherwise from `least` to `most`.
    Number {
        /// Least value.
        least: u32,
        /// Greatest value.
        most: u32,
        /// Whether 0 stands for "none".
        zero: bool,
    },
    /// Domain names, as a list or separated by spaces, at most `most` of them.
    Domains {
        /// Most domains.
        most: usize,
    },
    /// Domain names, as a list or separated by spaces, with at most `most` characters in all of them together.
    DomainCharacters {
        /// Most characters.
        most: usize,
    },
    /// Ids of groups, as a list or separated by spaces or commas, at most `most` of them.
    Groups {
        /// Most groups.
        most: usize,
    },
    /// IPv4 and IPv6 addresses and ranges, as a list or separated by commas; none overlaps another.
    Ranges,
    /// Addresses of people, as a list or separated by commas.
    Addresses,
    /// A text.
    Text,
}

/// What a setting's values are read from and written to.
pub trait Value: Sized {
    /// Which ones there are.
    const KIND: Kind;

    /// Reads a value.
    ///
    /// # Errors
    /// What is wrong with it, to stand after its name.
    fn read(raw: &Raw) -> Result<Self, String>;

    /// Writes it as operators would; an empty text where it is not set.
    fn write(&self) -> Raw;
}

impl Value for bool {
    const KIND: Kind = Kind::Flag;

    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Flag(flag) => Ok(*flag),
            Raw::Number(_) | Raw::Text(_) | Raw::List(_) => {
                Err("must be `true` or `false`".to_owned())
            }
        }
    }

    fn write(&self) -> Raw {
        Raw::Flag(*self)
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;

    fn read(raw: &Raw) -> Result<Self, String> {
        T::read(raw).map(Some)
    }

    fn write(&self) -> Raw {
        self.as_ref().map_or_else(|| Raw::text(""), Value::write)
    }
}

impl Value for String {
    const KIND: Kind = Kind::Text;

    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) if text.len() <= 2_048 && !text.chars().any(char::is_control) => {
                Ok(text.clone())
            }
            Raw::Text(_) => Err("is too long, or holds a control character".to_owned()),
            Raw::Flag(_) | Raw::Number(_) | Raw::List(_) => Err("must be a text".to_owned()),
        }
    }

    fn write(&self) -> Raw {
        Raw::text(self)
    }
}

/// A number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number<const LEAST: u16, const MOST: u16>(u16);

impl<const LEAST: u16, const MOST: u16> Number<LEAST, MOST> {
    /// The greatest.
    pub const MOST: Self = Self(MOST);

    /// The number, if it is in the range.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number >= LEAST && number <= MOST {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl<const LEAST: u16, const MOST: u16> Value for Number<LEAST, MOST> {
    const KIND: Kind = Kind::Number {
        least: LEAST as u32,
        most: MOST as u32,
        zero: false,
    };

    fn read(raw: &Raw) -> Result<Self, String> {
        number(raw)
            .and_then(Self::new)
            .ok_or_else(|| format!("must be a number from {LEAST} to {MOST}"))
    }

    fn write(&self) -> Raw {
        Raw::Number(i64::from(self.0))
    }
}

/// A number of days from `LEAST` to `MOST`, or 0 for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit<const LEAST: u16, const MOST: u16>(Option<Number<LEAST, MOST>>);

impl<const LEAST: u16, const MOST: u16> Limit<LEAST, MOST> {
    /// No limit.
    pub const NONE: Self = Self(None);

    /// That many days; none if it is out of the range.
    #[must_use]
    pub const fn days(days: u16) -> Option<Self> {
        match Number::new(days) {
            Some(days) => Some(Self(Some(days))),
            None => None,
        }
    }

    /// The days; none where there is no limit.
    #[must_use]
    pub const fn get(self) -> Option<u16> {
        match self.0 {
            Some(days) => Some(days.get()),
            None => None,
        }
    }
}

impl<const LEAST: u16, const MOST: u16> Value for Limit<LEAST, MOST> {
    const KIND: Kind = Kind::Number {
        least: LEAST as u32,
        most: MOST as u32,
        zero: true,
    };

    fn read(raw: &Raw) -> Result<Self, String> {
        let days = number(raw);
        let limit = days.and_then(|days| match days {
            0 => Some(Self::NONE),
            days => Self::days(days),
        });
        limit.ok_or_else(|| match LEAST {
            0 | 1 => format!("must be a number of days from 1 to {MOST}, or 0 for no limit"),
            _ => format!("must be a number of days from {LEAST} to {MOST}, or 0 for no limit"),
        })
    }

    fn write(&self) -> Raw {
        Raw::Number(self.get().map_or(0, i64::from))
    }
}

fn number<T: TryFrom<i64>>(raw: &Raw) -> Option<T> {
    match raw {
        Raw::Number(number) => T::try_from(*number).ok(),
        Raw::Flag(_) | Raw::Text(_) | Raw::List(_) => None,
    }
}

/// A span of whole seconds, from one second to a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(u32);

impl Seconds {
    const MOST: u32 = 365 * 86_400;

    /// The span, if it is in the range.
    #[must_use]
    pub const fn new(seconds: u32) -> Option<Self> {
        if seconds >= 1 && seconds <= Self::MOST {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// The seconds.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Value for Seconds {
    const KIND: Kind = Kind::Number {
        least: 1,
        most: Self::MOST,
        zero: false,
    };

    fn read(raw: &Raw) -> Result<Self, String> {
        number(raw)
            .and_then(Self::new)
            .ok_or_else(|| format!("must be a number of seconds from 1 to {}", Self::MOST))
    }

    fn write(&self) -> Raw {
        Raw::Number(i64::from(self.0))
    }
}
