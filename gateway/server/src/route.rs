//! Step 2: what a request is about, read once. What is decided on here is what is forwarded later.

mod condition;
pub mod destination;
pub mod foreign;
pub mod host;
pub mod members;
pub mod method;
mod own;
pub(crate) mod questions;
mod table;

pub use destination::DestinationRefused;
pub use host::{Host, HostRefused};
pub use method::{MethodRefused, overrides};
pub use own::{OwnRefused, PREFIX};
pub use table::Table;

use std::sync::Arc;

use gateway_core::id::{ProviderId, TenantId};
use gateway_core::path::{ItemPath, PathRefused};
use gateway_core::policy::{Question, Target};
use http::HeaderMap;
use http::header::{HeaderName, TRANSFER_ENCODING};
use http::request::Parts;

use crate::hop::{self, Wishes};
use method::Effect;

const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The tenant that answers on the host.
    pub tenant: TenantId,
    /// The host.
    pub host: Host,
    /// The target.
    pub route: Route,
    /// What the client asked of its connection.
    pub wishes: Wishes,
}

/// The one target of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// An item behind a site.
    Resource(Resource),
    /// A sharing link, by its token as it stands in the path.
    SharingLink {
        /// The token, 1 to 256 characters of base64url.
        token: String,
    },
    /// A page of the sign-in.
    SignIn(SignInPage),
    /// Who is signed in.
    WhoAmI,
    /// The keys that assertions are signed with.
    Jwks,
    /// A file that the pages need.
    Asset(String),
    /// Nothing.
    NotFound,
}

impl Route {
    /// Whether everybody is answered alike, whoever asks.
    #[must_use]
    pub(crate) const fn is_for_anybody(&self) -> bool {
        match self {
            Self::Jwks | Self::Asset(_) | Self::NotFound => true,
            Self::Resource(_) | Self::SharingLink { .. } | Self::SignIn(_) | Self::WhoAmI => false,
        }
    }
}

/// A page of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInPage {
    /// The form that asks for an address, and every later form.
    SignIn,
    /// Back from a provider.
    Callback(ProviderId),
    /// A provider's document about us.
    Metadata(ProviderId),
    /// A provider says that somebody signed out.
    Logout(ProviderId),
    /// Somebody signs out here.
    SignOut,
    /// The link of an invitation's mail.
    Invitation(String),
    /// A guest leaves the organisation.
    Leave,
}

/// What a request may do behind a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// May this be done? First the item with the first action; then, where there is one, the destination; then
    /// whatever else the request might come to mean at the upstream.
    pub questions: Arc<[Question]>,
    /// Whether the second question is about a destination.
    pub transfers: bool,
    /// Whether only members of the tenant may ask ([`members`]).
    pub members_only: bool,
}

/// Why a request cannot be understood, or is not served by anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The host.
    #[error(transparent)]
    Host(#[from] HostRefused),
    /// No tenant answers on the host.
    #[error("no tenant answers on this host")]
    HostUnknown,
    /// The path.
    #[error(transparent)]
    Path(#[from] PathRefused),
    /// The query holds what a query cannot.
    #[error("the query is malformed")]
    Query,
    /// The method.
    #[error(transparent)]
    Method(#[from] MethodRefused),
    /// The destination.
    #[error(transparent)]
    Destination(#[from] DestinationRefused),
    /// Where the body ends can be read in two ways.
    #[error("the length of the body can be read in two ways")]
    Framing,
    /// The browser fetches the script of a service worker. Whoever may upload a file could put one between everybody
    /// who opens it and the documents, as all sites of a host share one origin.
    ///
    /// Source: Service Workers, "Service-Worker" header.
    #[error("no document becomes a service worker")]
    ServiceWorker,
    /// An address of the gateway itself, used with a method it does not have.
    #[error(transparent)]
    Own(#[from] OwnRefused),
}

/// Reads what `head` asks for. Headers that pretend something, and those of the connection, are gone afterwards.
///
/// # Errors
/// [`Refused`]; nothing is repaired.
pub fn resolve(table: &Table, head: &mut Parts) -> Result<Resolved, Refused> {
    framing(&head.headers)?;
    let wishes = hop::take(head);
    foreign::drop_from(&mut head.headers);
    let host = host::of(head)?;
    let tenant = table
        .tenant(&host.name)
        .ok_or(Refused::HostUnknown)?
        .clone();
    let path = ItemPath::parse(head.uri.path())?;
    let query = head.uri.query().map(checked_query).transpose()?;
    let route = match own::route(&path, &head.method)? {
        Some(route) => route,
        None => resource(table, head, &host, &tenant, path, query)?,
    };
    Ok(Resolved {
        tenant,
        host,
        route,
        wishes,
    })
}

/// `chunked`, once, is the only transfer coding: what others a peer believes to see is how requests are smuggled.
fn framing(headers: &HeaderMap) -> Result<(), Refused> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        (Some(_), _) => Err(Refused::Framing),
    }
}

fn checked_query(raw: &str) -> Result<String, Refused> {
    let fine = raw
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\');
    if fine {
        Ok(raw.to_owned())
    } else {
        Err(Refused::Query)
    }
}

fn resource(
    table: &Table,
    head: &Parts,
    host: &Host,
    tenant: &TenantId,
    path: ItemPath,
    query: Option<String>,
) -> Result<Route, Refused> {
    if head.headers.contains_key(SERVICE_WORKER) {
        return Err(Refused::ServiceWorker);
    }
    let effects = method::effects(&head.method, &head.headers)?;
    let transfers = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Transfer { .. }));
    let destination = match transfers {
        true => Some(destination::path(&head.headers, host)?),
        false => None,
    };
    let Some(source) = target(table, tenant, path, query) else {
        return Ok(Route::NotFound);
    };
    let destination = match destination {
        Some(path) => {
            if !table.same_upstream(tenant, &source.path, &path) || own::is_reserved(&path) {
                return Err(DestinationRefused::Elsewhere.into());
            }
            target(table, tenant, path, None)
        }
        None => None,
    };
    let named: Vec<&ItemPath> = [Some(&source), destination.as_ref()]
        .into_iter()
        .flatten()
        .map(|target| &target.path)
        .collect();
    let members_only = named.iter().any(|path| members::only(path))
        || effects
            .iter()
            .any(|effect| matches!(effect, Effect::Unseen(_)))
        || condition::names_others(&head.headers, host, &named);
    let questions = questions::all(table, &source, destination.as_ref(), &effects);
    Ok(Route::Resource(Resource {
        questions: questions.into(),
        transfers,
        members_only,
    }))
}

fn target(
    table: &Table,
    tenant: &TenantId,
    path: ItemPath,
    query: Option<String>,
) -> Option<Target> {
    let site = table.site(tenant, &path)?.clone();
    Some(Target {
        tenant: tenant.clone(),
        site,
        path,
        query,
    })
}

#[cfg(test)]
mod tests;
