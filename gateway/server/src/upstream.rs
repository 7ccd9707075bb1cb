//! Step 6: the request goes on, built from the permit; the answer comes back, bodies streamed both ways.

pub(crate) mod address;
pub(crate) mod assertion;
pub(crate) mod client;
pub(crate) mod expect;
mod failed;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
mod trailers;
mod tunnel;

pub(crate) use failed::Failed;
pub(crate) use stream::Leash;
pub(crate) use tunnel::Opened;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Either;
use gateway_config::model::{Configuration, Site};
use gateway_core::policy::Permit;
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;
use http::header::{CONNECTION, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::ext::on_informational;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::ResponseFuture;

use crate::aftermath::Aftermath;
use crate::body::{self, Body, Sent};
use crate::gateway::Gateway;
use crate::hop::Wishes;
use crate::standing::Standing;
use crate::traffic::Traffic;
use expect::{Asker, Outgoing};
use request::About;
use stream::Watched;
use tunnel::Ends;

/// The body of a request to an upstream.
pub(crate) type RequestBody = Watched<Outgoing<Sent>>;

/// A request on its way to an upstream.
pub(crate) struct Exchange {
    /// The client's head; hop-by-hop and foreign headers are gone.
    pub head: Parts,
    /// The client's body, not read yet.
    pub body: Incoming,
    /// What the client asked of its connection.
    pub wishes: Wishes,
    /// The tenant's origin.
    pub origin: String,
    /// The client's address.
    pub client: IpAddr,
    /// The decision, to be judged again while bodies flow.
    pub standing: Arc<Standing>,
    /// Counts the bytes.
    pub traffic: Arc<Traffic>,
    /// The request's id.
    pub id: String,
    /// When the request came.
    pub now: UnixTime,
}

/// Sends the request that `permit` allows, and nothing else.
///
/// # Errors
/// [`Failed`].
pub(crate) async fn forward(
    permit: &Permit,
    mut exchange: Exchange,
) -> Result<Response<Body>, Failed> {
    let standing = Arc::clone(&exchange.standing);
    let gateway = &standing.gateway;
    let limits = &gateway.declared.gateway.limits;
    let traffic = Arc::clone(&exchange.traffic);
    let origin = exchange.origin.clone();
    let site = site(&gateway.declared, permit).ok_or(Failed::Target)?;

    let aftermath = Aftermath::of(
        &exchange.head.method,
        &exchange.head.headers,
        &standing.resource,
        &gateway.declared,
        standing.session.as_ref(),
        exchange.client,
    );
    let on_upgrade = exchange.head.extensions.remove::<OnUpgrade>();
    let client = on_upgrade.filter(|_| exchange.wishes.upgrade.is_some());
    let (request, asker) = outgoing(gateway, site, permit, exchange)?;
    let sent = gateway
        .clients
        .send(site, request, client.is_some())
        .ok_or(Failed::Target)?;
    let mut leash = standing.leash();
    let waiting = Arc::clone(&traffic);
    let answered = answer(sent, waiting, limits.upstream_response_timeout);
    let answered = match aftermath {
        Some(aftermath) => Either::Left(followed(aftermath, gateway.directory.clone(), answered)),
        None => Either::Right(answered),
    };
    let mut response = tokio::select! {
        response = answered => response?,
        () = &mut leash => return Err(Failed::NoLongerAllowed),
    };
    if let Some(asker) = &asker {
        asker.answered();
    }

    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    match (switched, client) {
        (true, Some(client)) => {
            let ends = Ends {
                client,
                upstream: hyper::upgrade::on(&mut response),
            };
            Ok(switch(
                gateway, site, &origin, response, ends, traffic, leash,
            ))
        }
        (true, None) => Err(Failed::Unusable("it switched protocols unasked".to_owned())),
        (false, _) => {
            response::adapt(response.headers_mut(), site, &origin);
            let watched =
                |body| Watched::new(body, limits.body_idle_timeout, Some(leash)).keeping(asker);
            Ok(response.map(|body| watched(body).map_err(Into::into).boxed_unsync()))
        }
    }
}

fn site<'a>(configuration: &'a Configuration, permit: &Permit) -> Option<&'a Site> {
    let target = permit.target()?;
    configuration
        .tenants
        .get(&target.tenant)?
        .sites
        .get(&target.site)
}

/// The request as the upstream gets it, and who asks for its body where that is held back.
fn outgoing(
    gateway: &Gateway,
    site: &Site,
    permit: &Permit,
    exchange: Exchange,
) -> Result<(Request<RequestBody>, Option<Asker>), Failed> {
    let Exchange {
        mut head,
        body,
        wishes,
        origin,
        client,
        standing,
        traffic,
        id,
        now,
    } = exchange;
    let session = standing.session.as_ref();
    let assertion = session
        .map(|session| {
            let audience = &site.upstream.audience;
            gateway.assertions.header(
                session,
                permit.grounds(),
                &origin,
                audience,
                &gateway.keyring,
                now,
            )
        })
        .transpose()?;
    let about = About {
        origin: &origin,
        client,
        session,
        assertion,
        wishes: &wishes,
        id: &id,
    };
    let has_body = !body::is_empty(&body);
    let waits = expect::waits(&mut head.headers, head.version, has_body);
    request::complete(
        &mut head.headers,
        site,
        permit,
        standing.resource.transfers,
        &about,
    );

    let body = Sent::Client(body);
    let (asker, body) = if waits {
        let (asker, held) = expect::hold(body);
        (Some(asker), held)
    } else {
        (None, Outgoing::Free(body))
    };
    let leash = has_body.then(|| standing.leash());
    let limit = gateway.declared.gateway.limits.body_idle_timeout;
    let mut request = Request::new(Watched::new(body, limit, leash).counting(traffic));
    *request.method_mut() = head.method;
    *request.uri_mut() = permit
        .target()
        .and_then(|target| address::outward(site, target))
        .ok_or(Failed::Target)?;
    *request.headers_mut() = head.headers;
    if let Some(asker) = asker.clone() {
        on_informational(&mut request, move |response| {
            if response.status() == StatusCode::CONTINUE {
                asker.wanted();
            }
        });
    }
    Ok((request, asker))
}

/// Waits for the answer, and lets what was granted follow, also when nobody waits for it any more.
pub(crate) async fn followed(
    aftermath: Aftermath,
    directory: Directory,
    answered: impl Future<Output = Result<Response<Incoming>, Failed>> + Send + 'static,
) -> Result<Response<Incoming>, Failed> {
    let done = tokio::spawn(async move {
        let response = answered.await?;
        if aftermath.follows(response.status()) {
            aftermath.write(&directory).await;
        }
        Ok(response)
    });
    done.await
        .unwrap_or_else(|stopped| Err(Failed::Unusable(stopped.to_string())))
}

/// Waits for the head of the answer. An upload may take as long as it keeps moving, so the time counts from then.
async fn answer(
    mut sent: ResponseFuture,
    traffic: Arc<Traffic>,
    limit: Duration,
) -> Result<Response<Incoming>, Failed> {
    loop {
        let before = traffic.received();
        match tokio::time::timeout(limit, &mut sent).await {
            Ok(answered) => return answered.map_err(Failed::from),
            Err(_) if traffic.received() != before => {}
            Err(_) => return Err(Failed::TimedOut),
        }
    }
}

/// The 101 for the client, and the tunnel behind it.
fn switch(
    gateway: &Gateway,
    site: &Site,
    origin: &str,
    mut response: Response<Incoming>,
    ends: Ends,
    traffic: Arc<Traffic>,
    leash: Leash,
) -> Response<Body> {
    let protocol = response.headers_mut().remove(UPGRADE);
    let headers = response.headers_mut();
    response::adapt(headers, site, origin);
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(
        UPGRADE,
        protocol.unwrap_or(HeaderValue::from_static("websocket")),
    );
    let limit = gateway.declared.gateway.limits.body_idle_timeout;
    let (opened, work) = tunnel::tunnel(ends, traffic, limit, leash);
    gateway.tunnels.spawn(work);
    response.extensions_mut().insert(opened);
    response.map(|_empty| body::whole(bytes::Bytes::new()))
}
