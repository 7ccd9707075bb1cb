//! Operators' tokens: made on the gateway's machine, by somebody with access to its keys.

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use serde_json::Value;

use super::REFUSED;
use super::claims::Claims;
use crate::caller::{Caller, CallerKind};
use crate::error::ApiError;
use crate::surroundings::{OPERATOR_TOKEN_SECONDS, Surroundings};

/// The operator that `claims` name. Their signature and their kind have been verified.
pub(super) fn caller(
    surroundings: &dyn Surroundings,
    claims: Value,
    now: UnixTime,
) -> Result<Caller, ApiError> {
    let refused = |cause: &str| ApiError::unauthenticated(REFUSED).because(cause);
    let Value::Object(claims) = claims else {
        return Err(refused("no claims"));
    };
    let claims = Claims(claims);
    claims.addressed(&surroundings.api().audiences)?;
    claims.timely(now, false)?;
    if claims.ends()?.saturating_sub(claims.issued()?) > OPERATOR_TOKEN_SECONDS {
        return Err(refused("an operator's token that lives too long"));
    }
    let tenant = TenantId::parse(claims.required("tenant")?).map_err(|_| refused("tenant"))?;
    if !surroundings.configuration().tenants.contains_key(&tenant) {
        return Err(refused("a tenant that does not exist"));
    }
    Ok(Caller {
        tenant,
        kind: CallerKind::Operator,
        scopes: claims.words("scp"),
        actor: "operator".to_owned(),
    })
}
