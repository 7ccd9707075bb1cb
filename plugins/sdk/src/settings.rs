//! Reading a provider's settings with every problem at once.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::message::SettingProblem;

/// Reads settings key by key, so that a wrong one does not hide the next.
///
/// `S` must give every field a default and refuse unknown ones (`#[serde(default, deny_unknown_fields)]`).
/// Keys with problems are left out of the value.
#[must_use]
pub fn read<S: DeserializeOwned + Default>(settings: &Value) -> (S, Vec<SettingProblem>) {
    let problem = |key: &str, message: String| SettingProblem {
        key: key.to_owned(),
        message,
    };
    let Value::Object(entries) = settings else {
        let not_a_table = problem("", "must be a table".to_owned());
        return (S::default(), vec![not_a_table]);
    };
    let (mut good, mut problems) = (Map::new(), Vec::new());
    for (key, value) in entries {
        let alone = Map::from_iter([(key.clone(), value.clone())]);
        match S::deserialize(Value::Object(alone.clone())) {
            Ok(_) => good.extend(alone),
            Err(error) => problems.push(problem(key, error.to_string())),
        }
    }
    (
        S::deserialize(Value::Object(good)).unwrap_or_default(),
        problems,
    )
}

/// The JSON Schema of `S`, for [`describe`](crate::Provider::describe).
#[must_use]
pub fn schema<S: JsonSchema>() -> Option<Value> {
    serde_json::to_value(schemars::schema_for!(S)).ok()
}
