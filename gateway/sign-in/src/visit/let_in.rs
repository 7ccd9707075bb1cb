//! A person who may come in gets a session, and goes back to where they wanted to go.

use std::time::Duration;

use gateway_core::time::UnixTime;
use gateway_store::model::{Attempt, Counted, Revocation, Revoked, SessionId};
use http::StatusCode;

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::Progress;
use crate::pages::{self, Forms, LoopPage};
use crate::reason::Reason;
use crate::return_target::{ReturnTarget, return_target};
use crate::session::{self, HomeSession, Session, SessionPerson, Unsealed};
use crate::text;

/// Sign-ins of one browser for one target within [`LOOP_WINDOW`] that are still taken for somebody's will.
const LOOP_LIMIT: u32 = 2;
/// Seconds.
const LOOP_WINDOW: u32 = 300;

impl Case<'_> {
    /// Seals a new session and sends the browser to where it wanted to go. For what revokes it, it began when the provider
    /// vouched, at `arrived`. The session it had is dead from now on; the links that
    /// one held are kept (S052).
    pub(super) async fn let_in(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        person: SessionPerson,
        arrived: UnixTime,
    ) -> Result<Answer, Refused> {
        let end = self.session_end(&person);
        self.let_in_until(end, attempt, progress, person, arrived)
            .await
    }

    /// The same, with a session that ends at `end`.
    pub(super) async fn let_in_until(
        &self,
        end: UnixTime,
        attempt: &Attempt,
        progress: &Progress,
        person: SessionPerson,
        arrived: UnixTime,
    ) -> Result<Answer, Refused> {
        let now = self.visit.now;
        let mut session = Session::begin(self.tenant.id.clone(), end, now)?;
        // What was ended while the person read the consent page stays so.
        session.started = arrived.min(now);
        self.replace_session(&mut session, progress).await?;
        self.remember_home(person.sid.as_ref(), session.expires)
            .await?;
        let key = person.key.clone();
        session.person = Some(person);
        let sealed = session::seal(&session, &self.visit.host, &self.sign_in.keys)?;
        let target = return_target(&attempt.return_to).unwrap_or_else(ReturnTarget::root);
        let looping = self.is_looping(attempt, &target).await?;
        let answer = if looping {
            self.loop_page(&target)
        } else {
            Answer::see_other(&target.to_string(), Outcome::new("allow", "signed-in"))
        };
        let outcome = answer.outcome.clone().of(&attempt.provider).by(&key);
        Ok(Answer { outcome, ..answer }.with_cookie(session::set_cookie(&sealed)))
    }

    /// Writes down that a session here comes of that session at the provider: before it begins, and if that fails, it does not.
    pub(super) async fn remember_home(
        &self,
        home: Option<&HomeSession>,
        until: UnixTime,
    ) -> Result<(), Reason> {
        if let Some(home) = home {
            let store = self.sign_in.store();
            store.remember_home_session(&home.id, until).await?;
        }
        Ok(())
    }

    /// When a session that begins now ends. Somebody who showed control of a mailbox shows it again the next day.
    fn session_end(&self, person: &SessionPerson) -> UnixTime {
        let sessions = &self.sign_in.configuration.gateway.sessions;
        let life: Duration = if person.by_passcode() {
            sessions.absolute.min(sessions.passcode)
        } else {
            sessions.absolute
        };
        self.visit
            .now
            .plus(i64::try_from(life.as_secs()).unwrap_or(i64::MAX))
    }

    /// The same for somebody who came by sharing's own passcode: how often the mailbox is proven anew is the tenant's to
    /// say (`EmailAttestationReAuthDays`), and the rules ask with every request.
    pub(super) fn ad_hoc_end(&self) -> UnixTime {
        let absolute = self.sign_in.configuration.gateway.sessions.absolute;
        let absolute = i64::try_from(absolute.as_secs()).unwrap_or(i64::MAX);
        self.visit.now.plus(absolute)
    }

    async fn replace_session(
        &self,
        session: &mut Session,
        progress: &Progress,
    ) -> Result<(), Reason> {
        if let Some(old) = self
            .visit
            .session
            .as_ref()
            .filter(|old| old.tenant == self.tenant.id)
        {
            old.links
                .iter()
                .for_each(|link| session.add_link(link.clone()));
            self.revoke_session(old.id, old.expires).await?;
        } else if let Some(old) = &progress.previous {
            old.links().for_each(|link| session.add_link(link));
            if let Some(id) = old.id() {
                self.revoke_session(id, old.expires()).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn revoke_session(
        &self,
        id: SessionId,
        expires: UnixTime,
    ) -> Result<(), Reason> {
        let revocation = Revocation {
            what: Revoked::Session(id),
            at: self.visit.now,
            until: Some(expires),
        };
        Ok(self
            .sign_in
            .directory
            .revoke(revocation, Vec::new())
            .await?)
    }

    /// Whether this browser keeps signing in for the same target: whatever it was let in with did not come back.
    async fn is_looping(&self, attempt: &Attempt, target: &ReturnTarget) -> Result<bool, Reason> {
        let parts = [
            attempt.browser.as_slice(),
            self.visit.host.as_bytes(),
            &target.to_string().into_bytes(),
        ];
        let key = text::encode(&text::hash(&parts));
        let counted = self
            .sign_in
            .store()
            .count("signed-in", &key, LOOP_WINDOW, LOOP_LIMIT, self.visit.now)
            .await?;
        Ok(counted == Counted::Exceeded)
    }

    fn loop_page(&self, target: &ReturnTarget) -> Answer {
        let (finding, advice) = self.diagnosis();
        let html = pages::render(&LoopPage {
            organisation: self.organisation(),
            finding,
            advice,
            target: &target.to_string(),
            code: "sign-in-loop",
            request_id: &self.visit.request_id,
        });
        Answer::page(
            StatusCode::OK,
            html,
            Forms::None,
            Outcome::new("challenge", "sign-in-loop"),
        )
    }

    /// What became of the session that the browser was given the last time.
    fn diagnosis(&self) -> (&'static str, &'static str) {
        const CLOCK: &str = "If this happens again, tell the administrators of this site.";
        let Some(sealed) = session::cookie(&self.visit.headers, session::COOKIE) else {
            return (
                "No cookie of this site came back.",
                "Allow cookies for this site in your browser, also those that last only until it is closed, and try again.",
            );
        };
        let idle = self.sign_in.configuration.gateway.sessions.idle;
        match session::open(
            sealed,
            &self.visit.host,
            &self.sign_in.keys,
            idle,
            self.visit.now,
        ) {
            Err(Unsealed::Forged) => (
                "The session cookie could not be read.",
                "Delete this site's cookies and try again.",
            ),
            Err(Unsealed::Expired | Unsealed::Idle) => ("The session ended at once.", CLOCK),
            Ok(_) if self.visit.session.is_none() => ("The session was ended elsewhere.", CLOCK),
            Ok(_) => (
                "The session works, and yet you were asked to sign in again.",
                CLOCK,
            ),
        }
    }
}
