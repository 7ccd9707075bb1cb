//! Guests, permissions and links that a tenant file declares.

mod guests;
mod link;
mod permission;

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::id::SiteId;
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, InvitationManager};
use gateway_core::sharing::Permission;
use gateway_core::time::UnixTime;

use super::{Context, site, text};
use crate::model::{DeclaredLink, Site};
use crate::source::Scope;
use crate::wire::TenantFile;

/// What is shared, and with whom.
pub(super) struct Shares {
    pub(super) guests: Vec<Guest>,
    pub(super) permissions: Vec<Permission>,
    pub(super) links: Vec<DeclaredLink>,
}

/// What every share is checked against.
struct Shared<'a> {
    sites: &'a BTreeMap<SiteId, Site>,
    /// Sites that are named, whatever is wrong with them.
    named_sites: BTreeSet<&'a str>,
    /// The table of sites.
    table: Scope<'a>,
    members: &'a BTreeSet<DomainName>,
    /// Addresses of declared guests.
    guests: BTreeSet<EmailAddress>,
    /// Groups that are named.
    groups: &'a BTreeMap<String, crate::wire::Group>,
    /// Whether the integration is on.
    integration: bool,
    now: UnixTime,
}

pub(super) fn convert<'a>(
    top: &Scope<'a>,
    given: &'a TenantFile,
    members: &'a BTreeSet<DomainName>,
    sites: &'a BTreeMap<SiteId, Site>,
    integration: bool,
    context: &Context<'_>,
) -> Shares {
    let mut guests = guests::declared(&top.at("guests"), given, members);
    let shared = Shared {
        sites,
        named_sites: given.sites.keys().map(String::as_str).collect(),
        table: top.at("sites"),
        members,
        guests: guests.iter().map(|guest| guest.address.clone()).collect(),
        groups: &given.groups,
        integration,
        now: context.now,
    };
    let permissions = permission::convert(&top.at("permissions"), &given.permissions, &shared);
    let links = link::convert(&top.at("links"), &given.links, &shared);
    guests.extend(guests::invited(&permissions, &links, &shared));
    Shares {
        guests,
        permissions,
        links,
    }
}

/// The site and item of a share.
fn item(
    scope: &Scope<'_>,
    site: Option<&str>,
    item: Option<&str>,
    shared: &Shared<'_>,
) -> Option<(SiteId, ItemPath)> {
    let site_scope = scope.at("site");
    let name = site_scope.required(site, "name a site of this file");
    let item_scope = scope.at("item");
    let item = text::path(&item_scope, item);
    let name = name?;
    if shared.table.at(name).is_broken() {
        return None;
    }
    if !shared.named_sites.contains(name) {
        let known = shared.named_sites.iter().copied();
        site_scope.error(text::unknown_site(name, known));
        return None;
    }
    let (item, id) = (item?, SiteId::parse(name).ok()?);
    let own = shared.sites.get(&id)?;
    if !item.is_within(&own.path, own.settings.path_case) {
        item_scope.error(format!(
            "does not lie in site `{name}`, which covers `{}`",
            own.path
        ));
        return None;
    }
    match site::owner(&item, shared.sites) {
        Some(owner) if owner.id != id => {
            item_scope.error(format!(
                "belongs to site `{}`, whose path is longer: name that one",
                owner.id
            ));
            None
        }
        Some(_) | None => Some((id, item)),
    }
}

/// Who made a share: somebody the tenant knows.
fn creator(scope: &Scope<'_>, text: Option<&str>, shared: &Shared<'_>) -> Option<EmailAddress> {
    let scope = scope.at("created_by");
    let address = text::address(&scope, text)?;
    if !shared.members.contains(address.domain()) && !shared.guests.contains(&address) {
        scope.error(format!(
            "`{address}` is neither on a domain of `member_domains` nor a guest of this file"
        ));
    }
    Some(address)
}

/// When a share ends.
fn end(scope: &Scope<'_>, text: Option<&str>, shared: &Shared<'_>) -> Option<UnixTime> {
    let scope = scope.at("expires");
    let end = text::moment(&scope, text)?;
    if end <= shared.now {
        scope.warn("has passed: the share grants nothing");
    }
    Some(end)
}

/// Who invited for a share.
const fn manager(with_integration: Option<bool>, shared: &Shared<'_>) -> InvitationManager {
    let with_integration = match with_integration {
        Some(given) => given,
        None => shared.integration,
    };
    if with_integration {
        InvitationManager::Directory
    } else {
        InvitationManager::Sharing
    }
}
