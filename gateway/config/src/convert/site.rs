//! Sites.

use std::collections::BTreeMap;

use gateway_core::domains::DomainRestriction;
use gateway_core::id::SiteId;
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::settings::{
    Partition, SharingCapability, SiteSettings, TenantSettings, effective_level,
};

use super::sharing::{self, Lists};
use super::{files, text};
use crate::model::{Site, Upstream};
use crate::source::Scope;
use crate::wire;

/// Most domains of a site's list.
///
/// Source: specification "sharing rules" 9.
const MOST_DOMAINS: usize = 500;

/// The tenant's sites, without those that are wrong.
///
/// - `tenant`: its settings, if they are right.
pub(super) fn convert(
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Site>,
    tenant: Option<&TenantSettings>,
) -> BTreeMap<SiteId, Site> {
    let convert = |(id, given): (&String, &wire::Site)| {
        let scope = top.at(id);
        let site = site(&scope, id, given);
        if let (Some(site), Some(tenant)) = (&site, tenant) {
            judge_ceiling(&scope, given, site, tenant);
        }
        Some((SiteId::parse(id).ok()?, site?))
    };
    let sites: BTreeMap<_, _> = given.iter().filter_map(convert).collect();
    judge_paths(top, &sites);
    sites
}

fn site(scope: &Scope<'_>, id: &str, given: &wire::Site) -> Option<Site> {
    let id = scope.parse(Some(id), SiteId::parse);
    let path = text::path(&scope.at("path"), given.path.as_deref());
    if path.as_ref().is_some_and(is_reserved) {
        scope
            .at("path")
            .error("lies below `/_vestibule`, which is the gateway's own");
    }
    let upstream = upstream(scope, given);
    let lists = Lists {
        mode: given.restriction_mode,
        allowed: given.allowed_domains.as_ref(),
        blocked: given.blocked_domains.as_ref(),
        most: MOST_DOMAINS,
    };
    let settings = SiteSettings {
        partition: match given.partition {
            wire::Partition::Core => Partition::Core,
            wire::Partition::OneDrive => Partition::OneDrive,
        },
        capability: given
            .capability
            .map_or(SharingCapability::Disabled, sharing::capability),
        override_partition: given.override_partition,
        domains: sharing::restriction(scope, &lists),
        path_case: match given.path_case {
            wire::PathCase::Sensitive => PathCase::Sensitive,
            wire::PathCase::Insensitive => PathCase::Insensitive,
        },
    };
    Some(Site {
        id: id?,
        path: path?,
        settings,
        upstream: upstream?,
    })
}

fn is_reserved(path: &ItemPath) -> bool {
    path.segments()
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case("_vestibule"))
}

fn upstream(scope: &Scope<'_>, given: &wire::Site) -> Option<Upstream> {
    let origin = scope.at("upstream");
    let text = origin.required(
        given.upstream.as_deref(),
        "give an origin such as `http://127.0.0.1:9000`",
    );
    let origin = origin.parse(text, text::origin);
    let path = scope
        .at("upstream_path")
        .parse(given.upstream_path.as_deref(), ItemPath::parse);
    let ca_scope = scope.at("upstream_ca");
    let ca = given
        .upstream_ca
        .as_deref()
        .and_then(|path| files::existing(&ca_scope, path));
    let origin = origin?;
    if given.upstream_ca.is_some() && origin.scheme() == "http" {
        ca_scope.warn("does nothing: `upstream` is plain http");
    }
    let own = || origin.as_str().trim_end_matches('/').to_owned();
    let audience = given.audience.clone().unwrap_or_else(own);
    if audience.trim().is_empty() {
        scope
            .at("audience")
            .error("must not be empty: remove it, and it is the upstream's origin");
    }
    Some(Upstream {
        origin,
        path,
        audience,
        plain_headers: given.plain_headers,
        ca,
    })
}

/// A site never has more than its tenant; what it asks for beyond that sleeps.
///
/// Source: specification "sharing rules" 2.1 and 2.2.
fn judge_ceiling(scope: &Scope<'_>, given: &wire::Site, site: &Site, tenant: &TenantSettings) {
    let (level, source) = effective_level(tenant, &site.settings);
    if given.capability.is_some() && level < site.settings.capability {
        let (asked, source) = (site.settings.capability.name(), source.setting());
        let message = format!("`{asked}` sleeps: {source} holds it at `{}`", level.name());
        scope.at("SharingCapability").warn(message);
    }
    if let (DomainRestriction::AllowList(own), DomainRestriction::AllowList(all)) =
        (&site.settings.domains, &tenant.domains)
    {
        for domain in own.difference(all) {
            let message =
                format!("`{domain}` is not on the tenant's list: a site's list is a part of it");
            scope.at("SharingAllowedDomainList").error(message);
        }
    }
}

/// One path belongs to one site, however its names are compared.
fn judge_paths(top: &Scope<'_>, sites: &BTreeMap<SiteId, Site>) {
    for site in sites.values() {
        for other in sites.values().filter(|other| other.id != site.id) {
            let scope = top.at(site.id.as_str());
            let (mine, theirs) = (site.settings.path_case, other.settings.path_case);
            let any = if mine == theirs {
                mine
            } else {
                PathCase::Insensitive
            };
            if site.path.is_same(&other.path, any) {
                // Told once, at the later one.
                if site.id > other.id {
                    scope.at("path").error(format!(
                        "is also the path of site `{}`: give each its own",
                        other.id
                    ));
                }
            } else if mine != theirs && site.path.is_within(&other.path, any) {
                let message = format!(
                    "must be that of site `{}`, which this one lies in",
                    other.id
                );
                scope.at("path_case").error(message);
            }
        }
    }
}

/// The site that an item belongs to: the one with the longest path around it.
pub(super) fn owner<'a>(item: &ItemPath, sites: &'a BTreeMap<SiteId, Site>) -> Option<&'a Site> {
    sites
        .values()
        .filter(|site| item.is_within(&site.path, site.settings.path_case))
        .max_by_key(|site| site.path.segments().len())
}
