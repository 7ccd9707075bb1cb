//! Google's two spellings of itself, and when its word for an address counts.

use plugins_oidc::settings::Problems;
use plugins_oidc::{IdToken, Kind, Profile, Registration, TokenRejected, Wish, claims_of};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof, OpenRequest, SettingProblem};
use serde_json::{Value, json};

use crate::settings::Settings;

/// The domains whose mailboxes are Google's own.
pub(crate) const CONSUMER_DOMAINS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Google accounts.
#[derive(Debug)]
pub struct GoogleAccounts {
    issuer: String,
    workspace_domains: Vec<String>,
}

impl GoogleAccounts {
    /// - `issuer`: with scheme, without trailing slash.
    /// - `workspace_domains`: lower-case.
    pub(crate) fn new(issuer: String, workspace_domains: Vec<String>) -> Self {
        Self {
            issuer,
            workspace_domains,
        }
    }

    fn email_proof(&self, token: &IdToken, address: &str) -> EmailProof {
        let Some(domain) = domain_of(address) else {
            return EmailProof::None;
        };
        if token.email_verified != Some(Value::Bool(true)) {
            return EmailProof::None;
        }
        let consumer = CONSUMER_DOMAINS.contains(&domain.as_str());
        let hosted = token
            .hd
            .as_deref()
            .is_some_and(|hosted| hosted.eq_ignore_ascii_case(&domain));
        if consumer || (hosted && self.workspace_domains.contains(&domain)) {
            EmailProof::DomainOwner
        } else {
            EmailProof::None
        }
    }
}

impl Kind for GoogleAccounts {
    type Settings = Settings;

    const KIND: &'static str = "google";
    const DISPLAY_NAME: &'static str = "Google";
    const HOME_DOMAINS: &'static [&'static str] = &CONSUMER_DOMAINS;

    fn configure(
        settings: Settings,
        _request: &OpenRequest,
        problems: Problems,
    ) -> Result<(Registration, Self), Vec<SettingProblem>> {
        settings.check(problems)
    }
}

impl Profile for GoogleAccounts {
    fn document_issuer(&self, issuer: &str) -> bool {
        issuer == self.issuer
    }

    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)> {
        let domain = wish.address.as_deref().and_then(domain_of);
        let hosted = domain.filter(|domain| self.workspace_domains.contains(domain));
        let mut parameters = Vec::new();
        // Google knows no `prompt=login`. The choice of an account is what it offers, and whether it then asked
        // for a password is seen in the token.
        if wish.fresh || wish.address.is_none() {
            parameters.push(("prompt", "select_account".to_owned()));
        }
        if wish.fresh {
            let requested = json!({ "id_token": { "auth_time": { "essential": true } } });
            parameters.push(("claims", requested.to_string()));
        }
        if let Some(domain) = hosted {
            parameters.push(("hd", domain));
        }
        parameters
    }

    /// Google's tokens may name it with or without the scheme; nothing else is Google.
    fn token_issuer(&self, token: &IdToken, _document: &str, _key: Option<&str>) -> bool {
        let without_scheme = self.issuer.split_once("://").map(|(_, rest)| rest);
        token.iss == self.issuer || Some(token.iss.as_str()) == without_scheme
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        let mut claims = claims_of(token, &token.sub);
        // The person stays the same whichever spelling the token uses.
        claims.issuer.clone_from(&self.issuer);
        claims.email = token.email.clone().map(|address| EmailClaim {
            proof: self.email_proof(token, &address),
            address,
        });
        Ok(claims)
    }
}

/// What follows the first `@`, in lower case. With a second `@` in it, it is nobody's domain.
fn domain_of(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    if local.is_empty() || domain.is_empty() {
        return None;
    }
    Some(domain.to_ascii_lowercase())
}
