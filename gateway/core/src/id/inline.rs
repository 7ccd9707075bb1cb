//! Text that lies where it is used, if it is short.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// The longest text that does: an object id has 36 characters.
const SHORT: usize = 38;

/// Text of which there is so much that a place of its own for each would cost memory, and another wait for memory
/// whenever it is read.
#[derive(Clone)]
pub(super) enum Inline {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Arc<str>),
}

impl Inline {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(text) => text.as_bytes(),
        }
    }
}

impl From<&str> for Inline {
    fn from(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            (None, _) | (_, Err(_)) => Self::Long(text.into()),
        }
    }
}

impl Deref for Inline {
    type Target = str;

    fn deref(&self) -> &str {
        // It came out of a text.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl std::fmt::Display for Inline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Inline {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Inline {}

impl PartialOrd for Inline {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Inline {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Inline {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_texts_are_texts() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 64] {
            let text = "x".repeat(length);
            let inline = Inline::from(text.as_str());
            assert_eq!(&*inline, text);
            assert!(inline == inline.clone());
            assert!(inline < Inline::from(format!("{text}a").as_str()));
            assert!(Inline::from("y") > inline);
        }
        assert_eq!(size_of::<Inline>(), SHORT + 2);
    }
}
