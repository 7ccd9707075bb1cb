//! `grant` and `revokeGrants`: people are put on a link, and taken off.

use gateway_core::address::EmailAddress;
use gateway_core::policy::share::AskedScope;
use gateway_core::sharing::{LinkScope, LinkType, Recipient, Role};
use gateway_store::model::{Change, Expect, LinkEntry};
use serde_json::Value;

use super::ask;
use super::change;
use super::links;
use super::people;
use super::permissions::{self, Entry};
use super::question::Prepared;
use super::shape::{EXISTING_ACCESS, Shown, link_role, role};
use super::{TRIES, Wrote, apply, given_up, invite};
use crate::drives::{Call, Located};
use crate::error::{ApiError, Area};
use crate::response::Response;

/// Puts people on a link.
pub(super) async fn grant(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Response, ApiError> {
    let body = call.head.object()?;
    let asked = ask::recipients(&body, "recipients", true)?;
    let wanted = ask::role(&body)?;
    for _ in 0..TRIES {
        let prepared = Prepared::new(call, located).await?;
        let people = people::find(call, located, &asked).await?;
        let shown = Shown::new(&prepared);
        if id == EXISTING_ACCESS {
            let role = wanted.unwrap_or(Role::Read);
            let granted = invite::grant(&prepared, &people, role, None, None).await?;
            let Some((entries, _)) = granted else {
                continue;
            };
            let kind = if role == Role::Read {
                LinkType::View
            } else {
                LinkType::Edit
            };
            let mut values = vec![shown.existing_access(kind)];
            for (entry, known) in entries.iter().zip(&people) {
                values.push(shown.permission(entry, known.entry.as_ref()));
            }
            return Ok(Response::ok(shown.collection(&values)));
        }
        let entry = link(call, located, id).await?;
        permissions::unchanged(&prepared)?;
        if wanted.is_some_and(|wanted| role(wanted) != link_role(entry.link.kind)) {
            let message = "`roles` must be those of the link.";
            return Err(ApiError::bad_request(Area::Files, message));
        }
        let changed = match &entry.link.scope {
            LinkScope::Users(named) => {
                let mut all = named.clone();
                all.extend(links::addresses(&people)?);
                put(&prepared, &entry, &people, all).await?
            }
            LinkScope::Anonymous | LinkScope::Organization => {
                let role = match link_role(entry.link.kind) {
                    "write" => Role::Write,
                    _ => Role::Read,
                };
                if !matches!(entry.link.kind, LinkType::View | LinkType::Edit) {
                    let message = "Nobody is put on a link of this type.";
                    return Err(ApiError::bad_request(Area::Files, message));
                }
                let link = Some(&entry.link.id);
                let end = entry.link.expires;
                let granted = invite::grant(&prepared, &people, role, end, link).await?;
                granted.map(|_| entry.clone())
            }
            LinkScope::ExistingAccess => None,
        };
        if let Some(entry) = changed {
            return Ok(Response::ok(shown.collection(&[shown.link(&entry)])));
        }
    }
    Err(given_up())
}

/// The link of that id on the item itself: whoever may share the item may not share what it lies in.
async fn link(call: &Call<'_>, located: &Located<'_>, id: &str) -> Result<LinkEntry, ApiError> {
    let entry = permissions::find(call, located, id).await?;
    change::own(located, &entry)?;
    permissions::link_only(entry)
}

/// Widens a link for specific people.
async fn put(
    prepared: &Prepared<'_>,
    entry: &LinkEntry,
    people: &[people::Known],
    all: std::collections::BTreeSet<EmailAddress>,
) -> Result<Option<LinkEntry>, ApiError> {
    if entry.declared {
        return Err(ApiError::managed_by_configuration());
    }
    let ask = links::question(
        entry.link.kind,
        AskedScope::Users,
        people,
        entry.link.expires,
    );
    let effects = prepared.decide(ask).await?;
    links::refuse_new_for_programs(prepared, people)?;
    let mut consequences = apply::consequences(prepared, people, &effects)?;
    // The link is not made now: only people are put on it.
    consequences
        .audit
        .retain(|event| event.operation == "AddedToSecureLink");
    for event in &mut consequences.audit {
        event.link = Some(entry.link.id.clone());
    }
    let mut changed = entry.clone();
    changed.link.scope = LinkScope::Users(all);
    consequences
        .expect
        .push(Expect::Link(entry.link.id.clone(), Some(entry.version)));
    consequences
        .changes
        .push(Change::PutLink(Box::new(changed.clone())));
    let apply::Consequences {
        expect,
        changes,
        audit,
        ..
    } = consequences;
    match prepared.write(expect, changes, audit).await? {
        Wrote::Done => Ok(Some(changed)),
        Wrote::Again => Ok(None),
    }
}

/// Takes people off a link, with what came to them through it.
pub(super) async fn revoke(
    call: &Call<'_>,
    located: &Located<'_>,
    id: &str,
) -> Result<Response, ApiError> {
    let asked = ask::recipients(&call.head.object()?, "grantees", true)?;
    for _ in 0..TRIES {
        let prepared = Prepared::new(call, located).await?;
        if !prepared.may_share() {
            return Err(crate::drives::refused(
                gateway_core::policy::Denial::SharerNotAllowed,
            ));
        }
        let entry = link(call, located, id).await?;
        permissions::unchanged(&prepared)?;
        let people = people::find(call, located, &asked).await?;
        let gone = links::addresses(&people)?;
        if let Some(value) = take_off(&prepared, entry, &gone).await? {
            return Ok(Response::ok(value));
        }
    }
    Err(given_up())
}

async fn take_off(
    prepared: &Prepared<'_>,
    entry: LinkEntry,
    gone: &std::collections::BTreeSet<EmailAddress>,
) -> Result<Option<Value>, ApiError> {
    let mut changes = Vec::new();
    let mut expect = vec![Expect::Link(entry.link.id.clone(), Some(entry.version))];
    let mut changed = entry.clone();
    if let LinkScope::Users(named) = &mut changed.link.scope {
        if entry.declared {
            return Err(ApiError::managed_by_configuration());
        }
        named.retain(|address| !gone.contains(address));
        changes.push(Change::PutLink(Box::new(changed.clone())));
    }
    let (call, located) = (prepared.call, prepared.located);
    let granted = call.permissions_on(located).await?;
    for one in granted {
        let through = one.link.as_ref() == Some(&entry.link.id);
        let theirs = match &one.permission.recipient {
            Recipient::Address(address) => gone.contains(address),
            _ => false,
        };
        if through && theirs {
            expect.push(Expect::Permission(
                one.permission.id.clone(),
                Some(one.version),
            ));
            changes.push(Change::RemovePermission(one.permission.id));
        }
    }
    let audit = gone
        .iter()
        .map(|address| {
            let mut event = prepared.event("RemovedFromSecureLink");
            event.person = Some(address.to_string());
            event.link = Some(entry.link.id.clone());
            event
        })
        .collect();
    match prepared.write(expect, changes, audit).await? {
        Wrote::Done => {
            let shown = Shown::new(prepared);
            let value = permissions::value(prepared, &shown, &Entry::Link(changed)).await?;
            Ok(Some(shown.entity(value)))
        }
        Wrote::Again => Ok(None),
    }
}
