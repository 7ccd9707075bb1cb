//! The same rules for those who ask without a share: sign-in, and the mailing of passcodes.

use super::before::Before;
use super::invitation::Invitation;
use super::{Home, RedeemFacts, RedeemQuestion, SignedIn, Stage, provider, redeem};
use crate::assertion::Assertion;
use crate::cloud::Clouds;
use crate::id::ProviderKind;
use crate::person::Guest;
use crate::policy::{Denial, NoTrace, Outcome};
use crate::settings::TenantSettings;
use crate::time::UnixTime;

/// What an accepted redemption asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemable {
    /// The guest is bound to this identity already: nothing to redeem.
    AlreadyBound,
    /// First redemption: the person must consent, then the identity is bound.
    NeedsConsent,
    /// First redemption, and both organisations suppress the question for consent: the identity is bound.
    NeedsNothing,
}

/// Whether `assertion` may act as `guest` of the tenant: [`redeem`] afterwards, with consent not yet asked for.
///
/// # Errors
/// The first [`Denial`] in the order: cloud, cross-tenant, provider, level, guest state and invitation, federation,
/// address, domain lists.
pub fn admit(
    assertion: &Assertion,
    guest: &Guest,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Redeemable, Denial> {
    let proven = assertion.address.as_ref();
    let question = RedeemQuestion {
        address: guest.address.clone(),
        direct_link: false,
        stage: Stage::After(SignedIn {
            key: assertion.key.clone(),
            kind: assertion.kind.clone(),
            address: proven.map(|(address, _)| address.clone()),
            // Assertions for others were refused before they became one.
            audience_matches: true,
            consented: None,
            terms: None,
        }),
    };
    let facts = facts(guest, tenant, clouds);
    match redeem(&question, &facts, now, &mut NoTrace).outcome {
        Outcome::Allow if guest.identity.is_some() => Ok(Redeemable::AlreadyBound),
        Outcome::Allow => Ok(Redeemable::NeedsNothing),
        Outcome::Challenge(_) => Ok(Redeemable::NeedsConsent),
        Outcome::Request(denial) | Outcome::Deny(denial) => Err(denial),
    }
}

/// Whether a passcode may be mailed to `guest`: everything that [`redeem`] asks and that is known before
/// the person has shown anything.
///
/// # Errors
/// The [`Denial`]; it is for the operator only, the person sees the same page either way.
pub fn may_mail(
    guest: &Guest,
    kind: &ProviderKind,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    let facts = facts(guest, tenant, clouds);
    let case = Before {
        invitation: Invitation {
            address: &guest.address,
            facts: &facts,
            now,
        },
        home: &Home::default(),
        direct_link: false,
    };
    case.cloud()?;
    case.invitation.level()?;
    case.invitation.state()?;
    // A passcode does not prove an account that lives in a cloud.
    if case
        .invitation
        .redeemed()
        .is_some_and(|bound| bound.cloud.is_some())
    {
        return Err(Denial::IdentityMismatch);
    }
    case.invitation.domain_lists()?;
    provider::admits(&case.invitation, kind).map_err(|(denial, _)| denial)
}

const fn facts<'a>(
    guest: &'a Guest,
    tenant: &'a TenantSettings,
    clouds: &'a Clouds,
) -> RedeemFacts<'a> {
    RedeemFacts {
        clouds,
        tenant,
        guest: Some(guest),
        redeemed_with: None,
        share: None,
        providers: None,
    }
}
