//! The tenant of the consumers.

use plugins_oidc::entra::{Authority, CONSUMERS, TOKEN_VERSION, logout_hint};
use plugins_oidc::settings::Problems;
use plugins_oidc::{
    IdToken, Kind, LogoutToken, Profile, Registration, TokenRejected, Wish, claims_of,
};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof, OpenRequest, SettingProblem};

use crate::settings::Settings;

/// The domains whose mailboxes are Microsoft's own.
pub(crate) const HOME_DOMAINS: [&str; 4] = ["outlook.com", "hotmail.com", "live.com", "msn.com"];

/// The tenant of the consumers at one authority.
#[derive(Debug)]
pub struct Consumers {
    issuer: String,
}

impl Consumers {
    pub(crate) fn new(authority: &Authority) -> Self {
        Self {
            issuer: authority.issuer(CONSUMERS),
        }
    }
}

impl Kind for Consumers {
    type Settings = Settings;

    const KIND: &'static str = "microsoft-account";
    const DISPLAY_NAME: &'static str = "Microsoft account";
    const HOME_DOMAINS: &'static [&'static str] = &HOME_DOMAINS;

    fn configure(
        settings: Settings,
        request: &OpenRequest,
        problems: Problems,
    ) -> Result<(Registration, Self), Vec<SettingProblem>> {
        settings.check(request, problems)
    }
}

impl Profile for Consumers {
    fn document_issuer(&self, issuer: &str) -> bool {
        issuer == self.issuer
    }

    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("domain_hint", "consumers".to_owned())];
        if wish.fresh {
            parameters.push(("prompt", "login".to_owned()));
        } else if wish.address.is_none() {
            parameters.push(("prompt", "select_account".to_owned()));
        }
        parameters
    }

    /// Token, key and tenant must all be the consumers' own: a key whose issuer is a template belongs to the
    /// tenants of organisations.
    fn token_issuer(&self, token: &IdToken, _document: &str, key: Option<&str>) -> bool {
        token.iss == self.issuer
            && key == Some(self.issuer.as_str())
            && token.tid.as_deref() == Some(CONSUMERS)
    }

    /// The same. A token may leave out the tenant, which its issuer names.
    fn logout_issuer(&self, token: &LogoutToken, _document: &str, key: Option<&str>) -> bool {
        token.iss == self.issuer
            && key == Some(self.issuer.as_str())
            && token
                .tid
                .as_deref()
                .is_none_or(|tenant| tenant == CONSUMERS)
    }

    /// Not `sub`: people are known by their `oid`.
    fn logout_subject(&self, token: &LogoutToken) -> Option<String> {
        token.oid.clone().filter(|oid| !oid.trim().is_empty())
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        if token.ver.as_deref() != Some(TOKEN_VERSION) {
            return Err(TokenRejected::Claim("ver"));
        }
        let subject = token.oid.as_deref().filter(|oid| !oid.trim().is_empty());
        let mut claims = claims_of(token, subject.ok_or(TokenRejected::Claim("oid"))?);
        claims.tenant = Some(CONSUMERS.to_owned());
        claims.logout_hint = logout_hint(token);
        claims.email = token.email.clone().map(|address| EmailClaim {
            proof: email_proof(&address),
            address,
        });
        Ok(claims)
    }
}

fn email_proof(address: &str) -> EmailProof {
    let at_home = address.split_once('@').is_some_and(|(_, domain)| {
        HOME_DOMAINS
            .iter()
            .any(|home| domain.eq_ignore_ascii_case(home))
    });
    if at_home {
        EmailProof::DomainOwner
    } else {
        EmailProof::ProviderVerified
    }
}
