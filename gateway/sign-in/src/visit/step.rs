//! A step of the provider, and what it wants the browser to be shown.

use gateway_core::id::ProviderId;
use gateway_store::model::Attempt;
use http::StatusCode;
use plugins_sdk::message::{Event, Form};

use super::{Case, refuse};
use crate::answer::{Again, Answer, Outcome, Refused};
use crate::attempt::{Progress, Waiting};
use crate::driver::Outcome as Driven;
use crate::mail::Asked;
use crate::offers::{display_name, others};
use crate::pages::{self, Forms, PostPage, ProviderPage};
use crate::reason::Reason;
use crate::text;

impl Case<'_> {
    /// Steps the provider of `attempt`, and does what it wants.
    pub(super) async fn step(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        event: Event,
        state: Option<String>,
    ) -> Result<Answer, Refused> {
        let id = &attempt.provider;
        let provider = self
            .provider(id)
            .map_err(|reason| Refused::from(reason).of(id))?;
        let gate = self.gate();
        let kind = self
            .sign_in
            .configuration
            .providers
            .get(id)
            .map(|configured| &configured.trust.kind);
        let asked = kind.map(|kind| Asked {
            tenant: &self.tenant.id,
            provider: id,
            kind,
            prefix: self.visit.prefix,
            address: attempt.address.as_ref(),
        });
        let mail = asked.as_ref().map(|asked| (&gate, asked));
        let drive = self.drive(
            id,
            provider,
            &progress.origin,
            text::encode(&attempt.handle.0),
            mail,
        );
        let driven = drive.run(event, state).await;
        let settled = match driven {
            Ok(outcome) => self.settle(attempt.clone(), progress, outcome).await,
            Err(failed) => {
                self.end(attempt).await?;
                let again = self.again(attempt, progress).await;
                Err(Refused::from(Reason::from(failed)).or_again(again))
            }
        };
        settled.map_err(|refused| refused.of(id))
    }

    async fn settle(
        &self,
        mut attempt: Attempt,
        progress: &Progress,
        outcome: Driven,
    ) -> Result<Answer, Refused> {
        let provider = attempt.provider.clone();
        let waiting = |what| Outcome::new("challenge", what).of(&provider);
        match outcome {
            Driven::Redirect { url, state } => {
                self.advance(
                    &mut attempt,
                    &progress.wait_for(Waiting::Callback { state }),
                )
                .await?;
                Ok(Answer::see_other(url.as_str(), waiting("provider-asked")))
            }
            Driven::Post { url, fields, state } => {
                self.advance(
                    &mut attempt,
                    &progress.wait_for(Waiting::Callback { state }),
                )
                .await?;
                let html = pages::render(&PostPage {
                    organisation: self.organisation(),
                    provider: &display_name(
                        &provider,
                        &self.sign_in.configuration,
                        &self.sign_in.providers,
                    ),
                    url: url.as_str(),
                    fields: &fields,
                    leaving: false,
                });
                Ok(Answer::page(
                    StatusCode::OK,
                    html,
                    Forms::Anywhere,
                    waiting("provider-asked"),
                ))
            }
            Driven::Show {
                form,
                submits,
                state,
            } => {
                let html = self.provider_page(&attempt, progress, &form).await;
                let next = Waiting::Submit {
                    state,
                    form,
                    submits,
                };
                self.advance(&mut attempt, &progress.wait_for(next)).await?;
                Ok(Answer::page(
                    StatusCode::OK,
                    html,
                    Forms::Anywhere,
                    waiting("form-shown"),
                ))
            }
            Driven::Done { claims, consume } => {
                self.arrive(attempt, progress, &claims, &consume).await
            }
            Driven::Reject(reason) => {
                self.end(&attempt).await?;
                let again = self.again(&attempt, progress).await;
                Err(Refused::from(Reason::Rejected(reason)).or_again(again))
            }
            // The contract's rules keep these from ever being an answer to a person's event.
            Driven::Document { .. } | Driven::Ended { .. } | Driven::SignedOut => {
                self.end(&attempt).await?;
                Err(Reason::ProviderFailed.into())
            }
        }
    }

    async fn provider_page(&self, attempt: &Attempt, progress: &Progress, form: &Form) -> String {
        let again = self.again(attempt, progress).await;
        let providers = &self.sign_in.configuration.providers;
        let configured = providers.get(&attempt.provider);
        let passcode = configured.is_some_and(|one| one.trust.kind.as_str() == "email-otp");
        pages::render(&ProviderPage {
            organisation: self.organisation(),
            by_sharing: passcode && self.by_sharing(),
            attempt: &text::encode(&attempt.handle.0),
            form,
            address: &again.address,
            return_to: &again.return_to,
            demand: &again.demand,
            others: &again.others,
        })
    }

    /// How else the person could sign in: what everybody of the domain may, so also when a provider fails.
    pub(super) async fn again(&self, attempt: &Attempt, progress: &Progress) -> Again {
        let providers = match &attempt.address {
            Some(address) => self
                .shown(address)
                .await
                .map(|shown| shown.fitting.providers),
            None => Ok(Vec::new()),
        };
        // Whoever's home is not known now is offered nothing.
        self.again_with(attempt, progress, &providers.unwrap_or_default())
    }

    /// How else the person could sign in: with these.
    pub(super) fn again_with(
        &self,
        attempt: &Attempt,
        progress: &Progress,
        providers: &[ProviderId],
    ) -> Again {
        let address = attempt.address.as_ref();
        Again {
            address: address.map(ToString::to_string).unwrap_or_default(),
            return_to: attempt.return_to.clone(),
            demand: progress.demand.clone(),
            others: others(
                providers,
                Some(&attempt.provider),
                &self.sign_in.configuration,
                &self.sign_in.providers,
            ),
        }
    }

    /// Moves the attempt on, unless something else did since it was read.
    pub(super) async fn advance(
        &self,
        attempt: &mut Attempt,
        progress: &Progress,
    ) -> Result<(), Refused> {
        let state = progress.write();
        let store = self.sign_in.store();
        if !store
            .advance_attempt(&attempt.handle, attempt.sequence, &state)
            .await?
        {
            return Err(Reason::AttemptMoved.into());
        }
        attempt.sequence = attempt.sequence.saturating_add(1);
        attempt.state = state;
        Ok(())
    }

    /// Ends the attempt; whether it had ended before does not matter.
    pub(super) async fn end(&self, attempt: &Attempt) -> Result<(), Reason> {
        self.sign_in
            .store()
            .end_attempt(&attempt.handle, attempt.sequence)
            .await?;
        Ok(())
    }

    /// Ends the attempt for somebody who gains by it: only the first to do so may.
    pub(super) async fn claim_end(&self, attempt: &Attempt) -> Result<(), Reason> {
        if self
            .sign_in
            .store()
            .end_attempt(&attempt.handle, attempt.sequence)
            .await?
        {
            Ok(())
        } else {
            Err(Reason::AttemptMoved)
        }
    }

    pub(super) fn or_refusal(&self, answer: Result<Answer, Refused>) -> Answer {
        answer.unwrap_or_else(|refused| refuse::answer(self.visit, self.organisation(), refused))
    }
}
