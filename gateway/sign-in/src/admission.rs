//! From somebody who signed in to somebody who may come in: member, guest, or neither.

use gateway_config::model::Tenant;
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::assertion::Assertion;
use gateway_core::cloud::Clouds;
use gateway_core::person::{self, Guest};
use gateway_core::policy::Denial;
use gateway_core::redeem::{self, Redeemable};
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
}

/// Who `assertion` is in the tenant.
///
/// - `typed`: the address the person began with; it decides nothing but which denial is named.
///
/// # Errors
/// The [`Denial`] of [`redeem::redeem`] for a guest; otherwise why nobody by this identity or proven address is one.
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
    Ok(
        match redeem::redeem(assertion, guest, &tenant.settings, clouds, now)? {
            Redeemable::AlreadyBound => Admission::Guest(guest.clone()),
            Redeemable::NeedsConsent => Admission::Invited(guest.clone()),
        },
    )
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
        redeem::cloud_admits(clouds, &tenant.settings, &assertion.key, domain)
    });
    match (admitted, proven) {
        (Err(denial), _) => denial,
        (Ok(()), None) => Denial::AddressNotProven,
        (Ok(()), Some(_)) => Denial::NotInDirectory,
    }
}
