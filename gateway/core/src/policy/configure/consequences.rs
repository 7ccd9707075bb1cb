//! What a change does beyond being stored.

use super::apply::ignored;
use super::asleep::asleep;
use super::checks::unsupported;
use super::{Consequence, Scope, Settings};
use crate::cloud::Clouds;
use crate::settings::effective::{anyone_link_days, file_request_days, organization_link_days};
use crate::settings::words::{Profile, SharingDomainRestrictionMode};
use crate::settings::{DirectoryPolicy, SiteSettings, SiteSharing, TenantSettings, TenantSharing};
use crate::sharing::{LinkScope, LinkType, SharingLink};
use crate::time::UnixTime;

const DAY: i64 = 86_400;
const INTEGRATION: &str = "EnableAzureADB2BIntegration";

/// What comes of going from `before` to `after`, whatever the changes were: what the operator is warned of for the first
/// time, what falls asleep or wakes up, and which links end earlier. `links` are the tenant's; those that have ended
/// already are left alone.
#[must_use]
pub fn compare(
    before: &Settings,
    after: &Settings,
    links: &[SharingLink],
    clouds: &Clouds,
    now: UnixTime,
) -> Vec<Consequence> {
    let known = warnings(before, clouds);
    let mut all = warnings(after, clouds);
    all.retain(|warning| !known.contains(warning));
    all.extend(switched(before, after));
    all.extend(sleepers(before, after));
    all.extend(shortened(before, after, links, now));
    all
}

/// Everything that the operator should know about settings that are valid.
#[must_use]
pub fn warnings(settings: &Settings, clouds: &Clouds) -> Vec<Consequence> {
    let mut all = Vec::new();
    let tenant = &settings.tenant;
    of_integration(tenant, clouds, &mut all);
    let sharing = &tenant.sharing;
    if sharing.domain_mode == ALLOW_LIST && sharing.allowed_domains.0.is_empty() {
        all.push(warning(Scope::Tenant, ALLOWED, NOBODY_LISTED));
    }
    if sharing.ip_enforcement && sharing.ip_ranges.is_empty() {
        let message = "lets nobody in at all: `IPAddressAllowList` is empty";
        all.push(warning(Scope::Tenant, "IPAddressEnforcement", message));
    }
    let allowed = &tenant.directory.policy.allowed_domains;
    if allowed.as_ref().is_some_and(|list| list.0.is_empty()) {
        let message = "is empty: nobody can be invited";
        all.push(warning(Scope::Directory, "AllowedDomains", message));
    }
    for (id, site) in &settings.sites {
        of_site(tenant, site, &Scope::Site(id.clone()), &mut all);
    }
    without_effect(settings, &mut all);
    all
}

const ALLOW_LIST: SharingDomainRestrictionMode = SharingDomainRestrictionMode::AllowList;
const ALLOWED: &str = "SharingAllowedDomainList";
const BLOCKED: &str = "SharingBlockedDomainList";
const NOBODY_LISTED: &str = "is empty, and the mode is `AllowList`: nobody can be shared with";

pub(super) fn warning(scope: Scope, key: &str, message: impl Into<String>) -> Consequence {
    Consequence::Warning {
        scope,
        key: key.to_owned(),
        message: message.into(),
    }
}

/// What is said of a setting that is accepted and does nothing.
pub(super) fn does_nothing(scope: &Scope, name: &str, why: &str) -> Consequence {
    let message = format!("is accepted and does nothing here: {why}");
    warning(scope.clone(), name, message)
}

fn of_integration(tenant: &TenantSettings, clouds: &Clouds, all: &mut Vec<Consequence>) {
    let profile = tenant.profile;
    let overruled = match profile {
        Profile::SeparateManagers => Some("off"),
        Profile::IntegrationMandatory => Some("on"),
        Profile::IntegrationOptIn | Profile::IntegrationDefault | Profile::ReshareRequired => None,
    };
    if let (Some(state), Some(_)) = (overruled, tenant.sharing.integration) {
        let name = profile.name();
        let message =
            format!("is ignored: in the profile `{name}` the integration is always {state}");
        all.push(warning(Scope::Tenant, INTEGRATION, message));
    }
    if unsupported(tenant, clouds) && tenant.acknowledge_unsupported {
        let name = &tenant.cloud;
        let message = format!(
            "is not supported in the cloud `{name}`: nothing is shared with people outside the environment"
        );
        all.push(warning(Scope::Tenant, INTEGRATION, message));
    }
}

fn of_site(
    tenant: &TenantSettings,
    site: &SiteSettings,
    scope: &Scope,
    all: &mut Vec<Consequence>,
) {
    let own = &site.sharing;
    if own.domain_mode == ALLOW_LIST && own.allowed_domains.0.is_empty() {
        all.push(warning(scope.clone(), ALLOWED, NOBODY_LISTED));
    }
    let restricted = own.restricted_access && tenant.sharing.restricted_access;
    if restricted && own.restricted_groups.0.is_empty() && site.group.is_none() {
        let message = "lets nobody in: `RestrictedAccessControlGroups` is empty";
        all.push(warning(scope.clone(), "RestrictedAccessControl", message));
    }
}

/// Ignored settings that are not as they are by default.
fn without_effect(settings: &Settings, all: &mut Vec<Consequence>) {
    let sites = settings.sites.keys().cloned().map(Scope::Site);
    let scopes = [
        (Scope::Tenant, TenantSharing::SETTINGS),
        (Scope::Directory, DirectoryPolicy::SETTINGS),
    ];
    let scopes = scopes
        .into_iter()
        .chain(sites.map(|scope| (scope, SiteSharing::SETTINGS)));
    for (scope, table) in scopes {
        for setting in table {
            let Some(why) = ignored(&scope, setting.name) else {
                continue;
            };
            let configured = settings.configured(&scope, setting.name);
            if configured != Some((setting.default)()) {
                all.push(does_nothing(&scope, setting.name, why));
            }
        }
    }
}

/// What switching the integration asks the operator to do.
///
/// Source: founding document 2.
fn switched(before: &Settings, after: &Settings) -> Vec<Consequence> {
    let mut all = Vec::new();
    let on = |settings: &Settings| settings.tenant.integration().value;
    match (on(before), on(after)) {
        (true, false) => {
            let message = match after.tenant.profile {
                Profile::SeparateManagers | Profile::IntegrationOptIn => {
                    "is off now: what was shared with people from outside while it was on must be shared with them again"
                }
                Profile::IntegrationDefault
                | Profile::ReshareRequired
                | Profile::IntegrationMandatory => {
                    "is off now: people who became guests while it was on stay guests"
                }
            };
            all.push(warning(Scope::Tenant, INTEGRATION, message));
        }
        (false, true) => {
            let sharing = &after.tenant.sharing;
            review(Scope::Tenant, sharing.domain_mode, &mut all);
            for (id, site) in &after.sites {
                let scope = Scope::Site(id.clone());
                review(scope, site.sharing.domain_mode, &mut all);
            }
        }
        (true, true) | (false, false) => {}
    }
    all
}

fn review(scope: Scope, mode: SharingDomainRestrictionMode, all: &mut Vec<Consequence>) {
    let key = match mode {
        SharingDomainRestrictionMode::None => return,
        SharingDomainRestrictionMode::AllowList => ALLOWED,
        SharingDomainRestrictionMode::BlockList => BLOCKED,
    };
    let message = "may be better placed in the directory's list, now that sharing invites through the directory: review it";
    all.push(warning(scope, key, message));
}

/// Source: specification "sharing rules" 2.1.
fn sleepers(before: &Settings, after: &Settings) -> Vec<Consequence> {
    let (slept, sleep) = (asleep(before), asleep(after));
    let mut all = Vec::new();
    for ((scope, name), value) in &sleep {
        if slept.get(&(scope.clone(), *name)) != Some(value) {
            all.push(Consequence::Sleeps {
                scope: scope.clone(),
                key: (*name).to_owned(),
                value: value.clone(),
            });
        }
    }
    for ((scope, name), value) in slept {
        let same = before.configured(&scope, name) == after.configured(&scope, name);
        if same && !sleep.contains_key(&(scope.clone(), name)) {
            all.push(Consequence::Wakes {
                scope,
                key: name.to_owned(),
                value,
            });
        }
    }
    all
}

/// Links that end earlier. A longer life is for new links: one that has an end keeps it.
///
/// Source: specification "sharing rules" 3.4.
fn shortened(
    before: &Settings,
    after: &Settings,
    links: &[SharingLink],
    now: UnixTime,
) -> Vec<Consequence> {
    let mut all = Vec::new();
    for link in links {
        let (Some(old), Some(new)) = (end(before, link), end(after, link)) else {
            continue;
        };
        let alive = old.is_none_or(|old| now < old);
        if let Some(new) = new
            && alive
            && old.is_none_or(|old| new < old)
        {
            all.push(Consequence::LinkShortened(link.id.clone(), new));
        }
    }
    all
}

/// When the link ends: when it was made to, or when its longest life is over. None where the site is not known.
fn end(settings: &Settings, link: &SharingLink) -> Option<Option<UnixTime>> {
    let tenant = &settings.tenant;
    let site = settings.sites.get(&link.site)?;
    let days = match link.scope {
        LinkScope::Anonymous => {
            let life = anyone_link_days(tenant, site).value;
            match link.kind {
                LinkType::CreateOnly => earlier(life, file_request_days(tenant, site).value),
                LinkType::View | LinkType::Review | LinkType::Edit | LinkType::BlocksDownload => {
                    life
                }
            }
        }
        LinkScope::Organization => organization_link_days(tenant, site).value,
        LinkScope::Users(_) | LinkScope::ExistingAccess => None,
    };
    let over = days.map(|days| link.created.plus(i64::from(days) * DAY));
    Some(earlier(link.expires, over))
}

/// The earlier of two ends, of which none means never.
fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
