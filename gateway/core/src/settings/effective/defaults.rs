//! What the sharing dialogue begins with.
//!
//! Source: specification "sharing rules" 1.4 and 2.3. A site's own setting counts before the tenant's, a scope or role
//! before the older setting it succeeded; what is not allowed falls to the next stricter.

use super::{Effective, Source, effective_level};
use crate::settings::words::{
    CompanyWideSharingLinks, DefaultSharingLinkType, LinkPermission, MainLinkScope, ShareLinkRole,
    ShareLinkScope, SharingCapability, TenantLinkPermission,
};
use crate::settings::{Partition, SiteSettings, TenantSettings};

/// The link that the sharing dialogue begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultLink {
    /// For people who have access already.
    ExistingAccess,
    /// For specific people.
    SpecificPeople,
    /// For people in the organisation.
    Organization,
    /// For anyone.
    Anyone,
}

impl DefaultLink {
    /// Its name among the link types.
    #[must_use]
    pub const fn link_type(self) -> &'static str {
        match self {
            Self::ExistingAccess => "ExistingAccess",
            Self::SpecificPeople => DefaultSharingLinkType::Direct.name(),
            Self::Organization => DefaultSharingLinkType::Internal.name(),
            Self::Anyone => DefaultSharingLinkType::AnonymousAccess.name(),
        }
    }

    /// Its name among the scopes.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::ExistingAccess => "ExistingAccess",
            Self::SpecificPeople => ShareLinkScope::SpecificPeople.name(),
            Self::Organization => ShareLinkScope::Organization.name(),
            Self::Anyone => ShareLinkScope::Anyone.name(),
        }
    }
}

/// What is wanted, before it is known whether it is allowed. The widest that is allowed is no more than Anyone.
const fn wanted(kind: DefaultSharingLinkType) -> DefaultLink {
    match kind {
        DefaultSharingLinkType::None | DefaultSharingLinkType::AnonymousAccess => {
            DefaultLink::Anyone
        }
        DefaultSharingLinkType::Internal => DefaultLink::Organization,
        DefaultSharingLinkType::Direct => DefaultLink::SpecificPeople,
    }
}

const fn of_scope(scope: ShareLinkScope) -> Option<DefaultLink> {
    match scope {
        ShareLinkScope::Uninitialized => None,
        ShareLinkScope::SpecificPeople => Some(DefaultLink::SpecificPeople),
        ShareLinkScope::Organization => Some(DefaultLink::Organization),
        ShareLinkScope::Anyone => Some(DefaultLink::Anyone),
    }
}

impl TenantSettings {
    /// The default that sites of the partition start from, whether it is allowed there or not; without a partition the
    /// one for all.
    fn wanted_link(&self, partition: Option<Partition>) -> Effective<DefaultLink> {
        let sharing = &self.sharing;
        let own = partition.map(|partition| match partition {
            Partition::Core => (
                partition,
                (
                    sharing.core_default_existing,
                    "CoreDefaultLinkToExistingAccess",
                ),
                (sharing.core_default_scope, "CoreDefaultShareLinkScope"),
            ),
            Partition::OneDrive => (
                partition,
                (
                    sharing.onedrive_default_existing,
                    "OneDriveDefaultLinkToExistingAccess",
                ),
                (
                    sharing.onedrive_default_scope,
                    "OneDriveDefaultShareLinkScope",
                ),
            ),
        });
        if let Some((partition, existing, scope)) = own {
            let source = Source::Partition(partition);
            if existing.0 {
                return Effective::new(DefaultLink::ExistingAccess, existing.1, source);
            }
            if let Some(link) = of_scope(scope.0) {
                return Effective::new(link, scope.1, source);
            }
        }
        let link = wanted(sharing.default_link_type);
        Effective::new(link, "DefaultSharingLinkType", Source::Tenant)
    }
}

/// What the dialogue begins with in the sites of a partition, or without one in the tenant, before a site says more.
#[must_use]
pub fn tenant_default_link(
    tenant: &TenantSettings,
    partition: Option<Partition>,
) -> Effective<DefaultLink> {
    let all = tenant.sharing.capability;
    let level = partition.map_or(all, |partition| tenant.sharing.ceiling(partition).min(all));
    let link = tenant.wanted_link(partition);
    match (link.value, partition) {
        (DefaultLink::Anyone, _) if level >= SharingCapability::ExternalUserAndGuestSharing => link,
        (DefaultLink::Anyone, Some(partition)) if level < all => {
            let source = Source::Partition(partition);
            Effective::new(DefaultLink::Organization, link.setting, source)
        }
        (DefaultLink::Anyone, _) => {
            Effective::new(DefaultLink::Organization, link.setting, Source::Tenant)
        }
        (_, _) => link,
    }
}

/// What the dialogue begins with in a site. The source of one that had to fall is what made it fall.
#[must_use]
pub fn default_link(tenant: &TenantSettings, site: &SiteSettings) -> Effective<DefaultLink> {
    let own = &site.sharing;
    let here = |link, name| Effective::new(link, name, Source::Site);
    let mut link = match (
        own.default_existing,
        of_scope(own.default_scope),
        own.default_link_type,
    ) {
        (true, _, _) => here(DefaultLink::ExistingAccess, "DefaultLinkToExistingAccess"),
        (false, Some(link), _) => here(link, "DefaultShareLinkScope"),
        (false, None, Some(kind)) if kind != DefaultSharingLinkType::None => {
            here(wanted(kind), "DefaultSharingLinkType")
        }
        (false, None, _) => tenant.wanted_link(Some(site.partition)),
    };
    let (level, because) = effective_level(tenant, site);
    if link.value == DefaultLink::Anyone && level < SharingCapability::ExternalUserAndGuestSharing {
        link = Effective::new(DefaultLink::Organization, link.setting, because.source());
    }
    if link.value == DefaultLink::Organization
        && own.company_links == CompanyWideSharingLinks::Disabled
    {
        link = Effective::new(DefaultLink::SpecificPeople, link.setting, Source::Site);
    }
    link
}

/// The role that the dialogue begins with in a site; a permission of the older settings is a role of the same name.
#[must_use]
pub fn default_role(tenant: &TenantSettings, site: &SiteSettings) -> Effective<ShareLinkRole> {
    let here = |role, name| Effective::new(role, name, Source::Site);
    match (
        site.sharing.default_role,
        site.sharing.default_link_permission,
    ) {
        (ShareLinkRole::None, LinkPermission::None) => {
            tenant_default_role(tenant, Some(site.partition))
        }
        (ShareLinkRole::None, LinkPermission::View) => {
            here(ShareLinkRole::View, "DefaultLinkPermission")
        }
        (ShareLinkRole::None, LinkPermission::Edit) => {
            here(ShareLinkRole::Edit, "DefaultLinkPermission")
        }
        (role, _) => here(role, "DefaultShareLinkRole"),
    }
}

/// The role that the dialogue begins with in the sites of a partition, or without one in the tenant.
#[must_use]
pub fn tenant_default_role(
    tenant: &TenantSettings,
    partition: Option<Partition>,
) -> Effective<ShareLinkRole> {
    let own = match partition {
        Some(Partition::Core) => (tenant.sharing.core_default_role, "CoreDefaultShareLinkRole"),
        Some(Partition::OneDrive) => (
            tenant.sharing.onedrive_default_role,
            "OneDriveDefaultShareLinkRole",
        ),
        None => (ShareLinkRole::None, ""),
    };
    if let (Some(partition), (role, name)) = (partition, own)
        && role != ShareLinkRole::None
    {
        return Effective::new(role, name, Source::Partition(partition));
    }
    let role = match tenant.sharing.default_link_permission {
        TenantLinkPermission::View => ShareLinkRole::View,
        TenantLinkPermission::Edit => ShareLinkRole::Edit,
    };
    Effective::new(role, "DefaultLinkPermission", Source::Tenant)
}

/// For whom the main link of an item of the site works at first.
#[must_use]
pub fn default_main_scope(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<MainLinkScope> {
    const NAME: &str = "DefaultMainLinkScope";
    let mut scope = Effective::new(site.sharing.default_main_scope, NAME, Source::Site);
    let (level, because) = effective_level(tenant, site);
    if scope.value == MainLinkScope::Anyone
        && level < SharingCapability::ExternalUserAndGuestSharing
    {
        scope = Effective::new(MainLinkScope::Organization, NAME, because.source());
    }
    if scope.value == MainLinkScope::Organization
        && site.sharing.company_links == CompanyWideSharingLinks::Disabled
    {
        scope = Effective::new(MainLinkScope::OnlyPeopleAdded, NAME, Source::Site);
    }
    scope
}
