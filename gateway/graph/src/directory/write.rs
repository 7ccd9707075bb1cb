//! Writes, with what the audit says of them.

use gateway_store::model::{AuditEvent, Change, Expect, Write, Written};
use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;

/// How a write came out that somebody else may have come before.
pub(super) enum Outcome {
    /// Done.
    Done,
    /// Something is not as it was when this was decided; nothing was changed.
    Overtaken,
}

impl Call<'_> {
    /// Writes.
    ///
    /// # Errors
    /// [`ApiError`] with 503 or 507 where the store does not take it.
    pub(super) async fn try_write(
        &self,
        expect: Vec<Expect>,
        changes: Vec<Change>,
        audit: Vec<AuditEvent>,
    ) -> Result<Outcome, ApiError> {
        let write = Write {
            tenant: self.caller.tenant.clone(),
            at: self.request.now,
            expect,
            changes,
            audit,
        };
        match self.api.directory().write(write).await {
            Ok(Written::Yes { .. }) => Ok(Outcome::Done),
            Ok(Written::Conflict(_) | Written::Taken) => Ok(Outcome::Overtaken),
            Err(error) => Err(ApiError::store(self.area(), &error)),
        }
    }

    /// Writes what nobody may have come before.
    ///
    /// # Errors
    /// [`ApiError`]: as above, and with 409 where somebody has; with 412 where the caller said what it expected.
    pub(super) async fn write(
        &self,
        expect: Vec<Expect>,
        changes: Vec<Change>,
        audit: Vec<AuditEvent>,
    ) -> Result<(), ApiError> {
        match self.try_write(expect, changes, audit).await? {
            Outcome::Done => Ok(()),
            Outcome::Overtaken if self.request.headers.contains_key(http::header::IF_MATCH) => {
                Err(ApiError::precondition_failed())
            }
            Outcome::Overtaken => {
                let message = "Somebody else changed it at the same time: read it again.";
                Err(ApiError::conflict(message))
            }
        }
    }

    /// An event by this caller.
    pub(super) fn event(&self, operation: &str) -> AuditEvent {
        AuditEvent::of(operation, self.caller.as_actor(self.request.client))
    }

    /// An event that tells what was changed.
    pub(super) fn modified(&self, operation: &str, properties: Vec<Modified>) -> AuditEvent {
        let mut event = self.event(operation);
        let all = properties.into_iter().map(Modified::shown).collect();
        let name = "ModifiedProperties".to_owned();
        event.more.insert(name, Value::Array(all));
        event
    }
}

/// A property that was changed.
pub(super) struct Modified {
    pub(super) name: String,
    pub(super) old: Value,
    pub(super) new: Value,
}

impl Modified {
    fn shown(self) -> Value {
        json!({ "Name": self.name, "NewValue": self.new, "OldValue": self.old })
    }

    /// What differs between two objects, by property.
    pub(super) fn between(old: &Value, new: &Value) -> Vec<Self> {
        let empty = serde_json::Map::new();
        let (old, new) = (
            old.as_object().unwrap_or(&empty),
            new.as_object().unwrap_or(&empty),
        );
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        let value = |of: &serde_json::Map<String, Value>, name: &String| {
            of.get(name).cloned().unwrap_or_default()
        };
        names
            .into_iter()
            .map(|name| Self {
                name: name.clone(),
                old: value(old, name),
                new: value(new, name),
            })
            .filter(|one| one.old != one.new)
            .collect()
    }
}
