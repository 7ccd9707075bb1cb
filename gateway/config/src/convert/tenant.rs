//! Tenants.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::DomainName;
use gateway_core::id::{CloudName, TenantId};
use gateway_core::settings::{Integration, TenantSettings};
use url::Host;

use super::shares::Shares;
use super::sharing::{self, Lists};
use super::{Context, asleep, clouds, directory, shares, site, text};
use crate::documents::Merged;
use crate::model::Tenant;
use crate::source::Scope;
use crate::wire::{AnonymousLinkType, Sharing, TenantFile};

/// Most domains of a tenant's list.
///
/// Source: specification "sharing rules" 9.
const MOST_DOMAINS: usize = 5_000;
const PROFILE: &str = "integration-opt-in";

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
    profile(&scope.at("profile"), given.profile.as_deref());
    let cloud = cloud(&scope.at("cloud"), given.cloud.as_deref(), context);
    let settings = settings(&scope, given, cloud, context);
    let sites_scope = scope.at("sites");
    if given.sites.is_empty() && !sites_scope.is_broken() {
        sites_scope
            .error("is required: a tenant without a site serves nothing, add `[sites.NAME]`");
    }
    let sites = site::convert(&sites_scope, &given.sites, settings.as_ref());
    let Shares {
        guests,
        permissions,
        links,
    } = shares::convert(&scope, given, &member_domains, &sites, context);
    let settings = settings?;
    let tenant = Tenant {
        id: tenant_id?,
        display_name: display_name?,
        hosts: own_hosts,
        settings,
        member_domains,
        sites,
        guests,
        permissions,
        links,
    };
    asleep::warn(&scope, &tenant, context);
    Some(tenant)
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

fn profile(scope: &Scope<'_>, given: Option<&str>) {
    if given.is_some_and(|given| given != PROFILE) {
        scope.error(format!(
            "is not supported yet: only `{PROFILE}` is, where sharing and the directory's invitations are joined \
             by `EnableAzureADB2BIntegration`"
        ));
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
) -> Option<TenantSettings> {
    let scope = top.at("sharing");
    let sharing = &given.sharing;
    let levels = sharing::levels(&scope, sharing);
    let lists = Lists {
        mode: sharing.restriction_mode,
        allowed: sharing.allowed_domains.as_ref(),
        blocked: sharing.blocked_domains.as_ref(),
        most: MOST_DOMAINS,
    };
    let domains = sharing::restriction(&scope, &lists);
    let directory = directory::convert(
        &top.at("directory"),
        &given.directory,
        cloud.as_ref(),
        context,
    );
    judge_integration(
        &scope,
        sharing,
        cloud.as_ref(),
        directory.email_otp,
        context,
    );
    let levels = levels?;
    Some(TenantSettings {
        cloud: cloud?,
        capability: levels.tenant,
        core_capability: levels.core,
        onedrive_capability: levels.onedrive,
        domains,
        integration: if sharing.integration {
            Integration::On
        } else {
            Integration::Off
        },
        boundary: sharing::boundary(sharing.environment_boundary),
        anyone_link_days: Some(sharing.anyone_link_days).filter(|days| *days > 0),
        anyone_file_edit: sharing.file_link_type == AnonymousLinkType::Edit,
        directory,
    })
}

/// Source: specification, settled readings 2 and 3; rows 111 and 112.
fn judge_integration(
    scope: &Scope<'_>,
    given: &Sharing,
    cloud: Option<&CloudName>,
    email_otp: bool,
    context: &Context<'_>,
) {
    let (integration, acknowledged) = (
        scope.at("EnableAzureADB2BIntegration"),
        scope.at("acknowledge_unsupported"),
    );
    let record = cloud.and_then(|name| context.clouds?.find(name));
    let unsupported = record.is_some_and(|cloud| !cloud.integration_supported);
    let name = cloud.map_or("", CloudName::as_str);
    match (given.integration, unsupported, given.acknowledge_unsupported) {
        (true, true, false) => integration.error(format!(
            "is not supported in cloud `{name}`: remove it, or write `acknowledge_unsupported = true` beside it and \
             accept that people outside the environment are refused"
        )),
        (true, true, true) => integration.warn(format!(
            "is not supported in cloud `{name}`: people outside the environment, bearers of Anyone links among \
             them, are refused"
        )),
        (true, false, true) if record.is_some() => {
            acknowledged.warn(format!("does nothing: cloud `{name}` supports the integration"));
        }
        (false, _, true) => acknowledged.warn("does nothing: `EnableAzureADB2BIntegration` is off"),
        (true, false, true) | (true | false, _, false) => {}
    }
    if given.integration && !email_otp {
        integration.error(
            "needs the directory's passcodes: set `directory.allowExternalIdToUseEmailOtp = true`",
        );
    }
}
