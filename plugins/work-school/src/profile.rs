//! Entra's issuer rule, and what its claims mean.

use plugins_oidc::entra::{CONSUMERS, TOKEN_VERSION, is_guid};
use plugins_oidc::{IdToken, Profile, TokenRejected, Wish, claims_of};
use plugins_sdk::message::{Claims, EmailClaim, EmailProof};
use serde_json::{Value, json};

/// Stands for the tenant in the issuer of an authority that serves many; any case.
const PLACEHOLDER: &str = "{tenantid}";

/// The tenants of organisations at one authority.
#[derive(Debug)]
pub(crate) struct Organizations {
    cloud: String,
    issuer: String,
    tenants: Tenants,
}

/// Whose accounts are let in.
#[derive(Debug)]
pub(crate) enum Tenants {
    /// Everybody's but the consumers'.
    Any,
    /// Those of these tenants; lower-case ids.
    Listed(Vec<String>),
}

impl Organizations {
    /// - `issuer`: the one that the authority's discovery document prints, a template where it serves many
    ///   tenants.
    pub(crate) fn new(cloud: String, issuer: String, tenants: Tenants) -> Self {
        Self {
            cloud,
            issuer,
            tenants,
        }
    }

    fn check_tenant(&self, tenant: &str) -> Result<(), TokenRejected> {
        if tenant == CONSUMERS {
            return Err(TokenRejected::Account("it is a personal account"));
        }
        match &self.tenants {
            Tenants::Any => Ok(()),
            Tenants::Listed(listed) if listed.iter().any(|entry| entry == tenant) => Ok(()),
            Tenants::Listed(_) => Err(TokenRejected::Tenant(tenant.to_owned())),
        }
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
        if let Some(requested) = requested_claims(wish) {
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

    fn claims(&self, token: &IdToken) -> Result<Claims, TokenRejected> {
        if token.ver.as_deref() != Some(TOKEN_VERSION) {
            return Err(TokenRejected::Claim("ver"));
        }
        let tenant = token.tid.as_deref().ok_or(TokenRejected::Claim("tid"))?;
        self.check_tenant(tenant)?;
        let subject = token.oid.as_deref().filter(|oid| !oid.trim().is_empty());
        let mut claims = claims_of(token, subject.ok_or(TokenRejected::Claim("oid"))?);
        claims.tenant = Some(tenant.to_owned());
        claims.cloud = Some(self.cloud.clone());
        claims.contexts = contexts(token);
        claims.email = token.email.clone().map(|address| EmailClaim {
            address,
            proof: email_proof(token),
        });
        Ok(claims)
    }
}

/// The `claims` parameter (OpenID Connect Core, 5.5).
fn requested_claims(wish: &Wish) -> Option<Value> {
    let mut id_token = serde_json::Map::new();
    if wish.fresh {
        id_token.insert("auth_time".to_owned(), json!({ "essential": true }));
    }
    match wish.contexts.as_slice() {
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
