//! Groups, with the groups inside them.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::groups::{Group, Groups};
use gateway_core::id::GroupId;
use gateway_core::person::Guest;
use gateway_core::settings::{SiteSharing, TenantSharing};

use super::settings;
use crate::source::Scope;
use crate::suggest::nearest;
use crate::wire;

/// The groups that a tenant file declares.
///
/// - `top`: the table of groups.
pub(super) fn convert(
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Group>,
) -> (BTreeMap<GroupId, Group>, Groups) {
    let declare = |(id, group): (&String, &wire::Group)| {
        let scope = top.at(id);
        let declared = Group {
            people: list(&scope.at("people"), &group.people, EmailAddress::parse),
            groups: inner(&scope.at("groups"), &group.groups, top, given),
        };
        Some((scope.parse(Some(id), GroupId::parse)?, declared))
    };
    let declared: BTreeMap<GroupId, Group> = given.iter().filter_map(declare).collect();
    let groups = Groups::new(&declared).unwrap_or_else(|error| {
        let scope = error
            .group()
            .map_or_else(|| top.clone(), |group| top.at(group.as_str()).at("groups"));
        scope.error(error.to_string());
        Groups::default()
    });
    (declared, groups)
}

fn list<T: Ord, E: std::fmt::Display>(
    scope: &Scope<'_>,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> BTreeSet<T> {
    let parse = |(index, text): (usize, &String)| scope.element(index).parse(Some(text), &parse);
    texts.iter().enumerate().filter_map(parse).collect()
}

/// Groups in a group. One that is there and wrong is reported where it is wrong.
fn inner(
    scope: &Scope<'_>,
    texts: &[String],
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Group>,
) -> BTreeSet<GroupId> {
    let known = |(index, text): (usize, &String)| {
        let scope = scope.element(index);
        let id = GroupId::parse(text)
            .ok()
            .filter(|_| given.contains_key(text));
        if id.is_none() && !given.contains_key(text) && !top.at(text).is_broken() {
            scope.error(unknown(text, given));
        }
        id
    };
    texts.iter().enumerate().filter_map(known).collect()
}

/// What is said about a group that is not declared.
pub(super) fn unknown(name: &str, given: &BTreeMap<String, wire::Group>) -> String {
    match nearest(name, given.keys().map(String::as_str)) {
        Some(meant) => format!("`{name}` is not a group of this file: did you mean `{meant}`?"),
        None => format!("`{name}` is not a group of this file: add `[groups.{name}]`"),
    }
}

/// Points out people of groups whom the directory does not know, and settings that name groups that nobody is in.
pub(super) fn warn(
    top: &Scope<'_>,
    given: &wire::TenantFile,
    members: &BTreeSet<DomainName>,
    guests: &[Guest],
) {
    let known: BTreeSet<&EmailAddress> = guests.iter().map(|guest| &guest.address).collect();
    for (id, group) in &given.groups {
        let scope = top.at("groups").at(id).at("people");
        for (index, text) in group.people.iter().enumerate() {
            let Ok(person) = EmailAddress::parse(text) else {
                continue;
            };
            if !members.contains(person.domain()) && !known.contains(&person) {
                scope.element(index).warn(format!(
                    "`{person}` is neither on a domain of `member_domains` nor a guest of this file: the group does \
                     nothing for them"
                ));
            }
        }
    }
    let missing = |scope: Scope<'_>, groups: Vec<String>| {
        let declared = |name: &String| given.groups.contains_key(name);
        for name in groups.iter().filter(|name| !declared(name)) {
            scope.warn(format!("nobody is in it: {}", unknown(name, &given.groups)));
        }
    };
    for (name, groups) in settings::groups::<TenantSharing>(&given.sharing.settings) {
        missing(top.at("sharing").at(name), groups);
    }
    for (id, site) in &given.sites {
        let scope = top.at("sites").at(id);
        for (name, groups) in settings::groups::<SiteSharing>(&site.settings) {
            missing(scope.at(name), groups);
        }
        missing(scope.at("group"), site.group.iter().cloned().collect());
    }
}
