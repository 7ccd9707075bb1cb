//! What was granted to a person, and its end.

use gateway_core::address::EmailAddress;
use gateway_core::id::PermissionId;
use gateway_core::sharing::{Recipient, Role};
use gateway_store::model::{AuditEvent, Change, Expect, PermissionEntry};

use super::AREA;
use super::call::{Call, bad, next_link, ok, store};
use super::words::{Listing, Share, shown};
use crate::error::ApiError;
use crate::response::Response;

const PAGE: usize = 100;

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let person = call
        .parameter("person")
        .ok_or_else(|| bad("`person` is required."))?;
    let person = EmailAddress::parse(person).map_err(|error| bad(format!("`person`: {error}.")))?;
    let (after, limit) = (call.parameter("after"), call.number("top", PAGE));
    let page = call
        .directory()
        .permissions_of(&call.caller.tenant, &person, after, limit)
        .await
        .map_err(|error| store(&error))?;
    ok(&Listing {
        value: page.items.iter().map(share).collect(),
        next_link: page.next.map(|after| next_link(&call, &after)),
    })
}

pub(super) async fn one(call: Call<'_>) -> Result<Response, ApiError> {
    ok(&share(&named(&call).await?))
}

/// Ends the share. One that a file declares stays revoked.
pub(super) async fn revoke(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let entry = named(&call).await?;
    let permission = &entry.permission;
    let mut audit = AuditEvent::of("SharingRevoked", call.actor());
    audit.site = Some(permission.site.clone());
    audit.item = Some(permission.item.to_string());
    audit.person = Some(recipient(&permission.recipient));
    audit.link = entry.link.clone();
    let expect = Expect::Permission(permission.id.clone(), Some(entry.version));
    let expect = if entry.declared {
        Vec::new()
    } else {
        vec![expect]
    };
    let change = Change::RemovePermission(permission.id.clone());
    call.write(expect, vec![change], vec![audit]).await?;
    Ok(Response::no_content())
}

async fn named(call: &Call<'_>) -> Result<PermissionEntry, ApiError> {
    let missing = || ApiError::not_found(AREA);
    let id = PermissionId::parse(call.segment(0)).map_err(|_| missing())?;
    let found = call.directory().permission(&call.caller.tenant, &id).await;
    found.map_err(|error| store(&error))?.ok_or_else(missing)
}

fn share(entry: &PermissionEntry) -> Share {
    let permission = &entry.permission;
    let role = match permission.role {
        Role::Read => "read",
        Role::Write => "write",
        Role::Owner => "owner",
    };
    Share {
        id: permission.id.to_string(),
        site: permission.site.to_string(),
        item: permission.item.to_string(),
        recipient: recipient(&permission.recipient),
        role: role.to_owned(),
        created_by: permission.created_by.to_string(),
        created: shown(entry.created),
        expires: permission.expires.map(shown),
        link: entry.link.as_ref().map(ToString::to_string),
        declared: entry.declared,
    }
}

fn recipient(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Members => "members".to_owned(),
        Recipient::Everyone => "everyone".to_owned(),
        Recipient::AllUsers => "allUsers".to_owned(),
        Recipient::Group(group) => format!("group:{group}"),
        Recipient::Address(address) => address.to_string(),
    }
}
