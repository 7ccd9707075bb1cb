//! Lives of links and of guests' access, what devices may do, and who is asked: each from the tenant, its partition and
//! the site.
//!
//! The most restrictive wins, except where the documents let a site be looser: the lives with an `Override…` switch.
//! Source: specification "sharing rules" 2.3 and 2.5.

use super::{Effective, Source};
use crate::settings::words::{
    BlockDownloadLinksFileType, BlockUserInfoVisibility, LimitedAccessFileType, OnOff,
    SiteConditionalAccess, TenantConditionalAccess,
};
use crate::settings::{Partition, SiteSettings, TenantSettings};

/// Days of a guest's access where it ends and nobody said when.
///
/// Source: specification "sharing rules" 1.5, marked uncertain there.
pub const GUEST_EXPIRY_DAYS: u16 = 60;

/// A value that stands in one of two settings, one for each partition.
const fn partition<T: Copy>(
    site: &SiteSettings,
    core: (T, &'static str),
    onedrive: (T, &'static str),
) -> Effective<T> {
    let (value, name) = match site.partition {
        Partition::Core => core,
        Partition::OneDrive => onedrive,
    };
    Effective::new(value, name, Source::Partition(site.partition))
}

/// Longest life of an Anyone link of the site, in days; none where there is no limit.
///
/// With the site's override the site's own, looser or stricter; else the stricter of the tenant's and its partition's.
#[must_use]
pub fn anyone_link_days(tenant: &TenantSettings, site: &SiteSettings) -> Effective<Option<u16>> {
    if site.sharing.override_anyone_days {
        let days = site.sharing.anyone_link_days.get();
        return Effective::new(days, "AnonymousLinkExpirationInDays", Source::Site);
    }
    let sharing = &tenant.sharing;
    let all = Effective::new(
        sharing.anyone_link_days.get(),
        "RequireAnonymousLinksExpireInDays",
        Source::Tenant,
    );
    let part = partition(
        site,
        (
            sharing.core_anyone_link_days.get(),
            "CoreAnyoneSharingLinkMaxExpirationInDays",
        ),
        (
            sharing.onedrive_anyone_link_days.get(),
            "OneDriveAnyoneSharingLinkMaxExpirationInDays",
        ),
    );
    match (all.value, part.value) {
        (Some(all), Some(days)) if days < all => part,
        (None, Some(_)) => part,
        (_, _) => all,
    }
}

/// The life that an Anyone link gets where nobody asks for one, in days: as suggested, but no longer than
/// [`anyone_link_days`], and that long where nothing is suggested.
#[must_use]
pub fn anyone_link_suggested(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<Option<u16>> {
    let sharing = &tenant.sharing;
    let suggested = partition(
        site,
        (
            sharing.core_anyone_link_suggested.get(),
            "CoreAnyoneSharingLinkRecommendedExpirationInDays",
        ),
        (
            sharing.onedrive_anyone_link_suggested.get(),
            "OneDriveAnyoneSharingLinkRecommendedExpirationInDays",
        ),
    );
    within(suggested, anyone_link_days(tenant, site))
}

/// Longest life of an organisation link of the site, in days; none where there is no limit.
///
/// With the site's override the site's own, looser or stricter; else the partition's.
#[must_use]
pub fn organization_link_days(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<Option<u16>> {
    if site.sharing.override_organization_days {
        let days = site.sharing.organization_link_days.get();
        let name = "OrganizationSharingLinkMaxExpirationInDays";
        return Effective::new(days, name, Source::Site);
    }
    partition(
        site,
        (
            tenant.sharing.core_organization_link_days.get(),
            "CoreOrganizationSharingLinkMaxExpirationInDays",
        ),
        (
            tenant.sharing.onedrive_organization_link_days.get(),
            "OneDriveOrganizationSharingLinkMaxExpirationInDays",
        ),
    )
}

/// The life that an organisation link gets where nobody asks for one, in days, as [`anyone_link_suggested`].
#[must_use]
pub fn organization_link_suggested(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<Option<u16>> {
    let suggested = if site.sharing.override_organization_days {
        let days = site.sharing.organization_link_suggested.get();
        let name = "OrganizationSharingLinkRecommendedExpirationInDays";
        Effective::new(days, name, Source::Site)
    } else {
        partition(
            site,
            (
                tenant.sharing.core_organization_link_suggested.get(),
                "CoreOrganizationSharingLinkRecommendedExpirationInDays",
            ),
            (
                tenant.sharing.onedrive_organization_link_suggested.get(),
                "OneDriveOrganizationSharingLinkRecommendedExpirationInDays",
            ),
        )
    };
    within(suggested, organization_link_days(tenant, site))
}

/// What is suggested, where it keeps within the longest life; the longest life otherwise.
fn within(
    suggested: Effective<Option<u16>>,
    most: Effective<Option<u16>>,
) -> Effective<Option<u16>> {
    match (suggested.value, most.value) {
        (Some(days), Some(most)) if days <= most => suggested,
        (Some(_), None) => suggested,
        (_, _) => most,
    }
}

/// Longest life of a file request of the site, in days; none where there is no limit. A request is an Anyone link as well,
/// so that [`anyone_link_days`] counts beside this.
#[must_use]
pub fn file_request_days(tenant: &TenantSettings, site: &SiteSettings) -> Effective<Option<u16>> {
    if let Some(days) = site.sharing.file_request_days {
        return Effective::new(days.get(), "RequestFilesLinkExpirationInDays", Source::Site);
    }
    partition(
        site,
        (
            tenant.sharing.core_file_request_days.get(),
            "CoreRequestFilesLinkExpirationInDays",
        ),
        (
            tenant.sharing.onedrive_file_request_days.get(),
            "OneDriveRequestFilesLinkExpirationInDays",
        ),
    )
}

/// Whether file requests are switched on in the site. Where nobody said so, they are in personal sites only.
#[must_use]
pub fn file_requests(tenant: &TenantSettings, site: &SiteSettings) -> Effective<bool> {
    if let Some(on) = site.sharing.file_requests {
        return Effective::new(on, "RequestFilesLinkEnabled", Source::Site);
    }
    partition(
        site,
        (
            tenant.sharing.core_file_requests.unwrap_or(false),
            "CoreRequestFilesLinkEnabled",
        ),
        (
            tenant.sharing.onedrive_file_requests.unwrap_or(true),
            "OneDriveRequestFilesLinkEnabled",
        ),
    )
}

/// After how many days the access ends of guests who join the site; none where it does not.
///
/// With the site's override the site's own, looser or stricter; else the tenant's.
#[must_use]
pub fn guest_expiry_days(tenant: &TenantSettings, site: &SiteSettings) -> Effective<Option<u16>> {
    if site.sharing.override_guest_expiry {
        let days = site.sharing.guest_expiry_days.get();
        return Effective::new(days, "ExternalUserExpirationInDays", Source::Site);
    }
    if !tenant.sharing.guest_expiry {
        return Effective::new(None, "ExternalUserExpirationRequired", Source::Tenant);
    }
    let days = tenant.sharing.guest_expiry_days;
    Effective::new(
        Some(days.map_or(GUEST_EXPIRY_DAYS, |days| days.get())),
        "ExternalUserExpireInDays",
        Source::Tenant,
    )
}

/// What unmanaged devices may do in the site: the stricter of the tenant's and the site's. An authentication context says
/// nothing about devices, so that the tenant's counts beside one.
#[must_use]
pub fn device_policy(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<TenantConditionalAccess> {
    const NAME: &str = "ConditionalAccessPolicy";
    let all = tenant.sharing.conditional_access;
    let own = site
        .sharing
        .conditional_access
        .and_then(SiteConditionalAccess::device_policy);
    match own {
        Some(own) if own < all => Effective::new(own, NAME, Source::Site),
        Some(_) | None => Effective::new(all, NAME, Source::Tenant),
    }
}

impl SiteConditionalAccess {
    /// What it says about unmanaged devices; nothing if it is an authentication context.
    #[must_use]
    pub const fn device_policy(self) -> Option<TenantConditionalAccess> {
        match self {
            Self::AuthenticationContext => None,
            Self::BlockAccess => Some(TenantConditionalAccess::BlockAccess),
            Self::AllowLimitedAccess => Some(TenantConditionalAccess::AllowLimitedAccess),
            Self::AllowFullAccess => Some(TenantConditionalAccess::AllowFullAccess),
        }
    }
}

/// Which of two values counts: the site's where it is stricter, that is less, and the tenant's otherwise.
fn stricter<T: Copy + Ord>(tenant: T, site: Option<T>, name: &'static str) -> Effective<T> {
    match site {
        Some(own) if own < tenant => Effective::new(own, name, Source::Site),
        Some(_) | None => Effective::new(tenant, name, Source::Tenant),
    }
}

/// Which files a link that blocks downloads may show in the site: the stricter of the tenant's and the site's.
#[must_use]
pub fn block_download_links(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<BlockDownloadLinksFileType> {
    stricter(
        tenant.sharing.block_download_links,
        site.sharing.block_download_links,
        "BlockDownloadLinksFileType",
    )
}

/// What limited access may preview and download in the site: the stricter of the tenant's and the site's.
#[must_use]
pub fn limited_file_type(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<LimitedAccessFileType> {
    stricter(
        tenant.sharing.limited_file_type,
        site.sharing.limited_file_type,
        "LimitedAccessFileType",
    )
}

/// Whether limited access edits in the site's browser: as the site says, else as the tenant does.
#[must_use]
pub fn allow_editing(tenant: &TenantSettings, site: &SiteSettings) -> Effective<bool> {
    const NAME: &str = "AllowEditing";
    match site.sharing.allow_editing {
        Some(own) => Effective::new(own, NAME, Source::Site),
        None => Effective::new(tenant.sharing.allow_editing, NAME, Source::Tenant),
    }
}

/// From whom the information about the site's users is hidden: as the partition has it, or as the site says where the
/// tenant lets sites say otherwise.
#[must_use]
pub fn user_info(
    tenant: &TenantSettings,
    site: &SiteSettings,
) -> Effective<BlockUserInfoVisibility> {
    match site.sharing.user_info {
        Some(own) if tenant.sharing.override_user_info => {
            Effective::new(own, "OverrideBlockUserInfoVisibility", Source::Site)
        }
        Some(_) | None => partition(
            site,
            (
                tenant.sharing.core_user_info,
                "BlockUserInfoVisibilityInSharePoint",
            ),
            (
                tenant.sharing.onedrive_user_info,
                "BlockUserInfoVisibilityInOneDrive",
            ),
        ),
    }
}

/// Whether the site's owner is asked, where somebody may not share or has no access.
#[must_use]
pub fn access_requests(tenant: &TenantSettings, site: &SiteSettings) -> Effective<bool> {
    const NAME: &str = "ODBAccessRequests";
    let personal = match site.partition {
        Partition::Core => OnOff::Unspecified,
        Partition::OneDrive => tenant.sharing.odb_access_requests,
    };
    match personal {
        OnOff::On => Effective::new(true, NAME, Source::Tenant),
        OnOff::Off => Effective::new(false, NAME, Source::Tenant),
        OnOff::Unspecified => {
            Effective::new(site.sharing.access_requests, "RequestAccess", Source::Site)
        }
    }
}

/// Whether guests cannot own the site: as the site says, else as its partition has it.
#[must_use]
pub fn block_guest_admins(tenant: &TenantSettings, site: &SiteSettings) -> Effective<bool> {
    const NAME: &str = "BlockGuestsAsSiteAdmin";
    match site.sharing.block_guest_admins {
        OnOff::On => return Effective::new(true, NAME, Source::Site),
        OnOff::Off => return Effective::new(false, NAME, Source::Site),
        OnOff::Unspecified => {}
    }
    partition(
        site,
        (
            tenant.sharing.core_block_guest_admins == OnOff::On,
            "CoreBlockGuestsAsSiteAdmin",
        ),
        (
            tenant.sharing.onedrive_block_guest_admins == OnOff::On,
            "OneDriveBlockGuestsAsSiteAdmin",
        ),
    )
}
