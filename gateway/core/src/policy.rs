//! The decisions: four questions, each answered by one pure, total function over a snapshot of facts.
//!
//! | question | function | answer |
//! |---|---|---|
//! | may this person do this to that item? | [`decide`] | [`Decision`] |
//! | may this person share that item with those? | [`share`](share::share) | [`Answer`] |
//! | may this person redeem, and how? | [`redeem`](redeem::redeem) | [`Answer`] |
//! | may the settings be changed so, and into what? | [`configure`](configure::configure) | [`Configured`](configure::Configured) |
//!
//! [`decide`] is the only maker of a [`Permit`], and nothing reaches an upstream without one. Doubt is a denial: a fact
//! that is missing never passes.

mod access;
mod answer;
mod challenge;
mod clouds;
pub mod configure;
mod denial;
mod documented;
pub mod impact;
mod offered;
pub mod redeem;
mod rule;
pub mod share;
mod trace;

use std::sync::Arc;

use smallvec::SmallVec;

pub use answer::{Answer, Effect, Outcome};
pub use challenge::{Challenge, Method, MfaPlace};
pub use clouds::{cloud_admits, environment_admits_anonymous, home_admits, homes_admit};
pub use denial::Denial;
pub use offered::is_listed;
pub use trace::{Basis, NoTrace, Recorded, Shown, Trace, TraceEntry, Verdict};

use crate::action::Action;
use crate::cloud::Clouds;
use crate::id::{GroupId, LinkId, PermissionId, SiteId, TenantId};
use crate::index::{Grants, Links};
use crate::path::ItemPath;
use crate::person::{Account, Principal};
use crate::settings::{SiteSettings, TenantSettings};
use crate::sharing::ItemFacts;
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
    /// The groups the person is in, also through other groups; sorted.
    pub groups: &'a [GroupId],
    /// Permissions that cover the item. More than the person's does no harm.
    pub permissions: Grants<'a>,
    /// Links of the site that may cover the item. More than needed does no harm.
    pub links: Links<'a>,
    /// What is known about the item.
    pub item: ItemFacts,
}

/// The answer to a question about access.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on, with this.
    Allow(Permit),
    /// Not yet: the person must do something first.
    Challenge(Challenge),
    /// No, but the owner may be asked.
    Request(Denial),
    /// No.
    Deny(Denial),
}

/// Why a question was answered with yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A permission of the person.
    Permission(PermissionId),
    /// A link.
    Link(LinkId),
    /// What an administrator consented to for a program of the tenant's own.
    Application,
}

/// Proof that this one request was allowed. It owns the targets it was given for.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    questions: Arc<[Question]>,
    grounds: SmallVec<[Ground; 2]>,
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

    /// Everything that was asked: what is judged again while a transfer runs.
    #[must_use]
    pub fn questions(&self) -> Arc<[Question]> {
        Arc::clone(&self.questions)
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
    questions: Arc<[Question]>,
    facts: &[Facts<'_>],
    now: UnixTime,
    trace: &mut dyn Trace,
) -> Decision {
    if questions.is_empty() || questions.len() != facts.len() {
        return Decision::Deny(Denial::FactsMissing);
    }
    let mut grounds = SmallVec::new();
    let mut refused = None;
    for (question, facts) in questions.iter().zip(facts) {
        let case = access::Case::new(principal, question, facts, now);
        match access::judge(&case, trace) {
            Ok((ground, rule)) => {
                grounds.push(ground);
                if refused.is_none() {
                    trace.decided(rule.0, rule.1);
                }
            }
            Err(refusal) => {
                let first = refused.is_none();
                refused.get_or_insert(refusal);
                if first {
                    trace.decided(refusal.path, refusal.rule);
                }
                if !trace.listens() {
                    break;
                }
            }
        }
    }
    match refused.map(|refusal| refusal.why) {
        None => Decision::Allow(Permit { questions, grounds }),
        Some(rule::Why::Challenge(challenge)) => Decision::Challenge(challenge),
        Some(rule::Why::Request(denial)) => Decision::Request(denial),
        Some(rule::Why::Deny(denial)) => Decision::Deny(denial),
    }
}
