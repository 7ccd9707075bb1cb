//! What becomes of grants once the upstream has done what was asked.
//!
//! After the upstream has moved an item, all that was granted on it and below it is granted where it went; after it has
//! deleted one, all of that ends: what is put there later is another item, which nobody shared. Both go on when the client
//! goes away: it has happened, whoever is told of it. What is declared in files stays where it is, and so does what was
//! granted at the place that something was moved onto.

use std::net::IpAddr;
use std::time::Duration;

use gateway_config::model::Configuration;
use gateway_core::path::PathCase;
use gateway_core::policy::{Question, Target};
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

/// What an upstream was asked for, where grants follow it.
#[derive(Clone, Debug)]
pub(crate) struct Aftermath {
    write: Write,
}

impl Aftermath {
    /// What follows the request, if anything does. A method that another one is put in place of is followed by nothing:
    /// what the upstream did then nobody knows here.
    #[must_use]
    pub(crate) fn of(
        method: &Method,
        headers: &HeaderMap,
        resource: &Resource,
        configuration: &Configuration,
        session: Option<&Session>,
        client: IpAddr,
    ) -> Option<Self> {
        if headers.keys().any(overrides) {
            return None;
        }
        let first = &resource.questions.first()?.target;
        match method.as_str() {
            "MOVE" => {
                let to = &resource.questions.get(1)?.target;
                if !resource.transfers || first.tenant != to.tenant {
                    return None;
                }
                Self::moved(first, to, configuration, actor(session, client))
            }
            "DELETE" => Self::deleted(&resource.questions, configuration, actor(session, client)),
            _ => None,
        }
    }

    /// What follows the move of an item to another place of its tenant.
    pub(crate) fn moved(
        from: &Target,
        to: &Target,
        configuration: &Configuration,
        actor: Actor,
    ) -> Option<Self> {
        let change = Change::MoveItem {
            from_site: from.site.clone(),
            from: from.path.clone(),
            to_site: to.site.clone(),
            to: to.path.clone(),
            case: case_at(from, configuration)?,
        };
        let mut event = about("FileMoved", from, actor);
        let more = [
            ("DestinationSite", to.site.to_string()),
            ("DestinationItem", to.path.encoded()),
        ];
        let more = more.map(|(name, value)| (name.to_owned(), Value::from(value)));
        event.more.extend(more);
        Some(Self::writing(from, vec![change], event))
    }

    /// What follows the deletion that `questions` were about: of an item, and of the roots of other sites below it.
    pub(crate) fn deleted(
        questions: &[Question],
        configuration: &Configuration,
        actor: Actor,
    ) -> Option<Self> {
        let first = &questions.first()?.target;
        let changes: Option<Vec<Change>> = questions
            .iter()
            .map(|question| {
                let target = &question.target;
                Some(Change::RemoveItem {
                    site: target.site.clone(),
                    item: target.path.clone(),
                    case: case_at(target, configuration)?,
                })
            })
            .collect();
        let event = about("FileDeleted", first, actor);
        Some(Self::writing(first, changes?, event))
    }

    fn writing(item: &Target, changes: Vec<Change>, event: AuditEvent) -> Self {
        Self {
            write: Write {
                tenant: item.tenant.clone(),
                at: clock::now(),
                expect: Vec::new(),
                changes,
                audit: vec![event],
            },
        }
    }

    /// Whether an answer with this status says that the item is not where it was (RFC 4918 sections 9.6 and 9.9.4). Of a
    /// folder that was moved or deleted in part, with 207, nobody knows here which part. A deletion that is only
    /// accepted counts: who is to see the item until it is carried out is to be asked anew.
    #[must_use]
    pub(crate) fn follows(&self, status: StatusCode) -> bool {
        let deleted = self
            .write
            .changes
            .iter()
            .any(|change| matches!(change, Change::RemoveItem { .. }));
        match status {
            StatusCode::NO_CONTENT => true,
            StatusCode::CREATED => !deleted,
            StatusCode::OK | StatusCode::ACCEPTED => deleted,
            _ => false,
        }
    }

    /// Writes it. Tried again where the store is away for a moment; where that does not help, what was granted stays as it
    /// was, and an operator is told.
    pub(crate) async fn write(self, directory: &Directory) {
        let mut pause = PAUSE;
        for attempt in 1..=TRIES {
            let failed = match directory.write(self.write.clone()).await {
                Ok(Written::Yes { .. }) => return,
                // Nothing is expected, and nothing that must be unique is made.
                Ok(Written::Conflict(_) | Written::Taken) => {
                    error!(tenant.id = %self.write.tenant, "Grants do not follow the item");
                    return;
                }
                Err(failed) => failed,
            };
            if attempt == TRIES || matches!(failed, StoreError::Statement(_)) {
                error!(tenant.id = %self.write.tenant, error = %failed, "Grants do not follow the item, and stay as they were");
                return;
            }
            warn!(tenant.id = %self.write.tenant, error = %failed, "Grants do not follow the item yet");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}

fn case_at(item: &Target, configuration: &Configuration) -> Option<PathCase> {
    let tenant = configuration.tenants.get(&item.tenant)?;
    Some(tenant.sites.get(&item.site)?.settings.path_case)
}

fn actor(session: Option<&Session>, client: IpAddr) -> Actor {
    let person = session.and_then(|session| session.person.as_ref());
    let id = match person {
        None => "anonymous".to_owned(),
        Some(person) => match &person.address {
            Some(address) => address.to_string(),
            None => person.key.subject.clone(),
        },
    };
    let client = Some(client.to_string());
    Actor { id, client }
}

fn about(operation: &str, item: &Target, actor: Actor) -> AuditEvent {
    let mut event = AuditEvent::of(operation, actor);
    event.site = Some(item.site.clone());
    event.item = Some(item.path.encoded());
    event
}
