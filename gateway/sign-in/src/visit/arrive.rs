//! The person is known: from a provider's claims to a session.

use gateway_core::address::EmailAddress;
use gateway_core::assertion::{self, Claims, EmailProof};
use gateway_core::person::Guest;
use gateway_core::policy::Denial;
use gateway_core::time::UnixTime;
use gateway_store::model::{Attempt, Bound, Consumed, Redemption};
use http::StatusCode;
use plugins_sdk::message::{
    Claims as Said, Consume, EmailProof as SaidProof, Fields, RejectReason,
};

use super::Case;
use crate::admission::{Admission, admit};
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::{Arrival, Progress, Waiting};
use crate::grants;
use crate::offers::display_name;
use crate::pages::{self, ConsentPage, Forms};
use crate::reason::Reason;
use crate::text;

impl Case<'_> {
    /// Judges what a provider claims. What may be used once is used up before anything is believed.
    pub(super) async fn arrive(
        &self,
        mut attempt: Attempt,
        progress: &Progress,
        claims: &Said,
        consume: &[Consume],
    ) -> Result<Answer, Refused> {
        // Claimed first: of a form that was sent twice, one goes on, and the other does not end it as a replay.
        self.advance(&mut attempt, &progress.wait_for(Waiting::Step))
            .await?;
        self.consume(&attempt, consume).await?;
        let arrival = match self.believe(&attempt, claims) {
            Ok(arrival) => arrival,
            Err(reason) => {
                self.end(&attempt).await?;
                return Err(Refused::from(reason).or_again(self.again(&attempt)));
            }
        };
        let (member, address) = match self.judge(&attempt, &arrival) {
            Ok(Admission::Invited(guest)) if self.may_redeem(&attempt) => {
                return self.ask_consent(attempt, progress, arrival, &guest).await;
            }
            Ok(Admission::AdHoc { address }) if self.may_redeem(&attempt) => (false, Some(address)),
            Ok(Admission::Automatic(guest)) if self.may_redeem(&attempt) => {
                self.claim_end(&attempt).await?;
                return self.bind(&attempt, progress, &arrival, guest).await;
            }
            Ok(Admission::Invited(_) | Admission::Automatic(_) | Admission::AdHoc { .. }) => {
                self.end(&attempt).await?;
                let reason = Denial::IdentityMismatch.into();
                return Err(self.not_admitted(&attempt, &arrival, reason));
            }
            Ok(Admission::Guest(guest)) => (false, Some(guest.address)),
            Ok(Admission::Member { address }) => (true, address),
            Err(reason) => {
                self.end(&attempt).await?;
                return Err(self.not_admitted(&attempt, &arrival, reason));
            }
        };
        self.claim_end(&attempt).await?;
        let person = arrival
            .person(member, address)
            .ok_or(Reason::AttemptUnknown)?;
        self.let_in(&attempt, progress, person).await
    }

    /// Whether an invitation may be redeemed in the attempt. Anybody may choose a provider that does not fit the address they
    /// typed; but then another is home to it, and only who redeemed before that was so comes in.
    fn may_redeem(&self, attempt: &Attempt) -> bool {
        let (offers, configuration) = (&self.sign_in.offers, &self.sign_in.configuration);
        attempt.address.as_ref().is_some_and(|typed| {
            let fitting = offers.fitting(typed, self.tenant, configuration);
            fitting.contains(&attempt.provider)
        })
    }

    async fn ask_consent(
        &self,
        mut attempt: Attempt,
        progress: &Progress,
        arrival: Arrival,
        guest: &Guest,
    ) -> Result<Answer, Refused> {
        let html = self.consent_page(&attempt, &arrival, guest);
        self.advance(&mut attempt, &progress.wait_for(Waiting::Consent(arrival)))
            .await?;
        let outcome = Outcome::new("challenge", "consent-asked").of(&attempt.provider);
        Ok(Answer::page(StatusCode::OK, html, Forms::Anywhere, outcome))
    }

    /// The person answered the consent page. Everything is judged again: settings and directory may have moved on.
    pub(super) async fn consent(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        arrival: &Arrival,
        fields: &Fields,
    ) -> Result<Answer, Refused> {
        match fields.get("consent").map(String::as_str) {
            Some("accept") => self.claim_end(attempt).await?,
            Some("decline") => {
                self.claim_end(attempt).await?;
                return Err(Refused::from(Reason::ConsentDeclined).of(&attempt.provider));
            }
            Some(_) | None => return Err(Reason::BadRequest.into()),
        }
        let guest = match self.judge(attempt, arrival) {
            Ok(
                Admission::Invited(guest) | Admission::Automatic(guest) | Admission::Guest(guest),
            ) => guest,
            Ok(Admission::Member { .. } | Admission::AdHoc { .. }) => {
                return Err(Reason::AttemptMoved.into());
            }
            Err(reason) => return Err(self.not_admitted(attempt, arrival, reason)),
        };
        self.bind(attempt, progress, arrival, guest).await
    }

    /// Binds the identity to the invitation, and lets the person in.
    async fn bind(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        arrival: &Arrival,
        guest: Guest,
    ) -> Result<Answer, Refused> {
        let person = arrival
            .person(false, Some(guest.address.clone()))
            .ok_or(Reason::AttemptUnknown)?;
        let bound = self
            .sign_in
            .directory
            .redeem(&Redemption {
                tenant: self.tenant.id.clone(),
                guest: guest.id,
                address: guest.address,
                identity: person.key.clone(),
                consented_at: self.visit.now,
            })
            .await?;
        match bound {
            Bound::Yes => self.let_in(attempt, progress, person).await,
            Bound::ToAnother => {
                Err(self.not_admitted(attempt, arrival, Denial::IdentityMismatch.into()))
            }
        }
    }

    async fn consume(&self, attempt: &Attempt, consume: &[Consume]) -> Result<(), Refused> {
        if self.use_up(&attempt.provider, consume).await? == Consumed::Replayed {
            self.end(attempt).await?;
            return Err(Reason::AssertionReplayed.into());
        }
        Ok(())
    }

    fn believe(&self, attempt: &Attempt, claims: &Said) -> Result<Arrival, Reason> {
        let configuration = &self.sign_in.configuration;
        let configured = configuration
            .providers
            .get(&attempt.provider)
            .ok_or(Reason::NotFound)?;
        let believed = assertion::accept(
            &said(claims),
            &configured.trust,
            &configuration.clouds,
            self.visit.now,
        );
        let believed = believed.map_err(|rejected| {
            tracing::warn!(provider.id = %attempt.provider, error = %rejected, "Claims not believed");
            Reason::from(rejected)
        })?;
        Arrival::new(&believed, claims).ok_or(Reason::Rejected(RejectReason::AnswerInvalid))
    }

    fn judge(&self, attempt: &Attempt, arrival: &Arrival) -> Result<Admission, Reason> {
        let assertion = arrival.assertion().ok_or(Reason::AttemptUnknown)?;
        let view = self.sign_in.directory.view();
        let directory = view
            .tenant(&self.tenant.id)
            .ok_or(Reason::Denied(Denial::FactsMissing))?;
        let clouds = &self.sign_in.configuration.clouds;
        let typed = attempt.address.as_ref();
        Ok(admit(
            &assertion,
            self.tenant,
            directory,
            clouds,
            typed,
            self.visit.now,
        )?)
    }

    fn not_admitted(&self, attempt: &Attempt, arrival: &Arrival, reason: Reason) -> Refused {
        let assertion = arrival.assertion();
        tracing::info!(
            tenant.id = %self.tenant.id,
            provider.id = %attempt.provider,
            decision.reason = reason.code(),
            person.unproven_address = assertion.as_ref().is_some_and(|assertion| assertion.unproven.is_some()),
            "Sign-in not admitted"
        );
        let refused = Refused::from(reason)
            .of(&attempt.provider)
            .or_again(self.again(attempt));
        match assertion {
            Some(assertion) => refused.by(&assertion.key),
            None => refused,
        }
    }

    fn consent_page(&self, attempt: &Attempt, arrival: &Arrival, guest: &Guest) -> String {
        let configuration = &self.sign_in.configuration;
        pages::render(&ConsentPage {
            organisation: self.organisation(),
            attempt: &text::encode(&attempt.handle.0),
            sharer: self.sharer(&guest.address).as_deref(),
            name: arrival.name(),
            address: &guest.address.to_string(),
            provider: &display_name(&attempt.provider, configuration, &self.sign_in.providers),
            terms: self.tenant.settings.directory.policy.terms_of_use,
        })
    }

    /// Who shared something with the guest.
    fn sharer(&self, address: &EmailAddress) -> Option<String> {
        let view = self.sign_in.directory.view();
        let directory = view.tenant(&self.tenant.id)?;
        grants::alive(self.tenant, directory, address, self.visit.now)
            .next()
            .map(ToString::to_string)
    }
}

/// The claims in the words of the rules.
fn said(claims: &Said) -> Claims {
    Claims {
        issuer: claims.issuer.clone(),
        tenant: claims.tenant.clone(),
        subject: claims.subject.clone(),
        cloud: claims.cloud.clone(),
        email: claims
            .email
            .as_ref()
            .map(|email| (email.address.clone(), proof(email.proof))),
        authenticated_at: claims.authenticated_at.map(UnixTime),
        amr: claims.amr.clone(),
        contexts: claims.contexts.clone(),
    }
}

const fn proof(said: SaidProof) -> EmailProof {
    match said {
        SaidProof::None => EmailProof::None,
        SaidProof::DomainOwner => EmailProof::DomainOwner,
        SaidProof::ProviderVerified => EmailProof::ProviderVerified,
        SaidProof::Mailbox => EmailProof::Mailbox,
    }
}
