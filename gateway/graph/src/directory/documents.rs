//! Documents: what is set through the API and is no setting of a table.

use gateway_store::model::{AuditEvent, Change, Document, Expect};
use serde_json::{Map, Value};

use super::Call;
use super::shape::{Property, patched};
use super::write::Modified;
use crate::error::ApiError;
use crate::request::Object;

impl Call<'_> {
    /// A document, if there is one.
    pub(super) fn document(&self, collection: &str, key: &str) -> Option<Document> {
        let (_, rows) = self.api.directory().settings_rows(&self.caller.tenant);
        let mut all = rows.documents.iter();
        all.find(|one| one.collection == collection && one.key == key)
            .cloned()
    }

    /// The members of a document that may not be there.
    pub(super) fn members(&self, collection: &str, key: &str) -> Map<String, Value> {
        match self.document(collection, key).map(|document| document.body) {
            Some(Value::Object(members)) => members,
            Some(_) | None => Map::new(),
        }
    }

    /// The documents of a collection, by key.
    pub(super) fn collection(&self, collection: &str) -> Vec<Document> {
        let (_, rows) = self.api.directory().settings_rows(&self.caller.tenant);
        let own = rows
            .documents
            .iter()
            .filter(|one| one.collection == collection);
        let mut all: Vec<Document> = own.cloned().collect();
        all.sort_by(|left, right| left.key.cmp(&right.key));
        all
    }

    /// Writes a document in place of what is there.
    pub(super) async fn put_document(
        &self,
        collection: &str,
        key: &str,
        body: Map<String, Value>,
        operation: &str,
    ) -> Result<(), ApiError> {
        let (expect, change, event) = self.replacing(collection, key, body, operation);
        self.write(vec![expect], vec![change], vec![event]).await
    }

    /// What of `given` is kept beside the settings, put into the document; nothing where it stays as it is.
    ///
    /// # Errors
    /// [`ApiError`] with 400 for a value that the property does not have.
    pub(super) fn keeping(
        &self,
        (collection, key): (&str, &str),
        given: &Object,
        kept: &[Property],
        operation: &str,
    ) -> Result<Vec<(Expect, Change, AuditEvent)>, ApiError> {
        let before = self.members(collection, key);
        let after = patched(&before, given, kept)?;
        let changed = (after != before).then(|| self.replacing(collection, key, after, operation));
        Ok(changed.into_iter().collect())
    }

    /// What writes a document in place of what is there.
    pub(super) fn replacing(
        &self,
        collection: &str,
        key: &str,
        body: Map<String, Value>,
        operation: &str,
    ) -> (Expect, Change, AuditEvent) {
        let old = self.document(collection, key);
        let version = old.as_ref().map(|old| old.version);
        let body = Value::Object(body);
        let before = old.map(|old| old.body).unwrap_or_default();
        let mut event = self.modified(operation, Modified::between(&before, &body));
        event.item = Some(format!("{collection}/{key}"));
        let (collection, key) = (collection.to_owned(), key.to_owned());
        let expect = Expect::Document {
            collection: collection.clone(),
            key: key.clone(),
            version,
        };
        let document = Document {
            collection,
            key,
            body,
            version: version.unwrap_or_default().saturating_add(1),
        };
        (expect, Change::PutDocument(Box::new(document)), event)
    }

    /// Removes a document.
    ///
    /// # Errors
    /// [`ApiError`] with 404 where there is none.
    pub(super) async fn remove_document(
        &self,
        collection: &str,
        key: &str,
        operation: &str,
    ) -> Result<(), ApiError> {
        let removing = self.removing(collection, key, operation);
        let (expect, change, event) = removing.ok_or_else(|| ApiError::not_found(self.area()))?;
        self.write(vec![expect], vec![change], vec![event]).await
    }

    /// What removes a document; nothing where there is none.
    pub(super) fn removing(
        &self,
        collection: &str,
        key: &str,
        operation: &str,
    ) -> Option<(Expect, Change, AuditEvent)> {
        let old = self.document(collection, key)?;
        let expect = Expect::Document {
            collection: collection.to_owned(),
            key: key.to_owned(),
            version: Some(old.version),
        };
        let change = Change::RemoveDocument {
            collection: collection.to_owned(),
            key: key.to_owned(),
        };
        let mut event = self.modified(operation, Modified::between(&old.body, &Value::Null));
        event.item = Some(format!("{collection}/{key}"));
        Some((expect, change, event))
    }
}
