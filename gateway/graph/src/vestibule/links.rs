//! Sharing links: what there are, and their end.

use gateway_core::id::{LinkId, SiteId};
use gateway_core::sharing::{LinkScope, LinkType};
use gateway_store::model::{AuditEvent, Change, Expect, LinkEntry};

use super::AREA;
use super::call::{Call, next_link, ok, store};
use super::words::{Link, Listing, shown};
use crate::error::ApiError;
use crate::response::Response;

/// Links on a page where nobody says how many.
const PAGE: usize = 100;

pub(super) async fn list(call: Call<'_>) -> Result<Response, ApiError> {
    let site = call.parameter("site").map(SiteId::parse).transpose();
    let site = site.map_err(|_| ApiError::not_found(AREA))?;
    let (after, limit) = (call.parameter("after"), call.number("top", PAGE));
    let directory = call.directory();
    let page = directory
        .links(&call.caller.tenant, site.as_ref(), after, limit)
        .await
        .map_err(|error| store(&error))?;
    ok(&Listing {
        value: page.items.iter().map(link).collect(),
        next_link: page.next.map(|after| next_link(&call, &after)),
    })
}

pub(super) async fn one(call: Call<'_>) -> Result<Response, ApiError> {
    ok(&link(&named(&call).await?))
}

/// Ends the link, with every permission that came through it. One that a file declares stays revoked.
pub(super) async fn revoke(call: Call<'_>) -> Result<Response, ApiError> {
    call.no_body()?;
    let entry = named(&call).await?;
    let version = (!entry.declared).then_some(entry.version);
    let expect = vec![Expect::Link(entry.link.id.clone(), version)];
    let operation = match entry.link.scope {
        LinkScope::Anonymous => "AnonymousLinkRemoved",
        LinkScope::Organization => "CompanyLinkRemoved",
        LinkScope::Users(_) => "SecureLinkDeleted",
        LinkScope::ExistingAccess => "SharingRevoked",
    };
    let mut audit = AuditEvent::of(operation, call.actor());
    audit.site = Some(entry.link.site.clone());
    audit.item = Some(entry.link.item.to_string());
    audit.link = Some(entry.link.id.clone());
    let change = Change::RemoveLink(entry.link.id);
    let expect = if entry.declared { Vec::new() } else { expect };
    call.write(expect, vec![change], vec![audit]).await?;
    Ok(Response::no_content())
}

async fn named(call: &Call<'_>) -> Result<LinkEntry, ApiError> {
    let missing = || ApiError::not_found(AREA);
    let id = LinkId::parse(call.segment(0)).map_err(|_| missing())?;
    let found = call.directory().link(&call.caller.tenant, &id).await;
    found.map_err(|error| store(&error))?.ok_or_else(missing)
}

fn link(entry: &LinkEntry) -> Link {
    let link = &entry.link;
    let (scope, recipients) = match &link.scope {
        LinkScope::Anonymous => ("anonymous", Vec::new()),
        LinkScope::Organization => ("organization", Vec::new()),
        LinkScope::Users(people) => ("users", people.iter().map(ToString::to_string).collect()),
        LinkScope::ExistingAccess => ("existingAccess", Vec::new()),
    };
    let kind = match link.kind {
        LinkType::View => "view",
        LinkType::Review => "review",
        LinkType::Edit => "edit",
        LinkType::BlocksDownload => "blocksDownload",
        LinkType::CreateOnly => "createOnly",
    };
    Link {
        id: link.id.to_string(),
        site: link.site.to_string(),
        item: link.item.to_string(),
        r#type: kind.to_owned(),
        scope: scope.to_owned(),
        recipients,
        created_by: link.created_by.to_string(),
        created: shown(link.created),
        expires: link.expires.map(shown),
        declared: entry.declared,
    }
}
