//! Checks the structure of a case against the schema: its keys, and the types of their values. All that is wrong is found at
//! once, and taken out, so that the rest is still looked at.

use std::collections::BTreeSet;

use gateway_config::nearest;
use gateway_core::settings::{DirectoryPolicy, SiteSharing, TenantSharing};
use serde_json::{Map, Value};

use crate::problem::At;

/// Most keys that are listed where one is not known and none is near.
const MOST_LISTED: usize = 40;

/// The schema of a file.
pub(crate) struct Structure {
    root: Value,
}

impl Structure {
    pub(crate) const fn new(root: Value) -> Self {
        Self { root }
    }

    /// Notes everything in `value` that is not as the definition of that name has it, and takes it out.
    pub(crate) fn check(&self, definition: &str, value: &mut Value, at: &At<'_>) {
        let found = self.root.get("$defs").and_then(|defs| defs.get(definition));
        match found {
            Some(schema) => {
                self.fits(&[schema], value, at);
            }
            None => at.error("cannot be checked: the schema is broken"),
        }
    }

    /// Whether the value itself is of a type that one of the schemas takes.
    fn fits(&self, schemas: &[&Value], value: &mut Value, at: &At<'_>) -> bool {
        let schemas: Vec<&Value> = schemas.iter().flat_map(|one| self.choices(one)).collect();
        let types: BTreeSet<&str> = schemas.iter().flat_map(|one| types(one)).collect();
        let typed = schemas.iter().all(|one| one.get("type").is_some());
        if typed && !is_of(value, &types) {
            at.error(format!("must be {}, not {}", wanted(&types), kind(value)));
            return false;
        }
        match value {
            Value::Object(object) => self.object(&schemas, object, at),
            Value::Array(list) => {
                let items: Vec<&Value> =
                    schemas.iter().filter_map(|one| one.get("items")).collect();
                for (index, one) in list.iter_mut().enumerate().filter(|_| !items.is_empty()) {
                    self.fits(&items, one, &at.index(index));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        true
    }

    fn object(&self, schemas: &[&Value], object: &mut Map<String, Value>, at: &At<'_>) {
        let part = |name: &str| -> Vec<&Value> {
            schemas.iter().filter_map(|one| one.get(name)).collect()
        };
        let others: Vec<&Value> = part("additionalProperties")
            .into_iter()
            .filter(|other| **other != Value::Bool(false))
            .collect();
        let tables = part("properties");
        // Whatever the keys are: an object that is not described further.
        if tables.is_empty() && part("additionalProperties").is_empty() {
            return;
        }
        let before = at.count();
        let known = |key: &str| -> Vec<&Value> {
            tables.iter().filter_map(|table| table.get(key)).collect()
        };
        object.retain(|key, value| {
            let at = at.key(key);
            let mut schemas = known(key);
            if schemas.is_empty() {
                schemas.clone_from(&others);
            }
            if schemas.is_empty() {
                at.error(unknown(key, &tables));
                return false;
            }
            // What values settings have is judged by their tables, in better words.
            is_setting(key) || self.fits(&schemas, value, &at)
        });
        // Several tables are alternatives, each with the key that names it.
        if tables.len() > 1 && object.len() != 1 && at.count() == before {
            let keys = tables.iter().filter_map(|table| table.as_object());
            let keys: Vec<&str> = keys
                .flat_map(|table| table.keys())
                .map(String::as_str)
                .collect();
            at.error(format!("must hold exactly one of {}", keys.join(", ")));
        }
        if let [only] = schemas {
            let required = only.get("required").and_then(Value::as_array);
            for name in required.into_iter().flatten().filter_map(Value::as_str) {
                if !object.contains_key(name) && !at.is_noted(name) {
                    at.error(format!("missing field `{name}`"));
                }
            }
        }
    }

    /// The schemas that one is made of: references followed, alternatives side by side.
    fn choices<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(found) = reference
            .and_then(|name| name.strip_prefix('#'))
            .and_then(|name| self.root.pointer(name))
        {
            return self.choices(found);
        }
        let alternatives = ["anyOf", "oneOf"].into_iter();
        match alternatives
            .filter_map(|name| schema.get(name)?.as_array())
            .next()
        {
            Some(all) => all.iter().flat_map(|one| self.choices(one)).collect(),
            None => vec![schema],
        }
    }
}

fn is_setting(key: &str) -> bool {
    let tables = [
        TenantSharing::SETTINGS,
        SiteSharing::SETTINGS,
        DirectoryPolicy::SETTINGS,
    ];
    let mut names = tables.into_iter().flatten().map(|setting| setting.name);
    names.any(|name| name == key)
}

fn unknown(key: &str, tables: &[&Value]) -> String {
    let tables = tables.iter().filter_map(|table| table.as_object());
    let here: Vec<&str> = tables
        .flat_map(|table| table.keys())
        .map(String::as_str)
        .collect();
    if let Some(meant) = nearest(key, here.iter().copied()) {
        return format!("unknown field `{key}`, did you mean `{meant}`?");
    }
    if here.len() > MOST_LISTED {
        return format!("unknown field `{key}`, no setting of that name");
    }
    let here: Vec<String> = here.iter().map(|name| format!("`{name}`")).collect();
    format!("unknown field `{key}`, expected one of {}", here.join(", "))
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

fn is_of(value: &Value, types: &BTreeSet<&str>) -> bool {
    match value {
        Value::Null => types.contains("null"),
        Value::Bool(_) => types.contains("boolean"),
        Value::Number(number) => {
            types.contains("number") || types.contains("integer") && !number.is_f64()
        }
        Value::String(_) => types.contains("string"),
        Value::Array(_) => types.contains("array"),
        Value::Object(_) => types.contains("object"),
    }
}

fn wanted(types: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = types
        .iter()
        .filter_map(|name| match *name {
            "array" => Some("a list"),
            "boolean" => Some("`true` or `false`"),
            "integer" => Some("a whole number"),
            "number" => Some("a number"),
            "object" => Some("an object"),
            "string" => Some("a text"),
            _ => None,
        })
        .collect();
    names.join(" or ")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
