//! From somebody who signed in to somebody who may come in: member, guest, or neither.

use gateway_config::model::Tenant;
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::assertion::Assertion;
use gateway_core::cloud::Clouds;
use gateway_core::id::ProviderKind;
use gateway_core::person::{self, Guest, GuestState};
use gateway_core::policy::redeem::{self, Redeemable, SharedBy};
use gateway_core::policy::{self, Denial, Method};
use gateway_core::settings::TenantSettings;
use gateway_core::time::UnixTime;
use gateway_store::directory::TenantView;

use crate::lifecycle::{Judged, Share, Shared};

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
    Invited(Invitee),
    /// A guest who has yet to be bound, and whom nobody asks for consent.
    Automatic(Invitee),
    /// Somebody whom something was shared with, by sharing's own passcode: nothing is redeemed, and nobody added to the
    /// directory.
    AdHoc {
        /// Who was shared with; the mailbox is theirs.
        guest: Guest,
    },
}

/// Somebody who may redeem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invitee {
    /// The entry; for whoever has none yet, what it would be.
    pub(crate) guest: Guest,
    /// What they come in by who have no entry yet.
    pub(crate) share: Option<Share>,
    /// The invitation that they take up in somebody else's place.
    pub(crate) passed_on: Option<String>,
}

/// An invitation that whoever holds its mail may take up.
#[derive(Clone, Debug)]
pub(crate) struct PassedOn {
    /// Whom it was for.
    pub(crate) invited: Guest,
    /// Who takes it up, as the guest they become.
    pub(crate) taker: Guest,
    /// What was shared for it.
    pub(crate) shared: Shared,
    /// Its id.
    pub(crate) invitation: String,
}

/// Who `assertion` is in the tenant.
///
/// - `shared`: what was shared with the proven address, where it has no entry in the directory.
/// - `passed_on`: the invitation the person came by, where it is somebody else's.
/// - `typed`: the address the person began with; it decides nothing but which denial is named.
///
/// # Errors
/// The [`Denial`] of [`redeem::admit`] for a guest; otherwise why nobody by this identity or proven address is one.
pub(crate) fn admit(
    assertion: &Assertion,
    tenant: &Tenant,
    directory: &TenantView,
    (shared, passed_on): (&Shared, Option<&PassedOn>),
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
    let settings = &tenant.settings;
    let entry = guest.filter(|guest| guest.has_entry());
    let Some(guest) = entry else {
        let invitee = proven.and_then(|address| shared.invitee(guest, address));
        let Some(invitee) = invitee else {
            return match passed_on {
                Some(passed_on) => admit_in_place_of(assertion, passed_on, settings, clouds, now),
                None => Err(why_nobody(assertion, tenant, clouds, typed)),
            };
        };
        return admit_shared(assertion, &invitee, shared, settings, clouds, now);
    };
    let invitee = || Invitee {
        guest: guest.clone(),
        share: None,
        passed_on: None,
    };
    Ok(
        match redeem::admit(assertion, guest, settings, clouds, now)? {
            Redeemable::AlreadyBound => Admission::Guest(guest.clone()),
            Redeemable::NeedsConsent => Admission::Invited(invitee()),
            Redeemable::NeedsNothing => Admission::Automatic(invitee()),
        },
    )
}

/// Somebody who has no entry comes in by the first share that lets them in.
fn admit_shared(
    assertion: &Assertion,
    invitee: &Guest,
    shared: &Shared,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Admission, Denial> {
    let ad_hoc = person::is_ad_hoc(invitee, &assertion.kind, tenant);
    by_any(invitee, shared, |one| {
        let by = by(one);
        if ad_hoc {
            sharings_passcode(invitee, &by, tenant, clouds, now)?;
            return Ok(Admission::AdHoc {
                guest: invitee.clone(),
            });
        }
        let redeemable = redeem::admit_shared(assertion, invitee, &by, tenant, clouds, now)?;
        let invitee = Invitee {
            guest: invitee.clone(),
            share: Some(one.share.clone()),
            passed_on: None,
        };
        Ok(match redeemable {
            Redeemable::NeedsConsent => Admission::Invited(invitee),
            Redeemable::AlreadyBound | Redeemable::NeedsNothing => Admission::Automatic(invitee),
        })
    })
}

/// Somebody else takes up an invitation. The rules are asked about the invited address, and know the one that was proven.
fn admit_in_place_of(
    assertion: &Assertion,
    passed_on: &PassedOn,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Admission, Denial> {
    let invited = &passed_on.invited;
    by_any(invited, &passed_on.shared, |one| {
        let by = by(one);
        let redeemable = redeem::admit_shared(assertion, invited, &by, tenant, clouds, now)?;
        let invitee = Invitee {
            guest: passed_on.taker.clone(),
            share: Some(one.share.clone()),
            passed_on: Some(passed_on.invitation.clone()),
        };
        Ok(match redeemable {
            Redeemable::NeedsConsent => Admission::Invited(invitee),
            Redeemable::AlreadyBound | Redeemable::NeedsNothing => Admission::Automatic(invitee),
        })
    })
}

/// The first answer that is a yes, else the first refusal.
fn by_any<T>(
    invitee: &Guest,
    shared: &Shared,
    judge: impl Fn(&Judged) -> Result<T, Denial>,
) -> Result<T, Denial> {
    let mut refused = match invitee.state {
        GuestState::Blocked => return Err(Denial::GuestBlocked),
        GuestState::PendingAcceptance | GuestState::Accepted => None,
    };
    for one in shared.judged() {
        match judge(one) {
            Ok(yes) => return Ok(yes),
            Err(denial) => {
                refused.get_or_insert(denial);
            }
        }
    }
    Err(refused.unwrap_or(Denial::NotInDirectory))
}

const fn by(one: &Judged) -> redeem::Shared<'_> {
    redeem::Shared {
        by: SharedBy {
            creator: &one.share.creator,
            creator_may_share: one.creator_may_share,
            manager: one.share.manager,
        },
        link: one.share.is_link(),
    }
}

/// Whether a passcode may be mailed to `guest`.
///
/// - `shared`: as for [`admit`].
///
/// # Errors
/// The [`Denial`]; it is for the operator only, the person sees the same page either way.
pub(crate) fn may_mail(
    guest: &Guest,
    shared: &Shared,
    kind: &ProviderKind,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    if guest.has_entry() {
        return redeem::may_mail(guest, kind, tenant, clouds, now);
    }
    if person::is_ad_hoc(guest, kind, tenant) {
        return by_any(guest, shared, |one| {
            sharings_passcode(guest, &by(one), tenant, clouds, now)
        });
    }
    by_any(guest, shared, |one| {
        redeem::ways_shared(guest, &by(one), tenant, clouds, now).map(drop)
    })?;
    redeem::may_mail(guest, kind, tenant, clouds, now)
}

/// Whether the rules of redemption lead to sharing's own passcode. Every request is judged by itself afterwards.
fn sharings_passcode(
    guest: &Guest,
    by: &redeem::Shared<'_>,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    let ways = redeem::ways_shared(guest, by, tenant, clouds, now)?;
    if ways.contains(&Method::SharingPasscode) {
        Ok(())
    } else {
        Err(Denial::ProviderNotOffered)
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
