//! Rules about the place: its lock, the network, its level of sharing, and the groups it is restricted to.

use std::collections::BTreeSet;

use super::{Case, Finding, Who, deny, not_applicable, pass};
use crate::id::GroupId;
use crate::policy::rule::deny_or_pass;
use crate::policy::{Basis, Denial, Shown, clouds};
use crate::settings::words::LockState;
use crate::settings::{
    Channel, LevelSource, Partition, SharingCapability, Source, effective_level,
};

pub(super) fn lock(case: &Case<'_>) -> Finding {
    let lock = case.facts.site.sharing.lock;
    let basis = Basis::new("LockState", Shown::Word(lock.name()), Source::Site);
    match lock {
        LockState::NoAccess => deny(Denial::SiteLocked, basis),
        LockState::ReadOnly if case.question.action.writes() => deny(Denial::SiteReadOnly, basis),
        LockState::ReadOnly | LockState::Unlock => pass(basis),
    }
}

/// A list of addresses alone does nothing; once it is enforced, an address that is not known is not on it.
pub(super) fn network(case: &Case<'_>) -> Finding {
    let sharing = &case.facts.tenant.sharing;
    let on = sharing.ip_enforcement;
    let basis = Basis::new("IPAddressEnforcement", Shown::Flag(on), Source::Tenant);
    let trusted = |address| sharing.ip_ranges.contain(address);
    if !on {
        not_applicable(basis)
    } else if case.principal.client.address.is_some_and(trusted) {
        pass(basis)
    } else {
        deny(Denial::NetworkNotTrusted, basis)
    }
}

pub(super) fn link_cloud(case: &Case<'_>) -> Finding {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let judged = clouds::environment_admits_anonymous(clouds, tenant);
    (deny_or_pass(judged), tenant.integration().into())
}

fn level(case: &Case<'_>) -> (SharingCapability, LevelSource, Basis) {
    let (level, source) = effective_level(case.facts.tenant, case.facts.site);
    let basis = Basis::new(source.setting(), Shown::Word(level.name()), source.source());
    (level, source, basis)
}

pub(super) fn person_level(case: &Case<'_>) -> Finding {
    let (level, source, basis) = level(case);
    let ad_hoc = matches!(case.who, Who::AdHoc(..));
    match level {
        _ if case.who.outsider().is_none() => not_applicable(basis),
        SharingCapability::Disabled => deny(Denial::SharingDisabled(source), basis),
        // Whoever has no entry in the directory is new at every visit.
        SharingCapability::ExistingExternalUserSharingOnly if ad_hoc => {
            deny(Denial::NewGuestsNotAllowed(source), basis)
        }
        SharingCapability::ExistingExternalUserSharingOnly
        | SharingCapability::ExternalUserSharingOnly
        | SharingCapability::ExternalUserAndGuestSharing => pass(basis),
    }
}

pub(super) fn link_level(case: &Case<'_>) -> Finding {
    let (level, source, basis) = level(case);
    match level {
        SharingCapability::ExternalUserAndGuestSharing => pass(basis),
        SharingCapability::Disabled
        | SharingCapability::ExistingExternalUserSharingOnly
        | SharingCapability::ExternalUserSharingOnly => {
            deny(Denial::AnyoneLinksDisabled(source), basis)
        }
    }
}

pub(super) fn person_restricted(case: &Case<'_>) -> Finding {
    if case.who.person().is_none() {
        return not_applicable(Basis::NONE);
    }
    let outside = case.who.outsider().is_some();
    restricted(
        case,
        case.who.groups(case.facts),
        outside,
        outside && case.facts.site.channel == Channel::Shared,
    )
}

/// Bearers of a link are in no group.
pub(super) fn link_restricted(case: &Case<'_>) -> Finding {
    restricted(case, &[], true, false)
}

/// - `groups`: those of whoever asks, sorted.
/// - `exempt`: somebody from outside in a shared channel, whom a site's restriction leaves alone.
fn restricted(case: &Case<'_>, groups: &[GroupId], outside: bool, exempt: bool) -> Finding {
    let (tenant, site) = (&case.facts.tenant.sharing, case.facts.site);
    let personal = &tenant.onedrive_groups.0;
    let service = site.partition == Partition::OneDrive && !personal.is_empty();
    if service && (outside || !any_of(personal, groups)) {
        let name = "OneDriveRestrictedAccessGroups";
        let basis = Basis::new(name, count(personal), Source::Tenant);
        return deny(Denial::RestrictedAccess, basis);
    }
    let off = |basis| {
        if service {
            pass(basis)
        } else {
            not_applicable(basis)
        }
    };
    let on = tenant.restricted_access;
    let switch = Shown::Flag(on);
    let basis = Basis::new("EnableRestrictedAccessControl", switch, Source::Tenant);
    if !on {
        return off(basis);
    }
    let on = site.sharing.restricted_access;
    let basis = Basis::new("RestrictedAccessControl", Shown::Flag(on), Source::Site);
    let inside = match &site.group {
        Some(own) => groups.binary_search(own).is_ok(),
        None => any_of(&site.sharing.restricted_groups.0, groups),
    };
    if !on {
        off(basis)
    } else if inside || exempt {
        pass(basis)
    } else {
        deny(Denial::RestrictedAccess, basis)
    }
}

fn count(groups: &BTreeSet<GroupId>) -> Shown {
    Shown::Number(i64::try_from(groups.len()).unwrap_or(i64::MAX))
}

/// Whether somebody in `groups`, which are sorted, is in one of `wanted`.
pub(super) fn any_of(wanted: &BTreeSet<GroupId>, groups: &[GroupId]) -> bool {
    if wanted.len() < groups.len() {
        wanted
            .iter()
            .any(|group| groups.binary_search(group).is_ok())
    } else {
        groups.iter().any(|group| wanted.contains(group))
    }
}
