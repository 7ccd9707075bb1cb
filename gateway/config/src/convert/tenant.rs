//! Tenants.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::DomainName;
use gateway_core::cloud::EnvironmentBoundary;
use gateway_core::id::{CloudName, SiteId, TenantId};
use gateway_core::policy::configure;
use gateway_core::settings::{Profile, TenantSettings};
use url::Host;

use super::settings::Read;
use super::shares::Shares;
use super::together::Given;
use super::{Context, asleep, clouds, directory, groups, settings, shares, site, text, together};
use crate::documents::Merged;
use crate::model::Tenant;
use crate::source::Scope;
use crate::wire;
use crate::wire::TenantFile;
use crate::wire::settings::REQUIRED;

/// - `hosts`: host names taken by tenants so far, with their tenant.
pub(super) fn convert(
    id: &str,
    file: &Merged<TenantFile>,
    hosts: &mut BTreeMap<String, String>,
    context: &Context<'_>,
) -> Option<Tenant> {
    let scope = file.scope(context.problems);
    let given = &file.content;
    let tenant_id = scope.parse(Some(id), TenantId::parse);
    let display_name = scope
        .at("display_name")
        .required(given.display_name.clone(), "name the tenant for people");
    let own_hosts = self::hosts(&scope.at("hosts"), id, &given.hosts, hosts);
    let member_domains: BTreeSet<DomainName> = text::domains(
        &scope.at("member_domains"),
        given.member_domains.iter().map(String::as_str),
    )
    .collect();
    let cloud = cloud(&scope.at("cloud"), given.cloud.as_deref(), context);
    let settings = settings(&scope, given, cloud, context);
    let sites_scope = scope.at("sites");
    if given.sites.is_empty() && !sites_scope.is_broken() {
        sites_scope
            .error("is required: a tenant without a site serves nothing, add `[sites.NAME]`");
    }
    let Read {
        settings: sites,
        whole,
    } = site::convert(&sites_scope, given);
    let settings = settings.map(|read| {
        let whole = whole && read.whole;
        let given = Given {
            file: given,
            tenant: &read.settings,
            sites: &sites,
        };
        together::judge(&scope, &given, whole, context);
        read.settings
    });
    let (declared_groups, groups) = groups::convert(&scope.at("groups"), &given.groups);
    let integration = settings
        .as_ref()
        .is_some_and(|settings| settings.integration().value);
    let Shares {
        guests,
        permissions,
        links,
    } = shares::convert(&scope, given, &member_domains, &sites, integration, context);
    groups::warn(&scope, given, &member_domains, &guests);
    let settings = settings?;
    let tenant = Tenant {
        id: tenant_id?,
        display_name: display_name?,
        hosts: own_hosts,
        settings,
        declared: declared(given),
        member_domains,
        sites,
        groups,
        declared_groups,
        guests,
        permissions,
        links,
    };
    asleep::warn(&scope, &tenant, context);
    Some(tenant)
}

/// The settings that the file names.
fn declared(given: &TenantFile) -> BTreeSet<(configure::Scope, String)> {
    const OWN: [&str; 3] = ["profile", "environment_boundary", "acknowledge_unsupported"];
    let sites = given.sites.iter().filter_map(|(id, site)| {
        let scope = configure::Scope::Site(SiteId::parse(id).ok()?);
        Some(named(scope, &site.settings))
    });
    named(configure::Scope::Tenant, &given.sharing.settings)
        .chain(named(
            configure::Scope::Directory,
            &given.directory.settings,
        ))
        .chain(sites.flatten())
        .chain(OWN.map(|name| (configure::Scope::Tenant, name.to_owned())))
        .collect()
}

fn named(
    scope: configure::Scope,
    names: &wire::Given,
) -> impl Iterator<Item = (configure::Scope, String)> {
    let names = names.keys().cloned();
    names.map(move |name| (scope.clone(), name))
}

fn hosts(
    scope: &Scope<'_>,
    id: &str,
    given: &[String],
    taken: &mut BTreeMap<String, String>,
) -> Vec<String> {
    if given.is_empty() && !scope.is_broken() {
        scope.error("is required: list the host names that the tenant answers on");
    }
    let mut own = Vec::new();
    for (index, text) in given.iter().enumerate() {
        let scope = scope.element(index);
        let Some(host) = scope.parse(Some(text), host) else {
            continue;
        };
        match taken.insert(host.clone(), id.to_owned()) {
            None => own.push(host),
            Some(other) if other == id => scope.error("is listed twice: remove one"),
            Some(other) => scope.error(format!(
                "is also a host of tenant `{other}`: a host belongs to one tenant"
            )),
        }
    }
    own
}

fn host(text: &str) -> Result<String, &'static str> {
    const WANTED: &str =
        "must be a host name such as `docs.contoso.com`, without scheme, port and path";
    match Host::parse(text.strip_suffix('.').unwrap_or(text)) {
        Ok(Host::Domain(name))
            if !name.is_empty() && !name.contains('*') && !name.ends_with('.') =>
        {
            Ok(name)
        }
        Ok(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Err(WANTED),
    }
}

/// The tenant's cloud, or the environment's.
fn cloud(scope: &Scope<'_>, given: Option<&str>, context: &Context<'_>) -> Option<CloudName> {
    match given {
        Some(name) => clouds::known(scope, name, context.clouds),
        None if scope.is_broken() => None,
        None => context.cloud.cloned(),
    }
}

fn settings(
    top: &Scope<'_>,
    given: &TenantFile,
    cloud: Option<CloudName>,
    context: &Context<'_>,
) -> Option<Read<TenantSettings>> {
    let scope = top.at("sharing");
    let sharing = settings::read(&scope, &given.sharing.settings);
    let level = scope.at(REQUIRED).required(
        given.sharing.settings.get(REQUIRED),
        "say how far the tenant shares, from `Disabled` to `ExternalUserAndGuestSharing`",
    );
    let directory = directory::convert(&top.at("directory"), given, cloud.as_ref(), context);
    let whole = sharing.whole && directory.whole;
    let settings = TenantSettings {
        cloud: cloud?,
        // The schema lets no other name through.
        profile: given
            .profile
            .as_deref()
            .and_then(Profile::parse)
            .unwrap_or(Profile::IntegrationOptIn),
        sharing: sharing.settings,
        boundary: match given.sharing.environment_boundary {
            wire::Boundary::Cloud => EnvironmentBoundary::Cloud,
            wire::Boundary::Instance => EnvironmentBoundary::Instance,
        },
        acknowledge_unsupported: given.sharing.acknowledge_unsupported,
        directory: directory.settings,
    };
    level.map(|_| Read { settings, whole })
}
