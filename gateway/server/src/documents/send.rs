//! A request to an upstream, made from a permit and nothing else.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::Either;
use gateway_config::model::Site;
use gateway_core::policy::Permit;
use gateway_core::time::UnixTime;
use gateway_graph::caller::Caller;
use gateway_graph::surroundings::NoDocument;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::BodyExt;

use super::standing::Standing;
use super::{caller, failed};
use crate::aftermath::Aftermath;
use crate::body::{self, Body, Sent};
use crate::gateway::Gateway;
use crate::hop::Wishes;
use crate::upstream::expect::Outgoing;
use crate::upstream::request::{self, About};
use crate::upstream::stream::Watched;
use crate::upstream::{Failed, address, followed, response};

/// A request on its way.
pub(super) struct Outward<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) caller: &'a Caller,
    pub(super) origin: &'a str,
    pub(super) permit: &'a Permit,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) client: IpAddr,
    pub(super) id: &'a str,
    pub(super) now: UnixTime,
    /// What becomes of grants once the upstream has done it, also when nobody waits for it any more.
    pub(super) aftermath: Option<Aftermath>,
    pub(super) standing: Arc<Standing>,
}

impl<'a> Outward<'a> {
    /// The site that the permit is for.
    pub(super) fn site(&self) -> Result<&'a Site, NoDocument> {
        let target = self.permit.target();
        let site = target.and_then(|target| {
            let tenant = self.gateway.declared.tenants.get(&target.tenant)?;
            tenant.sites.get(&target.site)
        });
        site.ok_or_else(|| failed("the permit's target is not configured"))
    }
}

/// Sends it, and waits for the head of the answer.
pub(super) async fn send(
    outward: Outward<'_>,
    body: Option<Body>,
) -> Result<Response<Body>, NoDocument> {
    let site = outward.site()?;
    let gateway = outward.gateway;
    let limits = &gateway.declared.gateway.limits;
    let claims = caller::claims(
        outward.caller,
        outward.origin,
        &site.upstream.audience,
        outward.id,
        outward.now,
    );
    let assertion = gateway.keyring.sign(&claims).map_err(failed)?;
    let mut assertion = HeaderValue::try_from(assertion).map_err(failed)?;
    assertion.set_sensitive(true);
    let mut headers = outward.headers;
    let wishes = Wishes::default();
    let about = About {
        origin: outward.origin,
        client: outward.client,
        session: None,
        assertion: Some(assertion),
        wishes: &wishes,
        id: outward.id,
    };
    // The second item of the permit is where the first one goes.
    let transfers = outward.method.as_str() == "MOVE";
    request::complete(&mut headers, site, outward.permit, transfers, &about);
    if site.upstream.plain_headers {
        plain(&mut headers, outward.caller);
    }
    let has_body = body.is_some();
    let body = body.unwrap_or_else(|| body::whole(bytes::Bytes::new()));
    let leash = has_body.then(|| outward.standing.leash());
    let sent = Outgoing::Free(Sent::Other(body));
    let mut request = Request::new(Watched::new(sent, limits.body_idle_timeout, leash));
    *request.method_mut() = outward.method;
    let target = outward.permit.target();
    let uri = target.and_then(|target| address::outward(site, target));
    *request.uri_mut() = uri.ok_or_else(|| failed("the permit's target has no address"))?;
    *request.headers_mut() = headers;
    let sent = gateway.clients.send(site, request, false);
    let sent = sent.ok_or_else(|| failed("the site has no upstream"))?;
    let mut leash = outward.standing.leash();
    let longest = limits.upstream_response_timeout;
    let answered = async move {
        if has_body {
            // An upload takes as long as it keeps moving: its pauses are limited, and the answer comes after it.
            sent.await.map_err(Failed::from)
        } else {
            let answered = tokio::time::timeout(longest, sent).await;
            answered
                .map_err(|_| Failed::TimedOut)?
                .map_err(Failed::from)
        }
    };
    let answered = match outward.aftermath {
        Some(aftermath) => Either::Left(followed(aftermath, gateway.directory.clone(), answered)),
        None => Either::Right(answered),
    };
    let mut answered = tokio::select! {
        answered = answered => answered.map_err(failed)?,
        () = &mut leash => return Err(NoDocument::Denied("no-longer-allowed")),
    };
    response::adapt(answered.headers_mut(), site, outward.origin);
    let limit = limits.body_idle_timeout;
    Ok(answered.map(|body| {
        let watched = Watched::new(body, limit, Some(leash));
        watched.map_err(Into::into).boxed_unsync()
    }))
}

fn plain(headers: &mut HeaderMap, caller: &Caller) {
    let subject = request::visible(&caller::subject(caller));
    request::set(headers, request::SUBJECT, &subject);
    request::set(headers, request::PROVIDER, caller::PROVIDER);
    if let Some(address) = caller.address() {
        request::set(
            headers,
            request::EMAIL,
            &request::visible(&address.to_string()),
        );
    }
}
