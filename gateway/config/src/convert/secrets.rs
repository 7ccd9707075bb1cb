//! Secrets are named by the configuration, never held by it.

use serde_json::{Map, Value};

use super::{Context, files};
use crate::model::SecretSettings;
use crate::secret::{BY_REFERENCE, Secret, is_secret_name};
use crate::source::Scope;
use crate::wire::SecretReference;

/// The secret that a reference names.
pub(super) fn secret(
    scope: &Scope<'_>,
    reference: &SecretReference,
    context: &Context<'_>,
) -> Option<Secret> {
    let text = match (&reference.file, &reference.env) {
        (Some(file), None) => files::secret(&scope.at("file"), file),
        (None, Some(name)) => variable(&scope.at("env"), name, context),
        (Some(_), Some(_)) | (None, None) => {
            if !scope.is_broken() {
                scope.error("must hold exactly one of `file` and `env`");
            }
            None
        }
    };
    text.map(Secret::new)
}

/// A provider's settings with every reference replaced by what it names.
pub(super) fn settings(
    scope: &Scope<'_>,
    given: &Map<String, Value>,
    context: &Context<'_>,
) -> SecretSettings {
    SecretSettings(Value::Object(table(scope, given, context)))
}

fn table(
    scope: &Scope<'_>,
    given: &Map<String, Value>,
    context: &Context<'_>,
) -> Map<String, Value> {
    given
        .iter()
        .map(|(key, value)| (key.clone(), setting(&scope.at(key), key, value, context)))
        .collect()
}

/// `name` is the key that the value stands under, also for elements of lists.
fn setting(scope: &Scope<'_>, name: &str, value: &Value, context: &Context<'_>) -> Value {
    match value {
        Value::Object(members) => match reference(members) {
            Some(reference) => secret(scope, &reference, context).map_or(Value::Null, |secret| {
                Value::String(secret.expose().to_owned())
            }),
            None => Value::Object(table(scope, members, context)),
        },
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            elements
                .map(|(index, element)| setting(&scope.element(index), name, element, context))
                .collect()
        }
        Value::String(_) | Value::Number(_) if is_secret_name(name) => {
            scope.error(BY_REFERENCE);
            Value::Null
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Whether a table is a reference: it holds nothing but `file` or `env`, or, once layers were merged, both.
fn reference(members: &Map<String, Value>) -> Option<SecretReference> {
    let only = |key: &str| key == "file" || key == "env";
    if members.is_empty() || !members.keys().all(|key| only(key)) {
        return None;
    }
    let text = |key: &str| {
        members
            .get(key)
            .map(|value| value.as_str().map(str::to_owned))
    };
    match (text("file"), text("env")) {
        (Some(None), _) | (_, Some(None)) => None,
        (file, env) => Some(SecretReference {
            file: file.flatten(),
            env: env.flatten(),
        }),
    }
}

fn variable(scope: &Scope<'_>, name: &str, context: &Context<'_>) -> Option<String> {
    let value = context
        .variables
        .iter()
        .find(|(given, value)| given == name && !value.is_empty());
    if value.is_none() {
        scope.error(format!("the environment variable `{name}` is not set"));
    }
    value.map(|(_, value)| value.clone())
}
