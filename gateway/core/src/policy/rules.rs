//! The rules, in the order of judgement, and the two paths through them: as a person, and as the bearer of
//! an Anyone link. Either path is enough.
//!
//! Order: cloud → effective level → link → authentication → guest state → domain lists → permission.
//! (Specification, settled reading 4; lock, network and conditional access will stand where it puts them.)

use super::link::{self, Usable};
use super::{Challenge, Denial, Facts, Ground, Question, Trace, TraceEntry, Verdict};
use crate::address::EmailAddress;
use crate::person::{Account, Guest, GuestState, Principal};
use crate::redeem;
use crate::settings::{SharingCapability, effective_level};
use crate::sharing::{LinkScope, Permission, Recipient};
use crate::time::UnixTime;

/// One question with all that its answer rests on.
pub(super) struct Case<'a> {
    pub(super) principal: &'a Principal,
    pub(super) question: &'a Question,
    pub(super) facts: &'a Facts<'a>,
    pub(super) now: UnixTime,
}

/// Why not.
pub(super) enum Refusal {
    Challenge(Challenge),
    Deny(Denial),
}

struct Rule {
    name: &'static str,
    judge: fn(&Case<'_>) -> Verdict,
    /// The setting the rule rests on, with the value in effect.
    setting: fn(&Case<'_>) -> (&'static str, &'static str),
}

const PERSON: [Rule; 6] = [
    Rule {
        name: "cloud",
        judge: person_cloud,
        setting: no_setting,
    },
    Rule {
        name: "level",
        judge: person_level,
        setting: level_setting,
    },
    Rule {
        name: "authentication",
        judge: authentication,
        setting: no_setting,
    },
    Rule {
        name: "guest-state",
        judge: guest_state,
        setting: no_setting,
    },
    Rule {
        name: "domain-lists",
        judge: domain_lists,
        setting: no_setting,
    },
    Rule {
        name: "permission",
        judge: permission,
        setting: no_setting,
    },
];

const LINK: [Rule; 3] = [
    Rule {
        name: "cloud",
        judge: link_cloud,
        setting: no_setting,
    },
    Rule {
        name: "level",
        judge: link_level,
        setting: level_setting,
    },
    Rule {
        name: "link",
        judge: link_life,
        setting: no_setting,
    },
];

/// Judges one question. A bearer's link is tried first: whoever holds one needs no account.
pub(super) fn judge(case: &Case<'_>, trace: &mut dyn Trace) -> Result<Ground, Refusal> {
    let shown = link::shown_anyone_links(case).next().is_some();
    let as_bearer = shown.then(|| run("link", &LINK, case, trace));
    if let (Some(Ok(())), Some(link)) = (&as_bearer, link::usable_anyone_link(case)) {
        return Ok(Ground::Link(link.id.clone()));
    }
    let as_person = run("person", &PERSON, case, trace);
    match (as_person, as_bearer) {
        (Ok(()), _) => match ground(case) {
            Some(ground) => Ok(ground),
            None => Err(Refusal::Deny(Denial::PermissionMissing)),
        },
        // Somebody who holds a dead link and has not signed in learns what is wrong with the link.
        (Err(Refusal::Challenge(_)), Some(Err(Refusal::Deny(denial)))) => {
            Err(Refusal::Deny(denial))
        }
        (Err(refusal), _) => Err(refusal),
    }
}

fn run(
    path: &'static str,
    rules: &[Rule],
    case: &Case<'_>,
    trace: &mut dyn Trace,
) -> Result<(), Refusal> {
    let mut outcome = Ok(());
    for rule in rules {
        let verdict = (rule.judge)(case);
        if trace.listens() {
            let (setting, value) = (rule.setting)(case);
            trace.consulted(TraceEntry {
                path,
                rule: rule.name,
                verdict,
                setting,
                value,
            });
        }
        let refusal = match verdict {
            Verdict::Pass | Verdict::NotApplicable => continue,
            Verdict::Challenge(challenge) => Refusal::Challenge(challenge),
            Verdict::Deny(denial) => Refusal::Deny(denial),
        };
        if outcome.is_ok() {
            outcome = Err(refusal);
        }
        if !trace.listens() {
            break;
        }
    }
    outcome
}

fn no_setting(_case: &Case<'_>) -> (&'static str, &'static str) {
    ("", "")
}

fn level_setting(case: &Case<'_>) -> (&'static str, &'static str) {
    let (level, source) = effective_level(case.facts.tenant, case.facts.site);
    (source.setting(), level.name())
}

/// The guest the case is about; members and strangers are none.
fn guest<'a>(case: &Case<'a>) -> Option<&'a Guest> {
    match case.facts.account {
        Account::Guest(guest) if case.principal.person.is_some() => Some(guest),
        Account::Guest(_) | Account::Member { .. } | Account::Unknown => None,
    }
}

fn deny_or_pass(judged: Result<(), Denial>) -> Verdict {
    judged.map_or_else(Verdict::Deny, |()| Verdict::Pass)
}

fn person_cloud(case: &Case<'_>) -> Verdict {
    let (Some(guest), Some(person)) = (guest(case), &case.principal.person) else {
        return Verdict::NotApplicable;
    };
    deny_or_pass(redeem::cloud_admits(
        case.facts.clouds,
        case.facts.tenant,
        &person.key,
        guest.address.domain(),
    ))
}

fn person_level(case: &Case<'_>) -> Verdict {
    if guest(case).is_none() {
        return Verdict::NotApplicable;
    }
    match effective_level(case.facts.tenant, case.facts.site) {
        (SharingCapability::Disabled, source) => Verdict::Deny(Denial::SharingDisabled(source)),
        (
            SharingCapability::ExistingExternalUserSharingOnly
            | SharingCapability::ExternalUserSharingOnly
            | SharingCapability::ExternalUserAndGuestSharing,
            _,
        ) => Verdict::Pass,
    }
}

fn authentication(case: &Case<'_>) -> Verdict {
    if case.principal.person.is_some() {
        Verdict::Pass
    } else if link::shown(case).any(|link| link.scope == LinkScope::Organization) {
        Verdict::Challenge(Challenge::MemberSignIn)
    } else {
        Verdict::Challenge(Challenge::SignIn)
    }
}

fn guest_state(case: &Case<'_>) -> Verdict {
    let Some(person) = &case.principal.person else {
        return Verdict::NotApplicable;
    };
    match case.facts.account {
        Account::Member { .. } => Verdict::NotApplicable,
        Account::Unknown => Verdict::Deny(Denial::NotInDirectory),
        Account::Guest(guest) => match (guest.state, &guest.identity) {
            (GuestState::Blocked, _) => Verdict::Deny(Denial::GuestBlocked),
            (GuestState::PendingAcceptance, _) | (GuestState::Accepted, None) => {
                Verdict::Deny(Denial::InvitationNotRedeemed)
            }
            (GuestState::Accepted, Some(bound)) if *bound != person.key => {
                Verdict::Deny(Denial::IdentityMismatch)
            }
            (GuestState::Accepted, Some(_)) => Verdict::Pass,
        },
    }
}

fn domain_lists(case: &Case<'_>) -> Verdict {
    let Some(guest) = guest(case) else {
        return Verdict::NotApplicable;
    };
    let domain = guest.address.domain();
    let tenant = case
        .facts
        .tenant
        .domains
        .admit(domain)
        .map_err(Denial::TenantDomain);
    let site = || {
        case.facts
            .site
            .domains
            .admit(domain)
            .map_err(Denial::SiteDomain)
    };
    deny_or_pass(tenant.and_then(|()| site()))
}

fn permission(case: &Case<'_>) -> Verdict {
    if case.principal.person.is_none() {
        return Verdict::NotApplicable;
    }
    if ground(case).is_some() {
        return Verdict::Pass;
    }
    let granted: Vec<&Permission> = granted(case).collect();
    let covering = granted
        .iter()
        .any(|permission| permission.role.covers(case.question.action));
    let members_only = guest(case).is_some()
        && link::shown(case).any(|link| link.scope == LinkScope::Organization);
    Verdict::Deny(if covering {
        Denial::PermissionExpired
    } else if !granted.is_empty() {
        Denial::PermissionInsufficient
    } else if members_only {
        Denial::LinkMembersOnly
    } else {
        link::refusal_for_person(case).unwrap_or(Denial::PermissionMissing)
    })
}

fn link_cloud(case: &Case<'_>) -> Verdict {
    deny_or_pass(redeem::environment_admits_anonymous(
        case.facts.clouds,
        case.facts.tenant,
    ))
}

fn link_level(case: &Case<'_>) -> Verdict {
    match effective_level(case.facts.tenant, case.facts.site) {
        (SharingCapability::ExternalUserAndGuestSharing, _) => Verdict::Pass,
        (
            SharingCapability::Disabled
            | SharingCapability::ExistingExternalUserSharingOnly
            | SharingCapability::ExternalUserSharingOnly,
            source,
        ) => Verdict::Deny(Denial::AnyoneLinksDisabled(source)),
    }
}

fn link_life(case: &Case<'_>) -> Verdict {
    let mut refused = Denial::LinkExpired;
    for link in link::shown_anyone_links(case) {
        match link::usable(case, link) {
            Usable::Yes => return Verdict::Pass,
            Usable::Expired => {}
            Usable::ActionNotAllowed => refused = Denial::LinkActionNotAllowed,
        }
    }
    Verdict::Deny(refused)
}

/// What makes the answer to a person yes.
fn ground(case: &Case<'_>) -> Option<Ground> {
    let permission = granted(case).find(|permission| {
        permission.role.covers(case.question.action)
            && permission.expires.is_none_or(|end| case.now < end)
    });
    match permission {
        Some(permission) => Some(Ground::Permission(permission.id.clone())),
        None => link::usable_by_person(case).map(|link| Ground::Link(link.id.clone())),
    }
}

/// Permissions of this person on the item or above it, whatever they allow and whenever they end.
fn granted<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Permission> {
    let (question, facts) = (case.question, case.facts);
    let (member, address) = identity(case);
    facts.permissions.iter().copied().filter(move |permission| {
        let for_me = match &permission.recipient {
            Recipient::Members => member,
            Recipient::Address(to) => address == Some(to),
        };
        for_me
            && permission.site == question.target.site
            && question
                .target
                .path
                .is_within(&permission.item, facts.site.path_case)
    })
}

/// Whether the person is a member, and the address that permissions are matched with.
pub(super) fn identity<'a>(case: &Case<'a>) -> (bool, Option<&'a EmailAddress>) {
    if case.principal.person.is_none() {
        return (false, None);
    }
    match case.facts.account {
        Account::Member { address } => (true, address),
        Account::Guest(guest) => (false, Some(&guest.address)),
        Account::Unknown => (false, None),
    }
}
