//! The sharer's right: a place in the directory, a role on the item, what guests and agents may, the site's mode, and
//! groups.
//!
//! Source: specification "sharing rules" 1.3 and 2.4.

use std::collections::BTreeSet;

use super::{Ask, Case, Finding, SharerKind, Who};
use crate::id::GroupId;
use crate::policy::{Basis, Denial, Shown, Verdict};
use crate::settings::effective::{access_requests, block_guest_admins};
use crate::settings::value::Groups;
use crate::settings::words::{OnOff, SharingMode};
use crate::settings::{Partition, Source};
use crate::sharing::{ItemKind, Role};

/// What may refuse a sharer, in the order in which it is reported.
const CHECKS: [fn(&Case<'_>) -> Option<Finding>; 8] = [
    nobody,
    without_role,
    agent,
    resharing,
    outside_site,
    mode,
    owning_guests,
    groups,
];

pub(super) fn sharer(case: &Case<'_>) -> Finding {
    CHECKS
        .iter()
        .find_map(|check| check(case))
        .unwrap_or_else(|| Finding::pass(owners_only(case).1))
}

fn nobody(case: &Case<'_>) -> Option<Finding> {
    let unknown = case.question.sharer.kind == SharerKind::Unknown;
    unknown.then(|| Finding::deny(Denial::SharerUnknown, Basis::NONE))
}

fn without_role(case: &Case<'_>) -> Option<Finding> {
    match case.question.sharer.role {
        None | Some(Role::Read) => {
            let requests = access_requests(case.facts.tenant, case.facts.site);
            Some(ask_owner(
                case,
                Denial::SharerNotAllowed,
                Basis::from(requests),
            ))
        }
        Some(Role::Write | Role::Owner) => None,
    }
}

/// A refusal that the owner may be asked about, where requests are on.
fn ask_owner(case: &Case<'_>, denial: Denial, basis: Basis) -> Finding {
    let requests = access_requests(case.facts.tenant, case.facts.site).value;
    let verdict = if requests {
        Verdict::Request(denial)
    } else {
        Verdict::Deny(denial)
    };
    Finding { verdict, basis }
}

fn agent(case: &Case<'_>) -> Option<Finding> {
    let sharing = &case.facts.tenant.sharing;
    let SharerKind::Agent(agent) = &case.question.sharer.kind else {
        return None;
    };
    let basis = if sharing.restrict_agents {
        Basis::new(
            "RestrictExternalSharingForAgents",
            Shown::Flag(true),
            Source::Tenant,
        )
    } else if sharing.restricted_agents.0.contains(agent) {
        listed("RestrictExternalSharing", &sharing.restricted_agents)
    } else {
        return None;
    };
    let external = case.is_external();
    external.then(|| Finding::deny(Denial::AgentsNotAllowed, basis))
}

fn resharing(case: &Case<'_>) -> Option<Finding> {
    let sharer = &case.question.sharer;
    let prevented = case.facts.tenant.sharing.prevent_resharing;
    let refused = prevented && sharer.kind == SharerKind::Guest && sharer.role != Some(Role::Owner);
    refused.then(|| {
        let basis = Basis::new(
            "PreventExternalUsersFromResharing",
            Shown::Flag(true),
            Source::Tenant,
        );
        Finding::deny(Denial::ResharingNotAllowed, basis)
    })
}

/// Guests find people of the directory outside the site only where both settings let them. Somebody who is not in the
/// directory yet is the directory's business.
fn outside_site(case: &Case<'_>) -> Option<Finding> {
    if case.question.sharer.kind != SharerKind::Guest {
        return None;
    }
    let allowed = case.facts.tenant.sharing.guests_share_outside_site;
    let integration = case.facts.tenant.integration();
    let basis = if allowed && integration.value {
        return None;
    } else if allowed {
        Basis::from(integration)
    } else {
        Basis::new(
            "AllowGuestUserShareToUsersNotInSiteCollection",
            Shown::Flag(false),
            Source::Tenant,
        )
    };
    let outside = case.recipients().iter().any(|recipient| {
        let in_directory = match &recipient.who {
            Who::Member(_) => true,
            Who::Outsider(_) => recipient.guest.is_some(),
            Who::Group(_) | Who::Members | Who::Everyone | Who::AllUsers => false,
        };
        in_directory && !recipient.in_site
    });
    outside.then(|| Finding::deny(Denial::OutsideSiteNotAllowed, basis))
}

fn mode(case: &Case<'_>) -> Option<Finding> {
    let (owners, basis) = owners_only(case);
    let refused = owners && !case.question.sharer.site_owner;
    refused.then(|| ask_owner(case, Denial::OwnersOnly, basis))
}

/// Whether only owners of the site share this item, and the setting that says so.
fn owners_only(case: &Case<'_>) -> (bool, Basis) {
    let (tenant, site) = (&case.facts.tenant.sharing, &case.facts.site.sharing);
    let personal = match case.facts.site.partition {
        Partition::Core => OnOff::Unspecified,
        Partition::OneDrive => tenant.odb_members_can_share,
    };
    let said = |owners| {
        let word = Shown::Word(personal.name());
        (
            owners,
            Basis::new("ODBMembersCanShare", word, Source::Tenant),
        )
    };
    match personal {
        OnOff::Off => return said(true),
        OnOff::On => return said(false),
        OnOff::Unspecified => {}
    }
    let mode = site.mode();
    let owners = match mode {
        SharingMode::Members => false,
        SharingMode::MembersFilesOnly => match case.question.item {
            ItemKind::Site | ItemKind::Library | ItemKind::Unknown => true,
            ItemKind::Folder | ItemKind::File | ItemKind::ListItem => false,
        },
        SharingMode::Owners => true,
    };
    let basis = if site.owners_only {
        Basis::new(
            "DisableSharingForNonOwners",
            Shown::Flag(true),
            Source::Site,
        )
    } else {
        Basis::new("SharingMode", Shown::Word(mode.name()), Source::Site)
    };
    (owners, basis)
}

fn owning_guests(case: &Case<'_>) -> Option<Finding> {
    let Ask::Permission {
        role: Role::Owner, ..
    } = &case.question.ask
    else {
        return None;
    };
    let blocked = block_guest_admins(case.facts.tenant, case.facts.site);
    let refused =
        blocked.value && case.question.item == ItemKind::Site && case.outsiders().next().is_some();
    refused.then(|| Finding::deny(Denial::GuestsCannotOwn, blocked))
}

/// Groups whose members share with people from outside. They narrow: without any, everybody does.
fn groups(case: &Case<'_>) -> Option<Finding> {
    let sharing = &case.facts.tenant.sharing;
    let (anonymous, guests) = (&sharing.anonymous_sharers, &sharing.guest_sharers);
    if !case.is_external() || (anonymous.0.is_empty() && guests.0.is_empty()) {
        return None;
    }
    let own = own_groups(case);
    if is_in(own, anonymous) {
        return None;
    }
    let not_anonymous = || {
        let basis = listed("WhoCanShareAnonymousAllowList", anonymous);
        Finding::deny(Denial::SharerNotInAnonymousGroup, basis)
    };
    if case.is_for_anyone() {
        Some(not_anonymous())
    } else if is_in(own, guests) {
        None
    } else if guests.0.is_empty() {
        Some(not_anonymous())
    } else {
        let basis = listed("WhoCanShareAuthenticatedGuestAllowList", guests);
        Some(Finding::deny(Denial::SharerNotInGroup, basis))
    }
}

/// The groups that count for the sharer. Applications and agents share as members without any.
fn own_groups<'a>(case: &Case<'a>) -> Option<&'a BTreeSet<GroupId>> {
    match case.question.sharer.kind {
        SharerKind::Member | SharerKind::Guest => Some(&case.question.sharer.groups),
        SharerKind::Application | SharerKind::Agent(_) | SharerKind::Unknown => None,
    }
}

fn is_in<const MOST: usize>(own: Option<&BTreeSet<GroupId>>, list: &Groups<MOST>) -> bool {
    own.is_some_and(|own| !own.is_disjoint(&list.0))
}

/// A list of groups as a trace shows it: by its length.
fn listed<const MOST: usize>(setting: &'static str, list: &Groups<MOST>) -> Basis {
    Basis::new(setting, Shown::count(list.0.len()), Source::Tenant)
}
