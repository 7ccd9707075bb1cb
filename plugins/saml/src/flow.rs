//! The walk from a person who wants to sign in to claims, and out again.

#[cfg(test)]
mod tests;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use plugins_sdk::message::{
    Consume, Event, FetchMethod, FetchRequest, Fields, Freshness, Input, Step,
};

use crate::document;
use crate::federation::{Federation, Source};
use crate::logout::Logout;
use crate::metadata::{self, Partner};
use crate::person::{self, Parties};
use crate::phase::{Packed, Pending, Phase, Purpose, SignOut, Told, Wish, decode};
use crate::place::Own;
use crate::rejection::Failed;
use crate::request::Request;
use crate::response::accept;
use crate::send::Sent;
use crate::trust::{Expected, IdentityProvider};

/// Fewest bytes of entropy that make an id.
const LEAST_ENTROPY: usize = 16;

/// Our side of one federation.
#[derive(Debug)]
pub(crate) struct ServiceProvider {
    federation: Federation,
    instance_key: hmac::Key,
}

/// A fetched document, and when it came.
#[derive(Clone, Copy)]
struct Fetched<'a> {
    status: u16,
    body: &'a str,
    /// Seconds since the Unix epoch.
    at: i64,
}

impl ServiceProvider {
    /// - `instance_key`: a secret of this instance.
    pub(crate) fn new(federation: Federation, instance_key: &[u8]) -> Self {
        Self {
            federation,
            instance_key: hmac::Key::new(hmac::HMAC_SHA256, instance_key),
        }
    }

    /// Answers one event. Whatever does not fit is a [`Step::Reject`].
    pub(crate) fn step(&self, input: &Input) -> Step {
        self.answer(input).unwrap_or_else(Failed::into_step)
    }

    fn answer(&self, input: &Input) -> Result<Step, Failed> {
        match &input.event {
            Event::Start {
                address: _,
                fresh,
                contexts: _,
                second_factor,
            } => self.begin(
                Purpose::Ask(Wish {
                    fresh: *fresh,
                    second_factor: *second_factor,
                }),
                input,
            ),
            Event::Callback { query, form, .. } => match Phase::of(input)? {
                Phase::AtProvider(pending) => self.callback(pending, query, form, input),
                Phase::Fetching { .. } => Err(Failed::UnexpectedEvent),
            },
            Event::Response {
                status,
                body,
                fetched_at,
                headers: _,
            } => match Phase::of(input)? {
                Phase::Fetching {
                    purpose,
                    revalidated,
                } => {
                    let fetched = Fetched {
                        status: *status,
                        body,
                        at: *fetched_at,
                    };
                    self.fetched(purpose, revalidated, fetched, input)
                }
                Phase::AtProvider(_) => Err(Failed::UnexpectedEvent),
            },
            Event::SignOut {
                issuer,
                logout_hint,
                ..
            } => self.begin(Purpose::SignOut(self.sign_out(issuer, logout_hint)?), input),
            Event::LogoutRequest {
                query,
                form,
                raw_query,
            } => {
                let told = Told::read(query, form, raw_query.as_deref())?;
                self.begin(Purpose::Told(told), input)
            }
            Event::MetadataRequest => Ok(Step::Document {
                content_type: document::CONTENT_TYPE.to_owned(),
                body: document::write(&self.federation, &own(input)?),
            }),
            Event::Submit { .. } | Event::Sent => Err(Failed::UnexpectedEvent),
        }
    }

    fn sign_out(&self, issuer: &str, hint: &Option<String>) -> Result<SignOut, Failed> {
        if issuer != self.federation.pinned.entity_id {
            return Err(Failed::NothingToSignOut);
        }
        let logout_hint = hint.clone().ok_or(Failed::NothingToSignOut)?;
        Ok(SignOut { logout_hint })
    }

    /// Goes on at once where the settings hold the partner; with its metadata otherwise.
    fn begin(&self, purpose: Purpose, input: &Input) -> Result<Step, Failed> {
        match &self.federation.source {
            Source::Known(partner) => self.proceed(&purpose, partner, input),
            Source::Fetched(url) => fetch(url, purpose, Freshness::Cached),
        }
    }

    /// Goes on with metadata. Where that is what is wrong, or may be, it is fetched again, once.
    fn fetched(
        &self,
        purpose: Purpose,
        revalidated: bool,
        fetched: Fetched<'_>,
        input: &Input,
    ) -> Result<Step, Failed> {
        let partner = self.partner(revalidated, fetched, input.now);
        match partner.and_then(|partner| self.proceed(&purpose, &partner, input)) {
            Err(failed) if failed.is_about_metadata() && !revalidated => {
                self.fetch_again(purpose, failed)
            }
            answer => answer,
        }
    }

    /// Fetches the metadata afresh; without that being possible, `failed` stands.
    fn fetch_again(&self, purpose: Purpose, failed: Failed) -> Result<Step, Failed> {
        match &self.federation.source {
            Source::Fetched(url) => fetch(url, purpose, Freshness::Revalidate).map_err(|_| failed),
            Source::Known(_) => Err(failed),
        }
    }

    fn partner(
        &self,
        revalidated: bool,
        fetched: Fetched<'_>,
        now: i64,
    ) -> Result<Partner, Failed> {
        if fetched.status != 200 {
            return Err(Failed::NotFetched(fetched.status));
        }
        let partner = metadata::read(fetched.body, &self.federation.pinned)?;
        let age = now.saturating_sub(fetched.at);
        // Once it was asked for afresh, it is the best there is.
        if !revalidated && partner.cache_duration.is_some_and(|most| age > most) {
            return Err(Failed::MetadataStale);
        }
        Ok(partner)
    }

    fn proceed(&self, purpose: &Purpose, partner: &Partner, input: &Input) -> Result<Step, Failed> {
        if partner.valid_until.is_some_and(|until| input.now >= until) {
            return Err(Failed::MetadataExpired);
        }
        match purpose {
            Purpose::Ask(wish) => self.ask(*wish, partner, input),
            Purpose::Verify { pending, response } => {
                self.verify(pending, &partner.provider, &response.open()?, input)
            }
            Purpose::SignOut(sign_out) => {
                let (own, id) = (own(input)?, id(input)?);
                let logout = self.logout(partner, &own, &id, input);
                logout.tell(sign_out, &input.attempt)
            }
            Purpose::Told(told) => {
                let (own, id) = (own(input)?, id(input)?);
                self.logout(partner, &own, &id, input).told(told)
            }
        }
    }

    fn ask(&self, wish: Wish, partner: &Partner, input: &Input) -> Result<Step, Failed> {
        let (own, id) = (own(input)?, id(input)?);
        let request = Request {
            federation: &self.federation,
            own: &own,
            id: &id,
            wish,
            relay_state: &input.attempt,
            now: input.now,
        };
        let sent = request.send(partner)?;
        let keys = match self.federation.source {
            Source::Known(_) => Vec::new(),
            Source::Fetched(_) => {
                let keys = partner.provider.signing.iter();
                keys.map(|der| STANDARD.encode(der)).collect()
            }
        };
        let state = Phase::AtProvider(Pending {
            request_id: id.clone(),
            started_at: input.now,
            fresh: wish.fresh,
            keys,
        })
        .into_state()?;
        Ok(match sent {
            Sent::Redirect { url } => Step::Redirect { url, state },
            Sent::Post { url, fields } => Step::Post { url, fields, state },
        })
    }

    /// The browser brings the partner's answer: by POST, and nothing beside it.
    fn callback(
        &self,
        pending: Pending,
        query: &Fields,
        form: &Fields,
        input: &Input,
    ) -> Result<Step, Failed> {
        if !query.is_empty() || form.contains_key("SAMLart") || form.contains_key("SAMLRequest") {
            return Err(Failed::NotOneMessage);
        }
        let response = form.get("SAMLResponse").ok_or(Failed::NotOneMessage)?;
        if form.get("RelayState") != Some(&input.attempt) {
            return Err(Failed::ForeignRelayState);
        }
        let response = decode(response)?;
        let verified = match &self.federation.source {
            Source::Known(partner) => self.verify(&pending, &partner.provider, &response, input),
            Source::Fetched(_) => {
                let provider = pending.provider(&self.federation.pinned.entity_id)?;
                self.verify(&pending, &provider, &response, input)
            }
        };
        match verified {
            Err(failed) if failed.is_about_metadata() => {
                let response = Packed::new(&response);
                self.fetch_again(Purpose::Verify { pending, response }, failed)
            }
            answer => answer,
        }
    }

    fn verify(
        &self,
        pending: &Pending,
        provider: &IdentityProvider,
        response: &[u8],
        input: &Input,
    ) -> Result<Step, Failed> {
        let (own, federation) = (own(input)?, &self.federation);
        let audience = federation.audience(&own);
        let expected = Expected {
            provider,
            audience,
            consumer: &own.consumer,
            in_response_to: Some(&pending.request_id),
            decryption: &federation.decryption,
            cbc: federation.cbc,
            authenticated_since: pending.fresh.then_some(pending.started_at),
            skew: federation.skew,
            longest_age: federation.longest_age,
            now: input.now,
        };
        let accepted = accept(response, &expected)?;
        let parties = Parties {
            issuer: &federation.pinned.entity_id,
            audience,
        };
        let signs_out = federation.key.is_some();
        Ok(Step::Done {
            claims: person::claims(&accepted, &federation.identity, parties, signs_out)?,
            consume: vec![Consume {
                id: format!("assertion:{}", person::hash(&[&accepted.assertion_id])),
                until: accepted.dead_at,
            }],
        })
    }

    fn logout<'a>(
        &'a self,
        partner: &'a Partner,
        own: &'a Own,
        id: &'a str,
        input: &Input,
    ) -> Logout<'a> {
        Logout {
            federation: &self.federation,
            partner,
            own,
            instance_key: &self.instance_key,
            id,
            now: input.now,
        }
    }
}

fn fetch(url: &str, purpose: Purpose, freshness: Freshness) -> Result<Step, Failed> {
    let accept = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8";
    Ok(Step::Fetch {
        request: FetchRequest {
            method: FetchMethod::Get,
            url: url.to_owned(),
            headers: Fields::from([("accept".to_owned(), accept.to_owned())]),
            body: None,
        },
        freshness,
        state: Phase::Fetching {
            purpose,
            revalidated: freshness == Freshness::Revalidate,
        }
        .into_state()?,
    })
}

fn own(input: &Input) -> Result<Own, Failed> {
    Own::of(&input.redirect_uri).ok_or(Failed::InputUnusable("redirect_uri"))
}

/// An id of a message: all of the step's entropy, 256 bits. It begins with a letter or `_` because XML says so.
fn id(input: &Input) -> Result<String, Failed> {
    let entropy = URL_SAFE_NO_PAD.decode(&input.entropy).unwrap_or_default();
    if entropy.len() < LEAST_ENTROPY {
        return Err(Failed::InputUnusable("entropy"));
    }
    Ok(format!("_{}", URL_SAFE_NO_PAD.encode(entropy)))
}
