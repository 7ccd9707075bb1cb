//! Who calls: from the bearer token to the caller.
//!
//! A token is one of two kinds: of the tenant's own directory, signed by its issuer; or an operator's, signed by this
//! gateway's own key. Nothing is asked of anybody for what an unverified token says: its `tid` only selects among the
//! tenants that are configured, and the issuer comes from the configuration (security row S114).
//!
//! Source: specification "Graph API" 5; RFC 7519; RFC 6750; security rows S064, S088, S100 to S106, S113 to S115.

mod claims;
mod directory;
mod keys;
mod operator;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::caller::Caller;
use crate::directory::SESSIONS_FROM;
use crate::error::{ApiError, Area};
use crate::request::json::moment;
use crate::surroundings::Surroundings;
use gateway_core::time::UnixTime;
use gateway_store::model::UserEntry;

/// Longest token, in bytes (security row S106).
const MOST_BYTES: usize = 16 * 1024;

/// How far the clocks of issuers may differ from ours, in seconds.
const SKEW: i64 = 300;

const EMPTY: &str = "Access token is empty.";
const TIME: &str = "Access token has expired or is not yet valid.";
const MALFORMED: &str = "CompactToken parsing failed with error code: 80049217";
const AUDIENCE: &str = "Access token validation failure. Invalid audience.";
const REFUSED: &str = "Access token validation failure.";

/// Finds out who calls.
///
/// # Errors
/// [`ApiError`] with 401; with 503 where the issuer's keys cannot be had.
pub(crate) async fn authenticate(
    surroundings: &dyn Surroundings,
    headers: &HeaderMap,
    now: UnixTime,
) -> Result<Caller, ApiError> {
    let token = bearer(headers)?;
    if let Some(claims) = surroundings.own_token(token) {
        return operator::caller(surroundings, claims, now);
    }
    let (caller, issued) = directory::caller(surroundings, token, now).await?;
    still_here(surroundings, &caller).await?;
    not_revoked(surroundings, &caller, issued).await?;
    Ok(caller)
}

/// Whoever was blocked or deleted here is nobody, however long their token or ticket lives (security row S080).
///
/// # Errors
/// [`ApiError`] with 401; with 503 where the directory cannot be asked.
pub(crate) async fn still_here(
    surroundings: &dyn Surroundings,
    caller: &Caller,
) -> Result<(), ApiError> {
    let welcome = caller.is_welcome(surroundings.directory()).await;
    if welcome.map_err(|error| ApiError::store(Area::Directory, &error))? {
        Ok(())
    } else {
        Err(ApiError::unauthenticated(REFUSED).because("blocked or deleted here"))
    }
}

/// Whoever's sessions were revoked after the token was issued is nobody by it.
///
/// - `issued`: when the token was.
async fn not_revoked(
    surroundings: &dyn Surroundings,
    caller: &Caller,
    issued: UnixTime,
) -> Result<(), ApiError> {
    let entries = caller.entries(surroundings.directory()).await;
    let entries = entries.map_err(|error| ApiError::store(Area::Directory, &error))?;
    let revoked = |entry: &UserEntry| is_revoked(surroundings, caller, entry, issued);
    if entries.iter().any(revoked) {
        return Err(ApiError::unauthenticated(TIME).because("issued before sessions were revoked"));
    }
    Ok(())
}

/// Whether what was issued then is older than the sessions that still count (`signInSessionsValidFromDateTime`).
fn is_revoked(
    surroundings: &dyn Surroundings,
    caller: &Caller,
    entry: &UserEntry,
    issued: UnixTime,
) -> bool {
    let stored = entry.profile.get(SESSIONS_FROM);
    let stored = stored.is_some_and(|from| {
        let from = from.as_str().and_then(moment);
        from.is_none_or(|from| issued < from)
    });
    let key = entry.redemption.as_ref().map(|(key, _)| key);
    let revocations = surroundings.directory().revocations();
    let ended = key.and_then(|key| revocations.sessions_valid_from(&caller.tenant, key));
    stored || ended.is_some_and(|from| issued < from)
}

/// The token of the one `Authorization` header. Tokens come nowhere else: not in a query, not in a cookie.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let first = all.next().ok_or(ApiError::unauthenticated(EMPTY))?;
    if all.next().is_some() {
        return Err(ApiError::unauthenticated(MALFORMED).because("several `Authorization` headers"));
    }
    let text = first
        .to_str()
        .map_err(|_| ApiError::unauthenticated(MALFORMED))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(ApiError::unauthenticated(EMPTY));
    }
    let parts = token.bytes().filter(|byte| *byte == b'.').count() + 1;
    if token.len() > MOST_BYTES || parts != 3 {
        return Err(ApiError::unauthenticated(MALFORMED));
    }
    Ok(token)
}

#[cfg(test)]
mod tests;
