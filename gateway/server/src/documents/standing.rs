//! The decision behind a transfer through the API, judged again while it runs.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_core::id::LinkId;
use gateway_core::policy::{Decision, Question};
use gateway_core::time::UnixTime;
use gateway_graph::caller::Caller;
use gateway_graph::drives::rights::Rights;

use crate::clock;
use crate::gateway::Gateway;
use crate::upstream::Leash;

/// How often a transfer is judged again although nothing changed.
const REGULARLY: Duration = Duration::from_secs(5);

/// Who was allowed what.
pub(super) struct Standing {
    pub(super) gateway: Arc<Gateway>,
    pub(super) caller: Caller,
    pub(super) client: IpAddr,
    pub(super) links: Vec<LinkId>,
    pub(super) questions: Arc<[Question]>,
}

impl Standing {
    /// Ends when the transfer is no longer allowed.
    pub(super) fn leash(self: &Arc<Self>) -> Leash {
        let standing = Arc::clone(self);
        Box::pin(async move {
            let mut changes = standing.gateway.directory.changes();
            loop {
                let waited = tokio::time::timeout(REGULARLY, changes.changed()).await;
                let gone = matches!(waited, Ok(Err(_)));
                if gone || !standing.holds(clock::now()).await {
                    return;
                }
            }
        })
    }

    /// Where the directory cannot be asked, nothing holds.
    async fn holds(&self, now: UnixTime) -> bool {
        let welcome = self.caller.is_welcome(&self.gateway.directory).await;
        if !welcome.is_ok_and(|welcome| welcome) {
            return false;
        }
        let configuration = self.gateway.configuration();
        let items = self.questions.iter();
        let items = items.map(|one| (one.target.site.clone(), one.target.path.clone()));
        let wanted = Rights::wanted(&configuration, &self.caller, items.collect(), &self.links);
        let Ok(view) = self.gateway.directory.look(&wanted).await else {
            return false;
        };
        let rights = Rights {
            configuration: &configuration,
            view: &view,
            caller: &self.caller,
            client: self.client,
            links: &self.links,
        };
        let questions = Arc::clone(&self.questions);
        matches!(rights.decide(questions, now), Decision::Allow(_))
    }
}
