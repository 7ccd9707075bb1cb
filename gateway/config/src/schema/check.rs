//! Checks one layer against its schema, and takes out what fails, so that the rest is still looked at.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use super::{Kind, find};
use crate::problem::Problems;
use crate::secret::{BY_REFERENCE, is_secret_name};
use crate::source::{KeyPath, Layer};
use crate::suggest::nearest;

/// Keys that are listed where another was given.
const MOST_LISTED: usize = 16;

/// Notes everything in `layer` that its schema refuses and takes it out; returns what was taken out.
pub(crate) fn check(kind: Kind, layer: &mut Layer, problems: &Problems) -> BTreeSet<KeyPath> {
    let schema = kind.schema();
    let content = Value::Object(layer.content.clone());
    let mut refused = BTreeSet::new();
    match jsonschema::validator_for(&schema) {
        Ok(validator) => {
            for error in validator.iter_errors(&content) {
                refused.extend(report(&schema, layer, &error, problems));
            }
        }
        Err(_) => problems.error(&layer.place, &[], "cannot be checked: its schema is broken"),
    }
    refused.iter().map(|path| layer.take_out(path)).collect()
}

/// Notes one violation; the paths to take out.
fn report(
    schema: &Value,
    layer: &Layer,
    error: &ValidationError<'_>,
    problems: &Problems,
) -> Vec<KeyPath> {
    let path: KeyPath = error.instance_path().segments().map(segment).collect();
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        let paths = unexpected
            .iter()
            .map(|key| [path.as_slice(), std::slice::from_ref(key)].concat());
        let paths: Vec<KeyPath> = paths.collect();
        for path in &paths {
            problems.error(layer.place_of(path), path, unknown_key(schema, path));
        }
        return paths;
    }
    // A value of the wrong type is reported as such already.
    let choice = matches!(error.kind(), ValidationErrorKind::Enum { .. });
    if !choice || error.instance().is_string() {
        problems.error(layer.place_of(&path), &path, describe(schema, &path, error));
    }
    vec![path]
}

fn segment(segment: LocationSegment<'_>) -> String {
    match segment {
        LocationSegment::Property(name) => name.into_owned(),
        LocationSegment::Index(index) => index.to_string(),
    }
}

fn unknown_key(schema: &Value, path: &[String]) -> String {
    let Some((key, table)) = path.split_last() else {
        return "is not known".to_owned();
    };
    let known = |path: &[String]| -> Vec<String> {
        let properties = find(schema, path).and_then(|found| found.get("properties")?.as_object());
        properties
            .map(|keys| keys.keys().cloned().collect())
            .unwrap_or_default()
    };
    let here = known(table);
    if let Some(meant) = nearest(key, here.iter().map(String::as_str)) {
        return format!("is not a key of this table: did you mean `{meant}`?");
    }
    if !table.is_empty() && known(&[]).contains(key) {
        return format!("belongs to the top of the file: write `{key}` above the first table");
    }
    if here.is_empty() {
        "is not a key of this table".to_owned()
    } else if here.len() > MOST_LISTED {
        "is not a key of this table: config/README.md lists those that are".to_owned()
    } else {
        format!("is not a key of this table: it has {}", listed(&here))
    }
}

/// What is wrong, without the value: it may be a secret in the wrong place.
fn describe(schema: &Value, path: &[String], error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Type { .. } => {
            let wanted = find(schema, path).and_then(|found| found.get("type"));
            let named_secret = path.last().is_some_and(|key| is_secret_name(key));
            if named_secret && wanted == Some(&Value::from("object")) {
                return BY_REFERENCE.to_owned();
            }
            let wanted = wanted.map_or_else(|| "something else".to_owned(), type_name);
            format!("must be {wanted}, not {}", kind_of(error.instance()))
        }
        ValidationErrorKind::Enum { options } => one_of(options, error.instance()),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::MinLength { .. } => "must not be empty".to_owned(),
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        kind => format!("does not fit its schema (`{}`)", kind.keyword()),
    }
}

fn one_of(options: &Value, given: &Value) -> String {
    let options: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let meant = given
        .as_str()
        .and_then(|given| nearest(given, options.iter().map(String::as_str)));
    match meant {
        Some(meant) => format!(
            "must be {}: did you mean `{meant}`?",
            alternatives(&options)
        ),
        None => format!("must be {}", alternatives(&options)),
    }
}

fn listed(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn alternatives(names: &[String]) -> String {
    match names {
        [only] => format!("`{only}`"),
        [others @ .., last] => format!("{} or `{last}`", listed(others)),
        [] => "something else".to_owned(),
    }
}

fn type_name(wanted: &Value) -> String {
    let one = |name: &str| match name {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a table",
        _ => "something else",
    };
    match wanted {
        Value::String(name) => one(name).to_owned(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(one)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "something else".to_owned(),
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}
