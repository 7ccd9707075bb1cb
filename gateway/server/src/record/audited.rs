//! What of a request becomes part of the audit: every decision about an item or a link, by Microsoft 365's name of what
//! was tried. The address's path is told, never its query, and of a link its id, never its token.
//!
//! A request that names no item, because it could not be read or is for a page of the gateway's own, is in the log alone.

use gateway_core::action::Action;
use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::policy::{Question, Target};
use gateway_core::sharing::{LinkScope, SharingLink};
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;
use gateway_store::model::{Actor, AuditEvent};
use http::{HeaderValue, Method};

use super::Record;

/// Nobody signed in.
const ANONYMOUS: &str = "anonymous";

/// What is told of one request.
pub(super) struct Audited {
    directory: Directory,
    at: UnixTime,
    /// What was tried.
    pub(super) tried: Tried,
    /// The address of whoever asks.
    pub(super) address: Option<EmailAddress>,
    /// It was allowed, whatever became of it afterwards.
    pub(super) allowed: bool,
    /// The answer is to be saved, not shown.
    pub(super) saved: bool,
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// Nothing about an item.
    Nothing,
    /// Something with an item.
    Item {
        /// What it is called.
        operation: &'static str,
        /// The item.
        target: Target,
        /// Where it is moved or copied to.
        destination: Option<Target>,
    },
    /// A link that is not known.
    UnknownLink,
    /// A link.
    Link {
        /// What it is called.
        operation: &'static str,
        /// Its item, as site and path.
        item: (gateway_core::id::SiteId, String),
    },
}

impl Tried {
    /// What a request for items is called.
    pub(super) fn items(method: &Method, questions: &[Question]) -> Self {
        let Some(first) = questions.first() else {
            return Self::Nothing;
        };
        let transfers = matches!(method.as_str(), "MOVE" | "COPY");
        let other = |question: &&Question| transfers && question.target != first.target;
        Self::Item {
            operation: operation(method, first.action),
            target: first.target.clone(),
            destination: questions
                .iter()
                .find(other)
                .map(|question| question.target.clone()),
        }
    }

    /// What opening a link is called.
    pub(super) fn link(link: &SharingLink) -> Self {
        Self::Link {
            operation: match link.scope {
                LinkScope::Anonymous => "AnonymousLinkUsed",
                LinkScope::Organization => "CompanyLinkUsed",
                LinkScope::Users(_) => "SecureLinkUsed",
                // It grants nothing: it is an address of the item.
                LinkScope::ExistingAccess => "FileAccessed",
            },
            item: (link.site.clone(), link.item.to_string()),
        }
    }
}

/// Microsoft 365's name.
///
/// Source: specification "sharing rules" 8; for what is not there, Microsoft's list of audited activities (file and page
/// activities, folder activities).
fn operation(method: &Method, action: Action) -> &'static str {
    match (method.as_str(), action) {
        ("MOVE", _) => "FileMoved",
        ("COPY", _) => "FileCopied",
        ("MKCOL", _) => "FolderCreated",
        (_, Action::View | Action::Download | Action::ReadUserInfo) => "FileAccessed",
        (_, Action::Edit) => "FileModified",
        (_, Action::Create) => "FileUploaded",
        (_, Action::Delete) => "FileDeleted",
    }
}

/// Whether a browser saves what comes instead of showing it.
///
/// Source: RFC 6266 section 4.2: whatever is not `inline` is handled as `attachment`.
pub(super) fn is_attachment(value: &HeaderValue) -> bool {
    let kind = value.as_bytes().split(|byte| *byte == b';').next();
    !kind
        .unwrap_or_default()
        .trim_ascii()
        .eq_ignore_ascii_case(b"inline")
}

impl Audited {
    /// - `at`: when the request came.
    pub(super) const fn begin(directory: Directory, at: UnixTime) -> Self {
        Self {
            directory,
            at,
            tried: Tried::Nothing,
            address: None,
            allowed: false,
            saved: false,
        }
    }

    /// Tells the audit of `record`.
    pub(super) fn tell(self, record: &Record, tenant: &TenantId) {
        if let Some(event) = self.event(record) {
            self.directory.record_access(tenant, self.at, event);
        }
    }

    fn event(&self, record: &Record) -> Option<AuditEvent> {
        let decision = decided(record.verdict.decision, self.allowed)?;
        let address = self.address.as_ref().map(ToString::to_string);
        let actor = Actor {
            id: address
                .or_else(|| record.person.clone())
                .unwrap_or_else(|| ANONYMOUS.to_owned()),
            client: Some(record.client.to_string()),
        };
        let mut event = match &self.tried {
            Tried::Nothing => return None,
            Tried::UnknownLink => AuditEvent::of("AnonymousLinkUsed", actor),
            Tried::Link { operation, item } => AuditEvent {
                site: Some(item.0.clone()),
                item: Some(item.1.clone()),
                ..AuditEvent::of(*operation, actor)
            },
            Tried::Item {
                operation,
                target,
                destination,
            } => {
                let saved = self.saved && *operation == "FileAccessed";
                let operation = if saved { "FileDownloaded" } else { *operation };
                let mut event = AuditEvent::of(operation, actor);
                event.site = Some(target.site.clone());
                event.item = Some(target.path.to_string());
                if let Some(to) = destination {
                    let path = to.path.to_string();
                    event
                        .more
                        .insert("DestinationObjectId".to_owned(), path.into());
                    let site = to.site.as_str();
                    event
                        .more
                        .insert("DestinationSiteId".to_owned(), site.into());
                }
                event
            }
        };
        event.link.clone_from(&record.link);
        event.decision = decision;
        event.reason = record.verdict.reason.to_owned();
        let id = record.id.as_str();
        event.more.insert("RequestId".to_owned(), id.into());
        if let Some(provider) = &record.provider {
            let provider = provider.as_str();
            event
                .more
                .insert("IdentityProvider".to_owned(), provider.into());
        }
        Some(event)
    }
}

/// What the audit calls a decision; none where nothing was decided.
///
/// - `allowed`: the rules allowed it; what failed afterwards did not take it back.
fn decided(decision: &str, allowed: bool) -> Option<&'static str> {
    match decision {
        "allow" => Some("allow"),
        "challenge" => Some("challenge"),
        "deny" | "refuse" => Some("deny"),
        "fail" if allowed => Some("allow"),
        "fail" => Some("deny"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
