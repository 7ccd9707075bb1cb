//! Which clouds a tenant takes guests from.
//!
//! Source: specification "clouds and identity" A.5; settled reading 3 for the environment.

use std::collections::BTreeSet;

use super::Denial;
use crate::address::DomainName;
use crate::cloud::{Cloud, Clouds, Relation};
use crate::id::CloudName;
use crate::person::IdentityKey;
use crate::settings::{Profile, TenantSettings};

/// Whether guests with this identity may come into the tenant's cloud at all.
///
/// The cloud is that of the account and that of the address's domain: somebody whose domain lives in a
/// forbidden cloud does not come in with a passcode or a consumer account either.
///
/// # Errors
/// The [`Denial`].
pub fn cloud_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    key: &IdentityKey,
    domain: &DomainName,
) -> Result<(), Denial> {
    identity_admits(clouds, tenant, key, Some(domain))
}

/// The same where the address may not be known.
pub(super) fn identity_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    key: &IdentityKey,
    domain: Option<&DomainName>,
) -> Result<(), Denial> {
    let Some(cloud) = clouds.find(&tenant.cloud) else {
        return Err(Denial::CloudUnknown);
    };
    // What the partner may do is the cross-tenant settings' business: see `cross_tenant_admits`.
    if let Some(home) = &key.cloud
        && *home != tenant.cloud
    {
        account_cloud_admits(clouds, tenant, home, key.tenant.as_deref())?;
    }
    if let Some(domain) = domain {
        home_admits(clouds, tenant, domain)?;
    }
    within_environment(clouds, tenant, cloud, key.cloud.as_ref())
}

/// Whether bearers of Anyone links are let in where sharing must stay inside the environment.
///
/// # Errors
/// [`Denial::OutsideEnvironment`]: a bearer has no environment. [`Denial::CloudUnknown`].
pub fn environment_admits_anonymous(
    clouds: &Clouds,
    tenant: &TenantSettings,
) -> Result<(), Denial> {
    environment_admits(clouds, tenant, None)
}

/// In a restricted cloud with the integration on, only people of the same environment are shared with. Later profiles took
/// that back, and leave it to the clouds' own collaboration.
///
/// Source: founding document 2; specification "clouds and identity" A.4, "sharing rules" 11 (4).
pub(super) fn environment_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    home: Option<&CloudName>,
) -> Result<(), Denial> {
    match clouds.find(&tenant.cloud) {
        Some(cloud) => within_environment(clouds, tenant, cloud, home),
        None => Err(Denial::CloudUnknown),
    }
}

/// - `cloud`: the tenant's.
fn within_environment(
    clouds: &Clouds,
    tenant: &TenantSettings,
    cloud: &Cloud,
    home: Option<&CloudName>,
) -> Result<(), Denial> {
    let binds = tenant.profile == Profile::IntegrationOptIn;
    if !binds || !cloud.restricted || !tenant.integration().value {
        return Ok(());
    }
    let relation = home.map_or(Relation::Never, |home| clouds.relation(home, &tenant.cloud));
    if tenant.boundary.encloses(relation) {
        Ok(())
    } else {
        Err(Denial::OutsideEnvironment)
    }
}

/// Whether people of that organisation, whose accounts live in the cloud `home`, come into the tenant's cloud.
pub(super) fn account_cloud_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    home: &CloudName,
    organisation: Option<&str>,
) -> Result<(), Denial> {
    if clouds.find(home).is_none() {
        return Err(Denial::CloudUnknown);
    }
    let access = &tenant.directory.cross_tenant;
    match clouds.relation(home, &tenant.cloud) {
        Relation::Same | Relation::SameInstance => Ok(()),
        Relation::Mutual if !access.clouds.contains(home) => Err(Denial::CloudNotAllowed),
        // Ticking a cloud admits nobody: every organisation is added by its tenant id.
        Relation::Mutual => match access.partner(home, organisation) {
            Some(partner) if partner.reciprocated => Ok(()),
            Some(_) => Err(Denial::PartnerNotReady),
            None => Err(Denial::PartnerNotAdded),
        },
        Relation::Never => Err(Denial::CloudNotAllowed),
    }
}

/// Whether the cross-tenant access settings let people of that organisation in. Accounts without a cloud belong to no
/// organisation that these settings speak of.
pub(super) fn cross_tenant_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    home: Option<&CloudName>,
    organisation: Option<&str>,
) -> Result<(), Denial> {
    let Some(home) = home else {
        return Ok(());
    };
    let access = &tenant.directory.cross_tenant;
    let inbound = match access.partner(home, organisation) {
        Some(partner) => partner.inbound,
        None if access.default_inbound => true,
        None => match clouds.relation(home, &tenant.cloud) {
            Relation::Same | Relation::SameInstance => false,
            // Whoever comes from there without being listed fails by the cloud.
            Relation::Mutual | Relation::Never => true,
        },
    };
    if inbound {
        Ok(())
    } else {
        Err(Denial::PartnerBlocked)
    }
}

/// The strictest of the clouds a domain is known to live in.
pub fn home_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    domain: &DomainName,
) -> Result<(), Denial> {
    match tenant.directory.domain_homes.get(domain) {
        Some(homes) => homes_admit(clouds, tenant, homes),
        None => Ok(()),
    }
}

/// The strictest of these clouds; what the partner organisation must do is known once somebody has signed in.
///
/// # Errors
/// [`Denial::CloudUnknown`], [`Denial::CloudNotAllowed`].
pub fn homes_admit(
    clouds: &Clouds,
    tenant: &TenantSettings,
    homes: &BTreeSet<CloudName>,
) -> Result<(), Denial> {
    if homes.iter().any(|home| clouds.find(home).is_none()) {
        return Err(Denial::CloudUnknown);
    }
    let ticked = &tenant.directory.cross_tenant.clouds;
    let admitted = |home: &CloudName| match clouds.relation(home, &tenant.cloud) {
        Relation::Same | Relation::SameInstance => true,
        Relation::Mutual => ticked.contains(home),
        Relation::Never => false,
    };
    if homes.iter().all(admitted) {
        Ok(())
    } else {
        Err(Denial::CloudNotAllowed)
    }
}
