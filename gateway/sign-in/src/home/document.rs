//! What a discovery document says of the tenant it was asked for.

use std::collections::BTreeSet;

use gateway_core::cloud::Clouds;
use gateway_core::home::{TenantDescription, clouds_of};
use gateway_core::id::CloudName;
use gateway_core::policy::Denial;
use serde::Deserialize;
use url::Url;

use crate::fetch::Fetched;

/// The tenant that stands for every Microsoft account: nobody's organisation.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What one cloud says of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is a domain of a tenant, which lives in one of these clouds.
    Homes(BTreeSet<CloudName>),
    /// It is a domain of a tenant whose people are let in nowhere.
    Refused(Denial),
    /// No tenant has it.
    Nowhere,
    /// Nothing that can be relied on.
    Failed,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    cloud_instance_name: Option<String>,
    tenant_region_scope: Option<String>,
    tenant_region_sub_scope: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    error: String,
}

/// Reads an answer.
///
/// # Errors
/// What is wrong with it, for the log: then it says nothing, not even that no tenant has the domain.
pub(super) fn read(fetched: &Fetched, clouds: &Clouds) -> Result<Answer, String> {
    let json = fetched
        .headers
        .get("content-type")
        .is_some_and(|media_type| is_json(media_type));
    if !json {
        return Err(format!("status {} without JSON", fetched.status));
    }
    match fetched.status {
        200 => described(&fetched.body, clouds),
        // Documented as AADSTS90002. Any other refusal may be anybody's.
        400 | 404 => match serde_json::from_str::<Problem>(&fetched.body) {
            Ok(problem) if problem.error == "invalid_tenant" => Ok(Answer::Nowhere),
            Ok(_) | Err(_) => Err(format!("status {}", fetched.status)),
        },
        status => Err(format!("status {status}")),
    }
}

fn described(body: &str, clouds: &Clouds) -> Result<Answer, String> {
    let document: Document = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let issuer = Url::parse(&document.issuer).map_err(|_| "the issuer is no URL".to_owned())?;
    let tenant = tenant_of(&issuer).ok_or("the issuer names no tenant")?;
    if tenant.eq_ignore_ascii_case(CONSUMERS) {
        return Ok(Answer::Nowhere);
    }
    let instance = document.cloud_instance_name;
    let instance = instance.ok_or("it does not say in which instance the tenant lives")?;
    let described = clouds_of(
        TenantDescription {
            instance: &instance,
            region_scope: document.tenant_region_scope.as_deref(),
            region_sub_scope: document.tenant_region_sub_scope.as_deref(),
        },
        clouds,
    );
    let mut homes = match described {
        Ok(homes) => homes,
        Err(denial) => return Ok(Answer::Refused(denial)),
    };
    // An issuer of another instance than the one that is named: then it may be either.
    let origin = issuer.origin().ascii_serialization();
    let issuing = clouds.0.iter().filter(|(_, cloud)| {
        cloud.authority == origin && !cloud.instance.eq_ignore_ascii_case(&instance)
    });
    homes.extend(issuing.map(|(name, _)| name.clone()));
    Ok(Answer::Homes(homes))
}

/// The first segment of the path, where it is a tenant's id and the version is 2.0: authorities that stand for many
/// tenants print a placeholder.
fn tenant_of(issuer: &Url) -> Option<&str> {
    let tenant = issuer
        .path()
        .strip_prefix('/')?
        .strip_suffix("/v2.0")
        .filter(|tenant| tenant.len() == 36)?;
    let hexadecimal = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    tenant
        .bytes()
        .enumerate()
        .all(hexadecimal)
        .then_some(tenant)
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
