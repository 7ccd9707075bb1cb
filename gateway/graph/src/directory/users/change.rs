//! Users changed.

use gateway_core::address::EmailAddress;
use gateway_core::time::UnixTime;
use gateway_store::model::{Change, Expect, Revocation, Revoked, UserEntry, UserType};
use http::header::IF_MATCH;
use serde_json::{Value, json};

use super::super::Call;
use super::super::profile::{KEPT, READ_ONLY, SESSIONS_FROM};
use super::super::shape::patched;
use super::super::write::Modified;
use crate::error::ApiError;
use crate::odata::entity;
use crate::request::json::written;
use crate::request::{Given, Object};
use crate::response::Response;

/// The entity tag of a user: its version.
pub(super) fn etag(user: &UserEntry) -> String {
    format!("W/\"{}\"", user.version)
}

/// Checks `If-Match`, and says in which version the user is changed.
fn expected(call: &Call<'_>, user: &UserEntry) -> Result<Expect, ApiError> {
    if let Some(tags) = call.request.header(IF_MATCH) {
        let own = etag(user);
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let fits = |tag: &str| tag.trim() == "*" || bare(tag) == bare(&own);
        if !tags.split(',').any(fits) {
            return Err(ApiError::precondition_failed());
        }
    }
    Ok(Expect::User(user.id.clone(), Some(user.version)))
}

/// What ends every session of the person, where there may be one.
pub(crate) fn ends_sessions(call: &Call<'_>, user: &UserEntry) -> Option<Change> {
    let (key, _) = user.redemption.as_ref()?;
    let longest = call
        .api
        .surroundings()
        .configuration()
        .gateway
        .sessions
        .absolute;
    let seconds = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
    let at = call.request.now;
    Some(Change::Revoke(Revocation {
        what: Revoked::Person(call.caller.tenant.clone(), key.clone()),
        at,
        until: Some(at.plus(seconds)),
    }))
}

/// Blocks somebody whom the configuration declares: a denial that lies over the declaration.
fn denies(call: &Call<'_>, address: &EmailAddress) -> Change {
    Change::Revoke(Revocation {
        what: Revoked::Guest(call.caller.tenant.clone(), address.clone()),
        at: call.request.now,
        until: None,
    })
}

/// Takes a `PATCH`.
pub(super) async fn patch(call: &Call<'_>, user: UserEntry) -> Result<Response, ApiError> {
    let given = call.request.object()?;
    let read_only = READ_ONLY
        .iter()
        .find(|name| given.members().contains_key(**name));
    if let Some(name) = read_only {
        let message = format!("Property `{name}` is read-only and cannot be set.");
        return Err(given.bad(message).with_inner("propertyNotUpdateable"));
    }
    let expect = expected(call, &user)?;
    let enabled = match given.flag("accountEnabled")? {
        Given::Absent => user.account_enabled,
        Given::Null => return Err(given.bad("`accountEnabled` cannot be null.")),
        Given::Value(enabled) => enabled,
    };
    if user.declared {
        return patch_declared(call, &user, &given, enabled).await;
    }
    let mut after = user.clone();
    after.account_enabled = enabled;
    after.profile = patched(&user.profile, &given, KEPT)?;
    after.user_type = match given.text("userType", 16)? {
        Given::Absent => user.user_type,
        Given::Value(kind) if kind == "Guest" => UserType::Guest,
        Given::Value(kind) if kind == "Member" => UserType::Member,
        Given::Null | Given::Value(_) => {
            return Err(given.bad("`userType` must be one of Guest, Member."));
        }
    };
    if let Given::Value(mail) = given.text("mail", 320)?
        && EmailAddress::parse(&mail).ok().as_ref() != Some(&user.address)
    {
        // The address is what an invitation belongs to: it changes with a new redemption only.
        let message = "`mail` is the invited address: reset the redemption to change it.";
        return Err(given.bad(message).with_inner("propertyNotUpdateable"));
    }
    after.version = user.version.saturating_add(1);
    let modified = changed(&user, &after);
    if modified.is_empty() {
        return Ok(Response::no_content());
    }
    let blocked = user.account_enabled && !after.account_enabled;
    let operation = match (user.account_enabled, after.account_enabled) {
        (true, false) => "Disable account",
        (false, true) => "Enable account",
        (true, true) | (false, false) => "Update user",
    };
    let mut event = call.modified(operation, modified);
    event.person = Some(user.address.to_string());
    let mut changes = vec![Change::PutUser(Box::new(after))];
    if blocked {
        changes.extend(ends_sessions(call, &user));
    }
    call.write(vec![expect], changes, vec![event]).await?;
    Ok(Response::no_content())
}

/// Somebody who is declared can be blocked, and nothing else.
async fn patch_declared(
    call: &Call<'_>,
    user: &UserEntry,
    given: &Object,
    enabled: bool,
) -> Result<Response, ApiError> {
    let other = given.members().keys().any(|name| name != "accountEnabled");
    if other || enabled {
        return if given.is_empty() || (!other && user.account_enabled) {
            Ok(Response::no_content())
        } else {
            Err(ApiError::managed_by_configuration())
        };
    }
    if !user.account_enabled {
        return Ok(Response::no_content());
    }
    let flag = Modified {
        name: "accountEnabled".to_owned(),
        old: json!(true),
        new: json!(false),
    };
    let mut event = call.modified("Disable account", vec![flag]);
    event.person = Some(user.address.to_string());
    let mut changes = vec![denies(call, &user.address)];
    changes.extend(ends_sessions(call, user));
    call.write(Vec::new(), changes, vec![event]).await?;
    Ok(Response::no_content())
}

fn changed(before: &UserEntry, after: &UserEntry) -> Vec<Modified> {
    let old = Value::Object(before.profile.clone());
    let mut all = Modified::between(&old, &Value::Object(after.profile.clone()));
    if before.account_enabled != after.account_enabled {
        all.push(Modified {
            name: "accountEnabled".to_owned(),
            old: json!(before.account_enabled),
            new: json!(after.account_enabled),
        });
    }
    if before.user_type != after.user_type {
        let name = |kind: UserType| match kind {
            UserType::Member => "Member",
            UserType::Guest => "Guest",
        };
        all.push(Modified {
            name: "userType".to_owned(),
            old: json!(name(before.user_type)),
            new: json!(name(after.user_type)),
        });
    }
    all
}

/// Takes a `DELETE`: the user can be restored for 30 days, and is nobody until then.
pub(super) async fn delete(call: &Call<'_>, user: UserEntry) -> Result<Response, ApiError> {
    let expect = expected(call, &user)?;
    let mut event = call.event("Delete user");
    event.person = Some(user.address.to_string());
    let (expect, mut changes) = if user.declared {
        (Vec::new(), vec![denies(call, &user.address)])
    } else {
        (vec![expect], vec![Change::DeleteUser(user.id.clone())])
    };
    changes.extend(ends_sessions(call, &user));
    call.write(expect, changes, vec![event]).await?;
    Ok(Response::no_content())
}

/// Ends every session of the user. Graph's own does not, for guests sign in at home; here sessions are the gateway's, and
/// so they end.
pub(super) async fn revoke_sessions(
    call: &Call<'_>,
    user: UserEntry,
) -> Result<Response, ApiError> {
    let mut event = call.event("Update StsRefreshTokenValidFrom Timestamp");
    event.person = Some(user.address.to_string());
    let mut expect = Vec::new();
    let mut changes: Vec<Change> = ends_sessions(call, &user).into_iter().collect();
    if !user.declared {
        expect.push(Expect::User(user.id.clone(), Some(user.version)));
        changes.push(Change::PutUser(Box::new(with_sessions_from(
            &user,
            call.request.now,
        ))));
    }
    call.write(expect, changes, vec![event]).await?;
    let body = json!({ "value": true });
    Ok(Response::ok(entity(call.request, "Edm.Boolean", body)))
}

fn with_sessions_from(user: &UserEntry, now: UnixTime) -> UserEntry {
    let mut after = user.clone();
    after.version = user.version.saturating_add(1);
    let at = json!(written(now));
    after.profile.insert(SESSIONS_FROM.to_owned(), at);
    after
}
