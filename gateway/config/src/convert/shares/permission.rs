//! Permissions.

use std::collections::BTreeMap;

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, PermissionId};
use gateway_core::sharing::{Permission, Recipient, Role};

use super::{Shared, creator, end, item, manager};
use crate::convert::groups;
use crate::source::Scope;
use crate::wire;

const GROUP: &str = "group:";

pub(super) fn convert(
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Permission>,
    shared: &Shared<'_>,
) -> Vec<Permission> {
    given
        .iter()
        .filter_map(|(id, given)| permission(&top.at(id), id, given, shared))
        .collect()
}

fn permission(
    scope: &Scope<'_>,
    id: &str,
    given: &wire::Permission,
    shared: &Shared<'_>,
) -> Option<Permission> {
    let id = scope.parse(Some(id), PermissionId::parse);
    let place = item(scope, given.site.as_deref(), given.item.as_deref(), shared);
    let recipient = recipient(&scope.at("to"), given.to.as_deref(), shared);
    let role = scope
        .at("role")
        .required(given.role, "`read`, `write` or `owner`");
    let created_by = creator(scope, given.created_by.as_deref(), shared);
    let expires = end(scope, given.expires.as_deref(), shared);
    let (site, item) = place?;
    Some(Permission {
        id: id?,
        site,
        item,
        recipient: recipient?,
        role: match role? {
            wire::Role::Read => Role::Read,
            wire::Role::Write => Role::Write,
            wire::Role::Owner => Role::Owner,
        },
        created_by: created_by?,
        manager: manager(given.shared_with_integration, shared),
        expires,
    })
}

fn recipient(scope: &Scope<'_>, text: Option<&str>, shared: &Shared<'_>) -> Option<Recipient> {
    let hint = "give an address, `group:NAME`, `members`, `everyone` or `all-users`";
    match scope.required(text, hint)? {
        "members" => Some(Recipient::Members),
        "everyone" => Some(Recipient::Everyone),
        "all-users" => Some(Recipient::AllUsers),
        text => match text.strip_prefix(GROUP) {
            Some(name) => group(scope, name, shared),
            None => scope
                .parse(Some(text), EmailAddress::parse)
                .map(Recipient::Address),
        },
    }
}

fn group(scope: &Scope<'_>, name: &str, shared: &Shared<'_>) -> Option<Recipient> {
    if !shared.groups.contains_key(name) {
        scope.error(groups::unknown(name, shared.groups));
    }
    GroupId::parse(name).ok().map(Recipient::Group)
}
