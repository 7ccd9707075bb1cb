//! What was granted on an item moves along with it.
//!
//! After the upstream has moved an item, all that was granted on it and below it is granted where it went. That goes on
//! when the client goes away: the item has moved, whoever is told of it. What is declared in files stays where it is;
//! what was granted at the place that something was moved onto stays, too; and so does what was granted on an item that
//! is deleted, for whoever puts something there again.

use std::net::IpAddr;
use std::time::Duration;

use gateway_config::model::Configuration;
use gateway_core::policy::Target;
use gateway_sign_in::session::Session;
use gateway_store::StoreError;
use gateway_store::directory::Directory;
use gateway_store::model::{Actor, AuditEvent, Change, Write, Written};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tracing::{error, warn};

use crate::clock;
use crate::route::{Resource, overrides};

/// How often it is tried where the store does not take it.
const TRIES: u32 = 6;

/// How long is waited after the first time; then twice as long each time.
const PAUSE: Duration = Duration::from_millis(200);

/// A move that an upstream was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Aftermath {
    write: Write,
}

impl Aftermath {
    /// The move that a request asks for, if it asks for one. A method that another one is put in place of is none: what
    /// the upstream did then nobody knows here.
    #[must_use]
    pub(crate) fn of(
        method: &Method,
        headers: &HeaderMap,
        resource: &Resource,
        configuration: &Configuration,
        session: Option<&Session>,
        client: IpAddr,
    ) -> Option<Self> {
        if method.as_str() != "MOVE" || headers.keys().any(overrides) {
            return None;
        }
        let [source, destination] = resource.questions.get(..2)? else {
            return None;
        };
        let (from, to) = (&source.target, &destination.target);
        if !resource.transfers || from.tenant != to.tenant {
            return None;
        }
        let tenant = configuration.tenants.get(&from.tenant)?;
        let change = Change::MoveItem {
            from_site: from.site.clone(),
            from: from.path.clone(),
            to_site: to.site.clone(),
            to: to.path.clone(),
            case: tenant.sites.get(&from.site)?.settings.path_case,
        };
        Some(Self {
            write: Write {
                tenant: from.tenant.clone(),
                at: clock::now(),
                expect: Vec::new(),
                changes: vec![change],
                audit: vec![moved(from, to, session, client)],
            },
        })
    }

    /// Whether an answer with this status says that the item is somewhere else now (RFC 4918 section 9.9.4). Of a folder
    /// that was moved in part, with 207, nobody knows here which part.
    #[must_use]
    pub(crate) fn happened(status: StatusCode) -> bool {
        matches!(status, StatusCode::CREATED | StatusCode::NO_CONTENT)
    }

    /// Moves along what was granted. Tried again where the store is away for a moment; where that does not help, what was
    /// granted stays where the item was, and an operator is told.
    pub(crate) async fn carry_along(self, directory: &Directory) {
        let mut pause = PAUSE;
        for attempt in 1..=TRIES {
            let failed = match directory.write(self.write.clone()).await {
                Ok(Written::Yes { .. }) => return,
                // Nothing is expected, and nothing that must be unique is made.
                Ok(Written::Conflict(_) | Written::Taken) => {
                    error!(tenant.id = %self.write.tenant, "Grants could not be moved along");
                    return;
                }
                Err(failed) => failed,
            };
            if attempt == TRIES || matches!(failed, StoreError::Statement(_)) {
                error!(tenant.id = %self.write.tenant, error = %failed, "Grants could not be moved along, and stay where the item was");
                return;
            }
            warn!(tenant.id = %self.write.tenant, error = %failed, "Grants could not be moved along yet");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}

fn moved(from: &Target, to: &Target, session: Option<&Session>, client: IpAddr) -> AuditEvent {
    let person = session.and_then(|session| session.person.as_ref());
    let id = match person {
        None => "anonymous".to_owned(),
        Some(person) => match &person.address {
            Some(address) => address.to_string(),
            None => person.key.subject.clone(),
        },
    };
    let client = Some(client.to_string());
    let mut event = AuditEvent::of("FileMoved", Actor { id, client });
    event.site = Some(from.site.clone());
    event.item = Some(from.path.encoded());
    let more = [
        ("DestinationSite", to.site.to_string()),
        ("DestinationItem", to.path.encoded()),
    ];
    let more = more.map(|(name, value)| (name.to_owned(), Value::from(value)));
    event.more.extend(more);
    event
}
