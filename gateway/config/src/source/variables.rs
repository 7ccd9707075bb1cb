//! Environment variables as one more layer over the gateway's settings.

use std::collections::BTreeMap;

use config::{Environment, Map, Source};
use serde_json::Value;

use super::layer::{KeyPath, Layer};
use crate::problem::{Place, Problems};

const PREFIX: &str = "VESTIBULE";
const SEPARATOR: &str = "__";

/// The layer that `variables` make, and the keys that had to be left out of it: `VESTIBULE__LIMITS__CONNECTIONS` sets `limits.connections`. Empty ones
/// count as unset.
///
/// - `kinds`: the type that the schema wants at a path (`integer`, `boolean`, `array`, `object`, …), or none
///   where there is no such key.
pub(crate) fn variables(
    variables: &[(String, String)],
    kinds: impl Fn(&[String]) -> Option<String>,
    problems: &Problems,
) -> (Layer, Vec<KeyPath>) {
    let mut layer = Layer {
        place: Place::whole("variables"),
        content: serde_json::Map::new(),
        places: BTreeMap::new(),
    };
    let mut refused = Vec::new();
    for (key, text) in collect(variables) {
        let path: KeyPath = key.split('.').map(str::to_owned).collect();
        let place = Place::whole(&format!("variable {}", name_of(&path, variables)));
        let kind = kinds(&path);
        let value = match kind.as_deref() {
            Some("integer") => text.parse::<i64>().map(Value::from).ok(),
            Some("boolean") => text.parse::<bool>().map(Value::from).ok(),
            Some("array") => Some(
                text.split(',')
                    .map(|item| Value::from(item.trim()))
                    .collect(),
            ),
            // Unknown keys and tables go on as they are: the schema's check reports them like a file's.
            Some(_) | None => Some(Value::from(text)),
        };
        match value {
            Some(value) => insert(&mut layer, &path, value, &place),
            None => {
                let wanted = match kind.as_deref() {
                    Some("boolean") => "`true` or `false`",
                    Some(_) | None => "a whole number",
                };
                problems.error(&place, &path, format!("must be {wanted}"));
                refused.push(path);
            }
        }
    }
    (layer, refused)
}

/// Whether a variable of this name sets something.
pub(crate) fn is_setting(name: &str) -> bool {
    name.get(..PREFIX.len() + SEPARATOR.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(&format!("{PREFIX}{SEPARATOR}")))
}

/// What the crate `config` makes of them: prefix cut, separators turned into dots, keys in lower case.
fn collect(variables: &[(String, String)]) -> BTreeMap<String, String> {
    let source: Map<String, String> = variables.iter().cloned().collect();
    Environment::with_prefix(PREFIX)
        .prefix_separator(SEPARATOR)
        .separator(SEPARATOR)
        .ignore_empty(true)
        .source(Some(source))
        .collect()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.into_string().ok()?)))
        .collect()
}

/// The variable as it was spelt.
fn name_of(path: &[String], variables: &[(String, String)]) -> String {
    let canonical = format!("{PREFIX}{SEPARATOR}{}", path.join(SEPARATOR));
    let spelt = variables
        .iter()
        .map(|(name, _)| name)
        .find(|name| name.eq_ignore_ascii_case(&canonical));
    spelt.cloned().unwrap_or(canonical)
}

fn insert(layer: &mut Layer, path: &[String], value: Value, place: &Place) {
    let Some((last, tables)) = path.split_last() else {
        return;
    };
    let mut table = &mut layer.content;
    for key in tables {
        let entry = table
            .entry(key.clone())
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
        // `…__MAIL=x` beside `…__MAIL__HOST=y`: the schema's check refuses the first.
        let Value::Object(inner) = entry else { return };
        table = inner;
    }
    table.insert(last.clone(), value);
    for length in 1..=path.len() {
        if let Some(prefix) = path.get(..length) {
            layer.places.insert(prefix.to_vec(), place.clone());
        }
    }
}
