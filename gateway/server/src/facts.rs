//! Step 4: everything a decision rests on, from memory: the configuration and one view of the directory.

use gateway_config::model::Configuration;
use gateway_core::person::{self, Account};
use gateway_core::policy::{Facts, Question};
use gateway_core::settings::TenantSettings;
use gateway_sign_in::session::{Session, SessionPerson};
use gateway_store::directory::{TenantView, View};

/// The facts of each question, in the same order; nothing at all where one is missing.
#[must_use]
pub(crate) fn gather<'a>(
    configuration: &'a Configuration,
    view: &'a View,
    session: Option<&'a Session>,
    questions: &[Question],
) -> Vec<Facts<'a>> {
    let gathered: Option<Vec<Facts<'a>>> = questions
        .iter()
        .map(|question| about(configuration, view, session, question))
        .collect();
    gathered.unwrap_or_default()
}

fn about<'a>(
    configuration: &'a Configuration,
    view: &'a View,
    session: Option<&'a Session>,
    question: &Question,
) -> Option<Facts<'a>> {
    let target = &question.target;
    let tenant = configuration.tenants.get(&target.tenant)?;
    let site = tenant.sites.get(&target.site)?;
    let directory = view.tenant(&target.tenant)?;
    let case = site.settings.path_case;
    let person = session.and_then(|session| session.person.as_ref());
    Some(Facts {
        clouds: &configuration.clouds,
        tenant: &tenant.settings,
        site: &site.settings,
        account: person.map_or(Account::Unknown, |person| {
            account(directory, &tenant.settings, person)
        }),
        permissions: directory.permissions_on(&target.site, &target.path, case),
        links: directory.links_on(&target.site, &target.path, case),
    })
}

/// An identity that redeemed is the guest it redeemed as. Otherwise the address leads to the entry, so that the
/// refusal can say what is wrong with it: pending, blocked, or somebody else's.
fn account<'a>(
    directory: &'a TenantView,
    tenant: &TenantSettings,
    person: &'a SessionPerson,
) -> Account<'a> {
    // Judged anew: a session that outlives a change of the tenant's directory is nobody's membership card.
    if person.member && person::is_member(&person.key, &person.kind, tenant) {
        return Account::Member {
            address: person.address.as_ref(),
        };
    }
    let by_address = || {
        person
            .address
            .as_ref()
            .and_then(|address| directory.guest_by_address(address))
    };
    directory
        .guest_by_identity(&person.key)
        .or_else(by_address)
        .map_or(Account::Unknown, Account::Guest)
}
