//! Which links count, and for whom.

use super::Denial;
use super::rules::{Case, identity};
use crate::action::Action;
use crate::sharing::{LinkScope, LinkType, SharingLink};
use crate::time::UnixTime;

const DAY: i64 = 86_400;

/// Whether a link serves this question.
pub(super) enum Usable {
    Yes,
    Expired,
    ActionNotAllowed,
}

/// Links on the item or above it whose token the browser showed.
pub(super) fn shown<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a SharingLink> {
    let principal = case.principal;
    covering(case).filter(move |link| principal.links.contains(&link.id))
}

/// The Anyone links among them.
pub(super) fn shown_anyone_links<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a SharingLink> {
    shown(case).filter(|link| link.scope == LinkScope::Anonymous)
}

/// The first Anyone link that serves.
pub(super) fn usable_anyone_link<'a>(case: &Case<'a>) -> Option<&'a SharingLink> {
    shown_anyone_links(case).find(|link| matches!(usable(case, link), Usable::Yes))
}

/// The first link that serves the person: an organisation link that a member showed, or one that names
/// the person.
pub(super) fn usable_by_person<'a>(case: &Case<'a>) -> Option<&'a SharingLink> {
    for_person(case).find(|link| matches!(usable(case, link), Usable::Yes))
}

/// What is wrong with the person's links, if there are any.
pub(super) fn refusal_for_person(case: &Case<'_>) -> Option<Denial> {
    for_person(case)
        .next()
        .map(|link| match usable(case, link) {
            Usable::Expired => Denial::LinkExpired,
            Usable::ActionNotAllowed | Usable::Yes => Denial::LinkActionNotAllowed,
        })
}

/// Whether `link` serves this question now.
pub(super) fn usable(case: &Case<'_>, link: &SharingLink) -> Usable {
    if ends(case, link).is_some_and(|end| case.now >= end) {
        Usable::Expired
    } else if allows(case, link, case.question.action) {
        Usable::Yes
    } else {
        Usable::ActionNotAllowed
    }
}

fn for_person<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a SharingLink> {
    let (member, address) = identity(case);
    let principal = case.principal;
    covering(case).filter(move |link| match &link.scope {
        LinkScope::Anonymous => false,
        LinkScope::Organization => member && principal.links.contains(&link.id),
        LinkScope::Users(named) => address.is_some_and(|address| named.contains(address)),
    })
}

fn covering<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a SharingLink> {
    let (question, facts) = (case.question, case.facts);
    facts.links.iter().copied().filter(move |link| {
        link.site == question.target.site
            && question
                .target
                .path
                .is_within(&link.item, facts.site.path_case)
    })
}

/// When the link ends: its own moment, or the tenant's longest life for Anyone links, whichever is earlier.
fn ends(case: &Case<'_>, link: &SharingLink) -> Option<UnixTime> {
    let ceiling = match (&link.scope, case.facts.tenant.anyone_link_days) {
        (LinkScope::Anonymous, Some(days)) => Some(link.created.plus(i64::from(days) * DAY)),
        (LinkScope::Anonymous | LinkScope::Organization | LinkScope::Users(_), _) => None,
    };
    match (link.expires, ceiling) {
        (Some(own), Some(ceiling)) => Some(own.min(ceiling)),
        (own, ceiling) => own.or(ceiling),
    }
}

fn allows(case: &Case<'_>, link: &SharingLink, action: Action) -> bool {
    let capped = link.scope == LinkScope::Anonymous && !case.facts.tenant.anyone_file_edit;
    let kind = match link.kind {
        LinkType::Edit if capped => LinkType::View,
        kind => kind,
    };
    kind.covers(action)
}
