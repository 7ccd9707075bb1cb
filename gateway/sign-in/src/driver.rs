//! Steps a provider until it wants something of the person, or is done.
//!
//! A provider does no IO: what it asks for on the way (documents, mail) is done here, within bounds, and its
//! answer goes back in as the next event.

use std::time::Duration;

use gateway_core::address::EmailAddress;
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use gateway_plugin_host::StepFailed;
use gateway_store::StoreError;
use plugins_sdk::message::{
    Claims, Consume, Event, Fields, Form, Input, Onward, RejectReason, Step,
};
use tokio::time::timeout;
use url::Url;

use crate::fetch::{Fetcher, is_fetchable};
use crate::mail::{Asked, Gate, Letter};
use crate::provider::Provider;
use crate::random::{self, NoRandomness};
use crate::text;

/// Steps that one event may lead to.
const MAX_STEPS: usize = 12;
/// Longest time for one event, fetches included: with the look-up of a home (3 s) before it, a page is there within 10 s.
const TIME: Duration = Duration::from_secs(6);

/// One event for one provider, with what it may use on the way.
pub(crate) struct Drive<'a> {
    pub(crate) id: &'a ProviderId,
    pub(crate) provider: &'a dyn Provider,
    pub(crate) fetcher: &'a Fetcher,
    /// Absent where no person is there: nothing is mailed then.
    pub(crate) mail: Option<(&'a Gate<'a>, &'a Asked<'a>)>,
    /// Absolute URL of the provider's callback.
    pub(crate) redirect_uri: String,
    /// The attempt's handle, base64url.
    pub(crate) attempt: String,
    pub(crate) now: UnixTime,
}

/// What a provider wants in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Redirect {
        url: Url,
        state: String,
    },
    Post {
        url: Url,
        fields: Fields,
        state: String,
    },
    Show {
        form: Form,
        submits: u8,
        state: String,
    },
    Done {
        claims: Box<Claims>,
        consume: Vec<Consume>,
    },
    Document {
        content_type: String,
        body: String,
    },
    Ended {
        issuer: String,
        sid: Option<String>,
        sub: Option<String>,
        at: Option<i64>,
        consume: Vec<Consume>,
        /// Where the browser that brought the request goes then.
        then: Option<Next>,
    },
    /// The provider confirms a sign-out that began here.
    SignedOut,
    Reject(RejectReason),
}

/// Where a browser goes, and does not come back from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Redirect { url: Url },
    Post { url: Url, fields: Fields },
}

/// Why a provider got nowhere. For the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriveFailed {
    #[error(transparent)]
    Step(#[from] StepFailed),
    #[error("the provider took more than {MAX_STEPS} steps for one event")]
    TooManySteps,
    #[error("the provider took too long")]
    TooSlow,
    #[error("the provider sends the browser to a URL that is neither https nor http on loopback")]
    UrlNotAllowed,
    #[error("the provider names an address that is none")]
    NotAnAddress,
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Drive<'_> {
    /// Answers `event`, given what the provider remembered.
    pub(crate) async fn run(
        &self,
        event: Event,
        state: Option<String>,
    ) -> Result<Outcome, DriveFailed> {
        let outcome = match timeout(TIME, self.follow(event, state)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DriveFailed::TooSlow),
        };
        if let Err(failed) = &outcome {
            tracing::warn!(provider.id = %self.id, error = %failed, "Provider failed");
        }
        outcome
    }

    async fn follow(
        &self,
        mut event: Event,
        mut state: Option<String>,
    ) -> Result<Outcome, DriveFailed> {
        for _ in 0..MAX_STEPS {
            let step = self.provider.step(self.input(event, state)?).await?;
            (event, state) = match step {
                Step::Fetch {
                    request,
                    freshness,
                    state,
                } => (
                    self.fetcher
                        .respond(self.id, &request, freshness, self.now)
                        .await,
                    Some(state),
                ),
                Step::Mail {
                    to,
                    subject,
                    text,
                    state,
                } => {
                    self.mail(&to, subject, text).await?;
                    (Event::Sent, Some(state))
                }
                Step::Redirect { url, state } => {
                    return Ok(Outcome::Redirect {
                        url: browser_url(&url)?,
                        state,
                    });
                }
                Step::Post { url, fields, state } => {
                    return Ok(Outcome::Post {
                        url: browser_url(&url)?,
                        fields,
                        state,
                    });
                }
                Step::Show {
                    form,
                    submits,
                    state,
                } => {
                    return Ok(Outcome::Show {
                        form,
                        submits,
                        state,
                    });
                }
                Step::Done { claims, consume } => {
                    return Ok(Outcome::Done {
                        claims: Box::new(claims),
                        consume,
                    });
                }
                Step::Document { content_type, body } => {
                    return Ok(Outcome::Document { content_type, body });
                }
                Step::Ended {
                    issuer,
                    sid,
                    sub,
                    at,
                    consume,
                    then,
                } => {
                    return Ok(Outcome::Ended {
                        issuer,
                        sid,
                        sub,
                        at,
                        consume,
                        then: then.map(next).transpose()?,
                    });
                }
                Step::SignedOut {} => return Ok(Outcome::SignedOut),
                Step::Reject { reason, detail } => {
                    tracing::info!(provider.id = %self.id, reject.reason = ?reason, reject.detail = %detail, "Provider rejects");
                    return Ok(Outcome::Reject(reason));
                }
            };
        }
        Err(DriveFailed::TooManySteps)
    }

    fn input(&self, event: Event, state: Option<String>) -> Result<Input, DriveFailed> {
        Ok(Input {
            now: self.now.0,
            entropy: text::encode(&random::bytes::<32>()?),
            redirect_uri: self.redirect_uri.clone(),
            attempt: self.attempt.clone(),
            state,
            event,
        })
    }

    async fn mail(&self, to: &str, subject: String, text: String) -> Result<(), DriveFailed> {
        let to = EmailAddress::parse(to).map_err(|_| DriveFailed::NotAnAddress)?;
        if let Some((gate, asked)) = self.mail {
            gate.send(asked, Letter::plain(to, subject, text), self.now)
                .await?;
        }
        Ok(())
    }
}

fn next(onward: Onward) -> Result<Next, DriveFailed> {
    Ok(match onward {
        Onward::Redirect { url } => Next::Redirect {
            url: browser_url(&url)?,
        },
        Onward::Post { url, fields } => Next::Post {
            url: browser_url(&url)?,
            fields,
        },
    })
}

/// A URL for the browser to go to, written anew from what was parsed.
fn browser_url(text: &str) -> Result<Url, DriveFailed> {
    let url = Url::parse(text).map_err(|_| DriveFailed::UrlNotAllowed)?;
    if is_fetchable(&url) {
        Ok(url)
    } else {
        Err(DriveFailed::UrlNotAllowed)
    }
}

#[cfg(test)]
mod tests;
