//! One issuer, and its word for the address.

use plugins_oidc::settings::Problems;
use plugins_oidc::{
    IdToken, Kind, Profile, Registration, TokenRejected, UserInfo, Wish, claims_of,
};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof, OpenRequest, SettingProblem};
use serde_json::Value;

use crate::settings::Settings;

/// RFC 8176: several factors.
const SECOND_FACTOR: &str = "mfa";

/// The one issuer, compared as a plain string everywhere.
#[derive(Debug)]
pub struct FixedIssuer {
    pub(crate) issuer: String,
    /// Values of `acr` that stand for two factors.
    pub(crate) second_factor: Vec<String>,
}

impl FixedIssuer {
    fn shows_second_factor(&self, token: &IdToken) -> bool {
        let given = token.acr.as_ref().and_then(Value::as_str);
        given.is_some_and(|given| self.second_factor.iter().any(|value| value == given))
    }
}

impl Kind for FixedIssuer {
    type Settings = Settings;

    const KIND: &'static str = "openid";
    const DISPLAY_NAME: &'static str = "OpenID Connect";

    fn configure(
        settings: Settings,
        _request: &OpenRequest,
        problems: Problems,
    ) -> Result<(Registration, Self), Vec<SettingProblem>> {
        settings.check(problems)
    }
}

impl Profile for FixedIssuer {
    const USER_INFO: bool = true;

    fn document_issuer(&self, issuer: &str) -> bool {
        issuer == self.issuer
    }

    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if wish.fresh {
            parameters.push(("prompt", "login".to_owned()));
        }
        if wish.second_factor && !self.second_factor.is_empty() {
            parameters.push(("acr_values", self.second_factor.join(" ")));
        }
        parameters
    }

    fn token_issuer(&self, token: &IdToken, _document: &str, _key: Option<&str>) -> bool {
        token.iss == self.issuer
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        let mut claims = claims_of(token, &token.sub);
        claims.email = email_claim(token.email.clone(), token.email_verified.as_ref());
        if self.shows_second_factor(token)
            && !claims.amr.iter().any(|method| method == SECOND_FACTOR)
        {
            claims.amr.push(SECOND_FACTOR.to_owned());
        }
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
