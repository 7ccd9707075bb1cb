//! Tokens of the tenant's own directory.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::address::EmailAddress;
use gateway_core::time::UnixTime;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::claims::{Claims, is_guid};
use super::keys::{self, Found};
use super::{MALFORMED, REFUSED};
use crate::caller::{Caller, CallerKind, Wids};
use crate::error::{ApiError, Area};
use crate::surroundings::Surroundings;

/// The caller that a token of a tenant's directory names, and when the token was issued.
pub(super) async fn caller(
    surroundings: &dyn Surroundings,
    token: &str,
    now: UnixTime,
) -> Result<(Caller, UnixTime), ApiError> {
    let configuration = surroundings.configuration();
    let home = Home::of(&configuration, token)?;
    let kid = kid(token)?;
    let key = home.key(surroundings, &kid).await?;
    let claims = verified(token, &key)?;
    if claims.required("iss")? != home.issuer || claims.required("tid")? != home.directory {
        return Err(refused("another issuer"));
    }
    claims.addressed(&surroundings.api().audiences)?;
    claims.timely(now, true)?;
    Ok((home.caller(&claims)?, UnixTime(claims.issued()?)))
}

/// The tenant that a token says it is for, and the issuer that may say so.
struct Home<'a> {
    tenant: &'a Tenant,
    /// The tenant's id in its cloud, lower case.
    directory: String,
    issuer: String,
}

impl<'a> Home<'a> {
    /// Selects among the tenants that are configured: by what an unverified token says, but nothing is believed of it.
    fn of(configuration: &'a Configuration, token: &str) -> Result<Self, ApiError> {
        let said: Map<String, Value> = jsonwebtoken::dangerous::insecure_decode_claims(token)
            .map_err(|error| ApiError::unauthenticated(MALFORMED).because(error))?;
        let said = Claims(said);
        let directory = said.required("tid")?;
        let mut own = configuration.tenants.values().filter(|tenant| {
            let id = tenant.settings.directory.tenant_id.as_deref();
            id == Some(directory)
        });
        let tenant = own.next().ok_or_else(|| refused("`tid` of no tenant"))?;
        if own.next().is_some() {
            return Err(refused("`tid` of several tenants"));
        }
        let cloud = configuration.clouds.find(&tenant.settings.cloud);
        let authority = &cloud.ok_or_else(|| refused("unknown cloud"))?.authority;
        let home = Self {
            tenant,
            directory: directory.to_owned(),
            issuer: format!("{authority}/{directory}/v2.0"),
        };
        // Compared before anybody is asked for keys.
        if said.required("iss")? == home.issuer {
            Ok(home)
        } else {
            Err(refused("another issuer"))
        }
    }

    /// The issuer's key of that id; asked for anew once where it is not known.
    async fn key(
        &self,
        surroundings: &dyn Surroundings,
        kid: &str,
    ) -> Result<DecodingKey, ApiError> {
        for fresh in [false, true] {
            let set: Arc<Value> = surroundings
                .issuer_keys(&self.tenant.id, &self.issuer, fresh)
                .await
                .map_err(|error| ApiError::unavailable(Area::Directory, error))?;
            match keys::find(&set, kid, &self.issuer, &self.directory) {
                Found::Key(key) => return Ok(*key),
                Found::Missing => {}
                Found::Unfit => return Err(refused("a key that does not sign")),
            }
        }
        Err(refused("unknown key"))
    }

    fn caller(&self, claims: &Claims) -> Result<Caller, ApiError> {
        let application = claims.text("azp").or_else(|| claims.text("appid"));
        let application = application
            .filter(|id| is_guid(id))
            .ok_or_else(|| refused("no application"))?;
        let (delegated, own) = (claims.has("scp"), claims.has("roles"));
        let id = claims.required("oid")?;
        if !is_guid(id) || (delegated && own) {
            return Err(refused("`oid`, or both `scp` and `roles`"));
        }
        let (kind, scopes, actor) = if delegated {
            let kind = self.person(claims, id)?;
            let actor = match &kind {
                CallerKind::Person {
                    address: Some(address),
                    ..
                } => address.to_string(),
                CallerKind::Person { .. }
                | CallerKind::Application { .. }
                | CallerKind::Operator => id.to_ascii_lowercase(),
            };
            (kind, claims.words("scp"), actor)
        } else {
            let kind = CallerKind::Application {
                id: application.to_owned(),
                object: Some(id.to_ascii_lowercase()),
            };
            let scopes: BTreeSet<String> = claims
                .list("roles")
                .into_iter()
                .map(str::to_owned)
                .collect();
            (kind, scopes, format!("app:{application}"))
        };
        Ok(Caller {
            tenant: self.tenant.id.clone(),
            kind,
            scopes,
            actor,
        })
    }

    fn person(&self, claims: &Claims, id: &str) -> Result<CallerKind, ApiError> {
        // An application's token never holds scopes of people.
        if claims.text("idtyp").is_some_and(|kind| kind != "user") {
            return Err(refused("`idtyp`"));
        }
        let names = ["upn", "preferred_username", "unique_name"];
        let names: Vec<&str> = names.iter().filter_map(|name| claims.text(name)).collect();
        let marked = names
            .iter()
            .any(|name| name.to_ascii_uppercase().contains("#EXT#"));
        let elsewhere = claims.text("idp").is_some_and(|idp| idp != self.issuer);
        let told = names
            .iter()
            .take(2)
            .filter_map(|name| EmailAddress::parse(name).ok());
        let addresses: Vec<EmailAddress> = told.collect();
        let is_own =
            |address: &&EmailAddress| self.tenant.member_domains.contains(address.domain());
        let own = addresses.iter().find(is_own);
        let guest = match claims.number("acct") {
            Some(0) => marked || elsewhere,
            Some(_) => true,
            // Who is not shown to be a member is none.
            None => marked || elsewhere || claims.has("acct") || own.is_none(),
        };
        let address = if guest {
            // Whoever administers a guest's home may write any address there (security row S074).
            let mail = claims
                .text("email")
                .filter(|_| claims.vouched())
                .and_then(|text| EmailAddress::parse(text).ok());
            // A guest never goes by an address of the organisation.
            addresses
                .into_iter()
                .chain(mail)
                .find(|address| !self.tenant.member_domains.contains(address.domain()))
        } else {
            own.cloned()
        };
        let wids = Wids::read(claims.list("wids"));
        let groups = address
            .iter()
            .flat_map(|address| self.tenant.groups.of(address));
        Ok(CallerKind::Person {
            id: id.to_ascii_lowercase(),
            guest,
            roles: wids.roles,
            administrator: wids.administrator,
            groups: groups.cloned().collect(),
            address,
        })
    }
}

/// The id of the key that signed. The algorithm is ours to name; what else a header may demand is not understood here and
/// refused (security rows S104 to S106).
fn kid(token: &str) -> Result<String, ApiError> {
    let malformed = |cause: &str| ApiError::unauthenticated(MALFORMED).because(cause);
    let header =
        jsonwebtoken::decode_header(token).map_err(|error| malformed(&error.to_string()))?;
    let kind = header.typ.as_deref().unwrap_or_default();
    let known = ["JWT", "at+jwt", "application/at+jwt"];
    if !known.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Err(malformed("`typ`"));
    }
    if header.alg != Algorithm::RS256 || header.enc.is_some() || header.zip.is_some() {
        return Err(malformed("`alg`, `enc` or `zip`"));
    }
    if header.crit.is_some() || header.extras.inner().contains_key("b64") {
        return Err(malformed("`crit` or `b64`"));
    }
    header.kid.ok_or_else(|| malformed("no `kid`"))
}

/// The claims, if the key signed them. Times are compared by the gateway's own clock.
fn verified(token: &str, key: &DecodingKey) -> Result<Claims, ApiError> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "nbf"]);
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, key, &validation);
    match decoded {
        Ok(decoded) => Ok(Claims(decoded.claims)),
        Err(error) => Err(refused(&error.to_string())),
    }
}

fn refused(cause: &str) -> ApiError {
    ApiError::unauthenticated(REFUSED).because(cause)
}
