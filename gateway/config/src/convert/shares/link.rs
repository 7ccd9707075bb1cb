//! Sharing links.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::id::LinkId;
use gateway_core::sharing::{LinkScope, LinkType, SharingLink};
use gateway_core::time::UnixTime;

use super::{Shared, creator, end, item, text};
use crate::model::DeclaredLink;
use crate::source::Scope;
use crate::wire;

pub(super) fn convert(
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Link>,
    shared: &Shared<'_>,
) -> Vec<DeclaredLink> {
    let mut tokens: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    let mut links = Vec::new();
    for (id, given) in given {
        let scope = top.at(id);
        let Some(link) = link(&scope, id, given, shared) else {
            continue;
        };
        if let Some(other) = tokens.insert(link.token_sha256, id) {
            scope.at("token_sha256").error(format!(
                "is also that of link `{other}`: give each link its own token"
            ));
        }
        links.push(link);
    }
    links
}

fn link(
    scope: &Scope<'_>,
    id: &str,
    given: &wire::Link,
    shared: &Shared<'_>,
) -> Option<DeclaredLink> {
    let id = scope.parse(Some(id), LinkId::parse);
    let place = item(scope, given.site.as_deref(), given.item.as_deref(), shared);
    let kind = scope
        .at("type")
        .required(given.kind, "`view`, `edit` or `createOnly`");
    let people = people(scope, given);
    let token = token(&scope.at("token_sha256"), given.token_sha256.as_deref());
    let created_by = creator(scope, given.created_by.as_deref(), shared);
    let created = created(&scope.at("created"), given.created.as_deref(), shared.now);
    let expires = end(scope, given.expires.as_deref(), shared);
    let (site, item) = place?;
    let link = SharingLink {
        id: id?,
        site,
        item,
        kind: match kind? {
            wire::LinkType::View => LinkType::View,
            wire::LinkType::Edit => LinkType::Edit,
            wire::LinkType::CreateOnly => LinkType::CreateOnly,
        },
        scope: people?,
        created_by: created_by?,
        created: created?,
        expires,
    };
    Some(DeclaredLink {
        link,
        token_sha256: token?,
    })
}

fn people(scope: &Scope<'_>, given: &wire::Link) -> Option<LinkScope> {
    let list = scope.at("recipients");
    let parse = |(index, text): (usize, &String)| {
        list.element(index).parse(Some(text), EmailAddress::parse)
    };
    let people: BTreeSet<_> = given
        .recipients
        .iter()
        .enumerate()
        .filter_map(parse)
        .collect();
    let for_whom = scope
        .at("scope")
        .required(given.scope, "`anonymous`, `organization` or `users`")?;
    match for_whom {
        wire::LinkScope::Users if given.recipients.is_empty() && !list.is_broken() => {
            list.error("is required for the scope `users`: list addresses");
        }
        wire::LinkScope::Anonymous | wire::LinkScope::Organization
            if !given.recipients.is_empty() =>
        {
            list.error("is only for the scope `users`: remove it, or change the scope");
        }
        wire::LinkScope::Users | wire::LinkScope::Anonymous | wire::LinkScope::Organization => {}
    }
    Some(match for_whom {
        wire::LinkScope::Anonymous => LinkScope::Anonymous,
        wire::LinkScope::Organization => LinkScope::Organization,
        wire::LinkScope::Users => LinkScope::Users(people),
    })
}

fn token(scope: &Scope<'_>, text: Option<&str>) -> Option<[u8; 32]> {
    let hint = "draw a token of at least 22 characters, and give what `printf %s TOKEN | sha256sum` prints";
    scope.parse(scope.required(text, hint), text::sha256)
}

/// A link's longest life is counted from its making, so that cannot lie ahead.
fn created(scope: &Scope<'_>, text: Option<&str>, now: UnixTime) -> Option<UnixTime> {
    let text = scope.required(text, "give a moment such as `2026-01-01T00:00:00Z`");
    let created = text::moment(scope, text)?;
    if created > now {
        scope.error("lies in the future");
    }
    Some(created)
}
