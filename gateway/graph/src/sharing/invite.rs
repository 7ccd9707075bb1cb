//! `invite`: a permission for each recipient.

use gateway_core::id::PermissionId;
use gateway_core::person::InvitationManager;
use gateway_core::policy::share::{Ask, Who};
use gateway_core::sharing::{ItemKind, Permission, Role};
use gateway_core::time::UnixTime;
use gateway_store::model::{Change, Expect, Invitation, PermissionEntry};
use http::StatusCode;
use serde_json::{Value, json};

use super::apply::{self, Consequences, guid};
use super::ask::{self, Invite};
use super::change;
use super::people::{self, Known};
use super::question::Prepared;
use super::shape::Shown;
use super::{TRIES, Wrote, given_up};
use crate::caller::CallerKind;
use crate::drives::{Call, Located, places, shape};
use crate::error::{ApiError, Area};
use crate::response::Response;
use crate::surroundings::InvitationLetter;

/// Shares an item with people.
pub(super) async fn invite(call: &Call<'_>, located: &Located<'_>) -> Result<Response, ApiError> {
    let asked = ask::invite(&call.head.object()?)?;
    for _ in 0..TRIES {
        let prepared = Prepared::new(call, located).await?;
        if asked.role == Role::Owner && prepared.kind != ItemKind::Site {
            return Err(ApiError::bad_request(
                Area::Files,
                "Only sites have owners.",
            ));
        }
        if let Some(response) = once(&prepared, &asked).await? {
            return Ok(response);
        }
    }
    Err(given_up())
}

async fn once(prepared: &Prepared<'_>, asked: &Invite) -> Result<Option<Response>, ApiError> {
    let (call, located) = (prepared.call, prepared.located);
    let people = people::find(call, located, &asked.recipients).await?;
    let Some((entries, invitations)) =
        grant(prepared, &people, asked.role, asked.expires, None).await?
    else {
        return Ok(None);
    };
    let shown = Shown::new(prepared);
    let mut values = Vec::new();
    let mut failed = false;
    for (entry, known) in entries.iter().zip(&people) {
        let mut value = shown.permission(entry, known.entry.as_ref());
        if asked.send
            && let Some(error) = notify(
                prepared,
                known,
                of(&invitations, known),
                asked.message.as_deref(),
            )
        {
            failed = true;
            if let Some(members) = value.as_object_mut() {
                members.insert("error".to_owned(), error);
            }
        }
        values.push(value);
    }
    let status = match failed {
        true => StatusCode::MULTI_STATUS,
        false => StatusCode::OK,
    };
    Ok(Some(Response::json(status, shown.collection(&values))))
}

/// The invitation that was made for them.
pub(super) fn of<'i>(invitations: &'i [Invitation], known: &Known) -> Option<&'i Invitation> {
    let mut all = invitations.iter();
    all.find(|one| known.address() == Some(&one.address))
}

/// Grants, once: nothing where something changed meanwhile.
///
/// - `link`: the link that the grants come through, and end with.
pub(super) async fn grant(
    prepared: &Prepared<'_>,
    people: &[Known],
    role: Role,
    expires: Option<UnixTime>,
    link: Option<&gateway_core::id::LinkId>,
) -> Result<Option<(Vec<PermissionEntry>, Vec<Invitation>)>, ApiError> {
    let call = prepared.call;
    if expires.is_some_and(|end| end <= call.head.now) {
        return Err(ApiError::bad_request(
            Area::Files,
            "`expirationDateTime` is over.",
        ));
    }
    // Source: specification "Graph API" 3.2, "App-only rule".
    let program = matches!(call.caller.kind, CallerKind::Application { .. });
    let effects = prepared
        .decide(Ask::Permission {
            role,
            recipients: people.iter().map(|known| known.asked.clone()).collect(),
            expires,
        })
        .await?;
    if program && people.iter().any(Known::is_new) {
        let message = "An application by itself shares with guests who are in the directory: invite them first.";
        return Err(
            ApiError::new(StatusCode::FORBIDDEN, "accessDenied", message)
                .with_inner("newGuestsNotAllowed"),
        );
    }
    let mut all = apply::consequences(prepared, people, &effects)?;
    let mut entries = Vec::with_capacity(people.len());
    for known in people {
        entries.push(entry(prepared, known, role, expires, link, &mut all).await?);
    }
    for entry in &entries {
        all.changes
            .push(Change::PutPermission(Box::new(entry.clone())));
    }
    let Consequences {
        expect,
        changes,
        mut audit,
        invitations,
        ..
    } = all;
    if audit.is_empty() {
        // Nobody whom the directory knows: the grant itself is on record all the same.
        let mut event = prepared.event("SharingSet");
        event.person = people
            .iter()
            .filter_map(Known::address)
            .next()
            .map(ToString::to_string);
        event.person_type = Some("Guest");
        audit.push(event);
    }
    match prepared.write(expect, changes, audit).await? {
        Wrote::Done => Ok(Some((entries, invitations))),
        Wrote::Again => Ok(None),
    }
}

/// The permission that is made, or the one that is there and changes: whoever asks twice makes one.
async fn entry(
    prepared: &Prepared<'_>,
    known: &Known,
    role: Role,
    expires: Option<UnixTime>,
    link: Option<&gateway_core::id::LinkId>,
    all: &mut Consequences,
) -> Result<PermissionEntry, ApiError> {
    let (call, located) = (prepared.call, prepared.located);
    let recipient = known.recipient();
    let granted = call.permissions_on(located).await?;
    let earlier = granted.into_iter().find(|entry| {
        !entry.declared
            && entry.link.as_ref() == link
            && entry.permission.recipient == recipient
            && places::same(located.site, &entry.permission.item, &located.path)
    });
    let was = earlier.as_ref().map_or(role, |entry| entry.permission.role);
    change::owners_by_owners(prepared, was)?;
    change::owners_by_owners(prepared, role)?;
    let integration = prepared.tenant.settings.integration().value;
    let manager = if integration {
        InvitationManager::Directory
    } else {
        InvitationManager::Sharing
    };
    let stamped = known
        .address()
        .and_then(|address| all.ends.get(address))
        .copied();
    let expires = match (expires, stamped) {
        (Some(asked), Some(stamped)) => Some(asked.min(stamped)),
        (asked, stamped) => asked.or(stamped),
    };
    let id = match &earlier {
        Some(entry) => {
            let id = entry.permission.id.clone();
            all.expect
                .push(Expect::Permission(id.clone(), Some(entry.version)));
            id
        }
        None => PermissionId::parse(&guid(prepared)?)
            .map_err(|error| ApiError::unavailable(Area::Files, error))?,
    };
    Ok(PermissionEntry {
        permission: Permission {
            id,
            site: located.site.id.clone(),
            item: located.path.clone(),
            recipient,
            role,
            created_by: prepared.creator()?,
            manager,
            expires,
        },
        created: earlier
            .as_ref()
            .map_or(call.head.now, |entry| entry.created),
        link: link.cloned(),
        shared_with_integration: integration,
        declared: false,
        version: earlier.map_or(0, |entry| entry.version),
    })
}

/// Queues a letter; what is wrong where none can be sent.
///
/// - `invitation`: the one that was made for it, if one was: then the letter leads there.
pub(super) fn notify(
    prepared: &Prepared<'_>,
    known: &Known,
    invitation: Option<&Invitation>,
    message: Option<&str>,
) -> Option<Value> {
    let call = prepared.call;
    let failed = |inner: &str, message: &str| {
        Some(json!({
            "code": "generalException",
            "message": message,
            "localizedMessage": message,
            "fixItUrl": null,
            // In lower case here, other than in errors of whole calls.
            "innererror": { "code": inner },
        }))
    };
    let Some(address) = known.address() else {
        return failed("exchangeInvalidUser", "A group has no mailbox here.");
    };
    if call.configuration.gateway.mail.is_none() {
        return failed("exchangeInvalidUser", "This gateway sends no mail.");
    }
    let origin = call.around.origin(&prepared.tenant.id).unwrap_or_default();
    let sharings_own = invitation.filter(|one| one.manager == InvitationManager::Sharing);
    let url = match sharings_own {
        Some(invitation) => format!("{origin}/_vestibule/invitation/{}", invitation.id),
        None => format!("{origin}{}", prepared.located.path.encoded()),
    };
    call.around.mail(InvitationLetter {
        to: address.clone(),
        cc: Vec::new(),
        organisation: prepared.tenant.display_name.clone(),
        inviter: call.caller.address().map(ToString::to_string),
        message: message
            .map(str::to_owned)
            .filter(|text| !text.trim().is_empty()),
        item: Some(shape::last(&prepared.located.path)),
        url,
        language: None,
        manager: manager(prepared, known),
        for_others: sharings_own.is_some_and(|one| !one.account_must_match),
    });
    None
}

/// Which manager somebody from outside is invited by: their entry's, once there is one in the directory; else the one
/// that invites for the tenant.
fn manager(prepared: &Prepared<'_>, known: &Known) -> Option<InvitationManager> {
    if !matches!(known.asked.who, Who::Outsider(_)) {
        return None;
    }
    let entry = known.entry.as_ref().filter(|entry| entry.has_entry());
    Some(match entry {
        Some(entry) => entry.manager,
        None if prepared.tenant.settings.integration().value => InvitationManager::Directory,
        None => InvitationManager::Sharing,
    })
}
