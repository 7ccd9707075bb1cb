//! Lays checked layers over each other with the crate `config`: tables merge key by key, anything else is
//! replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use config::{Config, ConfigError, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::document::Document;
use super::layer::{KeyPath, Layer};
use crate::problem::{Place, Problems};

/// Merges `layers`, later ones over earlier ones. `broken` are the keys that were taken out of them.
///
/// `None` after noting why when the result cannot be read.
pub(crate) fn merge<T: DeserializeOwned>(
    layers: &[Layer],
    broken: BTreeSet<KeyPath>,
    problems: &Problems,
) -> Option<(T, Document)> {
    let place = layers
        .first()
        .map_or_else(|| Place::whole(""), |layer| layer.place.clone());
    let mut builder = Config::builder();
    for layer in layers {
        builder = builder.add_source(Content(table(&layer.place.file, &layer.content)));
    }
    match builder.build().and_then(Config::try_deserialize) {
        Ok(merged) => Some((
            merged,
            Document {
                place,
                places: places(layers),
                broken,
            },
        )),
        Err(error) => {
            problems.error(&place, &[], unreadable(&error));
            None
        }
    }
}

#[derive(Clone, Debug)]
struct Content(Map<String, Value>);

impl Source for Content {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn table(origin: &str, content: &serde_json::Map<String, serde_json::Value>) -> Map<String, Value> {
    content
        .iter()
        .map(|(key, value)| (key.clone(), convert(origin, value)))
        .collect()
}

fn convert(origin: &str, value: &serde_json::Value) -> Value {
    let kind = match value {
        serde_json::Value::Null => ValueKind::Nil,
        serde_json::Value::Bool(flag) => ValueKind::Boolean(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => ValueKind::I64(whole),
            None => ValueKind::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => ValueKind::String(text.clone()),
        serde_json::Value::Array(elements) => ValueKind::Array(
            elements
                .iter()
                .map(|element| convert(origin, element))
                .collect(),
        ),
        serde_json::Value::Object(content) => ValueKind::Table(table(origin, content)),
    };
    Value::new(Some(&origin.to_owned()), kind)
}

/// Where each key was last set. A list that replaces another takes the places of its elements away.
fn places(layers: &[Layer]) -> BTreeMap<KeyPath, Place> {
    let mut merged: BTreeMap<KeyPath, Place> = BTreeMap::new();
    for layer in layers {
        for (path, place) in &layer.places {
            let table = is_table(layer, path);
            // What is missing from a table is missing in a file, not in the variable that sets something else.
            if table && place.position.is_none() && merged.contains_key(path) {
                continue;
            }
            if !table {
                forget_below(&mut merged, path);
            }
            merged.insert(path.clone(), place.clone());
        }
    }
    merged
}

fn forget_below(places: &mut BTreeMap<KeyPath, Place>, path: &[String]) {
    let below = (Bound::Excluded(path), Bound::Unbounded);
    let stale: Vec<KeyPath> = places
        .range::<[String], _>(below)
        .map(|(old, _)| old)
        .take_while(|old| old.starts_with(path))
        .cloned()
        .collect();
    for old in stale {
        places.remove(&old);
    }
}

fn is_table(layer: &Layer, path: &[String]) -> bool {
    let mut table = &layer.content;
    for key in path {
        match table.get(key) {
            Some(serde_json::Value::Object(inner)) => table = inner,
            Some(_) | None => return false,
        }
    }
    true
}

/// Only the key: the error's own text repeats the value.
fn unreadable(error: &ConfigError) -> String {
    match error {
        ConfigError::Type { key: Some(key), .. } | ConfigError::At { key: Some(key), .. } => {
            format!("`{key}` cannot be read: its layers do not fit together")
        }
        _ => "cannot be read: its layers do not fit together".to_owned(),
    }
}
