//! Single logout, begun on either side (SAML core, 3.7; SAML profiles, 4.4).

use http::StatusCode;

use super::Partner;
use super::binding::{Kind, bomb};
use super::fault::SamlFault;
use super::fresh_id;
use super::key::Scheme;
use super::message::{Arrived, Leaving, TITLE, with_query};
use super::request::{header, issuer};
use super::service_provider::ServiceProvider;
use super::spoils::Spoils;
use super::state::Session;
use super::times::{read, written};
use super::tree::{ASSERTION, Element, PROTOCOL, saml, samlp};
use crate::authorization::SignedOutPage;
use crate::clock;
use crate::http::{Answer, internal_error, page, redirect};

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
const HOUR: u64 = 3600;

impl Partner {
    /// A service provider asks, or answers what we asked.
    pub(super) async fn logout(&self, arrived: &Arrived) -> Result<Answer, String> {
        let local = match arrived.kind {
            Kind::Request => "LogoutRequest",
            Kind::Response => "LogoutResponse",
        };
        let here = self.places().logout;
        let id = header(&arrived.root, local, &here, clock::now())?;
        let sender = issuer(&arrived.root).unwrap_or_default();
        let provider = self.state().provider(&sender);
        let provider = provider.ok_or("the service provider is not known")?;
        // Whoever could end somebody's session without a signature could do it to everybody.
        arrived.verify(&provider)?;
        match arrived.kind {
            Kind::Request => self.told_to_end(arrived, &id, &provider).await,
            Kind::Response => self.was_answered(arrived),
        }
    }

    async fn told_to_end(
        &self,
        arrived: &Arrived,
        id: &str,
        provider: &ServiceProvider,
    ) -> Result<Answer, String> {
        if !self.state().first_time(id) {
            return Err("the request was answered before".to_owned());
        }
        let ends = arrived.root.attribute("NotOnOrAfter");
        if ends.is_some_and(|ends| read(ends).is_none_or(|ends| ends <= clock::now())) {
            return Err("the request has ended".to_owned());
        }
        let name = arrived.root.only(ASSERTION, "NameID");
        let name = name
            .and_then(Element::content)
            .ok_or("there is no NameID")?;
        let indexes: Vec<String> = arrived
            .root
            .all(PROTOCOL, "SessionIndex")
            .filter_map(Element::content)
            .collect();
        let ended = self.state().end(&provider.entity_id, &name, &indexes);
        let spoils = self.spoils();
        let code = if spoils.has(SamlFault::FailedLogout) {
            RESPONDER
        } else if ended == 0 {
            REQUESTER
        } else {
            SUCCESS
        };
        let answers = if spoils.has(SamlFault::WrongRequestLogout) {
            fresh_id()
        } else {
            id.to_owned()
        };
        let manner = self.state().manner.lock().clone();
        let place = provider.logout_place(manner.logout_by);
        let place = place.ok_or("the service provider takes no sign-outs")?;
        let root = self
            .message("LogoutResponse", &place.responses, &spoils)
            .with("InResponseTo", &answers)
            .holding(samlp("Status").holding(samlp("StatusCode").with("Value", code)));
        let state = arrived.relay_state.as_deref();
        self.send(Kind::Response, root, state, place.binding, &place.responses)
            .await
    }

    fn was_answered(&self, arrived: &Arrived) -> Result<Answer, String> {
        let answers = arrived.root.attribute("InResponseTo").unwrap_or_default();
        if !self.state().answered(answers) {
            return Err("nobody asked for this answer".to_owned());
        }
        let status = arrived.root.only(PROTOCOL, "Status");
        let code = status.and_then(|status| status.only(PROTOCOL, "StatusCode"));
        if code.and_then(|code| code.attribute("Value")) != Some(SUCCESS) {
            return Err("the service provider could not sign the person out".to_owned());
        }
        match arrived
            .relay_state
            .as_deref()
            .filter(|state| !state.is_empty())
        {
            // The next of several service providers.
            Some(person) => Ok(redirect(&format!(
                "{}/saml/sign-out?user={}",
                self.origin(),
                url::form_urlencoded::byte_serialize(person.as_bytes()).collect::<String>()
            ))),
            None => Ok(page(
                StatusCode::OK,
                &SignedOutPage {
                    title: TITLE,
                    frames: &[],
                },
            )),
        }
    }

    /// Somebody signs out here: every service provider is told, one after the other.
    pub(super) async fn sign_out(&self, person: &str) -> Result<Answer, String> {
        let Some(session) = self.state().sessions_of(person).into_iter().next() else {
            return Ok(page(
                StatusCode::OK,
                &SignedOutPage {
                    title: TITLE,
                    frames: &[],
                },
            ));
        };
        self.state().end(
            &session.provider,
            &session.name,
            std::slice::from_ref(&session.index),
        );
        let provider = self.state().provider(&session.provider);
        let provider = provider.ok_or("the service provider is not known any more")?;
        let manner = self.state().manner.lock().clone();
        let place = provider.logout_place(manner.logout_by);
        let place = place.ok_or("the service provider takes no sign-outs")?;
        let root = self.logout_request(&session, &place.requests);
        self.state().ask(root.attribute("ID").unwrap_or_default());
        let more = !self.state().sessions_of(person).is_empty();
        let state = more.then_some(person);
        self.send(Kind::Request, root, state, place.binding, &place.requests)
            .await
    }

    fn logout_request(&self, session: &Session, destination: &str) -> Element {
        let spoils = self.spoils();
        let now = clock::now();
        let ends = if spoils.has(SamlFault::ExpiredLogout) {
            now.saturating_sub(HOUR)
        } else {
            now + 300
        };
        let mut name = saml("NameID")
            .with("Format", session.kind.format())
            .text(&session.name);
        if session.kind == super::manner::NameIdKind::Persistent {
            name = name
                .with("NameQualifier", &self.places().entity_id)
                .with("SPNameQualifier", &session.provider);
        }
        self.message("LogoutRequest", destination, &spoils)
            .with("NotOnOrAfter", &written(ends))
            .holding(name)
            .holding(samlp("SessionIndex").text(&session.index))
    }

    fn message(&self, local: &str, destination: &str, spoils: &Spoils) -> Element {
        let issuer = if spoils.has(SamlFault::WrongIssuerLogout) {
            "https://another.invalid/".to_owned()
        } else {
            self.places().entity_id
        };
        let destination = if spoils.has(SamlFault::WrongDestinationLogout) {
            "https://another.invalid/"
        } else {
            destination
        };
        samlp(local)
            .with("ID", &fresh_id())
            .with("Version", "2.0")
            .with("IssueInstant", &written(clock::now()))
            .with("Destination", destination)
            .holding(saml("Issuer").text(&issuer))
    }

    async fn send(
        &self,
        kind: Kind,
        root: Element,
        relay_state: Option<&str>,
        binding: super::manner::Binding,
        location: &str,
    ) -> Result<Answer, String> {
        let spoils = self.spoils();
        if spoils.has(SamlFault::DeflateBomb) {
            return Ok(redirect(&with_query(location, &bomb(kind))));
        }
        let keys = self.keys().await;
        let keys = match &keys {
            Ok(keys) => keys,
            Err(cause) => return Ok(internal_error(cause)),
        };
        let key = if spoils.has(SamlFault::UnsignedLogout) {
            None
        } else if spoils.has(SamlFault::ForeignKeyLogout) {
            Some(&*keys.stranger)
        } else {
            Some(&*keys.current)
        };
        let leaving = Leaving {
            kind,
            root,
            relay_state,
            key,
            scheme: Scheme::Hash(self.state().manner.lock().hash),
        };
        Ok(leaving.by(binding, location))
    }
}
