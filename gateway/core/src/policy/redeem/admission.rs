//! The same rules for those who ask without a share: sign-in, and the mailing of passcodes.

use super::before::Before;
use super::invitation::Invitation;
use super::{Home, RedeemFacts, RedeemQuestion, SharedBy, SignedIn, Stage, provider, redeem};
use crate::assertion::Assertion;
use crate::cloud::Clouds;
use crate::id::ProviderKind;
use crate::person::{Guest, GuestState};
use crate::policy::{Denial, Method, NoTrace, Outcome};
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
    let facts = facts(guest, tenant, clouds);
    match redeem(&after(assertion, guest), &facts, now, &mut NoTrace).outcome {
        Outcome::Allow if guest.identity.is_some() => Ok(Redeemable::AlreadyBound),
        Outcome::Allow => Ok(Redeemable::NeedsNothing),
        Outcome::Challenge(_) => Ok(Redeemable::NeedsConsent),
        Outcome::Request(denial) | Outcome::Deny(denial) => Err(denial),
    }
}

/// What leads somebody here who has no entry in the directory yet.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    /// Who shared, and how.
    pub by: SharedBy<'a>,
    /// Whether it was by a link, and not by an invitation. Invitations of sharing's own manager have an end of their own.
    pub link: bool,
}

impl Shared<'_> {
    /// Whether `invitee` may still take it up, whoever shared.
    fn state(
        &self,
        invitee: &Guest,
        tenant: &TenantSettings,
        clouds: &Clouds,
        now: UnixTime,
    ) -> Result<(), Denial> {
        if !self.link {
            let facts = facts(invitee, tenant, clouds);
            let invitation = Invitation {
                address: &invitee.address,
                facts: &facts,
                now,
            };
            return invitation.state();
        }
        if invitee.state == GuestState::Blocked {
            Err(Denial::GuestBlocked)
        } else {
            Ok(())
        }
    }

    const fn facts<'b>(
        &'b self,
        tenant: &'b TenantSettings,
        clouds: &'b Clouds,
    ) -> RedeemFacts<'b> {
        RedeemFacts {
            clouds,
            tenant,
            guest: None,
            redeemed_with: None,
            share: Some(self.by),
            providers: None,
        }
    }
}

/// Whether `assertion` may become a guest for what was shared with `invitee`, who has no entry in the directory:
/// [`redeem`] afterwards, with consent not yet asked for. Where the integration is on the guest is added on behalf of
/// whoever shared.
///
/// # Errors
/// As [`admit`]; and [`Denial::ReshareRequired`] where it was shared under the other manager, or by somebody who may not
/// share any more.
///
/// Source: specification "sharing rules" 0 and 4; founding document 2.
pub fn admit_shared(
    assertion: &Assertion,
    invitee: &Guest,
    shared: &Shared<'_>,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Redeemable, Denial> {
    shared.state(invitee, tenant, clouds, now)?;
    let facts = shared.facts(tenant, clouds);
    match redeem(&after(assertion, invitee), &facts, now, &mut NoTrace).outcome {
        Outcome::Allow => Ok(Redeemable::NeedsNothing),
        Outcome::Challenge(_) => Ok(Redeemable::NeedsConsent),
        Outcome::Request(denial) | Outcome::Deny(denial) => Err(denial),
    }
}

/// The ways in which somebody may prove the mailbox of `invitee`, who has no entry in the directory, to come in for what
/// was shared: sharing's own passcode, or the ways of an invitation.
///
/// # Errors
/// As [`admit_shared`], as far as it is known before the person has shown anything.
pub fn ways_shared(
    invitee: &Guest,
    shared: &Shared<'_>,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Vec<Method>, Denial> {
    shared.state(invitee, tenant, clouds, now)?;
    let question = RedeemQuestion {
        address: invitee.address.clone(),
        direct_link: false,
        stage: Stage::Before(Home::default()),
    };
    let facts = shared.facts(tenant, clouds);
    match redeem(&question, &facts, now, &mut NoTrace).outcome {
        Outcome::Allow => Ok(Vec::new()),
        Outcome::Challenge(challenge) => Ok(challenge.methods().collect()),
        Outcome::Request(denial) | Outcome::Deny(denial) => Err(denial),
    }
}

/// Somebody signed in, and has not been asked for consent.
fn after(assertion: &Assertion, guest: &Guest) -> RedeemQuestion {
    let proven = assertion.address.as_ref();
    RedeemQuestion {
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
