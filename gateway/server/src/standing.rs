//! The decision behind a running transfer, judged again while it runs.
//!
//! A transfer may outlive what allowed it: a guest is blocked, a link revoked, a session ended, a provider switched
//! off. So with every change of the directory and of the providers, and every few seconds for what ends by itself, the same questions are asked of the directory
//! as it is then (rows S067, S178).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_core::time::UnixTime;
use gateway_sign_in::session::Session;
use tokio::sync::watch;

use crate::clock;
use crate::facts;
use crate::gateway::Gateway;
use crate::identify::{self, Honoured};
use crate::judge;
use crate::route::Resource;
use crate::upstream::Leash;

/// How often a transfer is judged again although nothing changed: sessions, permissions and links end by themselves.
const REGULARLY: Duration = Duration::from_secs(5);

/// Who was allowed what.
pub(crate) struct Standing {
    /// What it was judged with.
    pub gateway: Arc<Gateway>,
    /// Whose request it is.
    pub session: Option<Session>,
    /// The client's address.
    pub client: IpAddr,
    /// What was asked.
    pub resource: Resource,
    /// Subscribed before anything was read for the decision, so that no change falls in between.
    pub changes: Changes,
}

/// Tells when to judge again.
#[derive(Clone)]
pub(crate) struct Changes {
    directory: watch::Receiver<u64>,
    providers: watch::Receiver<u64>,
}

impl Changes {
    /// What changes from now on.
    #[must_use]
    pub(crate) fn of(gateway: &Gateway) -> Self {
        Self {
            directory: gateway.directory.changes(),
            providers: gateway.sign_in_changes(),
        }
    }

    /// Waits for the next one; an error when there is nothing left that could change.
    async fn next(&mut self) -> Result<(), watch::error::RecvError> {
        tokio::select! {
            changed = self.directory.changed() => changed,
            changed = self.providers.changed() => changed,
        }
    }
}

impl Standing {
    /// Ends when the transfer is no longer allowed.
    #[must_use]
    pub(crate) fn leash(self: &Arc<Self>) -> Leash {
        let standing = Arc::clone(self);
        Box::pin(async move {
            let mut changes = standing.changes.clone();
            loop {
                let waited = tokio::time::timeout(REGULARLY, changes.next()).await;
                let gone = matches!(waited, Ok(Err(_)));
                if gone || !standing.holds(clock::now()).await {
                    return;
                }
            }
        })
    }

    /// Where the directory cannot be asked, nothing holds.
    async fn holds(&self, now: UnixTime) -> bool {
        let directory = &self.gateway.directory;
        let Ok(revocations) = directory.current().await else {
            return false;
        };
        let configuration = self.gateway.configuration();
        let session = self.session.as_ref();
        let sign_in = self.gateway.sign_in();
        let honoured = Honoured {
            revocations: &revocations,
            sign_in: &sign_in,
        };
        if session.is_some_and(|session| !identify::counts(session, honoured, now)) {
            return false;
        }
        let questions = &self.resource.questions;
        let Some(tenant) = questions.first().map(|question| &question.target.tenant) else {
            return false;
        };
        let looked = facts::look(directory, &configuration, tenant, session, questions);
        let Ok(view) = looked.await else {
            return false;
        };
        let known = configuration.gateway.known(self.client);
        let mut principal = judge::principal(session, known);
        // Whoever transfers is not idle.
        principal.client.last_used = Some(now);
        let facts = facts::gather(&configuration, &view, session, &principal, questions);
        judge::decide(session, &principal, &self.resource, &facts, now).is_ok()
    }
}
