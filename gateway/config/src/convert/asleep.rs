//! Shares that are declared and will not work: which setting makes them sleep.

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::person::{Guest, GuestOrigin, GuestState, InvitationManager};
use gateway_core::policy::{self, Denial};
use gateway_core::settings::words::FileAnonymousLinkType;
use gateway_core::settings::{
    LevelSource, SharingCapability, SiteSettings, TenantSettings, effective_level,
};
use gateway_core::sharing::{LinkScope, LinkType, Recipient, SharingLink};

use super::Context;
use crate::model::Tenant;
use crate::source::Scope;

/// Points out every share that sleeps.
pub(super) fn warn(top: &Scope<'_>, tenant: &Tenant, context: &Context<'_>) {
    let guests: BTreeMap<&EmailAddress, &Guest> = tenant
        .guests
        .iter()
        .map(|guest| (&guest.address, guest))
        .collect();
    for permission in &tenant.permissions {
        let Some(site) = tenant.sites.get(&permission.site) else {
            continue;
        };
        if let Recipient::Address(address) = &permission.recipient {
            let scope = top.at("permissions").at(permission.id.as_str());
            warn_person(
                &scope.at("to"),
                address,
                &guests,
                &tenant.settings,
                &site.settings,
            );
        }
    }
    for declared in &tenant.links {
        let link = &declared.link;
        let Some(site) = tenant.sites.get(&link.site) else {
            continue;
        };
        let scope = top.at("links").at(link.id.as_str());
        match &link.scope {
            LinkScope::Anonymous => {
                warn_anyone(&scope, link, &tenant.settings, &site.settings, context);
            }
            LinkScope::Organization | LinkScope::ExistingAccess => {}
            LinkScope::Users(people) => {
                for address in people {
                    warn_person(
                        &scope.at("recipients"),
                        address,
                        &guests,
                        &tenant.settings,
                        &site.settings,
                    );
                }
            }
        }
    }
}

fn warn_person(
    scope: &Scope<'_>,
    address: &EmailAddress,
    guests: &BTreeMap<&EmailAddress, &Guest>,
    tenant: &TenantSettings,
    site: &SiteSettings,
) {
    let refused = guests
        .get(address)
        .and_then(|guest| refusal(guest, tenant, site));
    if let Some(denial) = refused {
        scope.warn(format!("`{address}` is not let in: {}", reason(denial)));
    }
}

/// Why a guest who has not redeemed yet will not get in.
fn refusal(guest: &Guest, tenant: &TenantSettings, site: &SiteSettings) -> Option<Denial> {
    let domain = guest.address.domain();
    if let (SharingCapability::Disabled, source) = effective_level(tenant, site) {
        return Some(Denial::SharingDisabled(source));
    }
    let existing_only =
        tenant.sharing.capability == SharingCapability::ExistingExternalUserSharingOnly;
    if existing_only && guest.origin == GuestOrigin::Share {
        return Some(Denial::NewGuestsNotAllowed(LevelSource::Tenant));
    }
    if guest.state == GuestState::Blocked {
        return Some(Denial::GuestBlocked);
    }
    let tenant_list = tenant.sharing.admit(domain).map_err(Denial::TenantDomain);
    let site_list = || site.sharing.admit(domain).map_err(Denial::SiteDomain);
    let directory_list = || match guest.manager {
        InvitationManager::Directory => tenant
            .directory
            .policy
            .admit(domain)
            .map_err(Denial::DirectoryDomain),
        InvitationManager::Sharing => Ok(()),
    };
    tenant_list
        .and_then(|()| site_list())
        .and_then(|()| directory_list())
        .err()
}

fn warn_anyone(
    scope: &Scope<'_>,
    link: &SharingLink,
    tenant: &TenantSettings,
    site: &SiteSettings,
    context: &Context<'_>,
) {
    let (level, source) = effective_level(tenant, site);
    let outside = context
        .clouds
        .and_then(|clouds| policy::environment_admits_anonymous(clouds, tenant).err());
    if level != SharingCapability::ExternalUserAndGuestSharing {
        scope.at("scope").warn(format!(
            "the link does not open: {}",
            reason(Denial::AnyoneLinksDisabled(source))
        ));
    } else if let Some(denial) = outside {
        scope
            .at("scope")
            .warn(format!("the link does not open: {}", reason(denial)));
    }
    let ceiling = tenant.sharing.file_link_type;
    if link.kind == LinkType::Edit && ceiling == FileAnonymousLinkType::View {
        scope
            .at("type")
            .warn("the link only views: `FileAnonymousLinkType` is `View`");
    }
}

fn reason(denial: Denial) -> String {
    let setting = match denial {
        Denial::SharingDisabled(source)
        | Denial::AnyoneLinksDisabled(source)
        | Denial::NewGuestsNotAllowed(source) => setting(source),
        Denial::TenantDomain(_) => "tenant SharingDomainRestrictionMode".to_owned(),
        Denial::SiteDomain(_) => "site SharingDomainRestrictionMode".to_owned(),
        Denial::DirectoryDomain(_) => "directory domain list".to_owned(),
        Denial::OutsideEnvironment => "EnableAzureADB2BIntegration".to_owned(),
        other => return format!("`{}`", other.code()),
    };
    format!("{setting} (`{}`)", denial.code())
}

/// The setting that made a level what it is, with where it stands.
pub(super) fn setting(source: LevelSource) -> String {
    let place = match source {
        LevelSource::Tenant | LevelSource::Partition(_) => "tenant",
        LevelSource::Site => "site",
    };
    format!("{place} {}", source.setting())
}
