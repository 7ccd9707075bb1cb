//! Settings that do not go together, and those that do nothing beside the others.

use std::collections::BTreeMap;

use gateway_core::cloud::Clouds;
use gateway_core::id::SiteId;
use gateway_core::policy::configure::{self, Rejection, Settings};
use gateway_core::settings::value::Raw;
use gateway_core::settings::words::SharingDomainRestrictionMode;
use gateway_core::settings::{SiteSettings, TenantSettings, effective_level};

use super::Context;
use crate::model::Site;
use crate::source::Scope;
use crate::wire;
use crate::wire::TenantFile;

const INTEGRATION: &str = "EnableAzureADB2BIntegration";

/// A tenant's settings, as they are written and as they were read.
pub(super) struct Given<'a> {
    pub(super) file: &'a TenantFile,
    pub(super) tenant: &'a TenantSettings,
    pub(super) sites: &'a BTreeMap<SiteId, Site>,
}

/// Notes what the settings of the tenant and its sites are together.
///
/// - `whole`: whether all of them were taken.
pub(super) fn judge(top: &Scope<'_>, given: &Given<'_>, whole: bool, context: &Context<'_>) {
    let Given {
        file,
        tenant,
        sites,
    } = given;
    if let Some(clouds) = context.clouds.filter(|_| whole) {
        let sites = sites.iter();
        let settings = Settings {
            tenant: TenantSettings::clone(tenant),
            sites: sites
                .map(|(id, site)| (id.clone(), site.settings.clone()))
                .collect(),
        };
        let rejections = configure::validate(&settings, clouds);
        let mut refused = rejections.iter();
        if !refused.any(|rejection| rejection.key == INTEGRATION) {
            warn_integration(&top.at("sharing"), tenant, clouds);
        }
        for rejection in rejections {
            let Rejection { value, rule, .. } = &rejection;
            at(top, &rejection).error(format!("`{value}` {rule}"));
        }
    }
    let (scope, written) = (top.at("sharing"), &file.sharing.settings);
    warn_lists(&scope, written, tenant.sharing.domain_mode);
    for (id, given) in &file.sites {
        let Some(site) = sites.values().find(|site| site.id.as_str() == id) else {
            continue;
        };
        let scope = top.at("sites").at(id);
        warn_lists(&scope, &given.settings, site.settings.sharing.domain_mode);
        warn_sleeping(&scope, &site.settings, tenant);
    }
}

/// Where the setting that was refused stands.
fn at<'a>(top: &Scope<'a>, rejection: &Rejection) -> Scope<'a> {
    const TOP: [&str; 2] = ["cloud", "profile"];
    let key = rejection.key.as_str();
    match &rejection.scope {
        configure::Scope::Tenant if TOP.contains(&key) => top.at(key),
        configure::Scope::Tenant => top.at("sharing").at(key),
        configure::Scope::Site(site) => top.at("sites").at(site.as_str()).at(key),
        configure::Scope::Directory => top.at("directory").at(key),
    }
}

/// Source: specification, settled readings 2 and 3; row 112.
fn warn_integration(scope: &Scope<'_>, tenant: &TenantSettings, clouds: &Clouds) {
    let acknowledged = scope.at("acknowledge_unsupported");
    let supported = clouds
        .find(&tenant.cloud)
        .is_some_and(|cloud| cloud.integration_supported);
    let name = &tenant.cloud;
    match (tenant.integration().value, supported) {
        (false, _) if tenant.acknowledge_unsupported => {
            acknowledged.warn("does nothing: `EnableAzureADB2BIntegration` is off");
        }
        (true, true) if tenant.acknowledge_unsupported => {
            acknowledged.warn(format!(
                "does nothing: cloud `{name}` supports the integration"
            ));
        }
        // Without acknowledgement it is refused, where the tenant has the choice.
        (true, false) => scope.at(INTEGRATION).warn(format!(
            "is not supported in cloud `{name}`: people outside the environment, bearers of Anyone links among them, \
             are refused"
        )),
        (true, true) | (false, _) => {}
    }
}

/// Points out a list that does not count, and one that is missing.
fn warn_lists(scope: &Scope<'_>, given: &wire::Given, mode: SharingDomainRestrictionMode) {
    let mode_scope = scope.at("SharingDomainRestrictionMode");
    let (allowed, blocked) = ("SharingAllowedDomainList", "SharingBlockedDomainList");
    let inert = |list: &str, wanted: SharingDomainRestrictionMode| {
        if given.contains_key(list) && !mode_scope.is_broken() {
            let wanted = wanted.name();
            scope.at(list).warn(format!(
                "does nothing: set `SharingDomainRestrictionMode = \"{wanted}\"`, or remove it"
            ));
        }
    };
    let missing = |list: &str, effect: &str| {
        let empty = |written| Raw::from(written).to_string().trim().is_empty();
        if given.get(list).is_none_or(empty) && !scope.at(list).is_broken() {
            mode_scope.warn(format!("its list is empty: {effect}"));
        }
    };
    match mode {
        SharingDomainRestrictionMode::None => {
            inert(allowed, SharingDomainRestrictionMode::AllowList);
            inert(blocked, SharingDomainRestrictionMode::BlockList);
        }
        SharingDomainRestrictionMode::AllowList => {
            inert(blocked, SharingDomainRestrictionMode::BlockList);
            missing(allowed, "nobody from outside is shared with");
        }
        SharingDomainRestrictionMode::BlockList => {
            inert(allowed, SharingDomainRestrictionMode::AllowList);
            missing(blocked, "nobody is refused");
        }
    }
}

/// What a site asks for beyond its ceiling sleeps.
///
/// Source: specification "sharing rules" 2.1 and 2.2.
fn warn_sleeping(scope: &Scope<'_>, site: &SiteSettings, tenant: &TenantSettings) {
    let (level, source) = effective_level(tenant, site);
    if let Some(asked) = site.sharing.capability.filter(|asked| level < *asked) {
        let (asked, setting) = (asked.name(), super::asleep::setting(source));
        let message = format!("`{asked}` sleeps: {setting} holds it at `{}`", level.name());
        scope.at("SharingCapability").warn(message);
    }
}
