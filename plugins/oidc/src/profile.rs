//! What differs from provider to provider.

use plugins_sdk::message::Claims;

use crate::id_token::IdToken;
use crate::logout_token::LogoutToken;
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

    /// Whether the issuer of a logout token may end sessions here, with this key: as [`Profile::token_issuer`], for a
    /// token with fewer claims. It must be the one of [`Claims::issuer`], which is the document's unless that is a
    /// template.
    ///
    /// - `token`: its signature is verified, nothing else.
    /// - `document`, `key`: as there.
    fn logout_issuer(&self, token: &LogoutToken, document: &str, _key: Option<&str>) -> bool {
        token.iss == document
    }

    /// The person whom a logout token names, as in [`Claims::subject`]; `None` where it names nobody.
    fn logout_subject(&self, token: &LogoutToken) -> Option<String> {
        token.sub.clone()
    }

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

    /// Where the document of the person's tenant is, if it must be seen before the claims hold.
    ///
    /// - `claims`: those of a token that is verified in full; nothing is ever asked of a tenant that an unverified
    ///   token names.
    fn tenant_document(&self, _claims: &Claims) -> Option<String> {
        None
    }

    /// Adds what the tenant's document says. Only called where [`Profile::tenant_document`] asked for it.
    ///
    /// # Errors
    /// The tenant is not one whose accounts are let in.
    fn locate(&self, claims: Claims, _document: &str) -> Result<Claims, TokenRejected> {
        Ok(claims)
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
        logout_hint: None,
    }
}
