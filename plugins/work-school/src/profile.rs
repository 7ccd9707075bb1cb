//! Entra's issuer rule, and what its claims mean.

use std::collections::{BTreeMap, BTreeSet};

use plugins_oidc::entra::{Authority, CONSUMERS, TOKEN_VERSION, is_guid, logout_hint};
use plugins_oidc::settings::Problems;
use plugins_oidc::{
    IdToken, Kind, LogoutToken, Profile, Registration, TokenRejected, Wish, claims_of,
};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof, OpenRequest, SettingProblem};
use serde_json::{Value, json};

use crate::region::Region;
use crate::settings::Settings;

/// RFC 8176: several factors.
const SECOND_FACTOR: &str = "mfa";

/// Stands for the tenant in the issuer of an authority that serves many; any case.
const PLACEHOLDER: &str = "{tenantid}";

/// The tenants of organisations in one cloud.
#[derive(Debug)]
pub struct Organizations {
    pub(crate) authority: Authority,
    /// The issuer that the authority's discovery document prints, a template where it serves many tenants.
    pub(crate) issuer: String,
    pub(crate) tenants: Tenants,
    pub(crate) second_factor: SecondFactor,
}

/// Whose accounts are let in.
#[derive(Debug)]
pub(crate) enum Tenants {
    /// Those of these tenants; lower-case ids. That they live in the cloud is the operator's word.
    Listed(Vec<String>),
    /// Those of every tenant whose own document puts it in this region.
    Any(Region),
}

/// The authentication contexts that stand for a second factor. Each tenant has its own.
#[derive(Debug, Default)]
pub(crate) struct SecondFactor {
    /// By tenant id, lower-case.
    pub(crate) of_tenant: BTreeMap<String, String>,
    /// Of all other tenants.
    pub(crate) elsewhere: Option<String>,
}

impl SecondFactor {
    fn context(&self, tenant: &str) -> Option<&str> {
        let own = self.of_tenant.get(tenant).or(self.elsewhere.as_ref());
        own.map(String::as_str)
    }

    /// What to ask for before it is known which tenant will answer.
    fn candidates(&self, tenants: &Tenants) -> BTreeSet<&str> {
        match tenants {
            Tenants::Listed(listed) => listed.iter().filter_map(|id| self.context(id)).collect(),
            Tenants::Any(_) => {
                let every = self.of_tenant.values().chain(&self.elsewhere);
                every.map(String::as_str).collect()
            }
        }
    }
}

impl Organizations {
    fn check_tenant(&self, tenant: &str) -> Result<(), TokenRejected> {
        if tenant == CONSUMERS {
            return Err(TokenRejected::Account("it is a personal account"));
        }
        match &self.tenants {
            Tenants::Any(_) => Ok(()),
            Tenants::Listed(listed) if listed.iter().any(|entry| entry == tenant) => Ok(()),
            Tenants::Listed(_) => Err(TokenRejected::Tenant(tenant.to_owned())),
        }
    }

    /// The contexts to ask for: those that the gateway wants, and those of a second factor.
    fn wanted<'w>(&'w self, wish: &'w Wish) -> Vec<&'w str> {
        let mut wanted: Vec<&str> = wish.contexts.iter().map(String::as_str).collect();
        if wish.second_factor {
            for context in self.second_factor.candidates(&self.tenants) {
                if !wanted
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(context))
                {
                    wanted.push(context);
                }
            }
        }
        wanted
    }
}

impl Kind for Organizations {
    type Settings = Settings;

    const KIND: &'static str = "work-school";
    const DISPLAY_NAME: &'static str = "Work or school account";

    fn configure(
        settings: Settings,
        request: &OpenRequest,
        problems: Problems,
    ) -> Result<(Registration, Self), Vec<SettingProblem>> {
        settings.check(request, problems)
    }
}

impl Profile for Organizations {
    fn document_issuer(&self, issuer: &str) -> bool {
        fill(issuer, PLACEHOLDER) == self.issuer
    }

    /// A template names no issuer. The response must name one of its tenants; that it is the token's is checked
    /// when the token is there.
    fn response_issuer(&self, issuer: &str, document: &str) -> bool {
        let tenant = issuer.split('/').nth(3).unwrap_or_default();
        is_guid(tenant) && fill(document, tenant) == issuer
    }

    fn parameters(&self, wish: &Wish) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        let domain = wish
            .address
            .as_deref()
            .and_then(|address| address.split_once('@'));
        if let Some((_, domain)) = domain {
            parameters.push(("domain_hint", domain.to_owned()));
        }
        if wish.fresh {
            parameters.push(("prompt", "login".to_owned()));
        } else if wish.address.is_none() {
            parameters.push(("prompt", "select_account".to_owned()));
        }
        if let Some(requested) = requested_claims(wish.fresh, &self.wanted(wish)) {
            parameters.push(("claims", requested.to_string()));
        }
        parameters
    }

    fn knows_contexts(&self) -> bool {
        true
    }

    /// `iss` must be the issuer of the key, and of the document, each filled with the token's tenant. A key of the
    /// consumers has their issuer, without placeholder, and so cannot vouch for a tenant of an organisation.
    fn token_issuer(&self, token: &IdToken, document: &str, key: Option<&str>) -> bool {
        let (Some(tenant), Some(key)) = (token.tid.as_deref(), key) else {
            return false;
        };
        is_guid(tenant) && fill(key, tenant) == token.iss && fill(document, tenant) == token.iss
    }

    /// The same; the tenant is the one that `iss` names where the token has no `tid`, and it must be allowed.
    fn logout_issuer(&self, token: &LogoutToken, document: &str, key: Option<&str>) -> bool {
        let named = token.iss.split('/').nth(3).unwrap_or_default();
        let tenant = token.tid.as_deref().unwrap_or(named);
        let filled = |template: &str| fill(template, tenant) == token.iss;
        is_guid(tenant)
            && key.is_some_and(filled)
            && filled(document)
            && self.check_tenant(tenant).is_ok()
    }

    /// Not `sub`: people are known by their `oid`.
    fn logout_subject(&self, token: &LogoutToken) -> Option<String> {
        token.oid.clone().filter(|oid| !oid.trim().is_empty())
    }

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        if token.ver.as_deref() != Some(TOKEN_VERSION) {
            return Err(TokenRejected::Claim("ver"));
        }
        let tenant = token.tid.as_deref().ok_or(TokenRejected::Claim("tid"))?;
        self.check_tenant(tenant)?;
        let subject = token.oid.as_deref().filter(|oid| !oid.trim().is_empty());
        let mut claims = claims_of(token, subject.ok_or(TokenRejected::Claim("oid"))?);
        claims.tenant = Some(tenant.to_owned());
        if matches!(self.tenants, Tenants::Listed(_)) {
            claims.cloud = Some(self.authority.cloud.clone());
        }
        claims.contexts = contexts(token);
        // Version 2.0 tokens have no dependable sign of a second factor but the context whose policy asks for one.
        let second_factor = self.second_factor.context(tenant);
        let shown = second_factor.is_some_and(|context| {
            let mut given = claims.contexts.iter();
            given.any(|given| given.eq_ignore_ascii_case(context))
        });
        if shown && !claims.amr.iter().any(|method| method == SECOND_FACTOR) {
            claims.amr.push(SECOND_FACTOR.to_owned());
        }
        claims.logout_hint = logout_hint(token);
        claims.email = token.email.clone().map(|address| EmailClaim {
            address,
            proof: email_proof(token),
        });
        Ok(claims)
    }

    /// A tenant that nobody listed tells itself where it lives.
    fn tenant_document(&self, claims: &Claims) -> Option<String> {
        match (&self.tenants, &claims.tenant) {
            (Tenants::Any(_), Some(tenant)) => Some(self.authority.discovery_url(tenant)),
            (Tenants::Any(_), None) | (Tenants::Listed(_), _) => None,
        }
    }

    fn locate(&self, mut claims: Claims, document: &str) -> Result<Claims, TokenRejected> {
        let tenant = claims.tenant.as_deref();
        match (&self.tenants, tenant) {
            (Tenants::Any(region), Some(tenant)) => {
                region.check(&self.authority, tenant, document)?;
            }
            (Tenants::Any(_), None) | (Tenants::Listed(_), _) => {
                return Err(TokenRejected::Claim("tid"));
            }
        }
        claims.cloud = Some(self.authority.cloud.clone());
        Ok(claims)
    }
}

/// The `claims` parameter (OpenID Connect Core, 5.5).
fn requested_claims(fresh: bool, contexts: &[&str]) -> Option<Value> {
    let mut id_token = serde_json::Map::new();
    if fresh {
        id_token.insert("auth_time".to_owned(), json!({ "essential": true }));
    }
    match contexts {
        [] => {}
        [one] => {
            id_token.insert(
                "acrs".to_owned(),
                json!({ "essential": true, "value": one }),
            );
        }
        several => {
            id_token.insert(
                "acrs".to_owned(),
                json!({ "essential": true, "values": several }),
            );
        }
    }
    (!id_token.is_empty()).then(|| json!({ "id_token": id_token }))
}

/// Ids are `C1` to `C99`; Entra's own examples write them in either case.
fn contexts(token: &IdToken) -> Vec<String> {
    let given = token.acrs.clone().unwrap_or_default().into_vec();
    given
        .iter()
        .map(|context| context.to_ascii_uppercase())
        .collect()
}

/// Whether the owner of the address's domain vouches for it. Documented as Boolean, seen as number and text.
fn email_proof(token: &IdToken) -> EmailProof {
    let vouched = match &token.xms_edov {
        Some(Value::Bool(vouched)) => *vouched,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text == "1" || text == "true",
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
    };
    if vouched {
        EmailProof::DomainOwner
    } else {
        EmailProof::None
    }
}

/// `template` with its first placeholder, in any case, replaced by `tenant`.
fn fill(template: &str, tenant: &str) -> String {
    let at = template.to_ascii_lowercase().find(PLACEHOLDER);
    match at.and_then(|at| template.split_at_checked(at)) {
        Some((before, rest)) => {
            let after = rest.get(PLACEHOLDER.len()..).unwrap_or_default();
            format!("{before}{tenant}{after}")
        }
        None => template.to_owned(),
    }
}
