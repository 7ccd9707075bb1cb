//! Step 5: the decision, with the one rule that is about paths and not about people.

use std::net::IpAddr;
use std::sync::Arc;

use gateway_core::person::{Account, Principal};
use gateway_core::policy::{self, Challenge, Decision, Denial, Facts, Permit, Trace, TraceEntry};
use gateway_core::settings::Source;
use gateway_core::time::UnixTime;
use gateway_sign_in::session::Session;
use tracing::{Level, debug};

use crate::route::Resource;

/// Why a request does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAllowed {
    /// The person must do something first.
    Challenge(Challenge),
    /// The rules refuse.
    Denied(Denial),
    /// The path is for members of the tenant.
    MembersOnly,
}

/// Who asks, as the policy knows them: whoever holds `session`, from the network address `client`.
#[must_use]
pub(crate) fn principal(session: Option<&Session>, client: Option<IpAddr>) -> Principal {
    let mut principal = session.map(Session::principal).unwrap_or_default();
    principal.client.address = client;
    principal
}

/// Whether whoever holds `session` may do what `resource` asks.
///
/// - `principal`: of the session, by [`principal`].
/// - `facts`: what was gathered for the questions of `resource`.
///
/// # Errors
/// [`NotAllowed`].
pub(crate) fn decide(
    session: Option<&Session>,
    principal: &Principal,
    resource: &Resource,
    facts: &[Facts<'_>],
    now: UnixTime,
) -> Result<Permit, NotAllowed> {
    if resource.members_only {
        members_only(session, facts)?;
    }
    let questions = Arc::clone(&resource.questions);
    match policy::decide(principal, questions, facts, now, &mut Log) {
        Decision::Allow(permit) => Ok(permit),
        Decision::Challenge(challenge) => Err(NotAllowed::Challenge(challenge)),
        // Nobody can be asked from here.
        Decision::Request(denial) | Decision::Deny(denial) => Err(NotAllowed::Denied(denial)),
    }
}

fn members_only(session: Option<&Session>, facts: &[Facts<'_>]) -> Result<(), NotAllowed> {
    let member = |facts: &Facts<'_>| matches!(facts.account, Account::Member { .. });
    match session {
        None => Err(NotAllowed::Challenge(Challenge::MemberSignIn)),
        Some(_) if facts.iter().all(member) => Ok(()),
        Some(_) => Err(NotAllowed::MembersOnly),
    }
}

/// Tells the log every rule, where somebody reads that.
struct Log;

impl Trace for Log {
    fn listens(&self) -> bool {
        tracing::enabled!(Level::DEBUG)
    }

    fn consulted(&mut self, entry: TraceEntry) {
        debug!(
            rule = entry.rule,
            rule.path = entry.path,
            rule.verdict = entry.verdict.name(),
            rule.code = entry.verdict.code(),
            rule.setting = entry.basis.setting,
            rule.value = %entry.basis.value,
            rule.source = entry.basis.source.map(Source::name),
            "Rule consulted"
        );
    }

    fn decided(&mut self, path: &'static str, rule: &'static str) {
        debug!(rule, rule.path = path, "Rule decided");
    }
}
