//! Whether an ID token answers our request.

use subtle::ConstantTimeEq;

use crate::id_token::{Audience, IdToken, Unverified};
use crate::keys::{self, Key};
use crate::profile::Profile;
use crate::rejection::TokenRejected;

/// How long before `now` a token may have been issued, seconds. The nonce ties it to this attempt; this only
/// keeps a provider with a stopped clock from going unnoticed.
const MOST_AGE: i64 = 3600;

/// What a token must agree with.
#[derive(Debug)]
pub(crate) struct Expected<'e> {
    pub(crate) client_id: &'e str,
    pub(crate) nonce: &'e str,
    /// Issuer of the discovery document.
    pub(crate) document_issuer: &'e str,
    /// `iss` of the authorization response, where there was one.
    pub(crate) answered_by: Option<&'e str>,
    /// Left half of the access token's SHA-256 in base64url, where there is an access token.
    pub(crate) access_token_hash: Option<&'e str>,
    /// The person must have authenticated since then, seconds since the Unix epoch.
    pub(crate) authenticated_since: Option<i64>,
    pub(crate) leeway: i64,
    pub(crate) now: i64,
}

/// Verifies an ID token (OpenID Connect Core, 3.1.3.7).
///
/// - `token`: as it came, attacker-controlled.
///
/// # Errors
/// The first check that failed. [`TokenRejected::KeyUnknown`] may be cured by fresher `keys`.
pub(crate) fn verify<P: Profile>(
    token: &str,
    keys: &[Key],
    profile: &P,
    expected: &Expected<'_>,
) -> Result<IdToken, TokenRejected> {
    let unverified = Unverified::<IdToken>::read(token)?;
    let key = signer(&unverified, keys)?;
    let token = unverified.claims;
    check_issuer(&token, key, profile, expected)?;
    check_audience(&token.aud, token.azp.as_deref(), expected.client_id)?;
    check_times(&token, expected)?;
    check_binding(&token, expected)?;
    Ok(token)
}

/// The key that signed a token.
///
/// # Errors
/// [`TokenRejected::KeyUnknown`], [`TokenRejected::KeyAmbiguous`] or [`TokenRejected::Signature`].
pub(crate) fn signer<'k, K>(
    unverified: &Unverified<'_, K>,
    keys: &'k [Key],
) -> Result<&'k Key, TokenRejected> {
    let key = keys::find(keys, unverified.kid.as_deref(), &unverified.algorithm)?;
    let genuine = key.verifies(
        &unverified.algorithm,
        unverified.signed.as_bytes(),
        &unverified.signature,
    );
    if genuine {
        Ok(key)
    } else {
        Err(TokenRejected::Signature)
    }
}

fn check_issuer<P: Profile>(
    token: &IdToken,
    key: &Key,
    profile: &P,
    expected: &Expected<'_>,
) -> Result<(), TokenRejected> {
    // Where the document's issuer is a template, only the token says which tenant the response spoke for.
    let answered_by_issuer = expected.answered_by.is_none_or(|answered_by| {
        answered_by == expected.document_issuer || answered_by == token.iss
    });
    if answered_by_issuer && profile.token_issuer(token, expected.document_issuer, key.issuer()) {
        Ok(())
    } else {
        Err(TokenRejected::Issuer)
    }
}

/// Whether a token is for us: we are its audience, and nobody else is the party it was issued to.
pub(crate) fn check_audience(
    audience: &Audience,
    authorized_party: Option<&str>,
    client_id: &str,
) -> Result<(), TokenRejected> {
    let audience = audience.as_slice();
    if !audience.iter().any(|entry| entry == client_id) {
        return Err(TokenRejected::Audience);
    }
    match authorized_party {
        Some(party) if party == client_id => Ok(()),
        Some(_) => Err(TokenRejected::AuthorizedParty),
        None if audience.len() == 1 => Ok(()),
        None => Err(TokenRejected::AuthorizedParty),
    }
}

fn check_times(token: &IdToken, expected: &Expected<'_>) -> Result<(), TokenRejected> {
    let earliest = expected.now.saturating_sub(expected.leeway);
    let latest = expected.now.saturating_add(expected.leeway);
    if token.exp.0 <= earliest {
        return Err(TokenRejected::Expired);
    }
    if token.nbf.is_some_and(|nbf| nbf.0 > latest) {
        return Err(TokenRejected::NotYet);
    }
    if token.iat.0 > latest || token.iat.0 < earliest.saturating_sub(MOST_AGE) {
        return Err(TokenRejected::IssuedAt);
    }
    match expected.authenticated_since {
        Some(since)
            if token
                .auth_time
                .is_none_or(|time| time.0 < since.saturating_sub(expected.leeway)) =>
        {
            Err(TokenRejected::NotFresh)
        }
        Some(_) | None => Ok(()),
    }
}

fn check_binding(token: &IdToken, expected: &Expected<'_>) -> Result<(), TokenRejected> {
    if !token
        .nonce
        .as_deref()
        .is_some_and(|nonce| same(nonce, expected.nonce))
    {
        return Err(TokenRejected::Nonce);
    }
    match (token.at_hash.as_deref(), expected.access_token_hash) {
        (None, _) => Ok(()),
        (Some(given), Some(own)) if same(given, own) => Ok(()),
        (Some(_), _) => Err(TokenRejected::AccessTokenHash),
    }
}

/// Equality in time that depends on the lengths alone.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
