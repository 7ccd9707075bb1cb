//! Step 4: everything a decision rests on, from memory: the configuration and one view of the directory.

use gateway_config::model::Configuration;
use gateway_core::assertion::EmailProof;
use gateway_core::index::{self, Snapshot};
use gateway_core::person::{self, Account, Guest, Principal};
use gateway_core::policy::{Facts, Question};
use gateway_core::settings::TenantSettings;
use gateway_core::sharing::ItemFacts;
use gateway_sign_in::session::{Session, SessionPerson};
use gateway_store::directory::{TenantView, View};

/// The facts of each question, in the same order; nothing at all where one is missing.
///
/// - `principal`: of the session, by [`principal`](crate::judge::principal).
#[must_use]
pub(crate) fn gather<'a>(
    configuration: &'a Configuration,
    view: &'a View,
    session: Option<&'a Session>,
    principal: &Principal,
    questions: &[Question],
) -> Vec<Facts<'a>> {
    let gathered: Option<Vec<Facts<'a>>> = questions
        .iter()
        .map(|question| about(configuration, view, session, principal, question))
        .collect();
    gathered.unwrap_or_default()
}

fn about<'a>(
    configuration: &'a Configuration,
    view: &'a View,
    session: Option<&'a Session>,
    principal: &Principal,
    question: &Question,
) -> Option<Facts<'a>> {
    let target = &question.target;
    let tenant = configuration.tenants.get(&target.tenant)?;
    let site = tenant.sites.get(&target.site)?;
    let directory = view.tenant(&target.tenant)?;
    let snapshot = Snapshot {
        clouds: &configuration.clouds,
        tenant: &tenant.settings,
        site: &site.settings,
        groups: &tenant.groups,
        permissions: directory.permission_index(),
        links: directory.link_index(),
        guests: directory.guest_index(),
    };
    let account = |redeemed| {
        let person = session.and_then(|session| session.person.as_ref());
        person.map_or(Account::Unknown, |person| {
            account(directory, &tenant.settings, person, redeemed)
        })
    };
    // Nobody tells the gateway what an item is: it is the least that may be shared.
    let item = ItemFacts::default();
    Some(index::gather(snapshot, principal, account, target, item))
}

/// An identity that redeemed is the guest it redeemed as. Otherwise the address leads to the entry, so that the
/// refusal can say what is wrong with it: pending, blocked, or somebody else's. Sharing's own passcode needs no entry.
fn account<'a>(
    directory: &'a TenantView,
    tenant: &TenantSettings,
    person: &'a SessionPerson,
    redeemed: Option<&'a Guest>,
) -> Account<'a> {
    // Judged anew: a session that outlives a change of the tenant's directory is nobody's membership card.
    if person.member && person::is_member(&person.key, &person.kind, tenant) {
        return Account::Member {
            address: person.address.as_ref(),
        };
    }
    if let Some(guest) = redeemed {
        return Account::Guest(guest);
    }
    let Some(address) = &person.address else {
        return Account::Unknown;
    };
    match directory.guest_by_address(address) {
        Some(guest)
            if person.proof == EmailProof::Mailbox
                && person::is_ad_hoc(guest, &person.kind, tenant) =>
        {
            Account::AdHoc { address }
        }
        Some(guest) => Account::Guest(guest),
        None => Account::Unknown,
    }
}

#[cfg(test)]
mod tests;
