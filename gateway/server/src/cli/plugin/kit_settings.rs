//! Settings for `vestibule plugin check --settings`: as an author has them at hand.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// Keys of a provider's file that no plugin has among its settings.
const PROVIDER_FILE: [&str; 2] = ["plugin", "kind"];

/// Reads settings, with references to secrets replaced by what they name.
///
/// - `file`: TOML, or JSON if its name ends in `.json`: the settings, or a provider's file that holds them.
/// - `variables`: the process's environment.
///
/// # Errors
/// What is wrong, without any value of the file.
pub(super) fn read(file: &Path, variables: &[(String, String)]) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let is_json = file.extension().is_some_and(|kind| kind == "json");
    let settings = if is_json {
        serde_json::from_str(&text).map_err(|error| {
            format!(
                "no JSON at line {}, column {}",
                error.line(),
                error.column()
            )
        })?
    } else {
        toml::from_str(&text).map_err(|error| format!("no TOML: {}", error.message()))?
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    resolve(without_provider(settings), folder, variables)
}

fn without_provider(mut settings: Value) -> Value {
    let is_provider = PROVIDER_FILE.iter().all(|key| settings.get(key).is_some());
    match settings.get_mut("settings") {
        Some(inner) if is_provider => inner.take(),
        None if is_provider => Value::Object(Map::new()),
        _ => settings,
    }
}

fn resolve(value: Value, folder: &Path, variables: &[(String, String)]) -> Result<Value, String> {
    match value {
        Value::Object(members) => match reference(&members) {
            Some(("file", name)) => {
                let text = fs::read_to_string(folder.join(name))
                    .map_err(|error| format!("the secret `{name}`: {error}"))?;
                let text = text.strip_suffix('\n').unwrap_or(&text);
                Ok(Value::from(text.strip_suffix('\r').unwrap_or(text)))
            }
            Some((_, name)) => variables
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| Value::from(value.as_str()))
                .ok_or_else(|| format!("the environment variable `{name}` is not set")),
            None => members
                .into_iter()
                .map(|(key, value)| Ok((key, resolve(value, folder, variables)?)))
                .collect::<Result<Map<_, _>, String>>()
                .map(Value::Object),
        },
        Value::Array(elements) => elements
            .into_iter()
            .map(|element| resolve(element, folder, variables))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value),
    }
}

/// A table of `file` or `env` alone.
fn reference(members: &Map<String, Value>) -> Option<(&str, &str)> {
    let mut entries = members.iter();
    match (entries.next(), entries.next()) {
        (Some((key, Value::String(name))), None) if key == "file" || key == "env" => {
            Some((key, name))
        }
        _ => None,
    }
}
