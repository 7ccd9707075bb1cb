//! `createLink`.

use gateway_core::id::LinkId;
use gateway_core::person::InvitationManager;
use gateway_core::policy::share::{Ask, AskedScope};
use gateway_core::settings::effective::{DefaultLink, default_link, default_role};
use gateway_core::settings::words::ShareLinkRole;
use gateway_core::sharing::{LinkScope, LinkType, SharingLink};
use gateway_store::model::{Change, LinkEntry};

use super::apply::{self, guid};
use super::ask::{self, CreateLink};
use super::people::{self, Known};
use super::question::Prepared;
use super::shape::Shown;
use super::{TRIES, Wrote, given_up, invite, token};
use crate::caller::CallerKind;
use crate::drives::{Call, Located, places};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// Makes a link, or returns the one that is there.
pub(super) async fn create(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let asked = ask::create_link(&call.head.object()?)?;
    for _ in 0..TRIES {
        let prepared = Prepared::new(call, located).await?;
        if let Some(response) = once(&prepared, &asked).await? {
            return Ok(response);
        }
    }
    Err(given_up())
}

async fn once(prepared: &Prepared<'_>, asked: &CreateLink) -> Result<Option<Response>, ApiError> {
    let call = prepared.call;
    let (tenant, site) = (&prepared.tenant.settings, &prepared.located.site.settings);
    let scope = asked
        .scope
        .unwrap_or(match default_link(tenant, site).value {
            DefaultLink::ExistingAccess => AskedScope::ExistingAccess,
            DefaultLink::SpecificPeople => AskedScope::Users,
            DefaultLink::Organization => AskedScope::Organization,
            DefaultLink::Anyone => AskedScope::Anonymous,
        });
    let kind = asked
        .kind
        .unwrap_or(match default_role(tenant, site).value {
            ShareLinkRole::None | ShareLinkRole::View => LinkType::View,
            ShareLinkRole::Edit => LinkType::Edit,
            ShareLinkRole::Review => LinkType::Review,
            ShareLinkRole::RestrictedView => LinkType::BlocksDownload,
        });
    if !asked.recipients.is_empty() && scope != AskedScope::Users {
        let message = "`recipients` are for links with the scope `users`.";
        return Err(ApiError::bad_request(Area::Files, message));
    }
    let people = people::find(call, prepared.located, &asked.recipients).await?;
    let addresses = addresses(&people)?;
    let effects = prepared
        .decide(question(kind, scope, &people, asked.expires))
        .await?;
    refuse_new_for_programs(prepared, &people)?;
    let scope = match scope {
        AskedScope::Anonymous => LinkScope::Anonymous,
        AskedScope::Organization => LinkScope::Organization,
        AskedScope::Users => LinkScope::Users(addresses),
        AskedScope::ExistingAccess => {
            let shown = Shown::new(prepared);
            return Ok(Some(Response::ok(
                shown.entity(shown.existing_access(kind)),
            )));
        }
    };
    if let Some(entry) = existing(prepared, kind, &scope).await? {
        let shown = Shown::new(prepared);
        return Ok(Some(Response::ok(shown.entity(shown.link(&entry)))));
    }
    let mut all = apply::consequences(prepared, &people, &effects)?;
    let entry = made(prepared, kind, scope, all.link_ends.or(asked.expires))?;
    for event in &mut all.audit {
        event.link = Some(entry.link.id.clone());
    }
    if all.audit.is_empty() {
        let mut event = prepared.event("SecureLinkCreated");
        event.link = Some(entry.link.id.clone());
        all.audit.push(event);
    }
    all.changes.push(Change::PutLink(Box::new(entry.clone())));
    match prepared.write(all.expect, all.changes, all.audit).await? {
        Wrote::Done => {}
        Wrote::Again => return Ok(None),
    }
    if asked.send {
        for known in &people {
            // Whoever cannot be told has the link all the same: `createLink` has no place to say so.
            drop(invite::notify(
                prepared,
                known,
                None,
                asked.message.as_deref(),
            ));
        }
    }
    let shown = Shown::new(prepared);
    Ok(Some(Response::created(shown.entity(shown.link(&entry)))))
}

/// The core's question about a link. One for uploads only is a request for files.
pub(super) fn question(
    kind: LinkType,
    scope: AskedScope,
    people: &[Known],
    expires: Option<gateway_core::time::UnixTime>,
) -> Ask {
    if kind == LinkType::CreateOnly && scope == AskedScope::Anonymous {
        return Ask::FileRequest { expires };
    }
    Ask::Link {
        scope,
        kind,
        recipients: people.iter().map(|known| known.asked.clone()).collect(),
        expires,
    }
}

/// The addresses that a link names: links name people, not groups.
pub(super) fn addresses(
    people: &[Known],
) -> Result<std::collections::BTreeSet<gateway_core::address::EmailAddress>, ApiError> {
    people
        .iter()
        .map(|known| {
            known.address().cloned().ok_or_else(|| {
                ApiError::bad_request(
                    Area::Files,
                    "A link names people; share with groups by `invite`.",
                )
            })
        })
        .collect()
}

/// Source: specification "Graph API" 3.2, "App-only rule".
pub(super) fn refuse_new_for_programs(
    prepared: &Prepared<'_>,
    people: &[Known],
) -> Result<(), ApiError> {
    let program = matches!(prepared.call.caller.kind, CallerKind::Application { .. });
    if program && people.iter().any(Known::is_new) {
        let message = "An application by itself shares with guests who are in the directory: invite them first.";
        return Err(
            ApiError::new(http::StatusCode::FORBIDDEN, "accessDenied", message)
                .with_inner("newGuestsNotAllowed"),
        );
    }
    Ok(())
}

/// The living link of that kind and scope on the item that the same caller made.
async fn existing(
    prepared: &Prepared<'_>,
    kind: LinkType,
    scope: &LinkScope,
) -> Result<Option<LinkEntry>, ApiError> {
    let (call, located) = (prepared.call, prepared.located);
    let creator = prepared.creator()?;
    let links = call.links_on(located).await?;
    Ok(links.into_iter().find(|entry| {
        let link = &entry.link;
        link.kind == kind
            && link.scope == *scope
            && link.created_by == creator
            && places::same(located.site, &link.item, &located.path)
            && link.expires.is_none_or(|end| end > call.head.now)
            && entry.sealed_token.is_some()
    }))
}

fn made(
    prepared: &Prepared<'_>,
    kind: LinkType,
    scope: LinkScope,
    expires: Option<gateway_core::time::UnixTime>,
) -> Result<LinkEntry, ApiError> {
    let call = prepared.call;
    let token = token::fresh(call)?;
    let integration = prepared.tenant.settings.integration().value;
    let id = LinkId::parse(&guid(prepared)?)
        .map_err(|error| ApiError::unavailable(Area::Files, error))?;
    Ok(LinkEntry {
        link: SharingLink {
            id,
            site: prepared.located.site.id.clone(),
            item: prepared.located.path.clone(),
            kind,
            scope,
            created_by: prepared.creator()?,
            creator_may_share: true,
            manager: if integration {
                InvitationManager::Directory
            } else {
                InvitationManager::Sharing
            },
            created: call.head.now,
            expires,
        },
        token_sha256: token::hash(&token),
        sealed_token: Some(token::sealed(call, &token)?),
        application: match &call.caller.kind {
            CallerKind::Application { id, .. } => Some(id.clone()),
            CallerKind::Person { .. } | CallerKind::Operator => None,
        },
        shared_with_integration: integration,
        declared: false,
        version: 0,
    })
}
