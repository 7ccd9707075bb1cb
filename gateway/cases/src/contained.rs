//! Whether an answer is the one that was expected.

use serde_json::Value;

/// Where `answer` is not what `expected` says: every key of an object, and every element of a list, is found in it. A list
/// may hold more, but for an empty one: nothing is expected then, and any list would hold it. `null` is a key that is not
/// there.
pub(crate) fn differences(expected: &Value, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, Some(answer), &mut found);
    found
}

fn compare(path: &str, expected: &Value, answer: Option<&Value>, found: &mut Vec<String>) {
    match (expected, answer) {
        (Value::Object(expected), Some(Value::Object(answer))) => {
            for (key, value) in expected {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(&path, value, answer.get(key), found);
            }
        }
        (Value::Array(none), Some(Value::Array(answer))) if none.is_empty() => {
            if !answer.is_empty() {
                let answer = Value::from(answer.clone());
                found.push(format!("{path}: nothing expected, {answer} answered"));
            }
        }
        (Value::Array(expected), Some(Value::Array(answer))) => {
            for (index, one) in expected.iter().enumerate() {
                let holds = |other: &Value| differences(one, other).is_empty();
                if !answer.iter().any(holds) {
                    found.push(format!(
                        "{path}[{index}]: {one} is not among {}",
                        Value::from(answer.clone())
                    ));
                }
            }
        }
        (expected, Some(answer)) if expected == answer => {}
        (Value::Null, None) => {}
        (expected, Some(answer)) => {
            found.push(format!("{path}: {expected} expected, {answer} answered"));
        }
        (expected, None) => found.push(format!("{path}: {expected} expected, nothing answered")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_expected_is_contained() {
        let answer = json!({"a": 1, "b": {"c": [1, {"d": 2, "e": 3}]}, "none": []});
        for met in [
            json!({}),
            json!({"a": 1}),
            json!({"b": {"c": [{"d": 2}]}}),
            json!({"z": null}),
            json!({"none": []}),
        ] {
            assert_eq!(differences(&met, &answer), [""; 0], "{met}");
        }
        for unmet in [
            json!({"a": 2}),
            json!({"b": {"c": [{"d": 3}]}}),
            json!({"z": 1}),
            json!({"a": null}),
            json!({"b": 1}),
            json!({"b": {"c": []}}),
            json!({"none": [1]}),
        ] {
            assert_eq!(differences(&unmet, &answer).len(), 1, "{unmet}");
        }
    }
}
