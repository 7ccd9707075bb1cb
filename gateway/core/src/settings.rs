//! The settings of a tenant and of a site that bear on external sharing.
//!
//! Configured values, as they stand; what takes effect is computed in [`effective_level`].

use std::collections::{BTreeMap, BTreeSet};

use crate::address::DomainName;
use crate::cloud::EnvironmentBoundary;
use crate::domains::DomainRestriction;
use crate::id::CloudName;
use crate::path::PathCase;

/// How far a tenant, partition or site may be shared, from closed to open: the order of the variants is
/// the order of openness. (Graph numbers them differently; never compare those numbers.)
///
/// Source: `Set-SPOTenant -SharingCapability`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SharingCapability {
    /// Only people in the organisation.
    Disabled,
    /// Guests already in the directory.
    ExistingExternalUserSharingOnly,
    /// New and existing guests, who sign in.
    ExternalUserSharingOnly,
    /// Also bearers of Anyone links.
    ExternalUserAndGuestSharing,
}

impl SharingCapability {
    /// All, from closed to open.
    pub const ALL: [Self; 4] = [
        Self::Disabled,
        Self::ExistingExternalUserSharingOnly,
        Self::ExternalUserSharingOnly,
        Self::ExternalUserAndGuestSharing,
    ];

    /// The name the settings use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::ExistingExternalUserSharingOnly => "ExistingExternalUserSharingOnly",
            Self::ExternalUserSharingOnly => "ExternalUserSharingOnly",
            Self::ExternalUserAndGuestSharing => "ExternalUserAndGuestSharing",
        }
    }
}

/// Where a site belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// Sites.
    #[default]
    Core,
    /// Personal sites.
    OneDrive,
}

/// The integration of sharing with the directory's invitation manager (`EnableAzureADB2BIntegration`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integration {
    /// Off: the default.
    #[default]
    Off,
    /// On.
    On,
}

/// A partner organisation added to the cross-tenant access settings, by tenant id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The partner's home cloud.
    pub cloud: CloudName,
    /// Whether its people may come in as guests.
    pub inbound: bool,
}

/// Cross-tenant access: which clouds and organisations the tenant opted in to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrossTenantAccess {
    /// Clouds ticked, empty by default. Ticking one admits nobody until a partner is added.
    pub clouds: BTreeSet<CloudName>,
    /// Organisations by lower-case tenant id.
    pub partners: BTreeMap<String, Partner>,
}

/// The directory's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectorySettings {
    /// The directory's allow or deny list; it binds invitations and their redemption, not guests redeemed.
    pub domains: DomainRestriction,
    /// Whether guests without any account may use a passcode by mail.
    pub email_otp: bool,
    /// The organisation's tenant id in its cloud, lower case: the accounts of this tenant are members.
    pub tenant_id: Option<String>,
    /// Cross-tenant access settings.
    pub cross_tenant: CrossTenantAccess,
    /// Where a domain's accounts live when that is known beforehand. A domain of several clouds has them all.
    pub domain_homes: BTreeMap<DomainName, BTreeSet<CloudName>>,
}

/// Settings of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// The cloud the tenant lives in.
    pub cloud: CloudName,
    /// The ceiling for everything.
    pub capability: SharingCapability,
    /// The ceiling for sites.
    pub core_capability: SharingCapability,
    /// The ceiling for personal sites.
    pub onedrive_capability: SharingCapability,
    /// The tenant's domain list.
    pub domains: DomainRestriction,
    /// The integration with the directory's invitations.
    pub integration: Integration,
    /// What "environment" means for it.
    pub boundary: EnvironmentBoundary,
    /// `RequireAnonymousLinksExpireInDays`: the longest life of an Anyone link, in days; none when absent.
    pub anyone_link_days: Option<u16>,
    /// `FileAnonymousLinkType` allows editing through an Anyone link on a file.
    pub anyone_file_edit: bool,
    /// The directory's settings.
    pub directory: DirectorySettings,
}

/// Settings of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSettings {
    /// Which partition's ceiling applies.
    pub partition: Partition,
    /// The site's own level.
    pub capability: SharingCapability,
    /// `OverrideSharingCapability`: the partition's ceiling is skipped, the tenant's is not.
    pub override_partition: bool,
    /// The site's domain list.
    pub domains: DomainRestriction,
    /// How names are compared.
    pub path_case: PathCase,
}

/// Which setting made the level what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelSource {
    /// The tenant's `SharingCapability`.
    Tenant,
    /// The partition's.
    Partition(Partition),
    /// The site's own.
    Site,
}

/// The level that takes effect: the most restrictive of tenant, partition (unless overridden) and site,
/// with the first of these, in that order, that holds it down.
#[must_use]
pub fn effective_level(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> (SharingCapability, LevelSource) {
    let partition = match site.partition {
        Partition::Core => tenant.core_capability,
        Partition::OneDrive => tenant.onedrive_capability,
    };
    let mut level = (tenant.capability, LevelSource::Tenant);
    if !site.override_partition && partition < level.0 {
        level = (partition, LevelSource::Partition(site.partition));
    }
    if site.capability < level.0 {
        level = (site.capability, LevelSource::Site);
    }
    level
}
