//! Whether whoever calls may: the questions of a call, and the permit for what goes on.

use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;
use gateway_core::policy::{Decision, Permit, Question, Target};
use gateway_graph::drives::rights::Rights;
use gateway_graph::surroundings::NoDocument;

use super::Asking;

impl Asking<'_> {
    /// The permit for an action on the item, and on the roots of other sites below it where it goes with everything.
    pub(super) async fn decide(
        &self,
        action: Action,
        path: &ItemPath,
    ) -> Result<Permit, NoDocument> {
        self.judge(action, self.questions(action, path)).await
    }

    /// The permit for all of it.
    ///
    /// - `action`: what a refusal is recorded as.
    pub(super) async fn judge(
        &self,
        action: Action,
        questions: Vec<Question>,
    ) -> Result<Permit, NoDocument> {
        let items = questions
            .iter()
            .map(|question| (question.target.site.clone(), question.target.path.clone()));
        let view = self.look(items.collect()).await?;
        match self
            .rights(&view)
            .decide(questions.into(), self.request.now)
        {
            Decision::Allow(permit) => Ok(permit),
            Decision::Challenge(challenge) => Err(self.denied(action, challenge.code())),
            Decision::Request(denial) | Decision::Deny(denial) => {
                Err(self.denied(action, denial.code()))
            }
        }
    }

    fn questions(&self, action: Action, path: &ItemPath) -> Vec<Question> {
        let about = |site: &SiteId, path: &ItemPath| Question {
            target: Target {
                tenant: self.caller.tenant.clone(),
                site: site.clone(),
                path: path.clone(),
                query: None,
            },
            action,
        };
        let mut all = vec![about(&self.request.site, path)];
        if action == Action::Delete {
            let below = self.gateway.routes.sites_below(&self.caller.tenant, path);
            all.extend(below.map(|(site, root)| about(site, root)));
        }
        all
    }

    pub(super) async fn look(
        &self,
        items: Vec<(SiteId, ItemPath)>,
    ) -> Result<Arc<gateway_store::directory::View>, NoDocument> {
        let wanted = Rights::wanted(&self.configuration, self.caller, items, &self.request.links);
        let looked = self.gateway.directory.look(&wanted).await;
        looked.map_err(|_| NoDocument::Stale)
    }

    pub(super) fn rights<'v>(&'v self, view: &'v gateway_store::directory::View) -> Rights<'v> {
        Rights {
            configuration: &self.configuration,
            view,
            caller: self.caller,
            client: self.request.client,
            links: &self.request.links,
        }
    }
}
