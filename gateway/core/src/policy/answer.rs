//! Answers to questions that are not about a request: sharing and redeeming.

use super::rule::{Refusal, Why};
use super::{Challenge, Denial, Trace};
use crate::address::EmailAddress;
use crate::person::InvitationManager;
use crate::time::UnixTime;

/// How a question came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Allow,
    /// Not yet: the person must do something first.
    Challenge(Challenge),
    /// No, but the owner may be asked.
    Request(Denial),
    /// No.
    Deny(Denial),
}

/// What comes of a yes, and sometimes of a no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A guest is added to the directory, pending acceptance.
    GuestCreated {
        /// Whose address it is.
        address: EmailAddress,
        /// On whose behalf.
        sponsor: Option<EmailAddress>,
    },
    /// The guest who is in the directory already is taken.
    GuestReused(EmailAddress),
    /// The person comes in without an entry in the directory.
    NoDirectoryObject(EmailAddress),
    /// A new invitation is made by that manager, although there may be others.
    InvitationCreated(EmailAddress, InvitationManager),
    /// The guest's invitation is accepted, and the identity bound to it.
    InvitationAccepted(EmailAddress),
    /// The link ends at this moment.
    LinkEnds(UnixTime),
    /// The guest's access to the site ends at this moment.
    GuestExpires(EmailAddress, UnixTime),
    /// The operation is written to the audit log under this name.
    Audit(&'static str),
}

/// The answer to a question about sharing or redeeming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it came out.
    pub outcome: Outcome,
    /// What comes of it, in this order.
    pub effects: Vec<Effect>,
}

impl Answer {
    pub(super) const fn allow(effects: Vec<Effect>) -> Self {
        Self {
            outcome: Outcome::Allow,
            effects,
        }
    }

    /// The answer of the rule that refused.
    pub(super) fn refused(refusal: Refusal, effects: Vec<Effect>, trace: &mut dyn Trace) -> Self {
        trace.decided(refusal.path, refusal.rule);
        let outcome = match refusal.why {
            Why::Challenge(challenge) => Outcome::Challenge(challenge),
            Why::Request(denial) => Outcome::Request(denial),
            Why::Deny(denial) => Outcome::Deny(denial),
        };
        Self { outcome, effects }
    }
}
