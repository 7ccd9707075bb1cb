//! Properties of documents: what each may hold.

use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::request::Object;

/// Longest text, in characters.
const MOST_TEXT: usize = 4096;
/// Longest list.
const MOST_LIST: usize = 1000;

/// What a property may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between these.
    Whole(i64, i64),
    /// A text.
    Text,
    /// Texts.
    Texts,
    /// GUIDs.
    Guids,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object, as it is.
    Object,
    /// A list of objects, as they are.
    Objects,
    /// Shown and never taken: the value is the service's own.
    ReadOnly,
}

/// A property.
#[derive(Clone, Copy)]
pub(super) struct Property {
    /// Its name.
    pub(super) name: &'static str,
    /// What it may hold.
    pub(super) kind: Kind,
    /// What it holds where nothing was set.
    pub(super) default: fn() -> Value,
}

/// A property.
pub(super) const fn property(name: &'static str, kind: Kind, default: fn() -> Value) -> Property {
    Property {
        name,
        kind,
        default,
    }
}

/// Nothing, for what is not set.
pub(super) const fn null() -> Value {
    Value::Null
}

/// No.
pub(super) const fn no() -> Value {
    Value::Bool(false)
}

/// Yes.
pub(super) const fn yes() -> Value {
    Value::Bool(true)
}

/// An empty list.
pub(super) fn none() -> Value {
    json!([])
}

/// What a document shows: what was set, and the defaults of all else.
pub(super) fn shown(stored: &Map<String, Value>, properties: &[Property]) -> Map<String, Value> {
    let value = |property: &Property| {
        let stored = stored.get(property.name).cloned();
        let value = stored.unwrap_or_else(property.default);
        (property.name.to_owned(), value)
    };
    properties.iter().map(value).collect()
}

/// The document after a change: absent members stay, null ones are cleared, unknown ones are ignored.
///
/// # Errors
/// [`ApiError`] with 400 for a value that the property does not have.
pub(super) fn patched(
    stored: &Map<String, Value>,
    given: &Object,
    properties: &[Property],
) -> Result<Map<String, Value>, ApiError> {
    let mut after = stored.clone();
    for property in properties {
        match given.members().get(property.name) {
            None => {}
            Some(value) if matches!(property.kind, Kind::ReadOnly) => {
                let current = stored.get(property.name).cloned();
                if *value != current.unwrap_or_else(property.default) {
                    let message = format!("`{}` cannot be changed.", property.name);
                    return Err(given.bad(message).with_inner("propertyNotUpdateable"));
                }
            }
            Some(Value::Null) => {
                after.remove(property.name);
            }
            Some(value) if fits(property.kind, value) => {
                after.insert(property.name.to_owned(), value.clone());
            }
            Some(_) => {
                let message = format!("`{}` cannot have that value.", property.name);
                return Err(given.bad(message).with_inner("invalidParameterFormat"));
            }
        }
    }
    Ok(after)
}

fn fits(kind: Kind, value: &Value) -> bool {
    let text = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.chars().count() <= MOST_TEXT)
    };
    let list = |fits: fn(&Value) -> bool| {
        let list = value.as_array();
        list.is_some_and(|list| list.len() <= MOST_LIST && list.iter().all(fits))
    };
    match kind {
        Kind::Flag => value.is_boolean(),
        Kind::Whole(least, most) => value
            .as_i64()
            .is_some_and(|whole| (least..=most).contains(&whole)),
        Kind::Text => text(value),
        Kind::Texts => list(|one| one.as_str().is_some_and(|text| text.len() <= MOST_TEXT)),
        Kind::Guids => list(|one| one.as_str().is_some_and(is_guid)),
        Kind::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::Object => value.is_object(),
        Kind::Objects => list(Value::is_object),
        Kind::ReadOnly => false,
    }
}

/// Whether it is a GUID in its usual form.
pub(super) fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    lengths == [8, 4, 4, 4, 12] && digits
}
