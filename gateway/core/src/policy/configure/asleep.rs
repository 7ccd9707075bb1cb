//! Values that are stored and have no effect at present: a ceiling holds them down, or what they belong to is off.
//!
//! Source: specification "sharing rules" 2.1 for levels; the others likewise.

use std::collections::BTreeMap;

use super::apply::shown;
use super::{Scope, Settings};
use crate::settings::value::Value;
use crate::settings::words::{
    OnOff, SharingDomainRestrictionMode, SharingMode, SiteConditionalAccess,
};
use crate::settings::{Partition, SiteSettings, TenantSettings};

/// What sleeps, with its value.
pub(super) type Asleep = BTreeMap<(Scope, &'static str), String>;

pub(super) fn asleep(settings: &Settings) -> Asleep {
    let mut all = Asleep::new();
    let mut add = |scope: &Scope, name: &'static str, value: String| {
        all.insert((scope.clone(), name), shown(&value));
    };
    of_tenant(&settings.tenant, &mut |name, value| {
        add(&Scope::Tenant, name, value);
    });
    for (id, site) in &settings.sites {
        let scope = Scope::Site(id.clone());
        of_site(&settings.tenant, site, &mut |name, value| {
            add(&scope, name, value);
        });
    }
    all
}

type Add<'a> = &'a mut dyn FnMut(&'static str, String);

fn text<T: Value>(value: &T) -> String {
    value.write().to_string()
}

fn of_tenant(tenant: &TenantSettings, add: Add<'_>) {
    let sharing = &tenant.sharing;
    let integration = tenant.integration().value;
    let held = |level: Option<_>| level.filter(|level| *level > sharing.capability);
    if let Some(level) = held(sharing.core_capability) {
        add("CoreSharingCapability", text(&level));
    }
    lists(
        sharing.domain_mode,
        (!sharing.allowed_domains.0.is_empty()).then(|| text(&sharing.allowed_domains)),
        (!sharing.blocked_domains.0.is_empty()).then(|| text(&sharing.blocked_domains)),
        add,
    );
    let all = sharing.anyone_link_days.get();
    let longer = |own: Option<u16>| own.filter(|own| all.is_some_and(|all| *own > all));
    if let Some(days) = longer(sharing.core_anyone_link_days.get()) {
        add("CoreAnyoneSharingLinkMaxExpirationInDays", days.to_string());
    }
    if let Some(days) = longer(sharing.onedrive_anyone_link_days.get()) {
        add(
            "OneDriveAnyoneSharingLinkMaxExpirationInDays",
            days.to_string(),
        );
    }
    if sharing.guests_share_outside_site && !integration {
        add(
            "AllowGuestUserShareToUsersNotInSiteCollection",
            true.to_string(),
        );
    }
    if sharing.require_account_match && integration {
        add(
            "RequireAcceptingAccountMatchInvitedAccount",
            true.to_string(),
        );
    }
    if let Some(days) = sharing.guest_expiry_days.filter(|_| !sharing.guest_expiry) {
        add("ExternalUserExpireInDays", text(&days));
    }
    if sharing.attestation && integration {
        add("EmailAttestationRequired", true.to_string());
    }
    let attested = sharing.attestation && !integration;
    if let Some(days) = sharing.attestation_days.filter(|_| !attested) {
        add("EmailAttestationReAuthDays", text(&days));
    }
    if !sharing.ip_ranges.is_empty() && !sharing.ip_enforcement {
        add("IPAddressAllowList", text(&sharing.ip_ranges));
    }
    if !sharing.share_outside_restriction && !sharing.restricted_access {
        add(
            "AllowSharingOutsideRestrictedAccessControlGroups",
            false.to_string(),
        );
    }
}

fn lists(
    mode: SharingDomainRestrictionMode,
    allowed: Option<String>,
    blocked: Option<String>,
    add: Add<'_>,
) {
    if let Some(list) = allowed.filter(|_| mode != SharingDomainRestrictionMode::AllowList) {
        add("SharingAllowedDomainList", list);
    }
    if let Some(list) = blocked.filter(|_| mode != SharingDomainRestrictionMode::BlockList) {
        add("SharingBlockedDomainList", list);
    }
}

fn of_site(tenant: &TenantSettings, site: &SiteSettings, add: Add<'_>) {
    let own = &site.sharing;
    let mut ceiling = tenant.sharing.capability;
    if !own.override_partition {
        ceiling = ceiling.min(tenant.sharing.ceiling(site.partition));
    }
    if let Some(level) = own.capability.filter(|level| *level > ceiling) {
        add("SharingCapability", text(&level));
    }
    lists(
        own.domain_mode,
        (!own.allowed_domains.0.is_empty()).then(|| text(&own.allowed_domains)),
        (!own.blocked_domains.0.is_empty()).then(|| text(&own.blocked_domains)),
        add,
    );
    let lives = [
        (
            "AnonymousLinkExpirationInDays",
            own.override_anyone_days,
            own.anyone_link_days.get(),
        ),
        (
            "ExternalUserExpirationInDays",
            own.override_guest_expiry,
            own.guest_expiry_days.get(),
        ),
        (
            "OrganizationSharingLinkMaxExpirationInDays",
            own.override_organization_days,
            own.organization_link_days.get(),
        ),
        (
            "OrganizationSharingLinkRecommendedExpirationInDays",
            own.override_organization_days,
            own.organization_link_suggested.get(),
        ),
    ];
    for (name, counts, days) in lives {
        if let Some(days) = days.filter(|_| !counts) {
            add(name, days.to_string());
        }
    }
    let looser = |own| own > tenant.sharing.block_download_links;
    if let Some(files) = own.block_download_links.filter(|own| looser(*own)) {
        add("BlockDownloadLinksFileType", text(&files));
    }
    let looser = |own| own > tenant.sharing.limited_file_type;
    if let Some(files) = own.limited_file_type.filter(|own| looser(*own)) {
        add("LimitedAccessFileType", text(&files));
    }
    if let Some(name) = own.authentication_context.as_ref()
        && own.conditional_access != Some(SiteConditionalAccess::AuthenticationContext)
    {
        add("AuthenticationContextName", name.clone());
    }
    if let Some(hidden) = own.user_info.filter(|_| !tenant.sharing.override_user_info) {
        add("OverrideBlockUserInfoVisibility", text(&hidden));
    }
    let asked_elsewhere = site.partition == Partition::OneDrive
        && tenant.sharing.odb_access_requests != OnOff::Unspecified;
    if own.access_requests && asked_elsewhere {
        add("RequestAccess", true.to_string());
    }
    if own.sharing_mode == SharingMode::MembersFilesOnly && own.owners_only {
        add("SharingMode", text(&own.sharing_mode));
    }
    restrictions(tenant, site, add);
}

fn restrictions(tenant: &TenantSettings, site: &SiteSettings, add: Add<'_>) {
    let own = &site.sharing;
    if own.restricted_access && !tenant.sharing.restricted_access {
        add("RestrictedAccessControl", true.to_string());
    }
    let restricted = own.restricted_access && tenant.sharing.restricted_access;
    if !own.restricted_groups.0.is_empty() && (!restricted || site.group.is_some()) {
        add(
            "RestrictedAccessControlGroups",
            text(&own.restricted_groups),
        );
    }
    if own.block_download {
        return;
    }
    if own.block_download_owners {
        add("ExcludeBlockDownloadPolicySiteOwners", true.to_string());
    }
    if !own.block_download_groups.0.is_empty() {
        add(
            "ExcludedBlockDownloadGroupIds",
            text(&own.block_download_groups),
        );
    }
    if own.block_download_read_only {
        add("ReadOnlyForBlockDownloadPolicy", true.to_string());
    }
}
