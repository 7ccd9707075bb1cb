//! May this person do this to that item? The rules, in the order of judgement, and the two paths through them: as a
//! person, and as the bearer of an Anyone link. Either path is enough. A program that calls by itself has a path of its
//! own, and no other: what holds for places holds for it too, what is about people does not.
//!
//! Order: lock → network → cloud → effective level → link → authentication and its age → cross-tenant → guest state →
//! conditional access → domain lists → expiry → restricted access → permission → file conditions → download limits.
//! (Specification, settled reading 4.) The first refusal in this order is the answer of a path.
//!
//! Nothing here allocates unless somebody traces: what was granted and which links serve is found in one pass over
//! each, before the first rule.

mod conditional;
mod grants;
mod limits;
mod link;
mod person;
mod place;
#[cfg(test)]
mod tests;
mod who;

use self::grants::Held;
use self::link::{Borne, Found};
use self::who::Who;
use super::rule::{Refusal, Rule, Why, run};
use super::{Basis, Challenge, Denial, Facts, Ground, Question, Trace, Verdict};
use crate::person::Principal;
use crate::time::UnixTime;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// One question with all that its answer rests on.
pub(super) struct Case<'a> {
    principal: &'a Principal,
    question: &'a Question,
    facts: &'a Facts<'a>,
    now: UnixTime,
    who: Who<'a>,
    held: Held<'a>,
    found: Found<'a>,
    borne: Borne<'a>,
}

/// What a rule finds, and the setting it rests on.
type Finding = (Verdict, Basis);

const fn pass(basis: Basis) -> Finding {
    (Verdict::Pass, basis)
}

const fn not_applicable(basis: Basis) -> Finding {
    (Verdict::NotApplicable, basis)
}

const fn deny(denial: Denial, basis: Basis) -> Finding {
    (Verdict::Deny(denial), basis)
}

const fn challenge(challenge: Challenge, basis: Basis) -> Finding {
    (Verdict::Challenge(challenge), basis)
}

/// A row of a table: a rule's name, and the function that finds for it.
macro_rules! row {
    ($name:literal, $find:path) => {
        Rule {
            name: $name,
            judge: |case| $find(case).0,
            basis: |case| $find(case).1,
        }
    };
}

impl<'a> Case<'a> {
    const PERSON: [Rule<Self>; 15] = [
        row!("lock", place::lock),
        row!("network", place::network),
        Rule {
            name: "cloud",
            judge: person::cloud,
            basis: person::cloud_basis,
        },
        row!("level", place::person_level),
        row!("link", link::of_person),
        row!("authentication", person::authentication),
        row!("cross-tenant", person::cross_tenant),
        row!("guest-state", person::guest_state),
        row!("conditional-access", conditional::conditional_access),
        row!("domain-lists", person::domain_lists),
        row!("expiry", person::expiry),
        row!("restricted-access", place::person_restricted),
        row!("permission", grants::permission),
        row!("file-conditions", limits::person_file_conditions),
        row!("download-limits", limits::person_downloads),
    ];
    const LINK: [Rule<Self>; 9] = [
        row!("lock", place::lock),
        row!("network", place::network),
        row!("cloud", place::link_cloud),
        row!("level", place::link_level),
        row!("link", link::of_bearer),
        row!("authentication", link::proof),
        row!("restricted-access", place::link_restricted),
        row!("file-conditions", limits::link_file_conditions),
        row!("download-limits", limits::link_downloads),
    ];
    /// Programs are exempt from the policy on downloads ("sharing rules" 2.5), and are in no group.
    const APPLICATION: [Rule<Self>; 4] = [
        row!("lock", place::lock),
        row!("network", place::network),
        row!("restricted-access", place::link_restricted),
        row!("permission", grants::of_application),
    ];

    pub(super) fn new(
        principal: &'a Principal,
        question: &'a Question,
        facts: &'a Facts<'a>,
        now: UnixTime,
    ) -> Self {
        let who = Who::new(principal, facts.account);
        let held = Held::new(&who, question, facts, now);
        let mut case = Self {
            principal,
            question,
            facts,
            now,
            who,
            held,
            found: Found::default(),
            borne: Borne::default(),
        };
        (case.found, case.borne) = link::scan(&case);
        case
    }

    /// What makes the answer to a person yes: a permission before a link.
    fn ground(&self) -> Option<Ground> {
        let permission = person::grounds(self).id.cloned().map(Ground::Permission);
        permission.or_else(|| self.found.serves.map(|link| Ground::Link(link.id.clone())))
    }
}

/// Path and name of the rule that decided.
pub(super) type Decider = (&'static str, &'static str);

/// Judges one question. A bearer's link is tried first: whoever holds one needs no account.
pub(super) fn judge(case: &Case<'_>, trace: &mut dyn Trace) -> Result<(Ground, Decider), Refusal> {
    if let Who::Application(_) = case.who {
        run("application", &Case::APPLICATION, case, trace)?;
        return Ok((Ground::Application, ("application", "permission")));
    }
    let as_bearer = case
        .borne
        .shown
        .then(|| run("link", &Case::LINK, case, trace));
    if let (Some(Ok(())), Some(link)) = (&as_bearer, case.borne.serves) {
        if trace.listens() {
            // Its outcome does not matter any more; its rules are told all the same.
            let _ = run("person", &Case::PERSON, case, trace);
        }
        return Ok((Ground::Link(link.id.clone()), ("link", "link")));
    }
    let as_person = run("person", &Case::PERSON, case, trace);
    match (as_person, as_bearer) {
        (Ok(()), _) => case
            .ground()
            .map(|ground| (ground, ("person", "permission")))
            .ok_or(Refusal {
                path: "person",
                rule: "permission",
                why: Why::Deny(Denial::PermissionMissing),
            }),
        // Somebody who holds a dead link and has not signed in learns what is wrong with the link.
        (Err(refusal), Some(Err(of_link))) if asks_to_sign_in(case, refusal) => Err(of_link),
        (Err(refusal), _) => Err(refusal),
    }
}

fn asks_to_sign_in(case: &Case<'_>, refusal: Refusal) -> bool {
    case.principal.person.is_none()
        && matches!(
            refusal.why,
            Why::Challenge(Challenge::SignIn | Challenge::MemberSignIn)
        )
}
