//! `/users` and `/directory/deletedItems`: people, as far as sharing needs them.
//!
//! Source: specification "Graph API" 2; "sharing rules" 7.

mod change;
mod find;

use gateway_store::model::{Change, Expect, RESTORABLE, UserEntry};
use http::Method;
use serde_json::Value;

use super::profile::{self, Named};
use super::scopes::{READ_USERS, REVOKE_SESSIONS, Right, WRITE_USERS};
use super::{Call, is_cast, only};
use crate::error::ApiError;
use crate::odata::{Asked, entity, page, project, select};
use crate::request::is;
use crate::response::Response;

pub(super) use change::ends_sessions;

/// Answers what is under `/users`.
pub(super) async fn answer(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    match path {
        [] => list(call).await,
        [count] if is(count, "$count") => count_all(call).await,
        [id] => one(call, id).await,
        [id, action] if is_action(action, "revokeSignInSessions") => {
            only(call, &[Method::POST], "POST")?;
            call.require(REVOKE_SESSIONS, Right::People)?;
            change::revoke_sessions(call, find::one(call, id).await?).await
        }
        _ => Err(ApiError::not_found(call.area())),
    }
}

/// Answers what is under `/directory/deletedItems`.
pub(super) async fn deleted(call: &Call<'_>, path: &[&str]) -> Result<Response, ApiError> {
    match path {
        [cast] if is_cast(cast, "user") => {
            only(call, &[Method::GET], "GET, HEAD")?;
            call.require(READ_USERS, Right::Member)?;
            let asked = Asked::read(call.request, profile::FILTERED, (100, 999))?;
            listed(call, &asked, true).await
        }
        [id] => {
            only(call, &[Method::GET, Method::DELETE], "GET, HEAD, DELETE")?;
            let read = call.request.method == Method::GET;
            if read {
                call.require(READ_USERS, Right::Member)?;
            } else {
                call.require(WRITE_USERS, Right::People)?;
            }
            let user = deleted_one(call, id).await?;
            if read {
                return shown(call, &user, "directoryObjects/$entity");
            }
            let mut event = call.event("Hard Delete user");
            event.person = Some(user.address.to_string());
            let expect = Expect::User(user.id.clone(), Some(user.version));
            call.write(vec![expect], vec![Change::PurgeUser(user.id)], vec![event])
                .await?;
            Ok(Response::no_content())
        }
        [id, action] if is_action(action, "restore") => {
            only(call, &[Method::POST], "POST")?;
            call.require(WRITE_USERS, Right::People)?;
            let mut user = deleted_one(call, id).await?;
            let mut event = call.event("Restore user");
            event.person = Some(user.address.to_string());
            let taken = Expect::NoUser(user.address.clone());
            let expect = vec![Expect::User(user.id.clone(), Some(user.version)), taken];
            let restore = Change::RestoreUser(user.id.clone());
            call.write(expect, vec![restore], vec![event]).await?;
            user.deleted = None;
            shown(call, &user, "directoryObjects/$entity")
        }
        _ => Err(ApiError::not_found(call.area())),
    }
}

/// Whether a segment names that action, with its namespace or without, with brackets or without.
fn is_action(segment: &str, name: &str) -> bool {
    let bare = segment.strip_prefix("microsoft.graph.").unwrap_or(segment);
    is(bare.trim_end_matches("()"), name)
}

async fn deleted_one(call: &Call<'_>, id: &str) -> Result<UserEntry, ApiError> {
    let missing = || ApiError::not_found(call.area());
    let Some(Named::Id(id)) = Named::read(id) else {
        return Err(missing());
    };
    let user = call.api.directory().user(&call.caller.tenant, &id).await;
    let user = user.map_err(|error| ApiError::store(call.area(), &error))?;
    // What cannot be restored any more is not there any more, whether it has been swept away or not.
    let fresh = |user: &UserEntry| {
        let deleted = user.deleted?;
        (call.request.now.since(deleted) < RESTORABLE).then_some(())
    };
    user.filter(|user| fresh(user).is_some())
        .ok_or_else(missing)
}

async fn list(call: &Call<'_>) -> Result<Response, ApiError> {
    // Members are written by their own directory: here only guests are made, and by invitation.
    only(call, &[Method::GET], "GET, HEAD")?;
    call.require(READ_USERS, Right::Member)?;
    let asked = Asked::read(call.request, profile::FILTERED, (100, 999))?;
    listed(call, &asked, false).await
}

async fn listed(call: &Call<'_>, asked: &Asked, deleted: bool) -> Result<Response, ApiError> {
    let (users, next) = find::page(call, asked, deleted).await?;
    let count = if asked.count && asked.after.is_none() {
        Some(find::count(call, asked.filter.as_ref(), deleted).await?)
    } else {
        None
    };
    let select = asked.select.as_deref();
    let show = |user: &Value| project(user, select, Some(profile::USUAL));
    let users = users.iter().map(show).collect();
    let context = if deleted { "directoryObjects" } else { "users" };
    Ok(Response::ok(page(
        call.request,
        context,
        users,
        next.as_deref(),
        count,
    )))
}

async fn count_all(call: &Call<'_>) -> Result<Response, ApiError> {
    only(call, &[Method::GET], "GET, HEAD")?;
    call.require(READ_USERS, Right::Member)?;
    let asked = Asked::read(call.request, profile::FILTERED, (100, 999))?;
    Ok(Response::count(
        find::count(call, asked.filter.as_ref(), false).await?,
    ))
}

async fn one(call: &Call<'_>, id: &str) -> Result<Response, ApiError> {
    let allowed = [Method::GET, Method::PATCH, Method::DELETE];
    only(call, &allowed, "GET, HEAD, PATCH, DELETE")?;
    match call.request.method {
        Method::PATCH => {
            call.require(WRITE_USERS, Right::People)?;
            let user = find::one(call, id).await?;
            change::patch(call, user).await
        }
        Method::DELETE => {
            call.require(WRITE_USERS, Right::People)?;
            let user = find::one(call, id).await?;
            change::delete(call, user).await
        }
        _ => {
            call.require(READ_USERS, Right::Member)?;
            call.request.only_options(&["select"])?;
            let user = find::one(call, id).await?;
            shown(call, &user, "users/$entity")
        }
    }
}

fn shown(call: &Call<'_>, user: &UserEntry, context: &str) -> Result<Response, ApiError> {
    let configuration = call.api.surroundings().configuration();
    let whole = profile::whole(user, &call.tenant()?, &configuration);
    let body = project(
        &whole,
        select(call.request)?.as_deref(),
        Some(profile::USUAL),
    );
    let response = Response::ok(entity(call.request, context, body));
    Ok(response.with_etag(&change::etag(user)))
}
