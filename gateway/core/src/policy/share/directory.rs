//! The directory's word on new guests: who may add them, and from which domains. Guests who are in it already are none of
//! its business.
//!
//! Source: specification "sharing rules" 5.1, 5.3 and 5.6.

use super::recipients::refused;
use super::{Case, Finding, SharerKind};
use crate::domains::Refusal;
use crate::policy::{Basis, Denial, Shown};
use crate::settings::words::AllowInvitesFrom;
use crate::settings::{DirectoryPolicy, Source};

/// How long a copy of the directory's policy counts, in seconds.
///
/// Source: settled reading 16.
const COPY_SECONDS: i64 = 24 * 60 * 60;

/// The copy is asked before the directory, so that one that is out of date may refuse what the directory allows.
pub(super) fn copy(case: &Case<'_>) -> Finding {
    let tenant = case.facts.tenant;
    let sync = Basis::new(
        "SyncAadB2BManagementPolicy",
        Shown::Flag(tenant.sharing.sync_policy),
        Source::Tenant,
    );
    let fresh = tenant
        .directory
        .copy
        .as_ref()
        .filter(|copy| case.now.since(copy.taken) < COPY_SECONDS);
    match fresh {
        Some(copy) if tenant.sharing.sync_policy && asked(case) => admit(case, &copy.policy),
        Some(_) | None => Finding::not_applicable(sync),
    }
}

pub(super) fn directory(case: &Case<'_>) -> Finding {
    if asked(case) {
        admit(case, &case.facts.tenant.directory.policy)
    } else {
        Finding::not_applicable(case.directory_governs())
    }
}

/// Whether the share adds somebody to the directory, through the directory.
fn asked(case: &Case<'_>) -> bool {
    case.adds_guests() && case.directory_governs().value
}

/// Whether that policy lets the sharer invite, and the recipients be invited.
fn admit(case: &Case<'_>, policy: &DirectoryPolicy) -> Finding {
    let cloud = case.facts.clouds.find(&case.facts.tenant.cloud);
    // What an unknown cloud begins with is not known, and so nobody may.
    let untouched = cloud.map_or(AllowInvitesFrom::None, |cloud| cloud.allow_invites_from);
    let right = policy.allow_invites_from(untouched);
    let basis = Basis::new(right.setting, Shown::Word(right.value.name()), right.source);
    if !may_invite(case, right.value) {
        return Finding::deny(Denial::InviteNotAllowed, basis);
    }
    match refused(case.new_domains().map(|domain| policy.admit(domain))) {
        Some(refusal) => Finding::deny(Denial::DirectoryDomain(refusal), list(policy, refusal)),
        None => Finding::pass(basis),
    }
}

fn may_invite(case: &Case<'_>, right: AllowInvitesFrom) -> bool {
    let sharer = &case.question.sharer;
    let has_role = !sharer.directory_roles.is_empty();
    let is_member = match sharer.kind {
        SharerKind::Member | SharerKind::Application | SharerKind::Agent(_) => true,
        SharerKind::Guest | SharerKind::Unknown => false,
    };
    match right {
        AllowInvitesFrom::None => false,
        AllowInvitesFrom::AdminsAndGuestInviters => has_role,
        AllowInvitesFrom::AdminsGuestInvitersAndAllMembers => is_member || has_role,
        AllowInvitesFrom::Everyone => true,
    }
}

/// The list that refused, by its length.
fn list(policy: &DirectoryPolicy, refusal: Refusal) -> Basis {
    let (setting, list) = match refusal {
        Refusal::NotAllowed => ("AllowedDomains", &policy.allowed_domains),
        Refusal::Blocked => ("BlockedDomains", &policy.blocked_domains),
    };
    let length = list.as_ref().map_or(0, |list| list.0.len());
    Basis::new(setting, Shown::count(length), Source::Directory)
}
