//! Step 4: everything a decision rests on: the configuration, and one look at the directory.

use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_core::assertion::EmailProof;
use gateway_core::id::TenantId;
use gateway_core::index::{self, Snapshot};
use gateway_core::person::{self, Account, Guest, Principal};
use gateway_core::policy::{Facts, Question};
use gateway_core::settings::TenantSettings;
use gateway_core::sharing::ItemFacts;
use gateway_sign_in::session::{Session, SessionPerson};
use gateway_store::StoreError;
use gateway_store::directory::{Directory, TenantView, View};
use gateway_store::model::Wanted;

/// What the directory knows that the questions rest on.
///
/// - `tenant`: whose directory; questions about another one find nothing.
///
/// # Errors
/// [`StoreError`]: nothing may be allowed.
pub(crate) async fn look(
    directory: &Directory,
    configuration: &Configuration,
    tenant: &TenantId,
    session: Option<&Session>,
    questions: &[Question],
) -> Result<Arc<View>, StoreError> {
    let mut wanted = wanted(tenant, session, questions);
    join_groups(&mut wanted, configuration);
    let view = directory.look(&wanted).await?;
    // Whoever redeemed counts by the address of the invitation, which the session need not show.
    let redeemed = wanted.identity.as_ref().and_then(|key| {
        let guest = view.tenant(tenant)?.guest_by_identity(key)?;
        (!wanted.addresses.contains(&guest.address)).then(|| guest.address.clone())
    });
    let Some(address) = redeemed else {
        return Ok(view);
    };
    wanted.addresses.push(address);
    join_groups(&mut wanted, configuration);
    directory.look(&wanted).await
}

fn wanted(tenant: &TenantId, session: Option<&Session>, questions: &[Question]) -> Wanted {
    let person = session.and_then(|session| session.person.as_ref());
    let items = questions
        .iter()
        .filter(|question| question.target.tenant == *tenant)
        .map(|question| (question.target.site.clone(), question.target.path.clone()));
    Wanted {
        identity: person.map(|person| person.key.clone()),
        addresses: person
            .and_then(|person| person.address.clone())
            .into_iter()
            .collect(),
        items: items.collect(),
        links: session.map_or_else(Vec::new, |session| session.links.clone()),
        ..Wanted::of(tenant.clone())
    }
}

/// The groups that the people wanted are in.
fn join_groups(wanted: &mut Wanted, configuration: &Configuration) {
    let Some(tenant) = configuration.tenants.get(&wanted.tenant) else {
        return;
    };
    let groups = wanted
        .addresses
        .iter()
        .flat_map(|address| tenant.groups.of(address));
    wanted.groups = groups.cloned().collect();
    wanted.groups.sort_unstable();
    wanted.groups.dedup();
}

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
