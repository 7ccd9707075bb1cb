//! The authorization-code flow, as far as Microsoft and Google agree about it (RFC 6749, RFC 7636, OpenID
//! Connect Core 1.0).

mod callback;
mod client_assertion;
mod codes;
mod faults;
mod pages;
mod request;
mod token_request;
mod tokens;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;

pub(crate) use callback::Callback;
pub(crate) use codes::{Codes, Grant, random};
pub(crate) use faults::{of_answer, of_document, of_keys};
pub(crate) use pages::{RefusedPage, SignedOutPage};
pub(crate) use request::AuthorizationRequest;
pub(crate) use token_request::{Granted, TokenRefused, granted, redeem};
pub(crate) use tokens::{seal, seal_as};

use crate::http::params::{self, Params};
use crate::http::{Answer, page, text};
use crate::misbehaviour::Misbehaviour;
use crate::service::Service;
use crate::shared::Shared;
use crate::world::Person;

/// Where a person is asked to sign in: one authority of one service.
pub(crate) struct Desk<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) codes: &'a Codes,
    pub(crate) service: Service,
    /// Shown on the page.
    pub(crate) title: String,
    /// Who can sign in here.
    pub(crate) people: Vec<Person>,
    /// What the provider adds to every callback.
    pub(crate) callback_extras: Vec<(String, String)>,
}

/// Answers the authorization endpoint: the page with the people, or the way back with a code.
pub(crate) async fn authorize(desk: Desk<'_>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let query = Params::parse(head.uri.query().unwrap_or_default().as_bytes());
    let posted = match head.method {
        Method::GET => Params::default(),
        Method::POST => match params::form(body).await {
            Ok(form) => form,
            Err(why) => return text(StatusCode::BAD_REQUEST, why.to_string()),
        },
        _ => return crate::http::not_allowed(),
    };
    let pressed = Pressed::read(&posted);
    let params = query.and(posted);
    let parsed = AuthorizationRequest::parse(params, &desk.shared.world.lock());
    match parsed {
        Ok(wish) => desk.attend(&wish, &pressed, &path),
        Err(request::Refused::Page(why)) => page(
            StatusCode::BAD_REQUEST,
            &RefusedPage {
                title: &desk.title,
                why,
            },
        ),
        Err(request::Refused::Callback(callback)) => desk.call_back(callback),
    }
}

/// The button that was pressed on the page.
enum Pressed {
    None,
    Cancel,
    Person(String),
}

impl Pressed {
    fn read(form: &Params) -> Self {
        match (form.first("cancel"), form.first("user")) {
            (Some(_), _) => Self::Cancel,
            (None, Some(user)) => Self::Person(user.to_owned()),
            (None, None) => Self::None,
        }
    }
}

impl Desk<'_> {
    fn attend(&self, wish: &AuthorizationRequest, pressed: &Pressed, path: &str) -> Answer {
        let person = match pressed {
            Pressed::Cancel => {
                let why = "the person pressed Cancel";
                return self.call_back(wish.callback().error("access_denied", why));
            }
            Pressed::Person(name) => self.person(name),
            Pressed::None => self.hinted(wish),
        };
        match person {
            Some(person) => self.call_back(self.with_code(wish, person)),
            None if wish.prompt.as_deref() == Some("none") => {
                let why = "nobody is signed in here";
                self.call_back(wish.callback().error("login_required", why))
            }
            None => {
                let page = pages::PeoplePage::new(&self.title, path, &self.people, wish);
                crate::http::page(StatusCode::OK, &page)
            }
        }
    }

    fn hinted(&self, wish: &AuthorizationRequest) -> Option<&Person> {
        let auto = self.shared.auto_sign_in() || wish.auto;
        wish.login_hint
            .as_deref()
            .filter(|_| auto)
            .and_then(|hint| self.person(hint))
    }

    /// By sign-in name or, where two accounts have the same one, by account id.
    fn person(&self, name: &str) -> Option<&Person> {
        let by_id = self.people.iter().find(|person| person.id() == name);
        by_id.or_else(|| {
            self.people
                .iter()
                .find(|p| p.address.eq_ignore_ascii_case(name))
        })
    }

    fn with_code(&self, wish: &AuthorizationRequest, person: &Person) -> Callback {
        let code = self.codes.issue(Grant::new(wish, person));
        wish.callback().field("code", &code)
    }

    fn call_back(&self, callback: Callback) -> Answer {
        let switches = &self.shared.switchboard;
        let is_issuer = |name: &str| name == "iss";
        let missing = switches.has(self.service, Misbehaviour::MissingCallbackIssuer);
        let wrong = switches.has(self.service, Misbehaviour::WrongCallbackIssuer);
        let mut callback = callback;
        for (name, value) in &self.callback_extras {
            if !(is_issuer(name) && (missing || wrong)) {
                callback = callback.field(name, value);
            }
        }
        if wrong {
            callback = callback.field("iss", "https://wrong-issuer.invalid");
        }
        faults::of_callback(switches, self.service, callback).into_answer()
    }
}
