//! The value in effect of any setting, as operators would write it.

use super::{Scope, Settings};
use crate::cloud::Clouds;
use crate::settings::effective as fx;
use crate::settings::effective::{Effective, effective_level};
use crate::settings::value::Value;
use crate::settings::words::{
    AllowInvitesFrom, EmailOtp, OnOff, SharingCapability, SharingMode, SiteConditionalAccess,
};
use crate::settings::{Partition, SiteSettings, Source, TenantSettings};

/// The value that a setting has in effect, and where that comes from. None where there is no such setting or site.
///
/// A setting that stands above others is told as it is configured: what a site's own makes of it is told of the site's.
#[must_use]
pub fn effective(
    settings: &Settings,
    scope: &Scope,
    name: &str,
    clouds: &Clouds,
) -> Option<(String, Source)> {
    let configured = settings.configured(scope, name)?.to_string();
    let tenant = &settings.tenant;
    let computed = match scope {
        Scope::Tenant => of_tenant(tenant, name),
        Scope::Site(site) => of_site(tenant, settings.sites.get(site)?, name),
        Scope::Directory => of_directory(tenant, name, clouds),
    };
    Some(computed.unwrap_or_else(|| {
        let source = match scope {
            Scope::Tenant => partition_of(name).map_or(Source::Tenant, Source::Partition),
            Scope::Site(_) => Source::Site,
            Scope::Directory => Source::Directory,
        };
        (configured, source)
    }))
}

/// The partition that a tenant's setting is for, by its name.
fn partition_of(name: &str) -> Option<Partition> {
    if name.starts_with("Core") {
        Some(Partition::Core)
    } else if name.starts_with("OneDrive") {
        Some(Partition::OneDrive)
    } else {
        None
    }
}

type Told = (String, Source);

fn value<T: Value + Copy>(effective: Effective<T>) -> Told {
    (effective.value.write().to_string(), effective.source)
}

fn days(effective: Effective<Option<u16>>) -> Told {
    (effective.value.unwrap_or(0).to_string(), effective.source)
}

fn of_tenant(tenant: &TenantSettings, name: &str) -> Option<Told> {
    let sharing = &tenant.sharing;
    let here = |value: String| (value, Source::Tenant);
    // A partition is what a site of it is that says nothing itself.
    let partition = partition_of(name);
    let plain = SiteSettings {
        partition: partition.unwrap_or_default(),
        ..SiteSettings::default()
    };
    Some(match name {
        "CoreSharingCapability" => ceiling(tenant, sharing.core_capability, Partition::Core),
        "OneDriveSharingCapability" => {
            ceiling(tenant, sharing.onedrive_capability, Partition::OneDrive)
        }
        "EnableAzureADB2BIntegration" => value(tenant.integration()),
        "AllowGuestUserShareToUsersNotInSiteCollection" if sharing.guests_share_outside_site => {
            value(tenant.integration())
        }
        "ExternalUserExpireInDays" => days(fx::guest_expiry_days(tenant, &plain)),
        "EmailAttestationReAuthDays" => {
            let days = sharing.attestation_days.map_or(30, |days| days.get());
            here(days.to_string())
        }
        "CoreAnyoneSharingLinkMaxExpirationInDays"
        | "OneDriveAnyoneSharingLinkMaxExpirationInDays" => {
            days(fx::anyone_link_days(tenant, &plain))
        }
        "CoreAnyoneSharingLinkRecommendedExpirationInDays"
        | "OneDriveAnyoneSharingLinkRecommendedExpirationInDays" => {
            days(fx::anyone_link_suggested(tenant, &plain))
        }
        "CoreOrganizationSharingLinkRecommendedExpirationInDays"
        | "OneDriveOrganizationSharingLinkRecommendedExpirationInDays" => {
            days(fx::organization_link_suggested(tenant, &plain))
        }
        "CoreRequestFilesLinkEnabled" | "OneDriveRequestFilesLinkEnabled" => {
            value(fx::file_requests(tenant, &plain))
        }
        "DefaultSharingLinkType" => {
            let link = fx::tenant_default_link(tenant, None);
            (link.value.link_type().to_owned(), link.source)
        }
        "CoreDefaultShareLinkScope" | "OneDriveDefaultShareLinkScope" => {
            let link = fx::tenant_default_link(tenant, partition);
            (link.value.scope().to_owned(), link.source)
        }
        "CoreDefaultShareLinkRole" | "OneDriveDefaultShareLinkRole" => {
            value(fx::tenant_default_role(tenant, partition))
        }
        "ShowAllUsersClaim" => here((sharing.all_users_claim == Some(true)).to_string()),
        _ => return None,
    })
}

fn ceiling(tenant: &TenantSettings, own: Option<SharingCapability>, partition: Partition) -> Told {
    let all = tenant.sharing.capability;
    let level = tenant.sharing.ceiling(partition).min(all);
    let source = if own == Some(level) {
        Source::Partition(partition)
    } else if level == all {
        Source::Tenant
    } else {
        Source::Partition(Partition::Core)
    };
    (level.name().to_owned(), source)
}

fn of_site(tenant: &TenantSettings, site: &SiteSettings, name: &str) -> Option<Told> {
    let own = &site.sharing;
    Some(match name {
        "SharingCapability" => {
            let (level, because) = effective_level(tenant, site);
            (level.name().to_owned(), because.source())
        }
        "AnonymousLinkExpirationInDays" => days(fx::anyone_link_days(tenant, site)),
        "ExternalUserExpirationInDays" => days(fx::guest_expiry_days(tenant, site)),
        "OrganizationSharingLinkMaxExpirationInDays" => {
            days(fx::organization_link_days(tenant, site))
        }
        "OrganizationSharingLinkRecommendedExpirationInDays" => {
            days(fx::organization_link_suggested(tenant, site))
        }
        "DefaultSharingLinkType" => {
            let link = fx::default_link(tenant, site);
            (link.value.link_type().to_owned(), link.source)
        }
        "DefaultShareLinkScope" => {
            let link = fx::default_link(tenant, site);
            (link.value.scope().to_owned(), link.source)
        }
        "DefaultLinkPermission" | "DefaultShareLinkRole" => value(fx::default_role(tenant, site)),
        "DefaultMainLinkScope" => value(fx::default_main_scope(tenant, site)),
        "BlockDownloadLinksFileType" => value(fx::block_download_links(tenant, site)),
        "RequestFilesLinkEnabled" => value(fx::file_requests(tenant, site)),
        "RequestFilesLinkExpirationInDays" => days(fx::file_request_days(tenant, site)),
        "SharingMode" => (own.mode().name().to_owned(), Source::Site),
        "DisableSharingForNonOwners" => {
            let only = own.mode() == SharingMode::Owners;
            (only.to_string(), Source::Site)
        }
        "RequestAccess" => value(fx::access_requests(tenant, site)),
        "ConditionalAccessPolicy" => match own.conditional_access {
            Some(policy @ SiteConditionalAccess::AuthenticationContext) => {
                (policy.name().to_owned(), Source::Site)
            }
            Some(_) | None => value(fx::device_policy(tenant, site)),
        },
        "AllowEditing" => value(fx::allow_editing(tenant, site)),
        "LimitedAccessFileType" => value(fx::limited_file_type(tenant, site)),
        "OverrideBlockUserInfoVisibility" => value(fx::user_info(tenant, site)),
        "BlockGuestsAsSiteAdmin" => {
            let blocked = fx::block_guest_admins(tenant, site);
            let word = if blocked.value { OnOff::On } else { OnOff::Off };
            (word.name().to_owned(), blocked.source)
        }
        "RestrictedAccessControl" if own.restricted_access => {
            match tenant.sharing.restricted_access {
                true => (true.to_string(), Source::Site),
                false => (false.to_string(), Source::Tenant),
            }
        }
        "RestrictedAccessControlGroups" => (site.group.as_ref()?.to_string(), Source::Site),
        _ => return None,
    })
}

fn of_directory(tenant: &TenantSettings, name: &str, clouds: &Clouds) -> Option<Told> {
    let policy = &tenant.directory.policy;
    Some(match name {
        "allowInvitesFrom" => {
            // In a cloud that is not known nobody may.
            let untouched = clouds
                .find(&tenant.cloud)
                .map_or(AllowInvitesFrom::None, |cloud| cloud.allow_invites_from);
            value(policy.allow_invites_from(untouched))
        }
        "allowExternalIdToUseEmailOtp" => {
            let otp = tenant.email_otp(clouds);
            let word = if otp.value {
                EmailOtp::Enabled
            } else {
                EmailOtp::Disabled
            };
            (word.name().to_owned(), otp.source)
        }
        _ => return None,
    })
}
