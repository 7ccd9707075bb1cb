//! In which order children come, and where a page of them begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{head, shape};
use crate::error::ApiError;
use crate::surroundings::Item;

/// By what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    #[default]
    Name,
    LastModified,
    Size,
}

/// `$orderby`: by name, if absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    by: By,
    descending: bool,
}

/// The place of an item: names tell apart what is alike otherwise, and every folder has each name once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Seconds or bytes; 0 by name.
    measure: i64,
    name: String,
}

impl Order {
    /// Reads one property and its direction.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let wrong = || head::bad("Items are ordered by `name`, `lastModifiedDateTime` or `size`.");
        let words: Vec<&str> = text.split_whitespace().collect();
        let (property, descending) = match words.as_slice() {
            [property] | [property, "asc"] => (*property, false),
            [property, "desc"] => (*property, true),
            _ => return Err(wrong()),
        };
        let by = match property {
            "name" => By::Name,
            "lastModifiedDateTime" => By::LastModified,
            "size" => By::Size,
            _ => return Err(wrong()),
        };
        Ok(Self { by, descending })
    }

    /// The place of an item. What is not known of it counts as it is shown.
    pub(crate) fn key(self, item: &Item) -> Key {
        let measure = match self.by {
            By::Name => 0,
            By::LastModified => item.modified.or(item.created).map_or(0, |time| time.0),
            By::Size => i64::try_from(item.size.unwrap_or(0)).unwrap_or(i64::MAX),
        };
        Key {
            measure,
            name: shape::last(&item.path),
        }
    }

    /// Brings items into the order, without those up to `after`.
    pub(crate) fn arrange(self, items: &mut Vec<Item>, after: Option<&Key>) {
        if let Some(after) = after {
            items.retain(|item| match self.descending {
                false => self.key(item) > *after,
                true => self.key(item) < *after,
            });
        }
        items.sort_by_cached_key(|item| self.key(item));
        if self.descending {
            items.reverse();
        }
    }
}

impl Key {
    /// As it stands in `$skiptoken`.
    pub(crate) fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}/{}", self.measure, self.name))
    }

    /// Reads a `$skiptoken`.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub(super) fn parse(token: &str) -> Result<Self, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = text.as_deref().and_then(|text| text.split_once('/'));
        let key = parts.and_then(|(measure, name)| {
            Some(Self {
                measure: measure.parse().ok()?,
                name: name.to_owned(),
            })
        });
        key.ok_or_else(|| head::bad("`$skiptoken` is none of ours."))
    }
}

#[cfg(test)]
mod tests;
