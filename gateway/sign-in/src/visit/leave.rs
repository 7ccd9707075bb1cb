//! Signing out, by the person or by the provider, and the documents that providers publish.

use gateway_core::id::ProviderId;
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use gateway_store::model::{Consumed, Counted, Revocation, Revoked};
use http::{Method, StatusCode};
use plugins_sdk::message::{Consume, Event, Fields};

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::Browser;
use crate::driver::Outcome as Driven;
use crate::pages::{self, Forms, SignOutPage, SignedOutPage};
use crate::reason::Reason;
use crate::request;
use crate::session::{clear_cookie, provider_session};

const MINUTE: u32 = 60;

impl Case<'_> {
    /// Signing out changes something, so a link does not do it.
    pub(super) fn ask_to_sign_out(&self) -> Answer {
        let Some(session) = &self.visit.session else {
            return self.signed_out_page();
        };
        let address = session
            .person
            .as_ref()
            .and_then(|person| person.address.as_ref())
            .map(ToString::to_string);
        let html = pages::render(&SignOutPage {
            organisation: self.organisation(),
            address: address.as_deref(),
        });
        Answer::page(
            StatusCode::OK,
            html,
            Forms::Own,
            Outcome::new("challenge", "sign-out-asked"),
        )
    }

    pub(super) async fn sign_out(&self) -> Result<Answer, Refused> {
        if !request::is_same_origin(&self.visit.headers, &self.visit.origin) {
            return Err(Reason::CrossSite.into());
        }
        if let Some(session) = &self.visit.session {
            self.revoke_session(session.id, session.expires).await?;
        }
        Ok(self
            .signed_out_page()
            .with_cookie(clear_cookie())
            .with_cookie(Browser::clear_cookie()))
    }

    fn signed_out_page(&self) -> Answer {
        let html = pages::render(&SignedOutPage {
            organisation: self.organisation(),
        });
        Answer::page(
            StatusCode::OK,
            html,
            Forms::None,
            Outcome::new("allow", "signed-out"),
        )
    }

    /// A provider asks to end sessions. The plugin judges whether it is the provider that asks.
    pub(super) async fn logout(&self, id: &ProviderId) -> Result<Answer, Refused> {
        let query = request::fields(self.visit.query.as_deref().unwrap_or_default().as_bytes())?;
        let form = if self.visit.method == Method::POST {
            request::form(&self.visit.headers, &self.visit.body)?
        } else {
            Fields::new()
        };
        let outcome = match self.ask(id, Event::LogoutRequest { query, form }).await? {
            Driven::Ended {
                issuer,
                sid,
                sub,
                consume,
            } => {
                if self.use_up(id, &consume).await? == Consumed::Replayed {
                    return Err(Refused::from(Reason::AssertionReplayed).of(id));
                }
                self.end_sessions(id, &issuer, sid.as_deref(), sub.as_deref())
                    .await?;
                Outcome::new("allow", "sessions-ended").of(id)
            }
            Driven::Redirect { .. }
            | Driven::Post { .. }
            | Driven::Show { .. }
            | Driven::Done { .. }
            | Driven::Document { .. }
            | Driven::Reject(_) => return Err(Refused::from(Reason::BadRequest).of(id)),
        };
        Ok(Answer::bytes(
            StatusCode::OK,
            "text/plain; charset=utf-8",
            String::new(),
            outcome,
        ))
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
        let ids: Vec<(String, UnixTime)> = consume
            .iter()
            .map(|entry| (entry.id.clone(), UnixTime(entry.until)))
            .collect();
        if ids.is_empty() {
            return Ok(Consumed::Fresh);
        }
        Ok(self
            .sign_in
            .store()
            .consume(provider, &ids, self.visit.now)
            .await?)
    }

    /// Ends the sessions that came of a session at the provider, or all of a person's, at every tenant (S066).
    async fn end_sessions(
        &self,
        provider: &ProviderId,
        issuer: &str,
        sid: Option<&str>,
        sub: Option<&str>,
    ) -> Result<(), Reason> {
        let mut ended = Vec::new();
        match (sid, sub) {
            (Some(sid), _) => ended.push(Revoked::Session(provider_session(provider, issuer, sid))),
            (None, Some(sub)) => ended.extend(self.people(provider, issuer, sub).await?),
            (None, None) => {}
        }
        let until = self.longest_session();
        for what in ended {
            let revocation = Revocation {
                what,
                at: self.visit.now,
                until: Some(until),
            };
            self.sign_in.directory.revoke(revocation).await?;
        }
        Ok(())
    }

    /// The subject as a guest of every tenant that it redeemed at, and as a member of every tenant whose directory the issuer is.
    async fn people(
        &self,
        provider: &ProviderId,
        issuer: &str,
        sub: &str,
    ) -> Result<Vec<Revoked>, Reason> {
        let redemptions = self.sign_in.store().redemptions().await?;
        let guests = redemptions.into_iter().filter(|redemption| {
            let key = &redemption.identity;
            key.provider == *provider && key.issuer == issuer && key.subject == sub
        });
        let mut people: Vec<Revoked> = guests
            .map(|guest| Revoked::Person(guest.tenant, guest.identity))
            .collect();
        for tenant in self.sign_in.configuration.tenants.values() {
            let Some(organisation) = &tenant.settings.directory.tenant_id else {
                continue;
            };
            let key = IdentityKey {
                cloud: Some(tenant.settings.cloud.clone()),
                provider: provider.clone(),
                issuer: issuer.to_owned(),
                tenant: Some(organisation.clone()),
                subject: sub.to_owned(),
            };
            people.push(Revoked::Person(tenant.id.clone(), key));
        }
        Ok(people)
    }

    fn longest_session(&self) -> UnixTime {
        let life = self
            .sign_in
            .configuration
            .gateway
            .sessions
            .absolute
            .as_secs();
        self.visit.now.plus(i64::try_from(life).unwrap_or(i64::MAX))
    }
}
