//! Sites.

use std::collections::BTreeMap;

use gateway_core::id::{GroupId, SiteId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::settings::{Channel, Partition, SiteSettings, SiteSharing, Template};

use super::settings::Read;
use super::{files, settings, text};
use crate::model::{Site, Upstream};
use crate::source::Scope;
use crate::wire;

/// The tenant's sites, without those that are wrong.
pub(super) fn convert(top: &Scope<'_>, file: &wire::TenantFile) -> Read<BTreeMap<SiteId, Site>> {
    let mut whole = true;
    let convert = |(id, given): (&String, &wire::Site)| {
        let scope = top.at(id);
        let read = settings::read(&scope, &given.settings);
        whole &= read.whole;
        let site = site(&scope, id, given, read.settings);
        Some((SiteId::parse(id).ok()?, site?))
    };
    let sites: BTreeMap<_, _> = file.sites.iter().filter_map(convert).collect();
    judge_paths(top, &sites);
    Read {
        settings: sites,
        whole,
    }
}

fn site(scope: &Scope<'_>, id: &str, given: &wire::Site, sharing: SiteSharing) -> Option<Site> {
    let id = scope.parse(Some(id), SiteId::parse);
    let path = text::path(&scope.at("path"), given.path.as_deref());
    if path.as_ref().is_some_and(is_reserved) {
        scope
            .at("path")
            .error("lies below `/_vestibule`, which is the gateway's own");
    }
    let upstream = upstream(scope, given);
    let settings = SiteSettings {
        partition: match given.partition {
            wire::Partition::Core => Partition::Core,
            wire::Partition::OneDrive => Partition::OneDrive,
        },
        path_case: match given.path_case {
            wire::PathCase::Sensitive => PathCase::Sensitive,
            wire::PathCase::Insensitive => PathCase::Insensitive,
        },
        root: given.root,
        template: given.template.map_or(Template::Unknown, template),
        channel: match given.channel {
            wire::Channel::None => Channel::None,
            wire::Channel::Private => Channel::Private,
            wire::Channel::Shared => Channel::Shared,
        },
        group: scope
            .at("group")
            .parse(given.group.as_deref(), GroupId::parse),
        sharing,
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

const fn template(given: wire::Template) -> Template {
    match given {
        wire::Template::Classic => Template::Classic,
        wire::Template::Communication => Template::Communication,
        wire::Template::RootCommunication => Template::RootCommunication,
        wire::Template::Team => Template::Team,
        wire::Template::Group => Template::Group {
            owners_add_guests: false,
        },
        wire::Template::GroupWithGuests => Template::Group {
            owners_add_guests: true,
        },
        wire::Template::OneDrive => Template::OneDrive,
    }
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
