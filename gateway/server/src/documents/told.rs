//! What the audit is told of documents that the API was asked for.

use gateway_core::action::Action;
use gateway_graph::surroundings::NoDocument;
use gateway_store::model::AuditEvent;
use http::StatusCode;

use super::Asking;

/// Microsoft 365's name of what is done to an item.
///
/// Source: specification "sharing rules" 8; Microsoft's list of audited activities (file and page activities).
pub(super) const fn operation(action: Action) -> &'static str {
    match action {
        Action::View | Action::ReadUserInfo => "FileAccessed",
        Action::Download => "FileDownloaded",
        Action::Edit => "FileModified",
        Action::Create => "FileUploaded",
        Action::Delete => "FileDeleted",
    }
}

impl Asking<'_> {
    /// Records what was done, where it was.
    pub(super) fn tell(&self, operation: &str, status: StatusCode) {
        if !status.is_success() && status != StatusCode::NOT_MODIFIED {
            return;
        }
        self.record(operation, "allow", "api");
    }

    /// Records a refusal, and returns it.
    pub(super) fn denied(&self, action: Action, code: &'static str) -> NoDocument {
        self.record(operation(action), "deny", code);
        NoDocument::Denied(code)
    }

    fn record(&self, operation: &str, decision: &'static str, reason: &str) {
        let actor = self.caller.as_actor(self.request.client);
        let mut event = AuditEvent::of(operation, actor);
        event.site = Some(self.request.site.clone());
        event.item = Some(self.request.path.to_string());
        event.person = self.caller.address().map(ToString::to_string);
        event.decision = decision;
        event.reason = reason.to_owned();
        let directory = &self.gateway.directory;
        directory.record_access(&self.caller.tenant, self.request.now, event);
    }
}
