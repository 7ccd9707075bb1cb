//! `/shares`: what a sharing token leads to.
//!
//! The token alone opens nothing: whoever calls is known, and is judged. `Prefer: redeemSharingLinkIfNecessary` lets the
//! link count for this call; `Prefer: redeemSharingLink` leaves a permission that lasts as long as the link.

use gateway_core::id::PermissionId;
use gateway_core::path::ItemPath;
use gateway_core::sharing::{LinkScope, LinkType, Permission, Recipient, Role};
use gateway_store::model::{AuditEvent, Change, Expect, LinkEntry, PermissionEntry, Write};
use serde_json::json;

use super::permissions::{self, Entry};
use super::question::Prepared;
use super::shape::{EXISTING_ACCESS, Shown, link_role};
use super::token::{self, Named};
use super::{grant, write};
use crate::drives::address::ShareDeed;
use crate::drives::{self, Call, Located, ids, list, places, shape};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// Answers what is asked about a sharing token.
pub(crate) async fn answer(
    mut call: Call<'_>,
    share: &str,
    deed: ShareDeed,
) -> Result<Response, ApiError> {
    let missing = || ApiError::not_found(Area::Files);
    let found = find(&call, share).await?.ok_or_else(missing)?;
    let link = match &found {
        Found::Link(entry) => Some(LinkEntry::clone(entry)),
        Found::Item(_) => None,
    };
    if let Some(entry) = &link
        && (call.head.redeem || call.head.redeem_now)
    {
        call.links.push(entry.link.id.clone());
    }
    let call = &call;
    let path = match found {
        Found::Link(entry) => entry.link.item,
        Found::Item(path) => path,
    };
    let site = places::covering(call.tenant()?, &path).ok_or_else(missing)?;
    let located = Located { site, path };
    if let Some(entry) = link.as_ref().filter(|_| call.head.redeem) {
        redeem(call, &located, entry).await?;
    }
    match deed {
        ShareDeed::Share => shared(call, &located, share).await,
        ShareDeed::Item | ShareDeed::Children | ShareDeed::Content | ShareDeed::Site => {
            drives::shared(call, &located, deed).await
        }
        ShareDeed::Permission => {
            call.only(&[http::Method::GET], "GET")?;
            permission(call, &located, link).await
        }
        ShareDeed::Grant => {
            call.only(&[http::Method::POST], "POST")?;
            let id = link.as_ref().map(|entry| entry.link.id.as_str());
            grant::grant(call, &located, id.unwrap_or(EXISTING_ACCESS)).await
        }
    }
}

enum Found {
    Link(Box<LinkEntry>),
    Item(ItemPath),
}

/// Unknown tokens, and those of other tenants, lead nowhere alike.
async fn find(call: &Call<'_>, share: &str) -> Result<Option<Found>, ApiError> {
    let Some(named) = token::read(share) else {
        return Ok(None);
    };
    match named {
        Named::Link(text) => {
            let directory = call.around.directory();
            let found = directory
                .link_by_token(&call.caller.tenant, &token::hash(&text))
                .await;
            let found = found.map_err(|error| ApiError::store(Area::Files, &error))?;
            Ok(found.map(|entry| Found::Link(Box::new(entry))))
        }
        Named::Item(host, path) => {
            let own = call
                .tenant()?
                .hosts
                .iter()
                .any(|one| one.eq_ignore_ascii_case(&host));
            let path = ItemPath::parse(&path).ok().filter(|_| own);
            Ok(path.map(Found::Item))
        }
    }
}

/// `sharedDriveItem`.
async fn shared(call: &Call<'_>, located: &Located<'_>, share: &str) -> Result<Response, ApiError> {
    call.only(&[http::Method::GET], "GET")?;
    let item = call.stat(located).await?;
    let ids = list::ids(call, located.site, std::slice::from_ref(&item.path)).await?;
    let id = ids
        .get(&places::trimmed(&item.path))
        .cloned()
        .unwrap_or_default();
    let site = ids::collection(&call.caller.tenant, &located.site.id);
    let mut value = json!({
        "@odata.context": format!("{}/$metadata#shares/$entity", call.head.root),
        "id": share,
        "name": shape::last(&located.path),
        "owner": { "group": { "id": site, "displayName": shape::name(located.site) } },
    });
    if call.head.selects("driveItem")
        && let Some(members) = value.as_object_mut()
    {
        members.insert("driveItem".to_owned(), json!({ "id": id }));
    }
    Ok(Response::ok(call.head.selected(value)))
}

async fn permission(
    call: &Call<'_>,
    located: &Located<'_>,
    link: Option<LinkEntry>,
) -> Result<Response, ApiError> {
    let prepared = Prepared::new(call, located).await?;
    let shown = Shown::new(&prepared);
    let value = match link {
        Some(entry) => permissions::value(&prepared, &shown, &Entry::Link(entry)).await?,
        None => shown.existing_access(LinkType::View),
    };
    Ok(Response::ok(shown.entity(value)))
}

/// Leaves the person a permission that came through the link, where the link lets them in.
async fn redeem(call: &Call<'_>, located: &Located<'_>, entry: &LinkEntry) -> Result<(), ApiError> {
    // The link must serve this person now: whoever it does not serve is refused here.
    call.stat(located).await?;
    let Some(address) = call.caller.address().cloned() else {
        return Ok(());
    };
    let role = match link_role(entry.link.kind) {
        "write" => Role::Write,
        _ => Role::Read,
    };
    let lasting = matches!(entry.link.kind, LinkType::View | LinkType::Edit);
    // A link for specific people is their permission already.
    let by_link = matches!(
        entry.link.scope,
        LinkScope::Anonymous | LinkScope::Organization
    );
    if !lasting || !by_link {
        return Ok(());
    }
    let granted = call.permissions_on(located).await?;
    let recipient = Recipient::Address(address.clone());
    let has = |one: &PermissionEntry| {
        one.link.as_ref() == Some(&entry.link.id) && one.permission.recipient == recipient
    };
    if granted.iter().any(has) {
        return Ok(());
    }
    let random = call.around.random();
    let random = random.map_err(|error| ApiError::unavailable(Area::Files, error))?;
    let id = PermissionId::parse(&ids::random_guid(&random))
        .map_err(|error| ApiError::unavailable(Area::Files, error))?;
    let permission = PermissionEntry {
        permission: Permission {
            id,
            site: located.site.id.clone(),
            item: located.path.clone(),
            recipient,
            role,
            created_by: entry.link.created_by.clone(),
            manager: entry.link.manager,
            expires: entry.link.expires,
        },
        created: call.head.now,
        link: Some(entry.link.id.clone()),
        shared_with_integration: entry.shared_with_integration,
        declared: false,
        version: 0,
    };
    let name = match entry.link.scope {
        LinkScope::Anonymous => "AnonymousLinkUsed",
        LinkScope::Organization => "CompanyLinkUsed",
        LinkScope::Users(_) | LinkScope::ExistingAccess => "SecureLinkUsed",
    };
    let mut event = AuditEvent::of(name, call.caller.as_actor(call.head.client));
    event.person = Some(address.to_string());
    event.site = Some(located.site.id.clone());
    event.item = Some(located.path.to_string());
    event.link = Some(entry.link.id.clone());
    let all = Write {
        tenant: call.caller.tenant.clone(),
        at: call.head.now,
        expect: vec![Expect::Link(entry.link.id.clone(), Some(entry.version))],
        changes: vec![Change::PutPermission(Box::new(permission))],
        audit: vec![event],
    };
    // Where somebody changed the link meanwhile, this call is answered and nothing lasts.
    let _written = write(call, all).await?;
    Ok(())
}
