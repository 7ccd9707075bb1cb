//! What is granted on an item: shown, changed, taken away.

use gateway_core::address::EmailAddress;
use gateway_core::sharing::{LinkScope, Recipient};
use gateway_store::model::{LinkEntry, PermissionEntry, UserEntry};
use http::header::IF_MATCH;
use http::{Method, StatusCode};
use serde_json::Value;

use super::question::Prepared;
use super::shape::{EXISTING_ACCESS, Shown};
use super::{change, must_see};
use crate::drives::{Call, Located};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// Something on an item that Graph calls a permission.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Permission(PermissionEntry),
    Link(LinkEntry),
}

/// `GET …/permissions`.
pub(super) async fn list(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    must_see(call, located).await?;
    let prepared = Prepared::new(call, located).await?;
    let shown = Shown::new(&prepared);
    let mut values = Vec::new();
    for entry in all(call, located).await? {
        if visible(&prepared, &entry) {
            let value = value(&prepared, &shown, &entry).await?;
            values.push(call.head.selected(value));
        }
    }
    Ok(Response::ok(shown.collection(&values)))
}

/// `GET`, `PATCH`, `DELETE` of one.
pub(super) async fn one(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Response, ApiError> {
    match call.head.method {
        Method::GET | Method::HEAD => {
            must_see(call, located).await?;
            let prepared = Prepared::new(call, located).await?;
            let entry = find(call, located, id).await?;
            if !visible(&prepared, &entry) {
                return Err(ApiError::not_found(Area::Files));
            }
            let shown = Shown::new(&prepared);
            let value = value(&prepared, &shown, &entry).await?;
            Ok(Response::ok(shown.entity(value)))
        }
        Method::PATCH => change::patch(call, located, id).await,
        Method::DELETE => change::delete(call, located, id).await,
        _ => Err(ApiError::method_not_allowed(
            Area::Files,
            "GET, PATCH, DELETE",
        )),
    }
}

/// Everything on the item and above it.
async fn all(call: &Call<'_>, located: &Located<'_>) -> Result<Vec<Entry>, ApiError> {
    let permissions = call.permissions_on(located).await?;
    let links = call.links_on(located).await?;
    let permissions = permissions.into_iter().map(Entry::Permission);
    Ok(permissions
        .chain(links.into_iter().map(Entry::Link))
        .collect())
}

/// The one with that id on the item or above it.
pub(super) async fn find(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Entry, ApiError> {
    if id == EXISTING_ACCESS {
        return Err(ApiError::not_found(Area::Files));
    }
    let found = all(call, located)
        .await?
        .into_iter()
        .find(|entry| match entry {
            Entry::Permission(entry) => entry.permission.id.as_str() == id,
            Entry::Link(entry) => entry.link.id.as_str() == id,
        });
    found.ok_or(ApiError::not_found(Area::Files))
}

/// Who may not share sees what is for them.
pub(super) fn visible(prepared: &Prepared<'_>, entry: &Entry) -> bool {
    if prepared.may_share() {
        return true;
    }
    let caller = prepared.call.caller;
    let (Some(address), false) = (caller.address(), caller.is_guest()) else {
        return caller
            .address()
            .is_some_and(|address| is_for(entry, address));
    };
    let for_members = match entry {
        Entry::Permission(entry) => match &entry.permission.recipient {
            Recipient::Members | Recipient::Everyone | Recipient::AllUsers => true,
            Recipient::Group(group) => prepared.tenant.groups.of(address).contains(group),
            Recipient::Address(_) => false,
        },
        Entry::Link(entry) => entry.link.scope == LinkScope::Organization,
    };
    for_members || is_for(entry, address)
}

fn is_for(entry: &Entry, address: &EmailAddress) -> bool {
    match entry {
        Entry::Permission(entry) => {
            entry.permission.recipient == Recipient::Address(address.clone())
        }
        Entry::Link(entry) => match &entry.link.scope {
            LinkScope::Users(people) => people.contains(address),
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
        },
    }
}

pub(super) async fn value(
    prepared: &Prepared<'_>,
    shown: &Shown<'_>,
    entry: &Entry,
) -> Result<Value, ApiError> {
    match entry {
        Entry::Link(entry) => Ok(shown.link(entry)),
        Entry::Permission(entry) => {
            let user = user(prepared, &entry.permission.recipient).await?;
            Ok(shown.permission(entry, user.as_ref()))
        }
    }
}

async fn user(
    prepared: &Prepared<'_>,
    recipient: &Recipient,
) -> Result<Option<UserEntry>, ApiError> {
    let Recipient::Address(address) = recipient else {
        return Ok(None);
    };
    let directory = prepared.call.around.directory();
    let user = directory
        .user_by_address(&prepared.tenant.id, address)
        .await;
    user.map_err(|error| ApiError::store(Area::Files, &error))
}

/// Refuses where the item is not as `If-Match` says.
pub(super) fn unchanged(prepared: &Prepared<'_>) -> Result<(), ApiError> {
    if !prepared.call.head.headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    let tag = prepared.item.as_ref().and_then(|item| item.etag.as_deref());
    if prepared.call.head.matches(tag) {
        Ok(())
    } else {
        Err(ApiError::precondition_failed())
    }
}

/// Only links are granted from.
pub(super) fn link_only(entry: Entry) -> Result<LinkEntry, ApiError> {
    match entry {
        Entry::Link(entry) => Ok(entry),
        Entry::Permission(_) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "Only links are granted from.",
        )),
    }
}
