//! May this invitation be redeemed, and how?
//!
//! Before anybody has signed in the answer says with which provider; afterwards it says whether that was the right person,
//! and what is left to do.
//!
//! Source: specification "sharing rules" 4 and 6; "clouds and identity" H.

mod admission;
mod after;
mod before;
mod invitation;
mod provider;
#[cfg(test)]
mod tests;
mod ways;

use std::collections::BTreeSet;

pub use admission::{Redeemable, Shared, admit, admit_shared, may_mail, ways_shared};
pub use ways::{Invitee, ways};

use self::after::After;
use self::before::Before;
use self::invitation::Invitation;
use super::{Answer, Trace};
use crate::address::EmailAddress;
use crate::cloud::Clouds;
use crate::id::{CloudName, ProviderKind};
use crate::person::{Guest, IdentityKey, InvitationManager};
use crate::settings::TenantSettings;
use crate::time::UnixTime;

/// As what the rules of this question stand in traces.
const PATH: &str = "redeem";

/// May the person who was invited by `address` redeem?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedeemQuestion {
    /// The invited address.
    pub address: EmailAddress,
    /// Whether the person opened the resource itself, and not the link of the invitation's mail.
    pub direct_link: bool,
    /// How far the redemption is.
    pub stage: Stage,
}

/// How far a redemption is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has signed in.
    Before(Home),
    /// Somebody has.
    After(SignedIn),
}

/// What is known about where an address is at home.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// Clouds in which a managed organisation has an account with the address. More than one is ambiguous: the strictest counts.
    pub clouds: BTreeSet<CloudName>,
    /// Whether it is an account of an unmanaged organisation; that counts for nothing.
    pub unmanaged: bool,
    /// Whether a Microsoft account has the address.
    pub microsoft_account: bool,
}

/// Somebody who has signed in to redeem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who it is.
    pub key: IdentityKey,
    /// The kind of provider that vouched.
    pub kind: ProviderKind,
    /// The proven address.
    pub address: Option<EmailAddress>,
    /// Whether the assertion was made for this tenant.
    pub audience_matches: bool,
    /// Whether the person consented; absent is not asked yet.
    pub consented: Option<bool>,
    /// Whether the person accepted the terms of use; absent is not asked yet.
    pub terms: Option<bool>,
}

/// Everything the answer rests on.
#[derive(Clone, Copy, Debug)]
pub struct RedeemFacts<'a> {
    /// The clouds.
    pub clouds: &'a Clouds,
    /// The tenant's settings.
    pub tenant: &'a TenantSettings,
    /// The entry in the directory, if there is one.
    pub guest: Option<&'a Guest>,
    /// Kinds of provider that the guest redeemed with, if the guest has.
    pub redeemed_with: Option<&'a ProviderKind>,
    /// The share that leads here, where there is no entry yet.
    pub share: Option<SharedBy<'a>>,
    /// Kinds of provider that are set up; every kind that the cloud offers if absent.
    pub providers: Option<&'a BTreeSet<ProviderKind>>,
}

/// Who shared, and how.
#[derive(Clone, Copy, Debug)]
pub struct SharedBy<'a> {
    /// Who.
    pub creator: &'a EmailAddress,
    /// Whether the creator is still here and may still share.
    pub creator_may_share: bool,
    /// Which manager invited for it.
    pub manager: InvitationManager,
}

/// Whether the invitation may be redeemed, and what comes of it.
///
/// Before anybody has signed in the answer is never `Allow`: it is the way to sign in, as a challenge, or a refusal.
pub fn redeem(
    question: &RedeemQuestion,
    facts: &RedeemFacts<'_>,
    now: UnixTime,
    trace: &mut dyn Trace,
) -> Answer {
    let invitation = Invitation {
        address: &question.address,
        facts,
        now,
    };
    match &question.stage {
        Stage::Before(home) => before::answer(
            &Before {
                invitation,
                home,
                direct_link: question.direct_link,
            },
            trace,
        ),
        Stage::After(person) => after::answer(&After { invitation, person }, trace),
    }
}
