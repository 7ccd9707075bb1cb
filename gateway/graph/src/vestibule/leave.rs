//! A guest leaves the organisation.

use gateway_store::model::{AuditEvent, Change, Expect, Revocation, Revoked, UserType};

use super::AREA;
use super::call::{Call, store};
use crate::caller::CallerKind;
use crate::error::ApiError;
use crate::response::Response;

/// Sessions live no longer than this, in seconds: 30 days.
const LONGEST_SESSION: i64 = 30 * 24 * 60 * 60;

/// The caller's own entry goes; it can be restored for 30 days. Sessions end at once.
pub(super) async fn leave(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let only_guests = || ApiError::forbidden(AREA, "Only a guest can leave.");
    let CallerKind::Person {
        id,
        guest: true,
        address: Some(address),
        ..
    } = &call.caller.kind
    else {
        return Err(only_guests());
    };
    let found = call
        .directory()
        .user_by_address(&call.caller.tenant, address)
        .await;
    let user = found
        .map_err(|error| store(&error))?
        .filter(|user| user.user_type == UserType::Guest)
        // Addresses pass from one to another; the entry is its owner's. A declared one has no id of the directory's.
        .filter(|user| user.declared || user.id.as_str() == id)
        .ok_or_else(|| ApiError::not_found(AREA))?;
    let mut audit = AuditEvent::of("GuestLeft", call.actor());
    audit.person = Some(user.address.to_string());
    audit.person_type = Some("Guest");
    let version = (!user.declared).then_some(user.version);
    let expect = match user.declared {
        true => Vec::new(),
        false => vec![Expect::User(user.id.clone(), version)],
    };
    let mut changes = vec![Change::DeleteUser(user.id.clone())];
    if let Some((key, _)) = &user.redemption {
        let at = call.request.now;
        changes.push(Change::Revoke(Revocation {
            what: Revoked::Person(call.caller.tenant.clone(), key.clone()),
            at,
            until: Some(at.plus(LONGEST_SESSION)),
        }));
    }
    call.write(expect, changes, vec![audit]).await?;
    Ok(Response::no_content())
}
