//! Text that is never shown: neither by `Debug` nor in a problem's message.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use zeroize::Zeroizing;

/// A secret of the settings.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::String(text) if !text.trim().is_empty() => Some(Self(Zeroizing::new(text))),
            _ => None,
        }
    }

    /// The text, for the one place that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Several secrets, or one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(pub(crate) Vec<Secret>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `String::deserialize`: its error message repeats a value of the wrong type.
        Self::of(Value::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("must be a string that is not empty"))
    }
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secrets: Option<Vec<Secret>> = match Value::deserialize(deserializer)? {
            Value::Array(values) => values.into_iter().map(Secret::of).collect(),
            value => Secret::of(value).map(|one| vec![one]),
        };
        secrets
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a list of strings that are not empty"))
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1 })
    }
}

impl JsonSchema for Secrets {
    fn schema_name() -> Cow<'static, str> {
        "Secrets".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = Secret::json_schema(generator);
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
