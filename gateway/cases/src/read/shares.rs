//! What has been shared, and the groups it was shared with.

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::groups::{Group, Groups};
use gateway_core::id::{GroupId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::sharing::{LinkScope, Permission, Recipient, SharingLink};
use gateway_core::time::UnixTime;

use super::{address, addresses, id, ids, link_type, manager, path, role, when};
use crate::problem::At;
use crate::wire;

pub(crate) fn groups(at: &At<'_>, given: &BTreeMap<String, wire::Group>) -> Groups {
    let at = at.key("groups");
    let read = given.iter().filter_map(|(name, group)| {
        let at = at.key(name);
        let group = Group {
            people: addresses(&at.key("people"), &group.people),
            groups: ids(&at.key("groups"), &group.groups, GroupId::parse),
        };
        Some((id(&at, name, GroupId::parse)?, group))
    });
    let declared: BTreeMap<GroupId, Group> = read.collect();
    Groups::new(&declared).unwrap_or_else(|error| {
        match error.group() {
            Some(group) => at.key(group.as_str()).error(&error),
            None => at.error(&error),
        }
        Groups::default()
    })
}

/// Where shares are, and when they are looked at.
pub(crate) struct Place<'a> {
    pub(crate) site: &'a SiteId,
    /// The item that the question is about.
    pub(crate) item: &'a ItemPath,
    /// Whether the integration is on.
    pub(crate) integration: bool,
    /// Who shares, where nothing is said.
    pub(crate) creator: &'a EmailAddress,
    pub(crate) now: UnixTime,
}

impl Place<'_> {
    fn item(&self, at: &At<'_>, given: Option<&str>) -> Option<ItemPath> {
        match given {
            Some(text) => path(&at.key("item"), text),
            None => Some(self.item.clone()),
        }
    }
}

pub(crate) fn permissions(
    at: &At<'_>,
    given: &BTreeMap<String, wire::Permission>,
    place: &Place<'_>,
) -> Vec<Permission> {
    let at = at.key("permissions");
    let each = given.iter();
    each.filter_map(|(name, given)| permission(&at.key(name), name, given, place))
        .collect()
}

fn permission(
    at: &At<'_>,
    name: &str,
    given: &wire::Permission,
    place: &Place<'_>,
) -> Option<Permission> {
    let to = at.key("to");
    let recipient = match given.to.as_str() {
        "members" => Recipient::Members,
        "everyone" => Recipient::Everyone,
        "all-users" => Recipient::AllUsers,
        text => match text.strip_prefix("group:") {
            Some(group) => Recipient::Group(id(&to, group, GroupId::parse)?),
            None => Recipient::Address(address(&to, text)?),
        },
    };
    let managed = given.manager.as_deref();
    Some(Permission {
        id: id(at, name, PermissionId::parse)?,
        site: place.site.clone(),
        item: place.item(at, given.item.as_deref())?,
        recipient,
        role: role(&at.key("role"), given.role.as_deref().unwrap_or("read"))?,
        created_by: place.creator.clone(),
        manager: manager(&at.key("manager"), managed, place.integration)?,
        expires: when(&at.key("expires"), given.expires.as_deref(), place.now),
    })
}

pub(crate) fn links(
    at: &At<'_>,
    given: &BTreeMap<String, wire::Link>,
    place: &Place<'_>,
) -> Vec<SharingLink> {
    let at = at.key("links");
    let each = given.iter();
    each.filter_map(|(name, given)| link(&at.key(name), name, given, place))
        .collect()
}

fn link(at: &At<'_>, name: &str, given: &wire::Link, place: &Place<'_>) -> Option<SharingLink> {
    let named = addresses(&at.key("recipients"), &given.recipients);
    let scope = match given.scope.as_str() {
        "anonymous" => LinkScope::Anonymous,
        "organization" => LinkScope::Organization,
        "users" => LinkScope::Users(named),
        "existingAccess" => LinkScope::ExistingAccess,
        other => {
            at.key("scope").error(format!(
                "`{other}` is none of anonymous, organization, users, existingAccess"
            ));
            return None;
        }
    };
    if given.scope != "users" && !given.recipients.is_empty() {
        at.key("recipients")
            .error("are named by links of the scope `users` only");
    }
    let created = given.created.as_deref().unwrap_or("-1d");
    let managed = given.manager.as_deref();
    Some(SharingLink {
        id: id(at, name, LinkId::parse)?,
        site: place.site.clone(),
        item: place.item(at, given.item.as_deref())?,
        kind: link_type(&at.key("type"), given.kind.as_deref())?,
        scope,
        created_by: place.creator.clone(),
        creator_may_share: given.creator_may_share.unwrap_or(true),
        manager: manager(&at.key("manager"), managed, place.integration)?,
        created: when(&at.key("created"), Some(created), place.now)?,
        expires: when(&at.key("expires"), given.expires.as_deref(), place.now),
    })
}
