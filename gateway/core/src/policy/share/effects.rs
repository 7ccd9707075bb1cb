//! What comes of a share that is allowed.
//!
//! Source: specification "sharing rules" 4 and 8.

use super::{Ask, AskedScope, Case, ShareRecipient, Who, limits};
use crate::address::EmailAddress;
use crate::person::{Guest, GuestState, InvitationManager};
use crate::policy::Effect;
use crate::settings::effective::guest_expiry_days;
use crate::sharing::ItemKind;

const DAY: i64 = 24 * 60 * 60;

/// First what becomes of the people in their order, then what ends when, then what the audit log says.
pub(super) fn of(case: &Case<'_>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = case
        .outsiders()
        .map(|(recipient, address)| entry(case, recipient.guest.as_ref(), address))
        .collect();
    effects.extend(expiries(case));
    effects.extend(limits::end(case).map(Effect::LinkEnds));
    effects.extend(audit(case).into_iter().map(Effect::Audit));
    effects
}

/// What becomes of somebody from outside in the directory.
fn entry(case: &Case<'_>, guest: Option<&Guest>, address: &EmailAddress) -> Effect {
    let address = address.clone();
    let directory = case.directory_governs().value;
    let site = case.question.item == ItemKind::Site;
    match guest {
        None if directory => Effect::GuestCreated {
            address,
            sponsor: case.question.sharer.address.clone(),
        },
        None if site => Effect::InvitationCreated(address, InvitationManager::Sharing),
        None => Effect::NoDirectoryObject(address),
        // Sharing's own manager knows nothing of its other invitations: every site makes one.
        Some(guest) if !directory && site && is_pending_with_sharing(guest) => {
            Effect::InvitationCreated(address, InvitationManager::Sharing)
        }
        Some(_) => Effect::GuestReused(address),
    }
}

fn is_pending_with_sharing(guest: &Guest) -> bool {
    guest.state == GuestState::PendingAcceptance && guest.manager == InvitationManager::Sharing
}

/// When the access to the site ends of those who join it by a direct grant.
fn expiries<'a>(case: &Case<'a>) -> impl Iterator<Item = Effect> + use<'a> {
    let days = match &case.question.ask {
        Ask::Permission { .. } => guest_expiry_days(case.facts.tenant, case.facts.site).value,
        Ask::Link { .. } | Ask::FileRequest { .. } => None,
    };
    let end = days.map(|days| case.now.plus(i64::from(days) * DAY));
    case.outsiders()
        .filter_map(move |(_, address)| Some(Effect::GuestExpires(address.clone(), end?)))
}

/// The names of the operations for the audit log.
fn audit(case: &Case<'_>) -> Vec<&'static str> {
    let recipients = case.recipients();
    match &case.question.ask {
        Ask::Permission { .. } => {
            let mut names = Vec::new();
            if recipients.iter().any(is_known) {
                names.extend(["AddedToGroup", "SharingSet"]);
            }
            if case.adds_guests() && case.question.item == ItemKind::Site {
                names.push("SharingInvitationCreated");
            }
            names
        }
        Ask::FileRequest { .. } => vec!["AnonymousLinkCreated"],
        Ask::Link { scope, .. } => match scope {
            AskedScope::Anonymous => vec!["AnonymousLinkCreated"],
            AskedScope::Organization => vec!["CompanyLinkCreated"],
            AskedScope::Users => std::iter::once("SecureLinkCreated")
                .chain(recipients.iter().map(|_| "AddedToSecureLink"))
                .collect(),
            AskedScope::ExistingAccess => Vec::new(),
        },
    }
}

/// Whether the directory knows the recipient already.
const fn is_known(recipient: &ShareRecipient) -> bool {
    match &recipient.who {
        Who::Outsider(_) => recipient.guest.is_some(),
        Who::Member(_) | Who::Group(_) | Who::Members | Who::Everyone | Who::AllUsers => true,
    }
}
