//! Rules about several settings together.

mod directory;
mod endpoint;

use std::fmt::Display;

pub use directory::endpoint_rule;

use super::apply::shown;
use super::{Rejection, Scope, Settings};
use crate::cloud::Clouds;
use crate::id::SiteId;
use crate::policy::trace::{Basis, Shown};
use crate::settings::words::{
    LockState, Profile, SharingDomainRestrictionMode, SiteConditionalAccess,
};
use crate::settings::{SiteSettings, Source, Template, TenantSettings};

/// A rule about several settings.
pub(super) struct Check {
    /// Its name in traces.
    pub(super) name: &'static str,
    /// What it rests on.
    pub(super) basis: fn(&TenantSettings, &Clouds) -> Basis,
    /// Adds everything that breaks it.
    pub(super) find: fn(&Settings, &Clouds, &mut Vec<Rejection>),
}

/// All of them.
pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "onedrive-level",
        basis: |tenant, _| {
            let level = tenant.sharing.capability.name();
            Basis::new("SharingCapability", Shown::Word(level), Source::Tenant)
        },
        find: onedrive_level,
    },
    Check {
        name: "site-domains",
        basis: |tenant, _| {
            let mode = tenant.sharing.domain_mode.name();
            Basis::new(
                "SharingDomainRestrictionMode",
                Shown::Word(mode),
                Source::Tenant,
            )
        },
        find: site_domains,
    },
    Check {
        name: "suggested-life",
        basis: |tenant, _| {
            let days = tenant.sharing.anyone_link_days.get().map_or(0, i64::from);
            let name = "RequireAnonymousLinksExpireInDays";
            Basis::new(name, Shown::Number(days), Source::Tenant)
        },
        find: suggested_life,
    },
    Check {
        name: "device-policy",
        basis: |tenant, _| {
            let policy = tenant.sharing.conditional_access.name();
            Basis::new(
                "ConditionalAccessPolicy",
                Shown::Word(policy),
                Source::Tenant,
            )
        },
        find: device_policy,
    },
    Check {
        name: "root-site",
        basis: |_, _| Basis::NONE,
        find: root_site,
    },
    Check {
        name: "idle-sign-out",
        basis: |tenant, _| {
            let seconds = tenant.sharing.idle_sign_out;
            let seconds = seconds.map_or(Shown::Nothing, |seconds| {
                Shown::Number(seconds.get().into())
            });
            Basis::new("SignOutAfter", seconds, Source::Tenant)
        },
        find: idle_sign_out,
    },
    Check {
        name: "integration",
        basis: |tenant, _| tenant.integration().into(),
        find: integration,
    },
    directory::INVITE_NAMES,
    directory::ONE_LIST,
    directory::FALLBACK,
    directory::FEDERATION,
];

/// Collects what breaks a rule.
fn reject(
    found: &mut Vec<Rejection>,
    scope: Scope,
    key: &str,
    value: impl Display,
    rule: impl Into<String>,
) {
    found.push(Rejection {
        scope,
        key: key.to_owned(),
        value: shown(&value.to_string()),
        rule: rule.into(),
    });
}

fn sites(settings: &Settings) -> impl Iterator<Item = (Scope, &SiteSettings)> {
    let scoped = |(id, site): (&SiteId, _)| (Scope::Site(id.clone()), site);
    settings
        .sites
        .iter()
        .map(move |(id, site)| scoped((id, site)))
}

/// Source: specification "sharing rules" 1.1.
fn onedrive_level(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let sharing = &settings.tenant.sharing;
    let Some(personal) = sharing.onedrive_capability else {
        return;
    };
    let others = [
        ("SharingCapability", Some(sharing.capability)),
        ("CoreSharingCapability", sharing.core_capability),
    ];
    for (name, other) in others {
        if let Some(other) = other.filter(|other| personal > *other) {
            let rule = format!(
                "must not be looser than `{name}`, which is `{}`",
                other.name()
            );
            let key = "OneDriveSharingCapability";
            reject(found, Scope::Tenant, key, personal.name(), rule);
        }
    }
}

/// Source: specification "sharing rules" 2.2.
fn site_domains(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    const LIST: SharingDomainRestrictionMode = SharingDomainRestrictionMode::AllowList;
    let tenant = &settings.tenant.sharing;
    if tenant.domain_mode != LIST {
        return;
    }
    for (scope, site) in sites(settings) {
        let own = &site.sharing;
        let mut beyond = own.allowed_domains.0.difference(&tenant.allowed_domains.0);
        if own.domain_mode == LIST
            && let Some(domain) = beyond.next()
        {
            let rule =
                "must be on the tenant's `SharingAllowedDomainList`, of which a site's is a part";
            reject(found, scope, "SharingAllowedDomainList", domain, rule);
        }
    }
}

/// Source: specification "sharing rules" 1.4.
fn suggested_life(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let tenant = &settings.tenant.sharing;
    let all = (
        "RequireAnonymousLinksExpireInDays",
        tenant.anyone_link_days.get(),
    );
    let core = (
        "CoreAnyoneSharingLinkMaxExpirationInDays",
        tenant.core_anyone_link_days.get(),
    );
    let personal = (
        "OneDriveAnyoneSharingLinkMaxExpirationInDays",
        tenant.onedrive_anyone_link_days.get(),
    );
    let mut check = |scope: &Scope, name, suggested: Option<u16>, most: &[(&str, Option<u16>)]| {
        for (key, most) in most {
            let (Some(suggested), Some(most)) = (suggested, most) else {
                continue;
            };
            if suggested > *most {
                let rule = format!("must not be above `{key}`, which is {most}");
                reject(found, scope.clone(), name, suggested, rule);
            }
        }
    };
    let scope = Scope::Tenant;
    check(
        &scope,
        "CoreAnyoneSharingLinkRecommendedExpirationInDays",
        tenant.core_anyone_link_suggested.get(),
        &[all, core],
    );
    check(
        &scope,
        "OneDriveAnyoneSharingLinkRecommendedExpirationInDays",
        tenant.onedrive_anyone_link_suggested.get(),
        &[all, personal],
    );
    check(
        &scope,
        "CoreOrganizationSharingLinkRecommendedExpirationInDays",
        tenant.core_organization_link_suggested.get(),
        &[(
            "CoreOrganizationSharingLinkMaxExpirationInDays",
            tenant.core_organization_link_days.get(),
        )],
    );
    check(
        &scope,
        "OneDriveOrganizationSharingLinkRecommendedExpirationInDays",
        tenant.onedrive_organization_link_suggested.get(),
        &[(
            "OneDriveOrganizationSharingLinkMaxExpirationInDays",
            tenant.onedrive_organization_link_days.get(),
        )],
    );
    for (scope, site) in sites(settings) {
        check(
            &scope,
            "OrganizationSharingLinkRecommendedExpirationInDays",
            site.sharing.organization_link_suggested.get(),
            &[(
                "OrganizationSharingLinkMaxExpirationInDays",
                site.sharing.organization_link_days.get(),
            )],
        );
    }
}

/// Source: specification "sharing rules" 2.5.
fn device_policy(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let tenant = settings.tenant.sharing.conditional_access;
    for (scope, site) in sites(settings) {
        let Some(own) = site.sharing.conditional_access else {
            continue;
        };
        let looser = own.device_policy().is_some_and(|policy| policy > tenant);
        if looser {
            let rule = format!(
                "must be at least as strict as the tenant's, which is `{}`",
                tenant.name()
            );
            reject(
                found,
                scope.clone(),
                "ConditionalAccessPolicy",
                own.name(),
                rule,
            );
        }
        let name = site.sharing.authentication_context.as_deref().unwrap_or("");
        if own == SiteConditionalAccess::AuthenticationContext && name.trim().is_empty() {
            let rule = "needs `AuthenticationContextName` beside it: which context to satisfy";
            reject(found, scope, "ConditionalAccessPolicy", own.name(), rule);
        }
    }
}

/// Source: specification "sharing rules" 2.5.
fn root_site(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    for (scope, site) in sites(settings) {
        if !site.root && site.template != Template::RootCommunication {
            continue;
        }
        let lock = site.sharing.lock;
        if lock != LockState::Unlock {
            let rule = "cannot be set on the root site";
            reject(found, scope.clone(), "LockState", lock.name(), rule);
        }
        const CONTEXT: SiteConditionalAccess = SiteConditionalAccess::AuthenticationContext;
        if site.sharing.conditional_access == Some(CONTEXT) {
            let rule = "cannot be set on the root site";
            reject(
                found,
                scope,
                "ConditionalAccessPolicy",
                CONTEXT.name(),
                rule,
            );
        }
    }
}

/// Source: specification "sharing rules" 1.6. The warning itself is never shown here, so that the end alone is enough.
fn idle_sign_out(settings: &Settings, _clouds: &Clouds, found: &mut Vec<Rejection>) {
    let sharing = &settings.tenant.sharing;
    let Some(warn) = sharing.idle_warn else {
        return;
    };
    match sharing.idle_sign_out {
        None => {
            let rule = "needs `SignOutAfter` beside it";
            reject(found, Scope::Tenant, "WarnAfter", warn.get(), rule);
        }
        Some(end) if end <= warn => {
            let rule = format!("must be above `WarnAfter`, which is {}", warn.get());
            reject(found, Scope::Tenant, "SignOutAfter", end.get(), rule);
        }
        Some(_) => {}
    }
}

/// Whether the tenant chose the integration where its cloud does not support it.
pub(super) fn unsupported(tenant: &TenantSettings, clouds: &Clouds) -> bool {
    let cloud = clouds.find(&tenant.cloud);
    tenant.profile == Profile::IntegrationOptIn
        && tenant.integration().value
        && !cloud.is_some_and(|cloud| cloud.integration_supported)
}

/// Source: founding document 2; settled readings 2 and 3.
fn integration(settings: &Settings, clouds: &Clouds, found: &mut Vec<Rejection>) {
    const NAME: &str = "EnableAzureADB2BIntegration";
    let tenant = &settings.tenant;
    let name = &tenant.cloud;
    if unsupported(tenant, clouds) && !tenant.acknowledge_unsupported {
        let rule = format!(
            "is not supported in the cloud `{name}`: leave it off, or set `acknowledge_unsupported` as well, \
             and share with nobody outside the environment"
        );
        reject(found, Scope::Tenant, NAME, true, rule);
    }
    // A cloud without passcodes does not support the integration either, and whoever acknowledged that knows.
    let has_passcodes = clouds.find(name).is_some_and(|cloud| {
        cloud
            .identity_providers
            .iter()
            .any(|kind| kind.as_str() == "email-otp")
    });
    if tenant.profile == Profile::IntegrationOptIn
        && tenant.integration().value
        && has_passcodes
        && !tenant.email_otp(clouds).value
    {
        let rule = "needs the directory's passcodes by mail: set `allowExternalIdToUseEmailOtp` to `enabled`";
        reject(found, Scope::Tenant, NAME, true, rule);
    }
}
