//! Signing out, by the person: here first, then at the provider that they came from.

use std::time::Duration;

use http::StatusCode;
use plugins_sdk::message::Event;
use tokio::time::timeout;

use super::Case;
use crate::answer::{Answer, Outcome, Refused};
use crate::attempt::Browser;
use crate::driver::{Next, Outcome as Driven};
use crate::offers::display_name;
use crate::pages::{self, Forms, Home, PostPage, SignOutPage, SignedOutPage};
use crate::random;
use crate::reason::Reason;
use crate::request;
use crate::session::{SessionPerson, clear_cookie};
use crate::text;

/// How long somebody who signs out waits for the provider.
const PATIENCE: Duration = Duration::from_secs(3);
/// Where a provider sends the browser back to, below the origin. Without a query: some providers register none.
const RETURN: &str = "/_vestibule/sign-out";

impl Case<'_> {
    /// Signing out changes something, so a link does not do it. Who has no session has signed out: perhaps just now, and
    /// comes back from the provider.
    pub(super) fn ask_to_sign_out(&self) -> Answer {
        let Some(session) = &self.visit.session else {
            return self.signed_out_page(if self.comes_back() {
                Home::Asked
            } else {
                Home::None
            });
        };
        let person = session.person.as_ref();
        let address = person
            .and_then(|person| person.address.as_ref())
            .map(ToString::to_string);
        let home = person.filter(|person| !person.by_passcode());
        let html = pages::render(&SignOutPage {
            organisation: self.organisation(),
            address: address.as_deref(),
            provider: home.map(|person| self.name_of(person)).as_deref(),
        });
        // What the page posts may be answered with the way to the provider.
        let forms = home.map_or(Forms::Own, |_| Forms::Anywhere);
        let outcome = Outcome::new("challenge", "sign-out-asked");
        Answer::page(StatusCode::OK, html, forms, outcome)
    }

    /// Whether a provider sent the browser: with the `state` that it was given. It decides on a sentence and nothing else.
    fn comes_back(&self) -> bool {
        let query = self.visit.query.as_deref().unwrap_or_default().as_bytes();
        let state = request::fields(query).ok();
        let state = state.and_then(|fields| fields.get("state").cloned());
        state
            .and_then(|state| text::decode_exactly::<16>(&state))
            .is_some()
    }

    pub(super) async fn sign_out(&self) -> Result<Answer, Refused> {
        if !request::is_same_origin(&self.visit.headers, &self.visit.origin) {
            return Err(Reason::CrossSite.into());
        }
        let answer = match &self.visit.session {
            None => self.signed_out_page(Home::None),
            // The session here ends first, whatever becomes of the provider's (S109).
            Some(session) => match self.revoke_session(session.id, session.expires).await {
                Ok(()) => match &session.person {
                    Some(person) if !person.by_passcode() => self.leave_home(person).await,
                    Some(_) | None => self.signed_out_page(Home::None),
                },
                // Said aloud; and this browser, at least, forgets the session.
                Err(reason) => self.or_refusal(Err(reason.into())),
            },
        };
        Ok(answer
            .with_cookie(clear_cookie())
            .with_cookie(Browser::clear_cookie()))
    }

    /// On to the provider, if it ends sessions of its own; otherwise the person is told that theirs may go on.
    async fn leave_home(&self, person: &SessionPerson) -> Answer {
        let provider = &person.key.provider;
        let outcome = Outcome::new("allow", "signed-out").of(provider);
        let next = match self.ask_home(person).await {
            Ok(Driven::Redirect { url, state: _ }) => Some(Next::Redirect { url }),
            Ok(Driven::Post {
                url,
                fields,
                state: _,
            }) => Some(Next::Post { url, fields }),
            // The contract's rules keep the others from ever being an answer to this event.
            Ok(
                Driven::Reject(_)
                | Driven::Show { .. }
                | Driven::Done { .. }
                | Driven::Document { .. }
                | Driven::Ended { .. }
                | Driven::SignedOut,
            )
            | Err(_) => None,
        };
        let name = self.name_of(person);
        let answer = match next {
            Some(next) => self.send_away(next, &name, outcome.clone()),
            None => self.signed_out_page(Home::Alive(&name)),
        };
        let outcome = outcome.by(&person.key);
        Answer { outcome, ..answer }
    }

    /// Asks the provider's plugin how the provider's own session is ended.
    async fn ask_home(&self, person: &SessionPerson) -> Result<Driven, Reason> {
        let id = &person.key.provider;
        let provider = self.provider(id)?;
        let handle = text::encode(&random::bytes::<16>()?);
        let drive = self.drive(id, provider, &self.visit.origin, handle, None);
        let event = Event::SignOut {
            issuer: person.key.issuer.clone(),
            tenant: person.key.tenant.clone(),
            subject: person.key.subject.clone(),
            sid: person.sid.as_ref().and_then(|home| home.sid.clone()),
            logout_hint: person.logout_hint.clone(),
            return_uri: format!("{}{RETURN}", self.visit.origin),
        };
        match timeout(PATIENCE, drive.run(event, None)).await {
            Ok(driven) => Ok(driven?),
            Err(_) => {
                tracing::warn!(provider.id = %id, "Provider too slow to sign out at");
                Err(Reason::ProviderFailed)
            }
        }
    }

    /// Sends the browser to a provider.
    pub(super) fn send_away(&self, next: Next, provider: &str, outcome: Outcome) -> Answer {
        match next {
            Next::Redirect { url } => Answer::see_other(url.as_str(), outcome),
            Next::Post { url, fields } => {
                let html = pages::render(&PostPage {
                    organisation: self.organisation(),
                    provider,
                    url: url.as_str(),
                    fields: &fields,
                    leaving: true,
                });
                Answer::page(StatusCode::OK, html, Forms::Anywhere, outcome)
            }
        }
    }

    pub(super) fn signed_out_page(&self, home: Home<'_>) -> Answer {
        let html = pages::render(&SignedOutPage {
            organisation: self.organisation(),
            home,
        });
        Answer::page(
            StatusCode::OK,
            html,
            Forms::None,
            Outcome::new("allow", "signed-out"),
        )
    }

    fn name_of(&self, person: &SessionPerson) -> String {
        let sign_in = self.sign_in;
        display_name(
            &person.key.provider,
            &sign_in.configuration,
            &sign_in.providers,
        )
    }
}
