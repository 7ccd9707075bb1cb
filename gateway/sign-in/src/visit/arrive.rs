//! The person is known: from a provider's claims to a session.

mod claims;

use gateway_core::address::EmailAddress;
use gateway_core::assertion::{self, Assertion};
use gateway_core::id::ProviderId;
use gateway_core::person::InvitationManager;
use gateway_core::policy::Denial;
use gateway_store::directory::View;
use gateway_store::model::{Attempt, Bound, Consumed};
use http::StatusCode;
use plugins_sdk::message::{Claims as Said, Consume, Fields, RejectReason};

use self::claims::said;
use super::Case;
use crate::admission::{Admission, Invitee, PassedOn, admit};
use crate::answer::{Again, Answer, Outcome, Refused};
use crate::attempt::{Arrival, Progress, Waiting};
use crate::grants;
use crate::lifecycle::Shared;
use crate::offers::{Redeems, display_name};
use crate::pages::{self, ConsentPage, Forms};
use crate::reason::{Reason, Way};
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
        let believed = self
            .believe(&attempt, claims)
            .and_then(|arrival| self.is_enough(&attempt, progress, arrival));
        let arrival = match believed {
            Ok(arrival) => arrival,
            Err(reason) => {
                self.end(&attempt).await?;
                let again = self.again(&attempt, progress).await;
                return Err(Refused::from(reason).or_again(again));
            }
        };
        let (member, address) = match self.judge(&attempt, progress, &arrival).await {
            Ok(Admission::Invited(invitee)) => {
                return self.ask_consent(attempt, progress, arrival, &invitee).await;
            }
            Ok(Admission::Automatic(invitee)) => {
                self.claim_end(&attempt).await?;
                return self.bind(&attempt, progress, &arrival, invitee).await;
            }
            Ok(Admission::AdHoc { guest }) => {
                self.claim_end(&attempt).await?;
                let person = arrival.person(false, Some(guest.address));
                let person = person.ok_or(Reason::AttemptUnknown)?;
                let end = self.ad_hoc_end();
                return self
                    .let_in_until(end, &attempt, progress, person, arrival.arrived())
                    .await;
            }
            Ok(Admission::Guest(guest)) => {
                self.take_up(&attempt, &guest).await?;
                (false, Some(guest.address))
            }
            Ok(Admission::Member { address }) => {
                if let Err(reason) = self.greet(&arrival, address.as_ref()).await {
                    self.end(&attempt).await?;
                    let again = self.again_with(&attempt, progress, &[]);
                    return Err(self.not_admitted(&attempt, &arrival, reason, again));
                }
                (true, address)
            }
            Err(refused) => {
                self.end(&attempt).await?;
                return Err(refused);
            }
        };
        self.claim_end(&attempt).await?;
        let person = arrival
            .person(member, address)
            .ok_or(Reason::AttemptUnknown)?;
        self.let_in(&attempt, progress, person, arrival.arrived())
            .await
    }

    /// Whether the person has shown what the sign-in was begun for.
    fn is_enough(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        arrival: Arrival,
    ) -> Result<Arrival, Reason> {
        let assertion = arrival.assertion().ok_or(Reason::AttemptUnknown)?;
        let met = progress.demand.is_met(&assertion, attempt.created);
        if let Err(reason) = &met {
            tracing::info!(
                tenant.id = %self.tenant.id,
                provider.id = %attempt.provider,
                decision.reason = reason.code(),
                "Sign-in does not show what was demanded"
            );
        }
        met.map(|()| arrival)
    }

    async fn ask_consent(
        &self,
        mut attempt: Attempt,
        progress: &Progress,
        arrival: Arrival,
        invitee: &Invitee,
    ) -> Result<Answer, Refused> {
        // Should the provider's session end while the page is read, that must be written down.
        self.remember_home(arrival.home().as_ref(), attempt.expires)
            .await?;
        let html = self.consent_page(&attempt, &arrival, invitee).await?;
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
        let invitee = match self.judge(attempt, progress, arrival).await? {
            Admission::Invited(invitee) | Admission::Automatic(invitee) => invitee,
            Admission::Guest(guest) => Invitee {
                guest,
                share: None,
                passed_on: None,
            },
            Admission::Member { .. } | Admission::AdHoc { .. } => {
                return Err(Reason::AttemptMoved.into());
            }
        };
        self.bind(attempt, progress, arrival, invitee).await
    }

    /// Binds the identity to the invitation, and lets the person in.
    async fn bind(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        arrival: &Arrival,
        invitee: Invitee,
    ) -> Result<Answer, Refused> {
        let person = arrival
            .person(false, Some(invitee.guest.address.clone()))
            .ok_or(Reason::AttemptUnknown)?;
        match self.redeem(attempt, arrival, &person, &invitee).await? {
            Bound::Yes => {
                self.let_in(attempt, progress, person, arrival.arrived())
                    .await
            }
            Bound::ToAnother => {
                let again = self.again(attempt, progress).await;
                let reason = Denial::IdentityMismatch.into();
                Err(self.not_admitted(attempt, arrival, reason, again))
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
        Arrival::new(&believed, claims, self.visit.now)
            .ok_or(Reason::Rejected(RejectReason::AnswerInvalid))
    }

    /// Who comes in, as the directory and its order of providers have it now.
    async fn judge(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        arrival: &Arrival,
    ) -> Result<Admission, Refused> {
        let assertion = arrival.assertion().ok_or(Reason::AttemptUnknown)?;
        let view = self.look(self.whoever(&assertion)).await?;
        let shared = self.shared(&assertion).await?;
        let proven = assertion.address.as_ref().map(|(address, _)| address);
        let passed_on = self.passed_on(attempt, proven).await?;
        let by = (&shared, passed_on.as_ref());
        let admitted = match self.admit(&view, by, attempt, &assertion) {
            Ok(admission) => self.admit_home(attempt, &assertion, admission).await,
            Err(Reason::Denied(denial)) => Err(self
                .told(&view, attempt, &assertion, denial)
                .unwrap_or_else(|| Reason::Denied(denial).into())),
            Err(reason) => Err(NotAdmitted::from(reason)),
        };
        match admitted {
            Ok(admission) => Ok(admission),
            Err(NotAdmitted { reason, instead }) => {
                let again = match instead {
                    Some(providers) => self.again_with(attempt, progress, &providers),
                    None => self.again(attempt, progress).await,
                };
                Err(self.not_admitted(attempt, arrival, reason, again))
            }
        }
    }

    fn admit(
        &self,
        view: &View,
        by: (&Shared, Option<&PassedOn>),
        attempt: &Attempt,
        assertion: &Assertion,
    ) -> Result<Admission, Reason> {
        let directory = view
            .tenant(&self.tenant.id)
            .ok_or(Reason::Denied(Denial::FactsMissing))?;
        let clouds = &self.sign_in.configuration.clouds;
        let typed = attempt.address.as_ref();
        let now = self.visit.now;
        Ok(admit(
            assertion,
            self.tenant,
            directory,
            by,
            clouds,
            typed,
            now,
        )?)
    }

    /// Whether the guest's domain is at home where guests may come from; and, for whoever has yet to redeem, whether this is
    /// the way to. The guest's own address counts, which was proven, and not the one that was typed: by typing another one
    /// nobody gets round the home of their own.
    async fn admit_home(
        &self,
        attempt: &Attempt,
        assertion: &Assertion,
        admission: Admission,
    ) -> Result<Admission, NotAdmitted> {
        let (guest, redeemed) = match &admission {
            Admission::Member { .. } => return Ok(admission),
            Admission::Guest(guest) => (guest, true),
            Admission::Invited(invitee) | Admission::Automatic(invitee) => (&invitee.guest, false),
            Admission::AdHoc { guest } => (guest, false),
        };
        let (offers, tenant, now) = (&self.sign_in.offers, self.tenant, self.visit.now);
        let home = offers.home(guest.address.domain(), tenant, now).await;
        let clouds = &self.sign_in.configuration.clouds;
        home.admits(tenant, clouds, assertion.key.cloud.is_some())?;
        if redeemed {
            return Ok(admission);
        }
        let redeems = offers.redeems(&attempt.provider, guest, &home, tenant, now);
        match redeems.map_err(Reason::from)? {
            Redeems::Yes => Ok(admission),
            Redeems::With(providers) => Err(NotAdmitted {
                reason: Reason::NotThisWay,
                instead: Some(providers),
            }),
        }
    }

    /// What to say to whom the rules refuse: whoever proved the very address that redeemed in another way is told in which.
    fn told(
        &self,
        view: &View,
        attempt: &Attempt,
        assertion: &Assertion,
        denial: Denial,
    ) -> Option<NotAdmitted> {
        let (proven, _) = assertion.address.as_ref()?;
        let guest = view.tenant(&self.tenant.id)?.guest_by_address(proven)?;
        let bound = guest.identity.as_ref()?;
        if denial != Denial::IdentityMismatch || bound.provider == attempt.provider {
            return None;
        }
        let provider = self.sign_in.configuration.providers.get(&bound.provider)?;
        let there = self.sign_in.offers.holds(&bound.provider, &self.tenant.id);
        Some(NotAdmitted {
            reason: Reason::RedeemedWith(Way::of(&provider.trust.kind)),
            instead: Some(there.then(|| bound.provider.clone()).into_iter().collect()),
        })
    }

    fn not_admitted(
        &self,
        attempt: &Attempt,
        arrival: &Arrival,
        reason: Reason,
        again: Again,
    ) -> Refused {
        let assertion = arrival.assertion();
        tracing::info!(
            tenant.id = %self.tenant.id,
            provider.id = %attempt.provider,
            decision.reason = reason.code(),
            person.unproven_address = assertion.as_ref().is_some_and(|assertion| assertion.unproven.is_some()),
            "Sign-in not admitted"
        );
        let refused = Refused::from(reason).of(&attempt.provider).or_again(again);
        match assertion {
            Some(assertion) => refused.by(&assertion.key),
            None => refused,
        }
    }

    async fn consent_page(
        &self,
        attempt: &Attempt,
        arrival: &Arrival,
        invitee: &Invitee,
    ) -> Result<String, Reason> {
        let configuration = &self.sign_in.configuration;
        let guest = &invitee.guest;
        let sharer = match (&invitee.passed_on, &invitee.share) {
            (Some(_), Some(share)) => Some(share.creator.to_string()),
            _ => self.sharer(&guest.address).await?,
        };
        let by_sharing = self.by_sharing() && guest.manager == InvitationManager::Sharing;
        Ok(pages::render(&ConsentPage {
            organisation: self.organisation(),
            by_sharing,
            attempt: &text::encode(&attempt.handle.0),
            sharer: sharer.as_deref(),
            name: arrival.name(),
            address: &guest.address.to_string(),
            provider: &display_name(&attempt.provider, configuration, &self.sign_in.providers),
            terms: self.tenant.settings.directory.policy.terms_of_use,
        }))
    }

    /// Who shared something with the guest.
    async fn sharer(&self, address: &EmailAddress) -> Result<Option<String>, Reason> {
        let view = self.look(grants::wanted(self.tenant, address)).await?;
        let sharer = view.tenant(&self.tenant.id).and_then(|directory| {
            grants::alive(self.tenant, directory, address, self.visit.now).next()
        });
        Ok(sharer.map(|sharer| sharer.to_string()))
    }
}

/// Why somebody does not come in, and with which providers they might.
struct NotAdmitted {
    reason: Reason,
    /// Those of the address's domain if absent.
    instead: Option<Vec<ProviderId>>,
}

impl From<Reason> for NotAdmitted {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            instead: None,
        }
    }
}
