//! With which provider an invitation is redeemed, and whether the one that was used may be.
//!
//! Source: specification "sharing rules" 6; "clouds and identity" A.3, A.5 and H.

use std::collections::BTreeSet;

use super::Home;
use super::invitation::Invitation;
use crate::id::ProviderKind;
use crate::policy::offered;
use crate::policy::{Basis, Challenge, Denial, Method, Shown, Verdict};
use crate::settings::Source;
use crate::settings::words::{FallbackIdentityProvider, PrimaryIdentityProvider};

const WORK_SCHOOL: &str = "work-school";
const MICROSOFT_ACCOUNT: &str = "microsoft-account";
const GOOGLE: &str = "google";
const PASSCODE: &str = "email-otp";
pub(super) const SAML: &str = "saml";

/// What a rule found, and what it rests on.
pub(super) type Found = (Verdict, Basis);

/// The provider to sign in with: a challenge, or a refusal where there is none.
pub(super) fn choose(invitation: &Invitation<'_>, home: &Home, direct_link: bool) -> Found {
    if invitation.redeemed().is_some() {
        again(invitation)
    } else if invitation.sharings_own() {
        sharings_own(invitation, home)
    } else {
        abroad(invitation, home)
            .or_else(|| primary(invitation, home))
            .unwrap_or_else(|| fallback(invitation, home, direct_link))
    }
}

/// The first redemption sticks: whatever would be chosen today, the provider stays the one that was used.
fn again(invitation: &Invitation<'_>) -> Found {
    let facts = invitation.facts;
    if let Some(kind) = facts.redeemed_with
        && let Err((denial, basis)) = admits(invitation, kind)
    {
        return (Verdict::Deny(denial), basis);
    }
    let integration = facts.tenant.integration();
    let method = match facts.redeemed_with.map(ProviderKind::as_str) {
        Some(WORK_SCHOOL) => Method::WorkSchool,
        Some(SAML) => Method::Saml,
        Some(GOOGLE) => Method::Google,
        Some(MICROSOFT_ACCOUNT) => Method::MicrosoftAccount,
        Some(PASSCODE) => Method::Passcode,
        Some(_) | None => Method::ExistingAccount,
    };
    if integration.value {
        with(method, Basis::NONE)
    } else {
        with(Method::ExistingAccount, integration.into())
    }
}

/// Without the integration and without an entry of the directory, sharing asks for an account or proves the mailbox.
fn sharings_own(invitation: &Invitation<'_>, home: &Home) -> Found {
    let basis = invitation.facts.tenant.integration().into();
    if let Some(found) = work_school_here(invitation, home, basis) {
        found
    } else if has_microsoft_account(invitation, home) {
        with(Method::MicrosoftAccount, basis)
    } else if listed_here(invitation, PASSCODE) {
        with(Method::SharingPasscode, basis)
    } else {
        (Verdict::Deny(Denial::ProviderNotOffered), not_listed())
    }
}

/// Whoever has an account in a cloud of another instance signs in with it: the order that can be set ends at the border.
fn abroad(invitation: &Invitation<'_>, home: &Home) -> Option<Found> {
    let clouds = invitation.facts.clouds;
    let instance = |name| clouds.find(name).map(|cloud| cloud.instance.as_str());
    let here = instance(&invitation.facts.tenant.cloud);
    let away = home.clouds.iter().any(|home| instance(home) != here);
    let basis = Basis::new("instance", Shown::Nothing, Source::Cloud);
    away.then(|| work_school(invitation, home, basis)).flatten()
}

/// The first of the primary providers, in the order that is set, that knows the person.
fn primary(invitation: &Invitation<'_>, home: &Home) -> Option<Found> {
    let directory = &invitation.facts.tenant.directory;
    directory.policy.primary_order.0.iter().find_map(|step| {
        let basis = Basis::new(
            "primaryIdentityProviderPrecedenceOrder",
            Shown::Word(step.name()),
            Source::Directory,
        );
        match step {
            PrimaryIdentityProvider::AzureActiveDirectory => {
                work_school_here(invitation, home, basis)
            }
            PrimaryIdentityProvider::ExternalFederation => {
                let known = federated(invitation) && is_offered(invitation, SAML);
                known.then(|| with(Method::Saml, basis))
            }
            PrimaryIdentityProvider::SocialIdentityProviders => {
                let known =
                    directory.google && is_google(invitation) && is_offered(invitation, GOOGLE);
                known.then(|| with(Method::Google, basis))
            }
        }
    })
}

/// Where none is set up, the next in the order has its turn. Not so across clouds: there nothing else will do.
fn work_school_here(invitation: &Invitation<'_>, home: &Home, basis: Basis) -> Option<Found> {
    let found = work_school(invitation, home, basis);
    found.filter(|_| is_set_up(invitation, WORK_SCHOOL))
}

fn work_school(invitation: &Invitation<'_>, home: &Home, basis: Basis) -> Option<Found> {
    if home.clouds.is_empty() {
        None
    } else if has_microsoft_account(invitation, home) {
        let choose = Challenge::Choose(Method::WorkSchool, Method::MicrosoftAccount);
        Some((Verdict::Challenge(choose), basis))
    } else {
        Some(with(Method::WorkSchool, basis))
    }
}

/// What is offered to somebody whom no primary provider knows.
fn fallback(invitation: &Invitation<'_>, home: &Home, direct_link: bool) -> Found {
    let (clouds, tenant) = (invitation.facts.clouds, invitation.facts.tenant);
    let setting = tenant.directory.policy.fallback;
    let otp = tenant.email_otp(clouds);
    let account = has_microsoft_account(invitation, home).then_some(Method::MicrosoftAccount);
    // Nobody is sent to make an account who did not come by the invitation's mail.
    let new_account = (!direct_link && is_offered(invitation, MICROSOFT_ACCOUNT))
        .then_some(Method::NewMicrosoftAccount);
    let passcode = (otp.value && is_offered(invitation, PASSCODE)).then_some(Method::Passcode);
    let method = match setting {
        FallbackIdentityProvider::DefaultConfiguredIdp => account.or(passcode).or(new_account),
        FallbackIdentityProvider::EmailOneTimePasscode => passcode,
        FallbackIdentityProvider::MicrosoftAccount => account.or(new_account),
    };
    let basis = Basis::new(
        "fallbackIdentityProvider",
        Shown::Word(setting.name()),
        Source::Directory,
    );
    if let Some(method) = method {
        return with(method, basis);
    }
    let by_default = setting == FallbackIdentityProvider::DefaultConfiguredIdp;
    let none_here =
        !listed_here(invitation, MICROSOFT_ACCOUNT) && !listed_here(invitation, PASSCODE);
    if by_default && direct_link {
        (Verdict::Deny(Denial::NoProvider), basis)
    } else if none_here {
        (Verdict::Deny(Denial::ProviderNotOffered), not_listed())
    } else if !otp.value && setting == FallbackIdentityProvider::EmailOneTimePasscode {
        (Verdict::Deny(Denial::PasscodesDisabled), otp.into())
    } else {
        (Verdict::Deny(Denial::NoProvider), basis)
    }
}

/// Whether it is an account, of work or school or of Microsoft's.
pub(super) fn is_account(kind: &ProviderKind) -> bool {
    matches!(kind.as_str(), WORK_SCHOOL | MICROSOFT_ACCOUNT)
}

/// Whether a provider of this kind, once it has vouched, is one to redeem with.
pub(super) fn admits(
    invitation: &Invitation<'_>,
    kind: &ProviderKind,
) -> Result<(), (Denial, Basis)> {
    let here = listed_here(invitation, kind.as_str()) && is_set_up(invitation, kind.as_str());
    if offered::is_listed(kind.as_str()) && !here {
        return Err((Denial::ProviderNotOffered, not_listed()));
    }
    let Some(basis) = withdrawn(invitation, kind.as_str()) else {
        return Ok(());
    };
    let denial = if invitation.redeemed().is_some() {
        Denial::ProviderWithdrawn
    } else if kind.as_str() == PASSCODE {
        Denial::PasscodesDisabled
    } else {
        Denial::ProviderNotOffered
    };
    Err((denial, basis))
}

/// The setting that has taken back what the cloud offers.
fn withdrawn(invitation: &Invitation<'_>, kind: &str) -> Option<Basis> {
    let (clouds, tenant) = (invitation.facts.clouds, invitation.facts.tenant);
    offered::withdrawn(clouds, tenant, kind, invitation.address.domain())
}

/// Whether a listed kind is offered in the tenant's cloud, set up, and not given up.
fn is_offered(invitation: &Invitation<'_>, kind: &str) -> bool {
    let given_up = offered::is_given_up(invitation.facts.tenant, kind);
    listed_here(invitation, kind) && is_set_up(invitation, kind) && !given_up
}

fn is_set_up(invitation: &Invitation<'_>, kind: &str) -> bool {
    let holds = |kinds: &BTreeSet<ProviderKind>| kinds.iter().any(|one| one.as_str() == kind);
    invitation.facts.providers.is_none_or(holds)
}

fn listed_here(invitation: &Invitation<'_>, kind: &str) -> bool {
    offered::is_here(invitation.facts.clouds, invitation.facts.tenant, kind)
}

fn has_microsoft_account(invitation: &Invitation<'_>, home: &Home) -> bool {
    home.microsoft_account && is_offered(invitation, MICROSOFT_ACCOUNT)
}

fn federated(invitation: &Invitation<'_>) -> bool {
    offered::is_federated(invitation.facts.tenant, invitation.address.domain())
}

/// Google's own two domains, and those of organisations that the operator opted in.
///
/// Source: settled reading 6.
fn is_google(invitation: &Invitation<'_>) -> bool {
    let domain = invitation.address.domain();
    let opted_in = &invitation.facts.tenant.directory.google_domains;
    matches!(domain.as_str(), "gmail.com" | "googlemail.com") || opted_in.contains(domain)
}

fn with(method: Method, basis: Basis) -> Found {
    (Verdict::Challenge(Challenge::SignInWith(method)), basis)
}

const fn not_listed() -> Basis {
    Basis::new("identity_providers", Shown::Flag(false), Source::Cloud)
}
