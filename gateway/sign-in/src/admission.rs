//! From somebody who signed in to somebody who may come in: member, guest, or neither.

use gateway_config::model::Tenant;
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::assertion::Assertion;
use gateway_core::cloud::Clouds;
use gateway_core::id::ProviderKind;
use gateway_core::person::{self, Guest};
use gateway_core::policy::redeem::{self, Home, RedeemFacts, RedeemQuestion, Redeemable, Stage};
use gateway_core::policy::{self, Denial, Method, NoTrace, Outcome};
use gateway_core::settings::TenantSettings;
use gateway_core::time::UnixTime;
use gateway_store::directory::TenantView;

/// How somebody comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// One of the tenant's own people.
    Member {
        /// The address that counts.
        address: Option<EmailAddress>,
    },
    /// A guest who has redeemed.
    Guest(Guest),
    /// A guest who has yet to consent.
    Invited(Guest),
    /// A guest who has yet to be bound, and whom nobody asks for consent.
    Automatic(Guest),
    /// Somebody whom something was shared with, by sharing's own passcode: nothing is redeemed, and nobody added to the
    /// directory.
    AdHoc {
        /// Who was shared with; the mailbox is theirs.
        guest: Guest,
    },
}

/// Who `assertion` is in the tenant.
///
/// - `typed`: the address the person began with; it decides nothing but which denial is named.
///
/// # Errors
/// The [`Denial`] of [`redeem::admit`] for a guest; otherwise why nobody by this identity or proven address is one.
pub(crate) fn admit(
    assertion: &Assertion,
    tenant: &Tenant,
    directory: &TenantView,
    clouds: &Clouds,
    typed: Option<&EmailAddress>,
    now: UnixTime,
) -> Result<Admission, Denial> {
    if person::is_member(&assertion.key, &assertion.kind, &tenant.settings) {
        return Ok(Admission::Member {
            address: member_address(assertion, tenant),
        });
    }
    let proven = assertion.address.as_ref().map(|(address, _)| address);
    let guest = directory
        .guest_by_identity(&assertion.key)
        .or_else(|| proven.and_then(|address| directory.guest_by_address(address)));
    let Some(guest) = guest else {
        return Err(why_nobody(assertion, tenant, clouds, typed));
    };
    let settings = &tenant.settings;
    if proven == Some(&guest.address) && person::is_ad_hoc(guest, &assertion.kind, settings) {
        ad_hoc(guest, settings, clouds, now)?;
        let guest = guest.clone();
        return Ok(Admission::AdHoc { guest });
    }
    Ok(
        match redeem::admit(assertion, guest, settings, clouds, now)? {
            Redeemable::AlreadyBound => Admission::Guest(guest.clone()),
            Redeemable::NeedsConsent => Admission::Invited(guest.clone()),
            Redeemable::NeedsNothing => Admission::Automatic(guest.clone()),
        },
    )
}

/// Whether a passcode may be mailed to `guest`.
///
/// # Errors
/// The [`Denial`]; it is for the operator only, the person sees the same page either way.
pub(crate) fn may_mail(
    guest: &Guest,
    kind: &ProviderKind,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    if person::is_ad_hoc(guest, kind, tenant) {
        ad_hoc(guest, tenant, clouds, now)
    } else {
        redeem::may_mail(guest, kind, tenant, clouds, now)
    }
}

/// Whether the rules of redemption lead to sharing's own passcode. Every request is judged by itself afterwards.
fn ad_hoc(
    guest: &Guest,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    let facts = RedeemFacts {
        clouds,
        tenant,
        guest: Some(guest),
        redeemed_with: None,
        share: None,
        providers: None,
    };
    let question = RedeemQuestion {
        address: guest.address.clone(),
        direct_link: false,
        stage: Stage::Before(Home::default()),
    };
    match redeem::redeem(&question, &facts, now, &mut NoTrace).outcome {
        Outcome::Challenge(challenge)
            if challenge
                .methods()
                .any(|method| method == Method::SharingPasscode) =>
        {
            Ok(())
        }
        Outcome::Allow | Outcome::Challenge(_) => Err(Denial::ProviderNotOffered),
        Outcome::Request(denial) | Outcome::Deny(denial) => Err(denial),
    }
}

/// An organisation speaks for its own domains, so there a member's address needs no further proof.
fn member_address(assertion: &Assertion, tenant: &Tenant) -> Option<EmailAddress> {
    let own = |address: &&EmailAddress| tenant.member_domains.contains(address.domain());
    match &assertion.address {
        Some((address, _)) => Some(address.clone()),
        None => assertion.unproven.as_ref().filter(own).cloned(),
    }
}

fn why_nobody(
    assertion: &Assertion,
    tenant: &Tenant,
    clouds: &Clouds,
    typed: Option<&EmailAddress>,
) -> Denial {
    let proven = assertion.address.as_ref().map(|(address, _)| address);
    let domain: Option<&DomainName> = proven
        .or(assertion.unproven.as_ref())
        .or(typed)
        .map(EmailAddress::domain);
    let admitted = domain.map_or(Ok(()), |domain| {
        policy::cloud_admits(clouds, &tenant.settings, &assertion.key, domain)
    });
    match (admitted, proven) {
        (Err(denial), _) => denial,
        (Ok(()), None) => Denial::AddressNotProven,
        (Ok(()), Some(_)) => Denial::NotInDirectory,
    }
}
