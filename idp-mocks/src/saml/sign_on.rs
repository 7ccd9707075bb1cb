//! Single sign-on: from a request, or from nothing, by way of a page with people to a response (SAML profiles, 4.1).

use askama::Template;
use http::{Request, StatusCode};
use hyper::body::Incoming;

use super::Partner;
use super::binding::Kind;
use super::key::NoKey;
use super::message::{self, Arrived, TITLE, post, refused};
use super::request::{SignOn, header, issuer};
use super::response::Desk;
use super::state::Session;
use crate::clock;
use crate::http::params::Params;
use crate::http::{Answer, internal_error, page};
use crate::world::Person;

const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
const AUTHENTICATION_FAILED: &str = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
const NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
const NO_CONTEXT: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";

/// Pick who you are.
#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage<'a> {
    title: &'a str,
    action: &'a str,
    people: &'a [Person],
    params: &'a [(String, String)],
}

impl Partner {
    /// A request to sign somebody in, or the page's answer to who it is.
    pub(super) async fn sign_on(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let form = match message::form(&head, body).await {
            Ok(form) => form,
            Err(why) => return refused(&why),
        };
        if let Some(ticket) = form.first("ticket") {
            return match self.state().kept(ticket) {
                Some(wish) => self.chosen(&wish, &form).await,
                None => refused("the page is too old"),
            };
        }
        let wish =
            Arrived::read(&head, &form, &[Kind::Request]).and_then(|arrived| self.wish(&arrived));
        let wish = match wish {
            Ok(wish) => wish,
            Err(why) => return refused(&why),
        };
        if wish.passive {
            return self.say_no(&wish, [RESPONDER, NO_PASSIVE]).await;
        }
        let hint = Params::parse(head.uri.query().unwrap_or_default().as_bytes());
        let hint = hint
            .first("login_hint")
            .filter(|_| self.shared.auto_sign_in());
        match hint.and_then(|name| self.person(name)) {
            Some(person) => self.admit(&wish, &person).await,
            None => self.ask_who(&wish),
        }
    }

    /// A sign-in that begins here, which no service provider should take by default.
    pub(super) async fn unsolicited(&self, request: &Request<Incoming>) -> Answer {
        let query = Params::of_query(request);
        let provider = match query.first("sp") {
            Some(entity_id) => self.state().provider(entity_id),
            None => self.state().first_provider(),
        };
        let Some(provider) = provider else {
            return refused("the service provider is not known");
        };
        let wish = SignOn::unsolicited(&provider, query.first("RelayState"));
        match query.first("user").and_then(|name| self.person(name)) {
            Some(person) => self.admit(&wish, &person).await,
            None => self.ask_who(&wish),
        }
    }

    fn wish(&self, arrived: &Arrived) -> Result<SignOn, String> {
        let here = self.places().sign_on;
        let id = header(&arrived.root, "AuthnRequest", &here, clock::now())?;
        let provider = issuer(&arrived.root).and_then(|name| self.state().provider(&name));
        let provider = provider.ok_or("the service provider is not known")?;
        if provider.signs_requests || self.state().manner.lock().wants_signed_requests {
            arrived.verify(&provider)?;
        }
        let state = arrived.relay_state.as_deref();
        let wish = SignOn::read(&arrived.root, id.clone(), &provider, state)?;
        if !self.state().first_time(&id) {
            return Err("the request was seen before".to_owned());
        }
        Ok(wish)
    }

    fn ask_who(&self, wish: &SignOn) -> Answer {
        let ticket = self.state().keep(wish);
        let page_of_people = PeoplePage {
            title: TITLE,
            action: "/saml/sso",
            people: &self.people(),
            params: &[("ticket".to_owned(), ticket)],
        };
        page(StatusCode::OK, &page_of_people)
    }

    async fn chosen(&self, wish: &SignOn, form: &Params) -> Answer {
        if form.first("cancel").is_some() {
            return self.say_no(wish, [RESPONDER, AUTHENTICATION_FAILED]).await;
        }
        match form.first("user").and_then(|name| self.person(name)) {
            Some(person) => self.admit(wish, &person).await,
            None => self.ask_who(wish),
        }
    }

    async fn admit(&self, wish: &SignOn, person: &Person) -> Answer {
        let met = |wanted: &&String| *wanted == PASSWORD || person.acrs.contains(wanted);
        let context = match wish.contexts.iter().find(met) {
            Some(met) => met.as_str(),
            None if wish.contexts.is_empty() => PASSWORD,
            None => return self.say_no(wish, [REQUESTER, NO_CONTEXT]).await,
        };
        let desk = match self.desk(wish).await {
            Ok(desk) => desk,
            Err(cause) => return internal_error(&cause),
        };
        let before = self.state().last_assertion("");
        let issued = match desk.admit(wish, person, context, before.as_deref()) {
            Ok(issued) => issued,
            Err(cause) => return internal_error(&cause),
        };
        self.state().last_assertion(&issued.assertion_id);
        self.state().began(Session {
            provider: wish.provider.clone(),
            person: person.id().to_owned(),
            name: issued.name,
            kind: issued.kind,
            index: issued.session_index,
        });
        post(
            &wish.consumer,
            Kind::Response,
            issued.field,
            wish.relay_state.as_deref(),
        )
    }

    async fn say_no(&self, wish: &SignOn, codes: [&str; 2]) -> Answer {
        let refusal = match self.desk(wish).await {
            Ok(desk) => desk.refuse(wish, codes),
            Err(cause) => Err(cause),
        };
        match refusal {
            Ok(field) => post(
                &wish.consumer,
                Kind::Response,
                field,
                wish.relay_state.as_deref(),
            ),
            Err(cause) => internal_error(&cause),
        }
    }

    async fn desk(&self, wish: &SignOn) -> Result<Desk, NoKey> {
        let keys = self.keys().await?;
        let provider = self.state().provider(&wish.provider);
        Ok(Desk {
            entity_id: self.places().entity_id,
            elsewhere: format!("{}/saml/elsewhere", self.origin()),
            manner: self.state().manner.lock().clone(),
            key: keys.current,
            stranger: keys.stranger,
            encrypts_for: provider.and_then(|one| one.encryption.into_iter().next()),
            spoils: self.spoils(),
            now: clock::now(),
        })
    }
}
