//! The problems found so far.

use plugins_sdk::message::SettingProblem;

/// Collects problems, so that one does not hide the next.
#[derive(Debug)]
pub(super) struct Problems(Vec<SettingProblem>);

impl Problems {
    pub(super) fn new(found: Vec<SettingProblem>) -> Self {
        Self(found)
    }

    /// - `key`: path below `settings`, dotted.
    /// - `message`: what is wrong and what to do, lower case, without full stop and without secrets.
    pub(super) fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(SettingProblem {
            key: key.into(),
            message: message.into(),
        });
    }

    /// Whether a problem with this key is known. What could not be read at all is not said to be missing too.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|problem| problem.key == key)
    }

    /// A line of text that must be there; a problem and no text otherwise.
    pub(super) fn required(&mut self, key: &str, value: Option<&str>, most: usize) -> String {
        let text = value.unwrap_or_default();
        if self.has(key) {
            return String::new();
        }
        if text.is_empty() {
            self.add(key, "is required and must not be empty");
        } else if text.len() > most || text.trim() != text || text.chars().any(char::is_control) {
            self.add(
                key,
                format!("must be a line of at most {most} bytes without space around it"),
            );
        }
        text.to_owned()
    }

    pub(super) fn within(
        &mut self,
        key: &str,
        value: Option<i64>,
        default: i64,
        (least, most): (i64, i64),
    ) -> i64 {
        let value = value.unwrap_or(default);
        if !(least..=most).contains(&value) {
            self.add(key, format!("must be {least} to {most} seconds"));
        }
        value
    }

    /// `made` if there was no problem.
    pub(super) fn none_or<T>(self, made: Option<T>) -> Result<T, Vec<SettingProblem>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }
}
