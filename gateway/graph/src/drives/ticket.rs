//! Tickets: an address that downloads one item without a token, for at most a minute. What it opens is decided when it
//! is used, as whoever asked for it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::address::EmailAddress;
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Call, Located, content};
use crate::auth;
use crate::caller::{Caller, CallerKind};
use crate::drives::head::Head;
use crate::error::{ApiError, Area};
use crate::request::Request;
use crate::response::Response;
use crate::surroundings::Surroundings;

/// How long a ticket lives, in seconds.
pub const LIFE: i64 = 60;
/// The first segment of a ticket's address.
pub const SEGMENT: &str = "vestibule-ticket";
const PURPOSE: &str = "download-ticket";

#[derive(Serialize, Deserialize)]
struct Ticket {
    tenant: String,
    site: String,
    path: String,
    who: Holder,
    scopes: BTreeSet<String>,
    actor: String,
    until: i64,
}

#[derive(Serialize, Deserialize)]
enum Holder {
    Person {
        id: String,
        address: Option<String>,
        guest: bool,
    },
    Application {
        id: String,
    },
    Operator,
}

/// The address of an item's bytes, for whoever calls.
pub(crate) fn download(call: &Call<'_>, located: &Located<'_>) -> Result<String, ApiError> {
    let caller = call.caller;
    let who = match &caller.kind {
        CallerKind::Person {
            id, address, guest, ..
        } => Holder::Person {
            id: id.clone(),
            address: address.as_ref().map(ToString::to_string),
            guest: *guest,
        },
        CallerKind::Application { id, .. } => Holder::Application { id: id.clone() },
        CallerKind::Operator => Holder::Operator,
    };
    let ticket = Ticket {
        tenant: caller.tenant.to_string(),
        site: located.site.id.to_string(),
        path: located.path.encoded(),
        who,
        scopes: caller.scopes.clone(),
        actor: caller.actor.clone(),
        until: call.head.now.plus(LIFE).0,
    };
    let plain = serde_json::to_vec(&ticket);
    let plain = plain.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    let sealed = call.around.seal(PURPOSE, &plain);
    let sealed = sealed.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    Ok(format!(
        "{}/{SEGMENT}/{}",
        call.head.root,
        URL_SAFE_NO_PAD.encode(sealed)
    ))
}

/// Whether the call comes with a ticket instead of a token.
#[must_use]
pub(crate) fn comes_with_one(segments: &[String]) -> bool {
    matches!(segments, [first, _] if first == SEGMENT)
}

/// Answers a call that comes with a ticket.
///
/// # Errors
/// [`ApiError`]: 401 for a ticket that is none, or none any more; else as for the download itself.
pub(crate) async fn answer(
    around: &dyn Surroundings,
    request: Request,
) -> Result<Response, ApiError> {
    let invalid = || ApiError::unauthenticated("Access token has expired or is not yet valid.");
    let (caller, site, path) = open(around, &request, request.now).ok_or_else(invalid)?;
    auth::still_here(around, &caller).await?;
    let (head, _) = Head::read(request)?;
    let call = Call {
        around,
        configuration: around.configuration(),
        caller: &caller,
        head,
        links: Vec::new(),
    };
    call.only(&[http::Method::GET], "GET")?;
    let tenant = call.tenant()?;
    let site = tenant.sites.get(&site).ok_or_else(invalid)?;
    content::download(&call, &Located { site, path }).await
}

fn open(
    around: &dyn Surroundings,
    request: &Request,
    now: UnixTime,
) -> Option<(Caller, SiteId, ItemPath)> {
    let sealed = URL_SAFE_NO_PAD.decode(request.segments.get(1)?).ok()?;
    let plain = around.open(PURPOSE, &sealed)?;
    let ticket: Ticket = serde_json::from_slice(&plain).ok()?;
    let left = UnixTime(ticket.until).since(now);
    if !(1..=LIFE).contains(&left) {
        return None;
    }
    let kind = match ticket.who {
        Holder::Person { id, address, guest } => CallerKind::Person {
            id,
            address: address.and_then(|text| EmailAddress::parse(&text).ok()),
            guest,
            roles: BTreeSet::new(),
            administrator: false,
            groups: BTreeSet::new(),
        },
        Holder::Application { id } => CallerKind::Application { id, object: None },
        Holder::Operator => CallerKind::Operator,
    };
    let caller = Caller {
        tenant: TenantId::parse(&ticket.tenant).ok()?,
        kind,
        scopes: ticket.scopes,
        actor: ticket.actor,
    };
    let path = ItemPath::parse(&ticket.path).ok()?;
    Some((caller, SiteId::parse(&ticket.site).ok()?, path))
}
