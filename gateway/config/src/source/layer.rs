//! One file, or the variables: a table of which every key knows where it stands.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::problem::Place;

/// Keys from the top; elements of arrays by their number.
pub(crate) type KeyPath = Vec<String>;

/// What one file says. `Debug` is left out on purpose: it may hold a secret that does not belong there.
pub(crate) struct Layer {
    /// The layer as a whole.
    pub(crate) place: Place,
    /// Its content.
    pub(crate) content: Map<String, Value>,
    /// Where each key stands.
    pub(crate) places: BTreeMap<KeyPath, Place>,
}

impl Layer {
    /// Where `path` stands, or the nearest table around it.
    pub(crate) fn place_of(&self, path: &[String]) -> &Place {
        nearest_place(&self.places, path).unwrap_or(&self.place)
    }

    /// Takes the value at `path` out. An element takes its whole array with it: a list with a hole is
    /// another list.
    pub(crate) fn take_out(&mut self, path: &[String]) -> KeyPath {
        let mut keys = Vec::new();
        let mut table = &mut self.content;
        for key in path {
            keys.push(key.clone());
            if !matches!(table.get(key), Some(Value::Object(_))) || keys.len() == path.len() {
                table.remove(key);
                break;
            }
            let Some(Value::Object(inner)) = table.get_mut(key) else {
                break;
            };
            table = inner;
        }
        keys
    }
}

/// The place of `path` or of its longest prefix that has one.
pub(crate) fn nearest_place<'a>(
    places: &'a BTreeMap<KeyPath, Place>,
    path: &[String],
) -> Option<&'a Place> {
    (1..=path.len())
        .rev()
        .find_map(|length| places.get(path.get(..length)?))
}
