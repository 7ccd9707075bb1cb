//! Which tenant answers on a host, and which of its sites a path belongs to.

use std::collections::HashMap;

use gateway_config::model::{Configuration, Site};
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::{ItemPath, PathCase};
use url::Url;

/// Hosts and site prefixes, made once from the configuration.
#[derive(Debug)]
pub struct Table {
    hosts: HashMap<String, TenantId>,
    /// For each tenant its sites, longest prefix first.
    sites: HashMap<TenantId, Vec<Prefix>>,
}

#[derive(Debug)]
struct Prefix {
    path: ItemPath,
    case: PathCase,
    site: SiteId,
    upstream: Url,
}

impl Table {
    /// Indexes `configuration`.
    #[must_use]
    pub fn new(configuration: &Configuration) -> Self {
        let mut hosts = HashMap::new();
        let mut sites = HashMap::new();
        for tenant in configuration.tenants.values() {
            hosts.extend(
                tenant
                    .hosts
                    .iter()
                    .map(|host| (host.clone(), tenant.id.clone())),
            );
            let mut prefixes: Vec<Prefix> = tenant.sites.values().map(prefix).collect();
            prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.path.segments().len()));
            sites.insert(tenant.id.clone(), prefixes);
        }
        Self { hosts, sites }
    }

    /// The tenant that answers on `host`, a canonical name.
    #[must_use]
    pub fn tenant(&self, host: &str) -> Option<&TenantId> {
        self.hosts.get(host)
    }

    /// The site that covers `path`: the longest prefix counts.
    #[must_use]
    pub fn site(&self, tenant: &TenantId, path: &ItemPath) -> Option<&SiteId> {
        self.covering(tenant, path).map(|prefix| &prefix.site)
    }

    /// The sites whose root lies below `path`, by their roots: what is done to everything there is done to them.
    ///
    /// Names are compared without regard to case, as a site and the folder it lies in may differ in that: a question
    /// too many refuses, one too few would not.
    pub fn sites_below(
        &self,
        tenant: &TenantId,
        path: &ItemPath,
    ) -> impl Iterator<Item = (&SiteId, &ItemPath)> {
        let depth = path.segments().len();
        self.sites
            .get(tenant)
            .into_iter()
            .flatten()
            .filter(move |prefix| prefix.path.segments().len() > depth)
            .filter(|prefix| prefix.path.is_within(path, PathCase::Insensitive))
            .map(|prefix| (&prefix.site, &prefix.path))
    }

    /// Whether both paths belong to sites in front of one upstream.
    #[must_use]
    pub fn same_upstream(&self, tenant: &TenantId, one: &ItemPath, other: &ItemPath) -> bool {
        match (self.covering(tenant, one), self.covering(tenant, other)) {
            (Some(one), Some(other)) => one.upstream == other.upstream,
            (_, None) | (None, _) => false,
        }
    }

    fn covering(&self, tenant: &TenantId, path: &ItemPath) -> Option<&Prefix> {
        self.sites
            .get(tenant)?
            .iter()
            .find(|prefix| path.is_within(&prefix.path, prefix.case))
    }
}

fn prefix(site: &Site) -> Prefix {
    Prefix {
        path: site.path.clone(),
        case: site.settings.path_case,
        site: site.id.clone(),
        upstream: site.upstream.origin.clone(),
    }
}
