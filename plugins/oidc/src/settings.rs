//! Reading a provider's settings so that every problem is reported at once.

use std::borrow::Cow;
use std::fmt;

use plugins_sdk::message::SettingProblem;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Longest difference between the provider's clock and ours that may be configured, seconds.
pub const MOST_LEEWAY: i64 = 300;
/// The difference allowed where nothing is configured, seconds.
pub const DEFAULT_LEEWAY: i64 = 60;

/// A value that is never shown: neither by `Debug` nor in a problem's message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value, for the one request that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `String::deserialize`: its error message repeats a value of the wrong type.
        match Value::deserialize(deserializer)? {
            Value::String(text) if !text.trim().is_empty() => Ok(Self(text)),
            _ => Err(D::Error::custom("must be a string that is not empty")),
        }
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

/// The problems found so far.
#[derive(Debug, Default)]
pub struct Problems(Vec<SettingProblem>);

impl Problems {
    /// Notes a problem.
    ///
    /// - `key`: path below `settings`, dotted.
    /// - `message`: what is wrong and what to do, lower case, without full stop and without secrets.
    pub fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(SettingProblem {
            key: key.into(),
            message: message.into(),
        });
    }

    /// A piece of text that must be there and not blank; a problem and no text otherwise.
    pub fn required_text(&mut self, key: &str, value: Option<String>) -> String {
        let text = value.unwrap_or_default();
        // A value of the wrong type has been noted by `read` already; saying that it is missing would mislead.
        if text.trim().is_empty() && !self.0.iter().any(|problem| problem.key == key) {
            self.add(key, "is required and must not be empty");
        }
        text
    }

    /// A secret that must be there.
    pub fn required_secret(&mut self, key: &str, value: Option<Secret>) -> Option<Secret> {
        if value.is_none() {
            self.required_text(key, None);
        }
        value
    }

    /// A clock difference in seconds, 0 to [`MOST_LEEWAY`].
    pub fn leeway(&mut self, key: &str, value: Option<i64>) -> i64 {
        let leeway = value.unwrap_or(DEFAULT_LEEWAY);
        if !(0..=MOST_LEEWAY).contains(&leeway) {
            self.add(key, format!("must be 0 to {MOST_LEEWAY} seconds"));
        }
        leeway
    }

    /// `made` if there was no problem.
    ///
    /// # Errors
    /// Every problem noted.
    pub fn none_or<T>(self, made: Option<T>) -> Result<T, Vec<SettingProblem>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }
}

/// [`plugins_sdk::settings::read`], its problems ready for more.
pub fn read<S: DeserializeOwned + Default>(settings: &Value) -> (S, Problems) {
    let (read, problems) = plugins_sdk::settings::read(settings);
    (read, Problems(problems))
}
