//! One issuer, and its word for the address.

use plugins_oidc::{IdToken, Profile, TokenRejected, UserInfo, Wish, claims_of};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof};
use serde_json::Value;

/// The one issuer, compared as a plain string everywhere.
#[derive(Debug)]
pub(crate) struct FixedIssuer(pub(crate) String);

impl Profile for FixedIssuer {
    const USER_INFO: bool = true;

    fn document_issuer(&self, issuer: &str) -> bool {
        issuer == self.0
    }

    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)> {
        if wish.fresh {
            vec![("prompt", "login".to_owned())]
        } else {
            Vec::new()
        }
    }

    fn token_issuer(&self, token: &IdToken, _document: &str, _key: Option<&str>) -> bool {
        token.iss == self.0
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        let mut claims = claims_of(token, &token.sub);
        claims.email = email_claim(token.email.clone(), token.email_verified.as_ref());
        Ok(claims)
    }

    fn complete(&self, mut claims: Claims, info: UserInfo) -> Claims {
        claims.email = email_claim(info.email, info.email_verified.as_ref());
        claims.display_name = claims.display_name.or(info.name);
        claims
    }
}

/// Only JSON `true` counts: whatever else stands there, the provider did not keep to the standard where it
/// matters most.
fn email_claim(address: Option<String>, verified: Option<&Value>) -> Option<EmailClaim> {
    let proof = match verified {
        Some(Value::Bool(true)) => EmailProof::ProviderVerified,
        Some(_) | None => EmailProof::None,
    };
    address.map(|address| EmailClaim { address, proof })
}
