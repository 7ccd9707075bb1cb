//! What differs from provider to provider.

use plugins_sdk::message::Claims;

use crate::id_token::IdToken;
use crate::phase::Wish;
use crate::rejection::TokenRejected;
use crate::user_info::UserInfo;

/// What differs from provider to provider. All methods are pure.
pub trait Profile: Send + Sync + 'static {
    /// Whether an address that the ID token lacks is asked for at the UserInfo endpoint. Providers that keep
    /// to OpenID Connect Core, 5.4 give it nowhere else in this flow.
    const USER_INFO: bool = false;

    /// Whether `issuer`, as printed in the discovery document, is the one this instance is configured for.
    fn document_issuer(&self, issuer: &str) -> bool;

    /// Whether `issuer`, as named by the authorization response (RFC 9207), is the one that was asked. Compared
    /// as plain strings with `document`, the issuer of the discovery document, unless that is a template.
    fn response_issuer(&self, issuer: &str, document: &str) -> bool {
        issuer == document
    }

    /// Parameters of the authorization request beyond those of the protocol, such as `domain_hint`.
    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)>;

    /// Whether the token's issuer may speak here, with this key.
    ///
    /// - `token`: its signature is verified, nothing else.
    /// - `document`: the issuer of the discovery document.
    /// - `key`: the `issuer` member of the key that verified it, where the key set has one.
    fn token_issuer(&self, token: &IdToken, document: &str, key: Option<&str>) -> bool;

    /// What the token says about the person.
    ///
    /// - `token`: verified in full.
    ///
    /// # Errors
    /// Claims missing or unusable; account or tenant not allowed.
    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected>;

    /// Adds what the UserInfo endpoint says. Only called where [`Profile::USER_INFO`] is set, and only with what
    /// is said about the token's own subject.
    fn complete(&self, claims: Claims, _info: UserInfo) -> Claims {
        claims
    }

    /// Whether authentication contexts mean something to this provider. If so, those asked for must be in the
    /// claims.
    fn knows_contexts(&self) -> bool {
        false
    }
}

/// The claims that mean the same at every provider; no address.
#[must_use]
pub fn claims_of(token: &IdToken, subject: &str) -> Claims {
    Claims {
        issuer: token.iss.clone(),
        tenant: None,
        subject: subject.to_owned(),
        cloud: None,
        email: None,
        display_name: token.name.clone().filter(|name| !name.trim().is_empty()),
        authenticated_at: token.auth_time.map(|time| time.0),
        amr: token.amr.clone().unwrap_or_default().into_vec(),
        contexts: Vec::new(),
        sid: token.sid.clone().filter(|sid| !sid.is_empty()),
    }
}
