//! Where somebody with an address is at home.
//!
//! Source: specification "clouds and identity", A.1 and H: configured domains always win, then what the clouds say of a
//! domain; the outcome is never disclosed beyond "continue". Whether somebody with the address has redeemed, and
//! with which provider, is therefore not asked here.

use std::collections::BTreeSet;

use crate::address::DomainName;
use crate::cloud::{Cloud, Clouds};
use crate::id::{CloudName, ProviderId};
use crate::policy::Denial;

/// A provider that is open for sign-ins of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The provider.
    pub id: ProviderId,
    /// Domains whose accounts live there.
    pub home_domains: BTreeSet<DomainName>,
    /// Whether it also takes addresses of domains that nobody claims.
    pub any_domain: bool,
    /// Its place among those that do; lower goes first, then by name.
    pub order: u16,
}

/// What a tenant's discovery document says of the cloud that it lives in. Unverified: advice, and never an admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantDescription<'a> {
    /// `cloud_instance_name`.
    pub instance: &'a str,
    /// `tenant_region_scope`.
    pub region_scope: Option<&'a str>,
    /// `tenant_region_sub_scope`.
    pub region_sub_scope: Option<&'a str>,
}

/// The clouds that the tenant may live in: more than one where the document leaves that open, or contradicts itself.
///
/// # Errors
/// [`Denial::CloudUnknown`] for an instance that is not configured, [`Denial::CloudNotAllowed`] for a tenant that takes
/// part in no collaboration.
///
/// Source: specification "clouds and identity" A.1: which host answered says nothing, the document does.
pub fn clouds_of(
    tenant: TenantDescription<'_>,
    clouds: &Clouds,
) -> Result<BTreeSet<CloudName>, Denial> {
    let (scope, sub_scope) = (upper(tenant.region_scope), upper(tenant.region_sub_scope));
    let scoped = |cloud: &Cloud| {
        let scopes = &cloud.tenants.region_scopes;
        scope.as_ref().is_some_and(|scope| scopes.contains(scope))
    };
    let here = |cloud: &Cloud| cloud.instance.eq_ignore_ascii_case(tenant.instance);
    if !clouds.0.values().any(here) {
        return Err(Denial::CloudUnknown);
    }
    let may_be = |cloud: &&Cloud| here(cloud) || scoped(cloud);
    let closed = |cloud: &Cloud| {
        let scopes = &cloud.tenants.closed_scopes;
        scope.as_ref().is_some_and(|scope| scopes.contains(scope))
    };
    if clouds.0.values().filter(may_be).any(closed) {
        return Err(Denial::CloudNotAllowed);
    }
    // Within an instance the sub-scope tells the clouds apart. One that is none of theirs leaves them all.
    let exact = |cloud: &Cloud| {
        clouds
            .0
            .values()
            .any(|other| other.instance == cloud.instance && other.tenants.sub_scope == sub_scope)
    };
    Ok(clouds
        .0
        .iter()
        .filter(|(_, cloud)| may_be(cloud))
        .filter(|(_, cloud)| !exact(cloud) || cloud.tenants.sub_scope == sub_scope)
        .map(|(name, _)| name.clone())
        .collect())
}

fn upper(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty())
        .map(str::to_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::cloud;

    fn check(instance: &str, scope: &str, sub_scope: &str, want: Result<&[&str], Denial>) {
        let described = TenantDescription {
            instance,
            region_scope: Some(scope),
            region_sub_scope: Some(sub_scope),
        };
        let got = clouds_of(described, &crate::testing::clouds());
        let want = want.map(|names| names.iter().map(|name| cloud(name)).collect());
        assert_eq!(got, want, "{described:?}");
    }

    #[test]
    fn a_document_tells_the_clouds_of_one_instance_apart() {
        check("microsoftonline.com", "EU", "", Ok(&["worldwide"]));
        check("MicrosoftOnline.com", "NA", "gcc", Ok(&["gcc"]));
        check("microsoftonline.us", "USGov", "DODCON", Ok(&["gcc-high"]));
        check("microsoftonline.us", "USGOV", "DoD", Ok(&["dod"]));
        check(
            "partner.microsoftonline.cn",
            "",
            "",
            Ok(&["china-21vianet"]),
        );
    }

    #[test]
    fn what_a_document_leaves_open_is_every_cloud_it_may_be() {
        check("microsoftonline.us", "USGOV", "", Ok(&["gcc-high", "dod"]));
        check(
            "microsoftonline.us",
            "USGOV",
            "new",
            Ok(&["gcc-high", "dod"]),
        );
        check(
            "microsoftonline.com",
            "NA",
            "new",
            Ok(&["gcc", "worldwide"]),
        );
        // A region of the government's, and an instance that is not.
        check(
            "microsoftonline.com",
            "USGOV",
            "DODCON",
            Ok(&["gcc", "gcc-high", "worldwide"]),
        );
    }

    #[test]
    fn a_tenant_that_collaborates_with_nobody_is_known_by_its_region() {
        let closed = Err(Denial::CloudNotAllowed);
        check("microsoftonline.us", "USG", "DODCON", closed);
        check("microsoftonline.us", "usg", "", closed);
        check("microsoftonline.com", "USG", "", closed);
    }

    #[test]
    fn an_instance_that_is_not_configured_is_no_cloud() {
        let unknown = Err(Denial::CloudUnknown);
        check("sovcloud-identity.fr", "", "", unknown);
        check("", "USGOV", "DODCON", unknown);
    }
}
