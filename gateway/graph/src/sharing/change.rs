//! What is granted on an item is changed and taken away, where it was granted.

use gateway_core::id::{LinkId, PermissionId};
use gateway_core::policy::share::{Ask, AskedScope};
use gateway_core::sharing::{LinkScope, Recipient, Role};
use gateway_store::model::{AuditEvent, Change, Expect, LinkEntry, PermissionEntry};

use super::apply;
use super::ask;
use super::invite;
use super::links;
use super::people::{self, Known};
use super::permissions::{Entry, find, unchanged, value, visible};
use super::question::{Prepared, creator};
use super::shape::Shown;
use super::{TRIES, Wrote, given_up};
use crate::drives::{Call, Located, places};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// `PATCH …/permissions/{id}`.
pub(super) async fn patch(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Response, ApiError> {
    let body = call.head.object()?;
    let role = ask::role(&body)?;
    let expires = match body.members().contains_key("expirationDateTime") {
        true => Some(ask::expiry(&body)?),
        false => None,
    };
    for _ in 0..TRIES {
        let (prepared, entry) = changeable(call, located, id).await?;
        let changed = match &entry {
            Entry::Permission(entry) => patch_permission(&prepared, entry, role, expires).await?,
            Entry::Link(entry) => patch_link(&prepared, entry, role, expires).await?,
        };
        if let Some(entry) = changed {
            let shown = Shown::new(&prepared);
            let value = value(&prepared, &shown, &entry).await?;
            return Ok(Response::ok(shown.entity(value)));
        }
    }
    Err(given_up())
}

async fn patch_permission(
    prepared: &Prepared<'_>,
    entry: &PermissionEntry,
    role: Option<Role>,
    expires: Option<Option<gateway_core::time::UnixTime>>,
) -> Result<Option<Entry>, ApiError> {
    if entry.declared {
        return Err(ApiError::managed_by_configuration());
    }
    let wanted = role.unwrap_or(entry.permission.role);
    let ends = expires.unwrap_or(entry.permission.expires);
    let site = prepared.kind == gateway_core::sharing::ItemKind::Site;
    if wanted == Role::Owner && !site {
        return Err(ApiError::bad_request(
            Area::Files,
            "Only sites have owners.",
        ));
    }
    owners_by_owners(prepared, entry.permission.role)?;
    let people = recipient_of(prepared, &entry.permission.recipient).await?;
    let granted = match people {
        Some(known) => invite::grant(prepared, &[known], wanted, ends, entry.link.as_ref()).await?,
        None => return widely(prepared, entry, wanted, ends).await,
    };
    let Some((entries, _)) = granted else {
        return Ok(None);
    };
    Ok(entries.into_iter().next().map(Entry::Permission))
}

/// A grant to people in general.
async fn widely(
    prepared: &Prepared<'_>,
    entry: &PermissionEntry,
    role: Role,
    expires: Option<gateway_core::time::UnixTime>,
) -> Result<Option<Entry>, ApiError> {
    prepared
        .decide(Ask::Permission {
            role,
            recipients: Vec::new(),
            expires,
        })
        .await?;
    let mut changed = entry.clone();
    changed.permission.role = role;
    changed.permission.expires = expires;
    let expect = vec![Expect::Permission(
        changed.permission.id.clone(),
        Some(entry.version),
    )];
    let changes = vec![Change::PutPermission(Box::new(changed.clone()))];
    let audit = vec![prepared.event("SharingSet")];
    match prepared.write(expect, changes, audit).await? {
        Wrote::Done => Ok(Some(Entry::Permission(changed))),
        Wrote::Again => Ok(None),
    }
}

async fn recipient_of(
    prepared: &Prepared<'_>,
    recipient: &Recipient,
) -> Result<Option<Known>, ApiError> {
    let (call, located) = (prepared.call, prepared.located);
    match recipient {
        Recipient::Address(address) => people::person(call, located, address.clone())
            .await
            .map(Some),
        Recipient::Group(group) => {
            let named = [ask::Named::Object(group.to_string())];
            Ok(people::find(call, located, &named).await?.pop())
        }
        Recipient::Members | Recipient::Everyone | Recipient::AllUsers => Ok(None),
    }
}

/// What makes somebody an owner is made, changed and taken away by owners.
pub(super) fn owners_by_owners(prepared: &Prepared<'_>, role: Role) -> Result<(), ApiError> {
    let owner = prepared.sharer.role == Some(Role::Owner);
    if role == Role::Owner && !owner {
        return Err(crate::drives::refused(
            gateway_core::policy::Denial::OwnersOnly,
        ));
    }
    Ok(())
}

/// Of a link only the end of one for anyone is changed, and of none that has ended.
///
/// Source: specification "Graph API" 3.2; "sharing rules" 3.4.
async fn patch_link(
    prepared: &Prepared<'_>,
    entry: &LinkEntry,
    role: Option<Role>,
    expires: Option<Option<gateway_core::time::UnixTime>>,
) -> Result<Option<Entry>, ApiError> {
    if entry.declared {
        return Err(ApiError::managed_by_configuration());
    }
    if role.is_some() || entry.link.scope != LinkScope::Anonymous {
        let message = "Of links only `expirationDateTime` is changed, where anyone may use them.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    let over = entry
        .link
        .expires
        .is_some_and(|end| end <= prepared.call.head.now);
    if over {
        let message = "The link has ended: make a new one.";
        return Err(ApiError::bad_request(Area::Files, message).with_inner("linkExpired"));
    }
    let wanted = expires.unwrap_or(entry.link.expires);
    let ask = links::question(entry.link.kind, AskedScope::Anonymous, &[], wanted);
    let effects = prepared.decide(ask).await?;
    let all = apply::consequences(prepared, &[], &effects)?;
    let mut changed = entry.clone();
    changed.link.expires = all.link_ends.or(wanted);
    let mut event = prepared.event("AnonymousLinkUpdated");
    event.link = Some(changed.link.id.clone());
    let expect = vec![Expect::Link(changed.link.id.clone(), Some(entry.version))];
    let changes = vec![Change::PutLink(Box::new(changed.clone()))];
    match prepared.write(expect, changes, vec![event]).await? {
        Wrote::Done => Ok(Some(Entry::Link(changed))),
        Wrote::Again => Ok(None),
    }
}

/// Taking away needs less than granting: whoever may change the item may, and everybody what is their own.
pub(super) async fn delete(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Response, ApiError> {
    for _ in 0..TRIES {
        let (prepared, entry) = changeable(call, located, id).await?;
        may_remove(&prepared, &entry)?;
        let (expect, change, audit) = removal(&prepared, &entry);
        match prepared.write(vec![expect], vec![change], audit).await? {
            Wrote::Done => return Ok(Response::no_content()),
            Wrote::Again => {}
        }
    }
    Err(given_up())
}

fn may_remove(prepared: &Prepared<'_>, entry: &Entry) -> Result<(), ApiError> {
    let address = prepared.call.caller.address();
    let own = match entry {
        Entry::Permission(entry) => {
            address.is_some_and(|own| entry.permission.recipient == Recipient::Address(own.clone()))
        }
        Entry::Link(_) => false,
    };
    if own {
        return Ok(());
    }
    let maker = creator(prepared.call.caller)?;
    let (made, owners) = match entry {
        Entry::Permission(entry) => (
            entry.permission.created_by == maker,
            owners_by_owners(prepared, entry.permission.role),
        ),
        Entry::Link(entry) => (entry.link.created_by == maker, Ok(())),
    };
    owners?;
    if prepared.may_share() || made {
        Ok(())
    } else {
        Err(crate::drives::refused(
            gateway_core::policy::Denial::SharerNotAllowed,
        ))
    }
}

fn removal(prepared: &Prepared<'_>, entry: &Entry) -> (Expect, Change, Vec<AuditEvent>) {
    match entry {
        Entry::Permission(entry) => {
            let id: PermissionId = entry.permission.id.clone();
            let names = ["SharingRevoked", "RemovedFromGroup"];
            let person = match &entry.permission.recipient {
                Recipient::Address(address) => Some(address.to_string()),
                Recipient::Group(group) => Some(group.to_string()),
                Recipient::Members | Recipient::Everyone | Recipient::AllUsers => None,
            };
            let audit = names.map(|name| {
                let mut event = prepared.event(name);
                event.person.clone_from(&person);
                event
            });
            let expect = Expect::Permission(id.clone(), Some(entry.version));
            (expect, Change::RemovePermission(id), audit.into())
        }
        Entry::Link(entry) => {
            let id: LinkId = entry.link.id.clone();
            let name = match &entry.link.scope {
                LinkScope::Anonymous => "AnonymousLinkRemoved",
                LinkScope::Organization => "CompanyLinkRemoved",
                LinkScope::Users(_) | LinkScope::ExistingAccess => "SecureLinkDeleted",
            };
            let mut event = prepared.event(name);
            event.link = Some(id.clone());
            let expect = Expect::Link(id.clone(), Some(entry.version));
            (expect, Change::RemoveLink(id), vec![event])
        }
    }
}

/// What is to be changed: there, visible to the caller, granted on the item itself, and as the caller last saw it.
async fn changeable<'a>(
    call: &'a Call<'a>,
    located: &'a Located<'a>,
    id: &str,
) -> Result<(Prepared<'a>, Entry), ApiError> {
    let prepared = Prepared::new(call, located).await?;
    let entry = find(call, located, id).await?;
    if !visible(&prepared, &entry) {
        return Err(ApiError::not_found(Area::Files));
    }
    own(located, &entry)?;
    unchanged(&prepared)?;
    Ok((prepared, entry))
}

/// What is granted above the item is changed there.
pub(super) fn own(located: &Located<'_>, entry: &Entry) -> Result<(), ApiError> {
    let item = match entry {
        Entry::Permission(entry) => &entry.permission.item,
        Entry::Link(entry) => &entry.link.item,
    };
    if places::same(located.site, item, &located.path) {
        return Ok(());
    }
    let message = "The permission is inherited: change it where it was granted.";
    Err(ApiError::bad_request(Area::Files, message).with_inner("inheritedPermission"))
}
