//! JSON in which every key stands once.
//!
//! Of two values under one key most readers take the last in silence: a guest who is blocked first and described once more
//! would not be blocked. Here that is a problem.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{At, Problem};

/// A text, as JSON, and the keys that stand in it more than once. A byte order mark before it is nothing.
///
/// # Errors
/// The [`Problem`], if it is no JSON.
pub(crate) fn read(text: &str) -> Result<(Value, Vec<Problem>), Problem> {
    let problems = RefCell::new(Vec::new());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = At::new("", &problems).deserialize(&mut deserializer);
    match value.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(value) => Ok((value, problems.into_inner())),
        Err(error) => Err(Problem {
            path: String::new(),
            message: format!("is not JSON: {error}"),
        }),
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(one) = from.next_element_seed(self.index(list.len()))? {
            list.push(one);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let at = self.key(&key);
            if map.contains_key(&key) {
                at.error("stands twice: which one counts is anybody's guess");
            }
            let value = from.next_value_seed(at)?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_a_problem() {
        let (_, problems) = read(r#"{"a": [{"b": 1}, {"b": 1, "b": 1}], "a": 2}"#).unwrap();
        let paths: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["a[1].b", "a"]);
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let text = r#"{"z": [1, -1, 1.5, true, null, "ä\n", {}, []], "a": 18446744073709551615}"#;
        let (value, problems) = read(&format!("\u{feff}{text}")).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(problems, []);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in ["", "{", "{} {}", "{'a': 1}", &"[".repeat(100_000)] {
            assert!(read(bad).is_err());
        }
    }
}
