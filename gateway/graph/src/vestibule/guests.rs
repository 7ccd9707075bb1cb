//! When guests' access to sites ends.

use gateway_core::id::{GuestId, SiteId};
use gateway_core::time::UnixTime;
use gateway_store::model::{AuditEvent, Change, Expect, UserEntry, UserType};
use serde_json::json;

use super::AREA;
use super::call::{Call, bad, ok, store, tenant};
use super::words::{Listing, NewExpiry, SiteExpiry, shown};
use crate::error::ApiError;
use crate::request::json::moment;
use crate::response::Response;

pub(super) async fn expiries(call: Call<'_>) -> Result<Response, ApiError> {
    let guest = guest(&call).await?;
    let all = guest.expires.iter();
    let all = all.map(|(site, end)| SiteExpiry {
        site: site.to_string(),
        expires: Some(shown(*end)),
    });
    ok(&Listing::whole(all.collect()))
}

pub(super) async fn extend(call: Call<'_>) -> Result<Response, ApiError> {
    let given: NewExpiry = call.body()?;
    let end = moment(&given.expires)
        .filter(|end| *end > call.request.now)
        .ok_or_else(|| bad("`expires` must be a moment after now."))?;
    stamp(&call, Some(end)).await?;
    ok(&SiteExpiry {
        site: call.segment(1).to_owned(),
        expires: Some(shown(end)),
    })
}

pub(super) async fn lift(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    stamp(&call, None).await?;
    Ok(Response::no_content())
}

/// The guest that the path names.
async fn guest(call: &Call<'_>) -> Result<UserEntry, ApiError> {
    let missing = || ApiError::not_found(AREA);
    let id = GuestId::parse(call.segment(0)).map_err(|_| missing())?;
    let found = call.directory().user(&call.caller.tenant, &id).await;
    found
        .map_err(|error| store(&error))?
        .filter(|user| user.user_type == UserType::Guest && user.deleted.is_none())
        .ok_or_else(missing)
}

async fn stamp(call: &Call<'_>, end: Option<UnixTime>) -> Result<(), ApiError> {
    let configuration = call.configuration();
    let site = SiteId::parse(call.segment(1))
        .ok()
        .filter(|site| tenant(call, &configuration).is_ok_and(|one| one.sites.contains_key(site)))
        .ok_or_else(|| ApiError::not_found(AREA))?;
    let mut guest = guest(call).await?;
    if guest.declared {
        return Err(ApiError::managed_by_configuration());
    }
    let old = guest.expires.get(&site).copied();
    if end.is_none() && old.is_none() {
        return Err(ApiError::not_found(AREA));
    }
    match end {
        Some(end) => guest.expires.insert(site.clone(), end),
        None => guest.expires.remove(&site),
    };
    let mut audit = AuditEvent::of("GuestExpirationChanged", call.actor());
    audit.person = Some(guest.address.to_string());
    audit.person_type = Some("Guest");
    audit.site = Some(site);
    let modified = json!([{
        "Name": "expires",
        "NewValue": end.map(shown),
        "OldValue": old.map(shown),
    }]);
    audit.more.insert("ModifiedProperties".to_owned(), modified);
    let expect = vec![Expect::User(guest.id.clone(), Some(guest.version))];
    let change = Change::PutUser(Box::new(guest));
    call.write(expect, vec![change], vec![audit]).await
}
