//! The steps of an attempt between its beginning and the person being known.

use std::collections::BTreeSet;

use gateway_core::id::ProviderId;
use gateway_store::model::{Attempt, AttemptHandle};
use http::Method;
use plugins_sdk::message::{Event, Fields, Form};

use super::Case;
use super::tries::is_a_try;
use crate::answer::{Answer, Refused};
use crate::attempt::{Browser, Progress, Waiting};
use crate::reason::Reason;
use crate::request;
use crate::text;

impl Case<'_> {
    /// The identity provider sent the browser back.
    pub(super) async fn callback(&self, provider: &ProviderId) -> Result<Answer, Refused> {
        self.provider(provider)?;
        let query = request::fields(self.visit.query.as_deref().unwrap_or_default().as_bytes())?;
        let form = if self.visit.method == Method::POST {
            request::form(&self.visit.headers, &self.visit.body)?
        } else {
            Fields::new()
        };
        let handle = handle_of(&query, &form)?;
        let (mut attempt, progress) = self.own_attempt(handle, Some(provider)).await?;
        let Waiting::Callback { state } = &progress.waiting else {
            return Err(Refused::from(Reason::AttemptMoved).of(provider));
        };
        // Claimed before the provider sees it: of two callbacks with one `state`, only one is ever answered.
        let claimed = progress.wait_for(Waiting::Step);
        self.advance(&mut attempt, &claimed)
            .await
            .map_err(|refused| refused.of(provider))?;
        let event = Event::Callback {
            query,
            form,
            raw_query: self.visit.query.clone(),
        };
        self.step(&attempt, &claimed, event, Some(state.clone()))
            .await
    }

    /// A form of an attempt came back.
    pub(super) async fn continue_attempt(
        &self,
        handle: &str,
        fields: &Fields,
    ) -> Result<Answer, Refused> {
        let (attempt, progress) = self.own_attempt(handle, None).await?;
        let provider = attempt.provider.clone();
        match &progress.waiting {
            Waiting::Submit {
                state,
                form,
                submits,
            } => {
                let fields = declared(fields, form)?;
                let counted = self
                    .count_submission(&attempt, *submits, is_a_try(&fields, form))
                    .await
                    .map_err(|refused| refused.of(&provider))?;
                let event = Event::Submit { fields };
                let answer = self
                    .step(&attempt, &progress, event, Some(state.clone()))
                    .await;
                self.forgive(counted, &answer).await;
                answer
            }
            Waiting::Consent(arrival) => self.consent(&attempt, &progress, arrival, fields).await,
            Waiting::Step | Waiting::Callback { .. } => {
                Err(Refused::from(Reason::AttemptMoved).of(&provider))
            }
        }
    }

    /// The attempt of that handle, if it is this browser's, host's, tenant's and provider's, and not out of date.
    async fn own_attempt(
        &self,
        handle: &str,
        provider: Option<&ProviderId>,
    ) -> Result<(Attempt, Progress), Refused> {
        let handle = text::decode_exactly(handle)
            .map(AttemptHandle)
            .ok_or(Reason::AttemptUnknown)?;
        let found = self
            .sign_in
            .store()
            .attempt(&handle, self.visit.now)
            .await?;
        let attempt = found.ok_or(Reason::AttemptUnknown)?;
        let refused = |reason: Reason| Err(Refused::from(reason).of(&attempt.provider));
        if !Browser::of(&self.visit.headers).is_some_and(|browser| browser.began(&attempt)) {
            return refused(Reason::AttemptOtherBrowser);
        }
        let here = attempt.host == self.visit.host && attempt.tenant == self.tenant.id;
        if !here || provider.is_some_and(|provider| *provider != attempt.provider) {
            return refused(Reason::AttemptOtherProvider);
        }
        let configuration = &self.sign_in.configuration;
        if configuration.generation_of(&attempt.provider).as_ref() != Some(&attempt.generation) {
            return refused(Reason::AttemptStale);
        }
        match Progress::read(&attempt.state) {
            Some(progress) => Ok((attempt, progress)),
            None => refused(Reason::AttemptUnknown),
        }
    }
}

/// The attempt's handle: OpenID's `state` or SAML's `RelayState`, in one place only.
fn handle_of<'a>(query: &'a Fields, form: &'a Fields) -> Result<&'a str, Reason> {
    let mut found = ["state", "RelayState"]
        .iter()
        .flat_map(|name| [query.get(*name), form.get(*name)])
        .flatten();
    match (found.next(), found.next()) {
        (Some(handle), None) => Ok(handle),
        (Some(_), Some(_)) => Err(Reason::DuplicateParameter),
        (None, _) => Err(Reason::AttemptUnknown),
    }
}

/// What the form declared, and nothing else.
fn declared(fields: &Fields, form: &Form) -> Result<Fields, Reason> {
    let buttons: BTreeSet<&str> = form
        .buttons
        .iter()
        .map(|button| button.name.as_str())
        .collect();
    let mut submitted = Fields::new();
    for field in &form.fields {
        if let Some(value) = fields.get(&field.name) {
            if value.chars().count() > usize::from(field.max_length) {
                return Err(Reason::BadRequest);
            }
            submitted.insert(field.name.clone(), value.clone());
        }
    }
    for name in buttons {
        if fields.contains_key(name) {
            submitted.insert(name.to_owned(), "1".to_owned());
        }
    }
    Ok(submitted)
}
