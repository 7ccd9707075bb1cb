//! Users found: one, or a page of them.

use gateway_store::model::UserEntry;
use serde_json::Value;

use super::super::Call;
use super::super::profile::{self, Named};
use crate::error::ApiError;
use crate::odata::{Asked, Filter};

/// Entries looked at for one page, at most: one that holds fewer says where to go on.
const MOST_LOOKED_AT: usize = 5_000;

/// Entries counted, at most.
const MOST_COUNTED: usize = 1_000_000;

/// Entries read at once.
const CHUNK: usize = 1_000;

/// The user that a path names.
///
/// # Errors
/// [`ApiError`] with 404: there is none, or it was invited by sharing's own manager and has not redeemed.
pub(super) async fn one(call: &Call<'_>, segment: &str) -> Result<UserEntry, ApiError> {
    let missing = || ApiError::not_found(call.area());
    let named = Named::read(segment).ok_or_else(missing)?;
    let user = by_name(call, &named).await?;
    user.filter(UserEntry::has_entry).ok_or_else(missing)
}

async fn by_name(call: &Call<'_>, named: &Named) -> Result<Option<UserEntry>, ApiError> {
    let (directory, tenant) = (call.api.directory(), &call.caller.tenant);
    let found = match named {
        Named::Id(id) => directory.user(tenant, id).await,
        Named::Address(address) => directory.user_by_address(tenant, address).await,
    };
    found.map_err(|error| ApiError::store(call.area(), &error))
}

/// A page of users, whole, and where the next one begins.
pub(super) async fn page(
    call: &Call<'_>,
    asked: &Asked,
    deleted: bool,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let configuration = call.api.surroundings().configuration();
    let tenant = call.tenant()?;
    let filter = asked.filter.as_ref();
    let show = |user: &UserEntry| profile::whole(user, &tenant, &configuration);
    let fits = |whole: &Value| filter.is_none_or(|filter| filter.holds(whole));
    if let Some(named) = filter.and_then(named).filter(|_| !deleted) {
        let mut found = Vec::new();
        for named in named.iter().take(asked.top) {
            let user = by_name(call, named).await?.filter(UserEntry::has_entry);
            found.extend(user.as_ref().map(show).filter(fits));
        }
        return Ok((found, None));
    }
    let mut found = Vec::new();
    let mut after = asked.after.clone();
    let mut looked_at = 0;
    loop {
        let chunk = if filter.is_some() { CHUNK } else { asked.top };
        let users = call
            .api
            .directory()
            .users(&call.caller.tenant, deleted, after.as_deref(), chunk)
            .await
            .map_err(|error| ApiError::store(call.area(), &error))?;
        let last = users.next.is_none();
        looked_at += users.items.len();
        for user in &users.items {
            if found.len() >= asked.top {
                return Ok((found, after));
            }
            after = Some(user.id.as_str().to_owned());
            if deleted || user.has_entry() {
                found.extend(Some(show(user)).filter(fits));
            }
        }
        if last {
            return Ok((found, None));
        }
        after = users.next;
        if found.len() >= asked.top || looked_at >= MOST_LOOKED_AT {
            return Ok((found, after));
        }
    }
}

/// How many users there are, or how many fit.
///
/// # Errors
/// [`ApiError`] with 400 where there are more than are counted.
pub(super) async fn count(
    call: &Call<'_>,
    filter: Option<&Filter>,
    deleted: bool,
) -> Result<usize, ApiError> {
    let configuration = call.api.surroundings().configuration();
    let tenant = call.tenant()?;
    let (mut count, mut looked_at) = (0, 0);
    let mut after = None;
    loop {
        let users = call
            .api
            .directory()
            .users(&call.caller.tenant, deleted, after.as_deref(), CHUNK)
            .await
            .map_err(|error| ApiError::store(call.area(), &error))?;
        looked_at += users.items.len();
        let shown = users
            .items
            .iter()
            .filter(|user| deleted || user.has_entry());
        count += shown
            .filter(|user| {
                filter.is_none_or(|filter| {
                    filter.holds(&profile::whole(user, &tenant, &configuration))
                })
            })
            .count();
        after = users.next;
        if after.is_none() {
            return Ok(count);
        }
        if looked_at >= MOST_COUNTED {
            let message = "There are too many users to count.";
            return Err(ApiError::unsupported_query(call.area(), message));
        }
    }
}

/// The users that a filter names, where it names them: they are looked up instead of searched for.
fn named(filter: &Filter) -> Option<Vec<Named>> {
    let all = ["id", "mail", "userPrincipalName"];
    let all = all.iter().find_map(|property| filter.demands(property))?;
    Some(all.into_iter().filter_map(Named::read).collect())
}
