//! Sharing links.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::id::LinkId;
use gateway_core::sharing::{LinkScope, LinkType, SharingLink};
use gateway_core::time::UnixTime;

use super::{Shared, creator, end, item, manager, text};
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
    let kind = scope.at("type").required(
        given.kind,
        "`view`, `review`, `edit`, `blocksDownload` or `createOnly`",
    );
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
            wire::LinkType::Review => LinkType::Review,
            wire::LinkType::Edit => LinkType::Edit,
            wire::LinkType::BlocksDownload => LinkType::BlocksDownload,
            wire::LinkType::CreateOnly => LinkType::CreateOnly,
        },
        scope: people?,
        created_by: created_by?,
        creator_may_share: given.creator_may_share.unwrap_or(true),
        manager: manager(given.shared_with_integration, shared),
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
    let for_whom = scope.at("scope").required(
        given.scope,
        "`anonymous`, `organization`, `users` or `existingAccess`",
    )?;
    match for_whom {
        wire::LinkScope::Users if given.recipients.is_empty() && !list.is_broken() => {
            list.error("is required for the scope `users`: list addresses");
        }
        wire::LinkScope::Anonymous
        | wire::LinkScope::Organization
        | wire::LinkScope::ExistingAccess
            if !given.recipients.is_empty() =>
        {
            list.error("is only for the scope `users`: remove it, or change the scope");
        }
        wire::LinkScope::Users
        | wire::LinkScope::Anonymous
        | wire::LinkScope::Organization
        | wire::LinkScope::ExistingAccess => {}
    }
    Some(match for_whom {
        wire::LinkScope::Anonymous => LinkScope::Anonymous,
        wire::LinkScope::Organization => LinkScope::Organization,
        wire::LinkScope::Users => LinkScope::Users(people),
        wire::LinkScope::ExistingAccess => LinkScope::ExistingAccess,
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
