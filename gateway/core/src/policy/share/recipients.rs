//! With whom: domain lists, restriction to groups, and Teams channels.
//!
//! Source: specification "sharing rules" 1.2, 2.2 and 2.5.

use std::collections::BTreeSet;

use super::{Ask, AskedScope, Case, Finding, ShareRecipient, Who};
use crate::domains::Refusal;
use crate::id::GroupId;
use crate::policy::{Basis, Denial, Shown};
use crate::settings::words::SharingDomainRestrictionMode;
use crate::settings::{Channel, Source};
use crate::sharing::ItemKind;

/// The tenant's list before the site's.
///
/// Whoever is in the directory already is shared with without complaint, and shut out by the lists at access.
pub(super) fn domain_lists(case: &Case<'_>) -> Finding {
    let (tenant, site) = (&case.facts.tenant.sharing, &case.facts.site.sharing);
    let basis = |mode: SharingDomainRestrictionMode, source| {
        let word = Shown::Word(mode.name());
        Basis::new("SharingDomainRestrictionMode", word, source)
    };
    let tenants = basis(tenant.domain_mode, Source::Tenant);
    let sites = basis(site.domain_mode, Source::Site);
    if let Some(refusal) = refused(case.new_domains().map(|domain| tenant.admit(domain))) {
        return Finding::deny(Denial::TenantDomain(refusal), tenants);
    }
    if let Some(refusal) = refused(case.new_domains().map(|domain| site.admit(domain))) {
        return Finding::deny(Denial::SiteDomain(refusal), sites);
    }
    let shown = match tenant.domain_mode {
        SharingDomainRestrictionMode::None => sites,
        SharingDomainRestrictionMode::AllowList | SharingDomainRestrictionMode::BlockList => {
            tenants
        }
    };
    if case.adds_guests() {
        Finding::pass(shown)
    } else {
        Finding::not_applicable(shown)
    }
}

/// The refusal to report of several, whatever their order.
pub(super) fn refused(judged: impl Iterator<Item = Result<(), Refusal>>) -> Option<Refusal> {
    judged
        .filter_map(Result::err)
        .max_by_key(|refusal| match refusal {
            Refusal::NotAllowed => 0,
            Refusal::Blocked => 1,
        })
}

/// A site that is restricted to groups, and not shared outside them.
pub(super) fn restricted_access(case: &Case<'_>) -> Finding {
    const OUTSIDE: &str = "AllowSharingOutsideRestrictedAccessControlGroups";
    let (tenant, site) = (&case.facts.tenant.sharing, &case.facts.site.sharing);
    let flag = |name, value, source| Basis::new(name, Shown::Flag(value), source);
    if !tenant.restricted_access {
        let off = flag("EnableRestrictedAccessControl", false, Source::Tenant);
        return Finding::not_applicable(off);
    }
    if !site.restricted_access {
        let off = flag("RestrictedAccessControl", false, Source::Site);
        return Finding::not_applicable(off);
    }
    if tenant.share_outside_restriction {
        return Finding::not_applicable(flag(OUTSIDE, true, Source::Tenant));
    }
    let basis = flag(OUTSIDE, false, Source::Tenant);
    let wide = match &case.question.ask {
        Ask::Link { scope, .. } => match scope {
            AskedScope::Anonymous | AskedScope::Organization => true,
            AskedScope::Users | AskedScope::ExistingAccess => false,
        },
        Ask::FileRequest { .. } => true,
        Ask::Permission { .. } => false,
    };
    if wide
        || !case
            .recipients()
            .iter()
            .all(|recipient| is_inside(case, recipient))
    {
        return Finding::deny(Denial::OutsideRestriction, basis);
    }
    Finding::pass(basis)
}

fn is_inside(case: &Case<'_>, recipient: &ShareRecipient) -> bool {
    let site = case.facts.site;
    // A site that is connected to a group is restricted to that one.
    let listed = |group: &GroupId| match &site.group {
        Some(own) => own == group,
        None => site.sharing.restricted_groups.0.contains(group),
    };
    let in_group = |groups: &BTreeSet<GroupId>| groups.iter().any(listed);
    match &recipient.who {
        Who::Outsider(_) if site.channel == Channel::Shared && recipient.in_channel => true,
        Who::Outsider(_) | Who::Member(_) => in_group(&recipient.groups),
        Who::Group(group) => listed(group),
        Who::Members | Who::Everyone | Who::AllUsers => false,
    }
}

/// What cannot be shared in the site of a channel.
pub(super) fn channel(case: &Case<'_>) -> Finding {
    let basis = |word| Basis::new("channel", Shown::Word(word), Source::Site);
    match case.facts.site.channel {
        Channel::None => Finding::not_applicable(basis("none")),
        Channel::Private => match case.question.item {
            ItemKind::Site | ItemKind::Unknown => {
                Finding::deny(Denial::ChannelOnly, basis("private"))
            }
            ItemKind::Library | ItemKind::Folder | ItemKind::File | ItemKind::ListItem => {
                Finding::pass(basis("private"))
            }
        },
        Channel::Shared => {
            let stranger = |(recipient, _): (&ShareRecipient, _)| !recipient.in_channel;
            if case.is_for_anyone() {
                Finding::deny(Denial::LinkKindNotAllowed, basis("shared"))
            } else if case.outsiders().any(stranger) {
                Finding::deny(Denial::ChannelOnly, basis("shared"))
            } else {
                Finding::pass(basis("shared"))
            }
        }
    }
}
