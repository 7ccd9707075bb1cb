//! The decision: one pure, total function.
//!
//! [`decide`] is the only maker of a [`Permit`], and nothing reaches an upstream without one. Doubt is
//! [`Decision::Deny`]: a fact that is missing never passes.

mod denial;
mod link;
mod rules;
mod trace;

pub use denial::Denial;
pub use trace::{NoTrace, Recorded, Trace, TraceEntry, Verdict};

#[cfg(test)]
mod tests;

use crate::action::Action;
use crate::cloud::Clouds;
use crate::id::{LinkId, PermissionId, SiteId, TenantId};
use crate::path::ItemPath;
use crate::person::{Account, Principal};
use crate::settings::{SiteSettings, TenantSettings};
use crate::sharing::{Permission, SharingLink};
use crate::time::UnixTime;

/// One item as a request names it: what is decided on, and what is forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The tenant whose host was asked.
    pub tenant: TenantId,
    /// The site the path belongs to.
    pub site: SiteId,
    /// The path.
    pub path: ItemPath,
    /// The raw query, without `?`; it is forwarded and never decided on.
    pub query: Option<String>,
}

/// May this be done to that?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The item.
    pub target: Target,
    /// What is done to it.
    pub action: Action,
}

/// Everything a decision about one question rests on: an immutable snapshot.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The clouds.
    pub clouds: &'a Clouds,
    /// The tenant's settings.
    pub tenant: &'a TenantSettings,
    /// The site's settings.
    pub site: &'a SiteSettings,
    /// What the directory knows about the person; [`Account::Unknown`] when nobody signed in.
    pub account: Account<'a>,
    /// Permissions of the site that may cover the item. More than needed does no harm.
    pub permissions: Vec<&'a Permission>,
    /// Links of the site that may cover the item. More than needed does no harm.
    pub links: Vec<&'a SharingLink>,
}

/// The answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on, with this.
    Allow(Permit),
    /// Not yet: the person must do something first.
    Challenge(Challenge),
    /// No.
    Deny(Denial),
}

/// What the person must do first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Sign in.
    SignIn,
    /// Sign in as a member of the tenant.
    MemberSignIn,
}

impl Challenge {
    /// The documented code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in-required",
            Self::MemberSignIn => "member-sign-in-required",
        }
    }
}

/// Why a question was answered with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A permission of the person.
    Permission(PermissionId),
    /// A link.
    Link(LinkId),
}

/// Proof that this one request was allowed. It owns the targets it was given for.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    questions: Vec<Question>,
    grounds: Vec<Ground>,
}

impl Permit {
    /// The item the request is about.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        self.questions.first().map(|question| &question.target)
    }

    /// The second item of a MOVE or COPY.
    #[must_use]
    pub fn destination(&self) -> Option<&Target> {
        self.questions.get(1).map(|question| &question.target)
    }

    /// Why, question by question.
    #[must_use]
    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }
}

/// Decides whether `principal` may do everything that `questions` ask.
///
/// `facts` holds one entry for each question, in the same order. The first denial in the documented order of
/// judgement is the answer; a `trace` that listens is told every rule, also those behind the first denial.
pub fn decide(
    principal: &Principal,
    questions: Vec<Question>,
    facts: &[Facts<'_>],
    now: UnixTime,
    trace: &mut dyn Trace,
) -> Decision {
    if questions.is_empty() || questions.len() != facts.len() {
        return Decision::Deny(Denial::FactsMissing);
    }
    let mut grounds = Vec::with_capacity(questions.len());
    let mut refused = None;
    for (question, facts) in questions.iter().zip(facts) {
        let case = rules::Case {
            principal,
            question,
            facts,
            now,
        };
        match rules::judge(&case, trace) {
            Ok(ground) => grounds.push(ground),
            Err(refusal) => {
                refused.get_or_insert(refusal);
                if !trace.listens() {
                    break;
                }
            }
        }
    }
    match refused {
        None => Decision::Allow(Permit { questions, grounds }),
        Some(rules::Refusal::Challenge(challenge)) => Decision::Challenge(challenge),
        Some(rules::Refusal::Deny(denial)) => Decision::Deny(denial),
    }
}
