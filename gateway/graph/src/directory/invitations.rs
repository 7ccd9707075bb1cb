//! `/invitations`: people are asked into the directory.
//!
//! Source: specification "Graph API" 1; "sharing rules" 5 and 6.7.

mod asked;
mod judge;

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::id::GuestId;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_store::model::{Change, Expect, Invitation, UserEntry, UserType};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::scopes::INVITE;
use super::users::ends_sessions;
use super::write::Outcome;
use super::{Call, only};
use crate::error::ApiError;
use crate::odata::entity;
use crate::response::Response;
use crate::surroundings::InvitationLetter;
use asked::Asked;

/// How long an invitation is good for, in seconds: 90 days, as the directory has it.
const LIFE: i64 = 90 * 24 * 60 * 60;

/// How often somebody may come in between before the caller is told.
const TRIES: usize = 3;

pub(super) async fn answer(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::POST], "POST")?;
    if !call.caller.has_any(INVITE) {
        // This resource has a refusal of its own.
        let message = "Insufficient privileges to perform requested operation by the application.";
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            message,
        ));
    }
    let asked = Asked::read(call)?;
    for _ in 0..TRIES {
        if let Some(response) = invite(call, &asked).await? {
            return Ok(response);
        }
    }
    Err(ApiError::conflict(
        "Others invite the same person at the same time.",
    ))
}

/// Invites; nothing where somebody came in between.
async fn invite(call: &Call<'_>, asked: &Asked) -> Result<Option<Response>, ApiError> {
    let failed = |error| ApiError::store(call.area(), &error);
    let (directory, tenant) = (call.api.directory(), &call.caller.tenant);
    let known = directory
        .user_by_address(tenant, &asked.address)
        .await
        .map_err(failed)?;
    let known = match &asked.user {
        None => known,
        Some(id) => Some(named(call, asked, id, known).await?),
    };
    judge::judge(call, asked, known.as_ref())?;
    if asked.reset && known.is_none() {
        return Err(call_bad(
            call,
            "`resetRedemption` needs somebody who was invited.",
        ));
    }
    let reset = asked.reset;
    let accepted = known.as_ref().is_some_and(|user| user.redemption.is_some()) && !reset;
    let id = match &known {
        Some(user) => user.id.clone(),
        None => GuestId::parse(&call.new_id()?)
            .map_err(|error| ApiError::unavailable(call.area(), error))?,
    };
    let invitation = Invitation {
        id: call.new_id()?,
        user: id.clone(),
        address: asked.address.clone(),
        manager: InvitationManager::Directory,
        site: None,
        redirect_url: Some(asked.redirect.clone()),
        invited_by: call.caller.address().cloned(),
        created: call.request.now,
        ended: None,
        account_must_match: true,
    };
    let (expect, changes) = changes(call, asked, known.as_ref(), &id, &invitation);
    let mut event = call.event(if reset {
        "Reset redemption"
    } else {
        "Invite external user"
    });
    event.person = Some(asked.address.to_string());
    event.person_type = Some("Guest");
    event
        .more
        .insert("InvitationId".to_owned(), json!(invitation.id));
    match call.try_write(expect, changes, vec![event]).await? {
        Outcome::Overtaken => return Ok(None),
        Outcome::Done => {}
    }
    let url = redeem_url(call, &invitation)?;
    if asked.send {
        send(call, asked, &url)?;
    }
    let status = if accepted {
        "Completed"
    } else {
        "PendingAcceptance"
    };
    let body = shown(asked, &invitation, &id, &url, status);
    let body = entity(call.request, "invitations/$entity", body);
    Ok(Some(Response::created(body)))
}

fn call_bad(call: &Call<'_>, message: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message).because(call.caller.actor.clone())
}

/// The user whose redemption is reset. The address may be another of that person's, and nobody else's.
async fn named(
    call: &Call<'_>,
    asked: &Asked,
    id: &GuestId,
    holder: Option<UserEntry>,
) -> Result<UserEntry, ApiError> {
    let user = call.api.directory().user(&call.caller.tenant, id).await;
    let user = user.map_err(|error| ApiError::store(call.area(), &error))?;
    let user = user.filter(|user| user.deleted.is_none());
    let user = user.ok_or_else(|| ApiError::not_found(call.area()))?;
    if holder.is_some_and(|holder| holder.id != user.id) {
        return Err(call_bad(
            call,
            "`invitedUserEmailAddress` is another user's.",
        ));
    }
    let other = super::profile::texts(&user.profile, "otherMails");
    let own = |mail: &String| {
        gateway_core::address::EmailAddress::parse(mail)
            .ok()
            .as_ref()
            == Some(&asked.address)
    };
    if user.address != asked.address && !other.iter().any(own) {
        let message =
            "`invitedUserEmailAddress` must be one of the user's `mail` and `otherMails`.";
        return Err(call_bad(call, message));
    }
    Ok(user)
}

/// What is written, and what must still be so.
fn changes(
    call: &Call<'_>,
    asked: &Asked,
    known: Option<&UserEntry>,
    id: &GuestId,
    invitation: &Invitation,
) -> (Vec<Expect>, Vec<Change>) {
    let now = call.request.now;
    let mut changes = Vec::new();
    let expect = match known {
        None => Expect::NoUser(asked.address.clone()),
        Some(user) if user.declared => Expect::User(id.clone(), None),
        Some(user) => Expect::User(id.clone(), Some(user.version)),
    };
    match known {
        Some(user) if user.declared => {}
        Some(user) => {
            let mut after = user.clone();
            // Whoever was only shared with has an entry from now on.
            after.manager = InvitationManager::Directory;
            if user.redemption.is_none() || asked.reset {
                after.invitation_expires = Some(now.plus(LIFE));
            }
            if asked.reset {
                after.address = asked.address.clone();
                after.redemption = None;
                after.state_changed = now;
                changes.extend(ends_sessions(call, user));
                changes.push(Change::ResetRedemption(user.address.clone()));
            }
            if after != *user {
                after.version = user.version.saturating_add(1);
                changes.push(Change::PutUser(Box::new(after)));
            }
        }
        None => changes.push(Change::PutUser(Box::new(UserEntry {
            id: id.clone(),
            address: asked.address.clone(),
            user_type: if asked.member {
                UserType::Member
            } else {
                UserType::Guest
            },
            origin: GuestOrigin::Directory,
            manager: InvitationManager::Directory,
            account_enabled: true,
            sponsor: call.caller.address().cloned(),
            created: now,
            state_changed: now,
            invitation_expires: Some(now.plus(LIFE)),
            expires: BTreeMap::new(),
            administers: BTreeSet::new(),
            mfa_registered: false,
            deleted: None,
            profile: profile(asked),
            redemption: None,
            declared: false,
            version: 1,
        }))),
    }
    // Those of before are withdrawn by the new one: their link leads to the same person, and stays good.
    changes.push(Change::PutInvitation(Box::new(invitation.clone())));
    (vec![expect], changes)
}

fn profile(asked: &Asked) -> Map<String, Value> {
    let name = asked
        .name
        .as_ref()
        .map(|name| ("displayName".to_owned(), json!(name)));
    name.into_iter().collect()
}

/// Where the invited go.
fn redeem_url(call: &Call<'_>, invitation: &Invitation) -> Result<String, ApiError> {
    let origin = call.api.surroundings().origin(&call.caller.tenant);
    let origin = origin
        .ok_or_else(|| ApiError::unavailable(call.area(), "the tenant is reached under no host"))?;
    Ok(format!("{origin}/_vestibule/invitation/{}", invitation.id))
}

fn send(call: &Call<'_>, asked: &Asked, url: &str) -> Result<(), ApiError> {
    call.api.surroundings().mail(InvitationLetter {
        to: asked.address.clone(),
        cc: asked.copies.clone(),
        organisation: call.tenant()?.display_name,
        inviter: call.caller.address().map(ToString::to_string),
        message: asked.message.clone(),
        item: None,
        url: url.to_owned(),
        language: asked.language.clone(),
        manager: Some(InvitationManager::Directory),
        for_others: false,
    });
    Ok(())
}

fn shown(asked: &Asked, invitation: &Invitation, id: &GuestId, url: &str, status: &str) -> Value {
    let mut copies: Vec<Value> = asked
        .copies
        .iter()
        .map(|copy| json!({ "emailAddress": { "name": null, "address": copy.to_string() } }))
        .collect();
    if copies.is_empty() {
        copies.push(json!({ "emailAddress": { "name": null, "address": null } }));
    }
    json!({
        "id": invitation.id,
        "inviteRedeemUrl": url,
        "invitedUserDisplayName": asked.name,
        "invitedUserType": if asked.member { "Member" } else { "Guest" },
        "invitedUserEmailAddress": asked.address.to_string(),
        "sendInvitationMessage": asked.send,
        "resetRedemption": asked.reset,
        "inviteRedirectUrl": asked.redirect,
        "status": status,
        "invitedUserMessageInfo": {
            "messageLanguage": asked.language,
            "customizedMessageBody": asked.message,
            "ccRecipients": copies,
        },
        "invitedUser": { "id": id.as_str() },
    })
}
