//! Rules about the person: home, provider, entry in the directory, domain, and the stamp that ends access to a site.

use super::grants::Usable;
use super::{Case, DAY, Finding, Who, challenge, deny, not_applicable, pass};
use crate::address::EmailAddress;
use crate::cloud::Relation;
use crate::id::ProviderKind;
use crate::person::{Guest, GuestState, Person};
use crate::policy::offered;
use crate::policy::rule::deny_or_pass;
use crate::policy::{Basis, Challenge, Denial, Shown, Verdict, clouds};
use crate::settings::Source;
use crate::settings::words::SharingDomainRestrictionMode;
use crate::time::UnixTime;

/// Seconds for which a passcode of the directory counts.
///
/// Source: specification "sharing rules" 6.3.
const PASSCODE_LIFE: i64 = DAY;
/// Days for which a mailbox counts as proven where nobody said how many.
///
/// Source: specification "sharing rules" 1.5, marked uncertain there.
const ATTESTATION_DAYS: u16 = 30;

pub(super) fn cloud(case: &Case<'_>) -> Verdict {
    let Some(person) = case.who.outsider() else {
        return Verdict::NotApplicable;
    };
    let domain = case.who.outside_address().map(EmailAddress::domain);
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    deny_or_pass(clouds::identity_admits(clouds, tenant, &person.key, domain))
}

pub(super) fn cloud_basis(case: &Case<'_>) -> Basis {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let Some(person) = case.who.outsider() else {
        return Basis::NONE;
    };
    let Some(home) = &person.key.cloud else {
        return tenant.integration().into();
    };
    let ticked = tenant.directory.cross_tenant.clouds.contains(home);
    let organisation = person.key.tenant.as_deref();
    let account = clouds::account_cloud_admits(clouds, tenant, home, organisation);
    match (cloud(case), clouds.relation(home, &tenant.cloud)) {
        (Verdict::Deny(Denial::OutsideEnvironment), _) => tenant.integration().into(),
        (Verdict::Deny(_), Relation::Same | Relation::SameInstance) if account.is_ok() => {
            Basis::new("domain_homes", Shown::Nothing, Source::Directory)
        }
        (_, Relation::Mutual) => {
            Basis::new("allowed_clouds", Shown::Flag(ticked), Source::Directory)
        }
        (_, relation) => Basis::new(
            "partner_clouds",
            Shown::Word(relation.name()),
            Source::Cloud,
        ),
    }
}

pub(super) fn authentication(case: &Case<'_>) -> Finding {
    let refused = match case.who {
        Who::Nobody if case.found.organization => {
            return challenge(Challenge::MemberSignIn, Basis::NONE);
        }
        Who::Nobody | Who::Application(_) => return challenge(Challenge::SignIn, Basis::NONE),
        Who::Member(..) | Who::Unknown(_) => idle(case),
        Who::Guest(person, guest) => {
            let refused = guest_provider(case, &person.kind, guest);
            let age = refused.or_else(|| passcode_age(case, person));
            age.or_else(|| idle(case))
        }
        Who::AdHoc(person, _) => {
            let refused = ad_hoc_provider(case);
            let age = refused.or_else(|| attestation_age(case, person));
            age.or_else(|| idle(case))
        }
    };
    refused.unwrap_or(pass(Basis::NONE))
}

/// Whether the way that the guest redeemed is still there.
fn guest_provider(case: &Case<'_>, kind: &ProviderKind, guest: &Guest) -> Option<Finding> {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let kind = kind.as_str();
    if offered::is_listed(kind) && !offered::is_here(clouds, tenant, kind) {
        return Some(not_offered());
    }
    let basis = offered::withdrawn(clouds, tenant, kind, guest.address.domain());
    basis.map(|basis| deny(Denial::ProviderWithdrawn, basis))
}

/// Sharing's own passcode is for tenants without the integration.
fn ad_hoc_provider(case: &Case<'_>) -> Option<Finding> {
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let integration = tenant.integration();
    if !offered::is_here(clouds, tenant, "email-otp") || offered::is_given_up(tenant, "email-otp") {
        Some(not_offered())
    } else if integration.value {
        Some(challenge(Challenge::SignIn, integration.into()))
    } else {
        None
    }
}

const fn not_offered() -> Finding {
    let basis = Basis::new("identity_providers", Shown::Flag(false), Source::Cloud);
    deny(Denial::ProviderNotOffered, basis)
}

/// Seconds since the person authenticated; none have passed since a moment that is yet to come.
pub(super) fn age(case: &Case<'_>, person: &Person) -> i64 {
    case.now.since(person.authenticated_at).max(0)
}

fn passcode_age(case: &Case<'_>, person: &Person) -> Option<Finding> {
    let old = person.kind.as_str() == "email-otp" && age(case, person) >= PASSCODE_LIFE;
    old.then_some(challenge(Challenge::SignInAgain, Basis::NONE))
}

fn attestation_age(case: &Case<'_>, person: &Person) -> Option<Finding> {
    let sharing = &case.facts.tenant.sharing;
    let days = sharing
        .attestation_days
        .map_or(ATTESTATION_DAYS, |days| days.get());
    let days = i64::from(days);
    let basis = Basis::new(
        "EmailAttestationReAuthDays",
        Shown::Number(days),
        Source::Tenant,
    );
    let old = sharing.attestation && age(case, person) >= days * DAY;
    old.then_some(challenge(Challenge::SignInAgain, basis))
}

/// Whoever made no request for too long signs in again. A session whose last request is not known has been idle.
fn idle(case: &Case<'_>) -> Option<Finding> {
    let seconds = i64::from(case.facts.tenant.sharing.idle_sign_out?.get());
    let client = case.principal.client;
    let idle = client
        .last_used
        .is_none_or(|last| case.now.since(last) >= seconds);
    let basis = Basis::new("SignOutAfter", Shown::Number(seconds), Source::Tenant);
    (idle && !client.managed_device).then_some(challenge(Challenge::SignInAgain, basis))
}

pub(super) fn cross_tenant(case: &Case<'_>) -> Finding {
    let Some(person) = case.who.outsider() else {
        return not_applicable(Basis::NONE);
    };
    let Some(home) = &person.key.cloud else {
        return not_applicable(Basis::NONE);
    };
    let (clouds, tenant) = (case.facts.clouds, case.facts.tenant);
    let organisation = person.key.tenant.as_deref();
    let judged = clouds::cross_tenant_admits(clouds, tenant, Some(home), organisation);
    let inbound = Shown::Flag(judged.is_ok());
    let basis = Basis::new("inbound", inbound, Source::Directory);
    (deny_or_pass(judged), basis)
}

pub(super) fn guest_state(case: &Case<'_>) -> Finding {
    let (person, guest) = match case.who {
        Who::Nobody | Who::Member(..) | Who::Application(_) => return not_applicable(Basis::NONE),
        Who::AdHoc(..) => return pass(Basis::NONE),
        Who::Unknown(_) => return deny(Denial::NotInDirectory, Basis::NONE),
        Who::Guest(person, guest) => (person, guest),
    };
    let denial = match (guest.state, &guest.identity) {
        (GuestState::Blocked, _) => Denial::GuestBlocked,
        (GuestState::PendingAcceptance, _) | (GuestState::Accepted, None) => {
            Denial::InvitationNotRedeemed
        }
        (GuestState::Accepted, Some(bound)) if *bound != person.key => Denial::IdentityMismatch,
        (GuestState::Accepted, Some(_)) => return pass(Basis::NONE),
    };
    deny(denial, Basis::NONE)
}

/// The tenant's list, then the site's. The directory's is asked when somebody is invited and when they redeem.
pub(super) fn domain_lists(case: &Case<'_>) -> Finding {
    const NAME: &str = "SharingDomainRestrictionMode";
    let (tenant, site) = (&case.facts.tenant.sharing, &case.facts.site.sharing);
    let of_tenant = Basis::new(NAME, Shown::Word(tenant.domain_mode.name()), Source::Tenant);
    let of_site = Basis::new(NAME, Shown::Word(site.domain_mode.name()), Source::Site);
    let Some(address) = case.who.outside_address() else {
        return not_applicable(of_tenant);
    };
    if let Err(refusal) = tenant.admit(address.domain()) {
        deny(Denial::TenantDomain(refusal), of_tenant)
    } else if let Err(refusal) = site.admit(address.domain()) {
        deny(Denial::SiteDomain(refusal), of_site)
    } else if tenant.domain_mode == SharingDomainRestrictionMode::None {
        pass(of_site)
    } else {
        pass(of_tenant)
    }
}

/// A stamp that has passed ends what a guest has in the site. What a group has is the group's.
pub(super) fn expiry(case: &Case<'_>) -> Finding {
    if case.who.guest().is_none() {
        not_applicable(Basis::NONE)
    } else if expired(case) && case.held.through_group.id.is_none() {
        deny(Denial::GuestExpired, Basis::NONE)
    } else {
        pass(Basis::NONE)
    }
}

/// Whether the stamp has passed; it is put off for as long as a guest administers the site.
fn expired(case: &Case<'_>) -> bool {
    let site = &case.question.target.site;
    let ended = |end: &UnixTime| *end <= case.now;
    case.who
        .guest()
        .is_some_and(|guest| guest.expires.get(site).is_some_and(ended) && !administers(case))
}

/// Whether a guest administers the site.
pub(super) fn administers(case: &Case<'_>) -> bool {
    let site = &case.question.target.site;
    case.who
        .guest()
        .is_some_and(|guest| guest.administers.contains(site))
}

/// The grants that an answer can rest on.
pub(super) fn grounds<'a>(case: &Case<'a>) -> Usable<'a> {
    if expired(case) {
        case.held.through_group
    } else {
        case.held.usable
    }
}
