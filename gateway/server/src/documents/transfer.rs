//! Items that go to another place, and content that comes in parts.

use gateway_core::action::Action;
use gateway_core::path::ItemPath;
use gateway_core::policy::Target;
use gateway_graph::surroundings::{DocumentResponse, NoDocument};
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::BodyExt;

use super::send::{Outward, send};
use super::{Asking, failed, propfind};
use crate::aftermath::Aftermath;
use crate::body::Body;
use crate::route::method::Effect;
use crate::route::questions;
use crate::upstream::stream::Watched;

/// What a move does, as with a MOVE through the gateway.
const MOVES: Effect = Effect::Transfer {
    source: Action::Delete,
    destination: Action::Edit,
};

impl Asking<'_> {
    /// The same bytes, for as long as the caller may do that: they are judged again while they come.
    pub(super) async fn take(
        &self,
        action: Action,
        body: Body,
    ) -> Result<DocumentResponse, NoDocument> {
        let permit = self.decide(action, &self.request.path).await?;
        let outward = self.outward(&permit, Method::PUT, HeaderMap::new());
        let limit = self.gateway.declared.gateway.limits.body_idle_timeout;
        let watched = Watched::new(body, limit, Some(outward.standing.leash()));
        Ok(DocumentResponse::Taken(
            watched.map_err(Into::into).boxed_unsync(),
        ))
    }

    /// Moves the item, and what was granted on it, also when nobody waits for it any more.
    pub(super) async fn move_to(
        &self,
        to: ItemPath,
        replace: bool,
        mut headers: HeaderMap,
    ) -> Result<DocumentResponse, NoDocument> {
        let about = |path: ItemPath| Target {
            tenant: self.caller.tenant.clone(),
            site: self.request.site.clone(),
            path,
            query: None,
        };
        let (from, to) = (about(self.request.path.clone()), about(to));
        let routes = &self.gateway.routes;
        if routes.site(&to.tenant, &to.path) != Some(&to.site) {
            return Err(failed("the item goes to another site"));
        }
        let asked = questions::all(routes, &from, Some(&to), &[MOVES]);
        let permit = self.judge(Action::Delete, asked).await?;
        // RFC 4918 section 10.6.
        let overwrite = HeaderValue::from_static(if replace { "T" } else { "F" });
        headers.insert("overwrite", overwrite);
        let method = Method::from_bytes(b"MOVE").map_err(failed)?;
        let actor = self.caller.as_actor(self.request.client);
        let aftermath = Aftermath::moved(&from, &to, &self.configuration, actor);
        let aftermath = aftermath.ok_or_else(|| failed("the item has no place to go from"))?;
        let outward = Outward {
            aftermath: Some(aftermath),
            ..self.outward(&permit, method, headers)
        };
        let answered = send(outward, None).await?;
        let status = answered.status();
        propfind::drain(answered.into_body()).await;
        self.tell("FileMoved", status);
        Ok(DocumentResponse::Done(status))
    }
}
