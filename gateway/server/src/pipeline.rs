//! The path of a request, from top to bottom. Each step is a function of its own module; this is the only caller.
//!
//! 1. [`crate::listener`] took the request off its connection.
//! 2. [`route::resolve`] reads what it is about.
//! 3. [`identify::open`] finds out who asks.
//! 4. [`facts::gather`] looks up what the answer rests on.
//! 5. [`judge::decide`] answers.
//! 6. [`upstream::forward`] goes on with the permit.
//! 7. [`respond::render`] makes the response.
//! 8. [`record::attach`] lets the access event end with it.

use std::net::IpAddr;
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::id::TenantId;
use gateway_core::person::Principal;
use gateway_core::policy::{Challenge, Question};
use gateway_core::time::UnixTime;
use gateway_sign_in::is_context;
use gateway_sign_in::session::{self, Session};
use gateway_store::StoreError;
use gateway_store::directory::View;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, Response};
use hyper::body::Incoming;
use tracing::{debug, warn};

use crate::body::Body;
use crate::gateway::Gateway;
use crate::hop::Wishes;
use crate::identify::{self, Honoured};
use crate::judge::NotAllowed;
use crate::listener::Arrival;
use crate::record::{self, Record, Verdict};
use crate::respond::{self, Audience, Refusal};
use crate::route::{self, Refused, Resolved, Resource, Route};
use crate::standing::{Changes, Standing};
use crate::upstream::{self, Exchange, Failed};
use crate::{cookies, facts, judge, links, own};

/// Who visits, once that is known.
pub(crate) struct Visitor<'a> {
    /// The gateway.
    pub gateway: &'a Arc<Gateway>,
    /// The configuration, read once for the whole request.
    pub configuration: &'a Configuration,
    /// The tenant that answers.
    pub tenant: &'a TenantId,
    /// The host, canonical, without port.
    pub host: &'a str,
    /// The tenant's origin.
    pub origin: &'a str,
    /// The client's address.
    pub client: IpAddr,
    /// The session, if one counts.
    pub session: Option<&'a Session>,
    /// When the request came.
    pub now: UnixTime,
    /// The request's id.
    pub id: &'a str,
}

impl Visitor<'_> {
    /// Who visits, as the policy knows them.
    #[must_use]
    pub(crate) fn principal(&self) -> Principal {
        judge::principal(self.session, self.configuration.gateway.known(self.client))
    }

    /// What the directory knows that the questions rest on, were `session` the visitor's.
    pub(crate) async fn look(
        &self,
        session: Option<&Session>,
        questions: &[Question],
    ) -> Result<Arc<View>, StoreError> {
        let directory = &self.gateway.directory;
        facts::look(
            directory,
            self.configuration,
            self.tenant,
            session,
            questions,
        )
        .await
    }
}

/// Answers one request.
pub(crate) async fn handle(gateway: &Arc<Gateway>, arrival: Arrival) -> Response<Body> {
    let mut audience = Audience::of(&arrival.head, arrival.secure, arrival.id.clone());
    let mut record = Record::begin(
        arrival.id.clone(),
        arrival.head.method.clone(),
        arrival.client,
        &gateway.directory,
        arrival.now,
    );
    let outcome = answer(gateway, arrival, &mut audience, &mut record).await;
    if let Err(refusal) = &outcome {
        tell_operators(refusal, &audience.id);
    }
    let (response, verdict) = respond::render(outcome, &audience);
    if let Some(verdict) = verdict {
        record.became(verdict);
    }
    record::attach(response, record)
}

async fn answer(
    gateway: &Arc<Gateway>,
    mut arrival: Arrival,
    audience: &mut Audience,
    record: &mut Record,
) -> Result<Response<Body>, Refusal> {
    if arrival.ambiguous {
        return Err(Refused::Framing.into());
    }
    let Resolved {
        tenant,
        host,
        route,
        wishes,
    } = route::resolve(&gateway.routes, &mut arrival.head)?;
    record.on(&host.name, &tenant);
    let changes = Changes::of(gateway);
    let configuration = gateway.configuration();
    let configured = configuration.tenants.get(&tenant);
    audience.organisation = configured.map(|tenant| tenant.display_name.clone());
    audience.return_to = return_to(&arrival.head);
    if cookies::too_long(&arrival.head.headers) {
        return Err(Refusal::CookiesTooLong);
    }

    let sign_in = gateway.sign_in();
    let idle = configuration.gateway.sessions.idle;
    let headers = &arrival.head.headers;
    let session = match gateway.directory.current().await {
        Ok(revocations) => identify::open(
            headers,
            &host.name,
            &tenant,
            &gateway.keyring,
            Honoured {
                revocations: &revocations,
                sign_in: &sign_in,
            },
            idle,
            arrival.now,
        ),
        Err(_) if route.is_for_anybody() => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(person) = session.as_ref().and_then(|session| session.person.as_ref()) {
        record.by_person(person);
    }

    let origin = arrival.origin(gateway, &host.name);
    let visitor = Visitor {
        gateway,
        configuration: &configuration,
        tenant: &tenant,
        host: &host.name,
        origin: &origin,
        client: arrival.client,
        session: session.as_ref(),
        now: arrival.now,
        id: &arrival.id,
    };
    let made_here = Verdict {
        decision: "own",
        reason: "",
    };
    match route {
        Route::Resource(resource) => {
            let Arrival { head, body, .. } = arrival;
            let questions = Arc::clone(&resource.questions);
            let outcome = resource_behind_site(
                &visitor,
                Request {
                    head,
                    body,
                    wishes,
                    resource,
                    changes,
                },
                record,
            )
            .await;
            if let Err(Refusal::NotAllowed(NotAllowed::Challenge(
                Challenge::AuthenticationContext,
            ))) = &outcome
            {
                audience.context = own_context(configured, session.as_ref(), &questions);
            }
            outcome
        }
        Route::SharingLink { token } => {
            record.tries_link();
            record.became(Verdict {
                decision: "allow",
                reason: "link",
            });
            links::open(&visitor, &token, record).await
        }
        Route::SignIn(page) => {
            own::sign_in::visit(&visitor, page, arrival.head, arrival.body, record).await
        }
        Route::WhoAmI => {
            record.became(made_here);
            own::who_am_i(visitor.session, audience)
        }
        Route::Jwks => {
            record.became(made_here);
            Ok(own::jwks(gateway, audience))
        }
        Route::Asset(name) => {
            record.became(made_here);
            own::asset(&name, audience)
        }
        Route::NotFound => Err(Refusal::NoSuchAddress),
    }
}

/// A request for an item, understood and not decided.
struct Request {
    head: Parts,
    body: Incoming,
    wishes: Wishes,
    resource: Resource,
    changes: Changes,
}

async fn resource_behind_site(
    visitor: &Visitor<'_>,
    request: Request,
    record: &mut Record,
) -> Result<Response<Body>, Refusal> {
    let Request {
        head,
        body,
        wishes,
        resource,
        changes,
    } = request;
    let gateway = visitor.gateway;
    record.about(&resource.questions);
    let principal = visitor.principal();
    let view = visitor.look(visitor.session, &resource.questions).await?;
    let facts = facts::gather(
        visitor.configuration,
        &view,
        visitor.session,
        &principal,
        &resource.questions,
    );
    let permit = judge::decide(visitor.session, &principal, &resource, &facts, visitor.now)?;
    record.allowed(permit.grounds());

    let session = visitor.session.cloned();
    let standing = Standing {
        gateway: Arc::clone(gateway),
        session,
        client: visitor.client,
        resource,
        changes,
    };
    let exchange = Exchange {
        head,
        body,
        wishes,
        origin: visitor.origin.to_owned(),
        client: visitor.client,
        standing: Arc::new(standing),
        traffic: record.traffic(),
        id: visitor.id.to_owned(),
        now: visitor.now,
    };
    let mut response = upstream::forward(&permit, exchange).await?;
    keep_awake(visitor, response.headers_mut());
    Ok(response)
}

/// Seals the session anew where that is due, so that its idle time starts again.
fn keep_awake(visitor: &Visitor<'_>, headers: &mut HeaderMap) {
    let tenant = visitor.configuration.tenants.get(visitor.tenant);
    let sign_out_after = tenant.and_then(|tenant| tenant.settings.sharing.idle_sign_out);
    let sign_out_after = sign_out_after.map(|seconds| seconds.get());
    let Some(session) = visitor
        .session
        .filter(|session| session::needs_reseal(session, sign_out_after, visitor.now))
    else {
        return;
    };
    let used = Session {
        sealed_at: visitor.now,
        ..session.clone()
    };
    match session::seal(&used, visitor.host, &visitor.gateway.keyring) {
        Ok(sealed) => drop(headers.append(SET_COOKIE, session::set_cookie(&sealed))),
        Err(error) => warn!(error = %error, "Session could not be sealed again"),
    }
}

/// The authentication context that a member can satisfy: it is their own organisation's. The first that is demanded; the
/// next, if there is another, is asked for afterwards.
fn own_context(
    tenant: Option<&Tenant>,
    session: Option<&Session>,
    questions: &[Question],
) -> Option<String> {
    let person = session?.person.as_ref().filter(|person| person.member)?;
    let shown = |name: &String| {
        let mut shown = person.contexts.iter();
        shown.any(|shown| shown.eq_ignore_ascii_case(name))
    };
    let sites = questions
        .iter()
        .filter_map(|question| tenant?.sites.get(&question.target.site));
    let mut demanded =
        sites.filter_map(|site| site.settings.sharing.authentication_context.as_ref());
    let context = demanded.find(|name| !shown(name))?;
    is_context(context).then(|| context.clone())
}

/// Where a browser comes back to after signing in: what it asked for now.
fn return_to(head: &Parts) -> Option<String> {
    head.uri
        .path_and_query()
        .map(|asked| asked.as_str().to_owned())
}

/// Guests are shown a code. The cause is for operators, louder where they should act.
fn tell_operators(refusal: &Refusal, id: &str) {
    match refusal {
        Refusal::Upstream(
            failed @ (Failed::Target
            | Failed::Assertion(_)
            | Failed::Unreachable(_)
            | Failed::Unusable(_)
            | Failed::TimedOut),
        ) => warn!(request.id = id, error = %failed, "Upstream failed"),
        Refusal::DirectoryStale(cause) => warn!(
            request.id = id,
            error = %cause,
            "Request could not be answered"
        ),
        Refusal::Internal(cause) => warn!(
            request.id = id,
            error = cause,
            "Request could not be answered"
        ),
        other => debug!(request.id = id, error = %other, "Request refused"),
    }
}
