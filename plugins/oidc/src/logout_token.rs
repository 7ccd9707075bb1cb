//! The logout token: a provider's signed word that sessions are over (OpenID Connect Back-Channel Logout 1.0, 2.4).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use plugins_sdk::limits::CLAIM_BYTES;
use plugins_sdk::message::{Consume, Step};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::id_token::{Audience, Kind, NumericDate, Unverified, check_subject, present};
use crate::keys::Key;
use crate::profile::Profile;
use crate::rejection::TokenRejected;
use crate::verify::{check_audience, signer};

/// How old a logout token may be, seconds. Its `exp`, where it has one, may be sooner.
const MOST_AGE: i64 = 300;

/// The claims of a logout token. One that is given twice is refused.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct LogoutToken {
    /// Issuer.
    pub iss: String,
    /// Subject; never empty, at most 255 ASCII characters.
    pub sub: Option<String>,
    /// The provider's session; never empty, at most 512 bytes.
    pub sid: Option<String>,
    /// Entra: the tenant.
    pub tid: Option<String>,
    /// Entra: immutable identifier of the person in that tenant.
    pub oid: Option<String>,
    aud: Audience,
    azp: Option<String>,
    iat: NumericDate,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    jti: Option<String>,
    events: Option<Events>,
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
}

/// What happened (RFC 8417, 2.2). Members beside ours are none of our business.
#[derive(Clone, Debug, Deserialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Option<Map<String, Value>>,
}

impl Kind for LogoutToken {
    /// Providers older than the final text say `JWT`, as of any other token. What keeps an ID token from passing for a
    /// logout token is that it has no `events`, and a `nonce`.
    const TYPES: &'static [&'static str] = &["logout+jwt", "jwt"];

    fn check(&self) -> Result<(), TokenRejected> {
        if self.nonce {
            return Err(TokenRejected::OutOfPlace("nonce"));
        }
        let logout = self
            .events
            .as_ref()
            .and_then(|events| events.logout.as_ref());
        logout.ok_or(TokenRejected::Claim("events"))?;
        if self.jti.as_deref().is_none_or(str::is_empty) {
            return Err(TokenRejected::Claim("jti"));
        }
        self.sub.as_deref().map_or(Ok(()), check_subject)?;
        match (&self.sid, &self.sub) {
            (Some(sid), _) if !is_session_id(sid) => Err(TokenRejected::Claim("sid")),
            (None, None) => Err(TokenRejected::Claim("sub")),
            (_, _) => Ok(()),
        }
    }
}

/// Whether `sid` can name a provider's session.
pub(crate) fn is_session_id(sid: &str) -> bool {
    (1..=CLAIM_BYTES).contains(&sid.len())
}

/// What a logout token must agree with.
#[derive(Debug)]
pub(crate) struct Expected<'e> {
    pub(crate) client_id: &'e str,
    /// Issuer of the discovery document.
    pub(crate) document_issuer: &'e str,
    pub(crate) leeway: i64,
    pub(crate) now: i64,
}

/// Verifies a logout token (2.6), and says which sessions end.
///
/// - `token`: as it came, attacker-controlled.
///
/// # Errors
/// The first check that failed. [`TokenRejected::KeyUnknown`] may be cured by fresher `keys`.
pub(crate) fn ended<P: Profile>(
    token: &str,
    keys: &[Key],
    profile: &P,
    expected: &Expected<'_>,
) -> Result<Step, TokenRejected> {
    let unverified = Unverified::<LogoutToken>::read(token)?;
    let key = signer(&unverified, keys)?;
    let token = unverified.claims;
    if !profile.logout_issuer(&token, expected.document_issuer, key.issuer()) {
        return Err(TokenRejected::Issuer);
    }
    check_audience(&token.aud, token.azp.as_deref(), expected.client_id)?;
    token.check_times(expected)?;
    let sub = match token.sid {
        // The session that is named is the one that ends (2.4).
        Some(_) => None,
        None => Some(
            profile
                .logout_subject(&token)
                .ok_or(TokenRejected::Claim("sub"))?,
        ),
    };
    let leeway = expected.leeway;
    Ok(Step::Ended {
        at: Some(token.iat.0.saturating_add(leeway)),
        consume: vec![Consume {
            id: token.replay_id(),
            // Past the moment from which it is too old, whatever the clocks of the gateways say.
            until: token.iat.0.saturating_add(MOST_AGE + 2 * leeway),
        }],
        issuer: token.iss,
        sid: token.sid,
        sub,
        then: None,
    })
}

impl LogoutToken {
    fn check_times(&self, expected: &Expected<'_>) -> Result<(), TokenRejected> {
        let earliest = expected.now.saturating_sub(expected.leeway);
        let latest = expected.now.saturating_add(expected.leeway);
        if self.exp.is_some_and(|exp| exp.0 <= earliest) {
            return Err(TokenRejected::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf.0 > latest) {
            return Err(TokenRejected::NotYet);
        }
        if self.iat.0 > latest || self.iat.0 < earliest.saturating_sub(MOST_AGE) {
            return Err(TokenRejected::IssuedAt);
        }
        Ok(())
    }

    /// A hash: `jti` is as long as the provider likes. With the issuer: of many tenants at one authority, none uses up the
    /// ids of another.
    fn replay_id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.iss.as_str(), self.jti.as_deref().unwrap_or_default()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        format!("logout:{}", BASE64_URL_SAFE_NO_PAD.encode(hash.finalize()))
    }
}
