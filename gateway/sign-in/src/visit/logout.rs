//! What identity providers ask for by themselves: sessions to end, and the documents that their plugins publish.

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use gateway_store::model::{Consumed, Counted, Revocation, Revoked, SessionId};
use http::{Method, StatusCode};
use plugins_sdk::message::{Consume, Event, Fields, RejectReason};

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::driver::{Next, Outcome as Driven};
use crate::offers::display_name;
use crate::pages::Home;
use crate::reason::Reason;
use crate::request;
use crate::session::{clear_cookie, provider_session, provider_session_of, provider_subject};

const MINUTE: u32 = 60;

/// Whose sessions a provider ends.
struct Whose {
    issuer: String,
    sid: Option<String>,
    sub: Option<String>,
    /// Until when a session that ends may have begun.
    at: Option<i64>,
}

impl Case<'_> {
    /// A provider asks to end sessions, by itself or through a browser. The plugin judges whether it is the provider that
    /// asks.
    pub(super) async fn logout(&self, id: &ProviderId) -> Result<Answer, Refused> {
        let query = request::fields(self.visit.query.as_deref().unwrap_or_default().as_bytes())?;
        let form = if self.visit.method == Method::POST {
            request::form(&self.visit.headers, &self.visit.body)?
        } else {
            Fields::new()
        };
        let event = Event::LogoutRequest {
            query,
            form,
            raw_query: self.visit.query.clone(),
        };
        let refused = |reason| Err(Refused::from(reason).of(id));
        match self.ask(id, event).await? {
            Driven::Ended {
                issuer,
                sid,
                sub,
                at,
                consume,
                then,
            } => {
                let whose = Whose {
                    issuer,
                    sid,
                    sub,
                    at,
                };
                match self.end_sessions(id, &whose, &consume).await {
                    Ok(Consumed::Fresh) => Ok(self.ended(id, then)),
                    Ok(Consumed::Replayed) => refused(Reason::AssertionReplayed),
                    Err(reason) => refused(reason),
                }
            }
            Driven::SignedOut => Ok(self.signed_out_page(Home::Asked)),
            // Nothing is known about the request yet, and asking again may help: not the asker's fault.
            Driven::Reject(reason @ RejectReason::ProviderUnavailable) => {
                refused(Reason::Rejected(reason))
            }
            Driven::Redirect { .. }
            | Driven::Post { .. }
            | Driven::Show { .. }
            | Driven::Done { .. }
            | Driven::Document { .. }
            | Driven::Reject(_) => refused(Reason::BadRequest),
        }
    }

    pub(super) async fn metadata(&self, id: &ProviderId) -> Result<Answer, Refused> {
        match self.ask(id, Event::MetadataRequest).await? {
            Driven::Document { content_type, body } => {
                let outcome = Outcome::new("allow", "metadata").of(id);
                Ok(Answer::bytes(StatusCode::OK, &content_type, body, outcome))
            }
            Driven::Redirect { .. }
            | Driven::Post { .. }
            | Driven::Show { .. }
            | Driven::Done { .. }
            | Driven::Ended { .. }
            | Driven::SignedOut
            | Driven::Reject(_) => Err(Refused::from(Reason::NotFound).of(id)),
        }
    }

    /// Steps a provider for a machine: without an attempt, and without mail.
    async fn ask(&self, id: &ProviderId, event: Event) -> Result<Driven, Refused> {
        let provider = self.provider(id)?;
        self.count_machine().await?;
        let drive = self.drive(id, provider, &self.visit.origin, String::new(), None);
        drive
            .run(event, None)
            .await
            .map_err(|failed| Refused::from(Reason::from(failed)).of(id))
    }

    /// Anybody may ask, and each time a plugin works. By the minute and not by the hour: a provider that ends the sessions of
    /// a whole organisation comes from one network too, and must not be kept from it.
    async fn count_machine(&self) -> Result<(), Reason> {
        let limits = &self.sign_in.configuration.gateway.limits;
        let prefix = self.visit.prefix.to_string();
        let (limit, now) = (limits.attempts_per_prefix, self.visit.now);
        let store = self.sign_in.store();
        match store.count("machine", &prefix, MINUTE, limit, now).await? {
            Counted::Within(_) => Ok(()),
            Counted::Exceeded => Err(Reason::TooManyAttempts),
        }
    }

    /// Inserts what may be used once.
    pub(super) async fn use_up(
        &self,
        provider: &ProviderId,
        consume: &[Consume],
    ) -> Result<Consumed, Reason> {
        let ids = used_up(consume);
        if ids.is_empty() {
            return Ok(Consumed::Fresh);
        }
        let store = self.sign_in.store();
        Ok(store.consume(provider, &ids, self.visit.now).await?)
    }

    /// Ends sessions, and uses up what asked for it: both or neither, so that a provider that is told of a failure may ask
    /// again.
    async fn end_sessions(
        &self,
        provider: &ProviderId,
        whose: &Whose,
        consume: &[Consume],
    ) -> Result<Consumed, Reason> {
        let now = self.visit.now;
        let name = self.name_to_revoke(provider, whose).await?;
        let revocation = name.map(|name| Revocation {
            what: Revoked::Session(name),
            // What began after the provider's session ended came of another one.
            at: whose.at.map_or(now, |at| UnixTime(at).min(now)),
            until: Some(self.longest_session()),
        });
        tracing::info!(
            provider.id = %provider,
            logout.by_session = whose.sid.is_some(),
            logout.by_subject = whose.sub.is_some(),
            logout.found = revocation.is_some(),
            "Provider ends sessions"
        );
        let ids = used_up(consume);
        let revocations = revocation.into_iter().collect();
        Ok(self
            .sign_in
            .directory
            .revoke_once(provider, &ids, revocations, Vec::new(), now)
            .await?)
    }

    /// The name that stands for all these sessions (S066); none where there can be none.
    ///
    /// A provider's front channel is signed by nobody. What it asks for is written down only where a session came of that
    /// very session of the provider, whose name only those know who saw it: strangers with invented names fill nothing.
    async fn name_to_revoke(
        &self,
        provider: &ProviderId,
        whose: &Whose,
    ) -> Result<Option<SessionId>, Reason> {
        let (sid, sub) = (whose.sid.as_deref(), whose.sub.as_deref());
        let Some(sid) = sid else {
            return Ok(sub.map(|sub| provider_subject(provider, &whose.issuer, sub)));
        };
        let home = provider_session(provider, &whose.issuer, sid);
        let store = self.sign_in.store();
        if !store.has_home_session(&home, self.visit.now).await? {
            return Ok(None);
        }
        Ok(Some(
            sub.map_or(home, |sub| provider_session_of(&home, sub)),
        ))
    }

    /// What the browser, or the machine, that asked is answered.
    fn ended(&self, id: &ProviderId, then: Option<Next>) -> Answer {
        let outcome = Outcome::new("allow", "sessions-ended").of(id);
        let answer = match then {
            Some(next) => {
                let sign_in = self.sign_in;
                let name = display_name(id, &sign_in.configuration, &sign_in.providers);
                self.send_away(next, &name, outcome)
            }
            None => Answer::nothing(StatusCode::OK, outcome),
        };
        let revocations = self.sign_in.directory.revocations();
        let own = self.visit.session.as_ref();
        if own.is_some_and(|session| session.is_revoked(&revocations)) {
            answer.with_cookie(clear_cookie())
        } else {
            answer
        }
    }

    /// When every session has ended that somebody begins who has been vouched for by now.
    pub(super) fn longest_session(&self) -> UnixTime {
        let sessions = &self.sign_in.configuration.gateway.sessions;
        let life = sessions.absolute.saturating_add(sessions.attempt).as_secs();
        self.visit.now.plus(i64::try_from(life).unwrap_or(i64::MAX))
    }
}

fn used_up(consume: &[Consume]) -> Vec<(String, UnixTime)> {
    let entry = |entry: &Consume| (entry.id.clone(), UnixTime(entry.until));
    consume.iter().map(entry).collect()
}
