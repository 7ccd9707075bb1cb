//! A pretended partner organisation's identity provider, by SAML 2.0.
//!
//! Written from the OASIS texts (saml-core, -bindings, -profiles, -metadata, all 2.0 with errata) and the W3C's on
//! XML Signature 1.1, XML Encryption 1.1 and Exclusive XML Canonicalization 1.0. Nothing is ever canonicalised: what
//! is sent is written in canonical form (`tree`). How it does things is its [`Manner`]; what it gets wrong on purpose
//! a [`SamlFault`].
//!
//! | Path | |
//! |---|---|
//! | `/saml/metadata` | the metadata; also the entity id |
//! | `/saml/sso` | sign-in, by Redirect or POST |
//! | `/saml/slo` | signing out, by Redirect or POST |
//! | `/saml/unsolicited?user=…` | a sign-in that nobody asked for, at the service provider `sp` or the first |
//! | `/saml/sign-out?user=…` | somebody signs out here |

mod binding;
pub(crate) mod control;
mod encrypt;
mod fault;
mod key;
mod logout;
mod manner;
mod message;
mod metadata;
mod parse;
mod request;
mod response;
mod service_provider;
mod sign_on;
mod signature;
mod spoils;
mod state;
mod times;
mod tree;

use std::sync::Arc;

use aws_lc_rs::rand;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;

pub use encrypt::{Cipher, Transport};
pub use fault::SamlFault;
pub use key::{Hash, KeyKind};
pub use manner::{AttributeNames, Binding, Manner, NameIdKind, Signs};
pub use service_provider::NotMetadata;
pub(crate) use service_provider::ServiceProvider;
pub(crate) use state::State;

use crate::clock;
use crate::http::listener::Handler;
use crate::http::params::Params;
use crate::http::spoil::spoil;
use crate::http::{Answer, answer, internal_error, not_found};
use crate::misbehaviour::Endpoint;
use crate::service::Service;
use crate::shared::Shared;
use crate::world::{Account, Person};
use binding::Kind;
use key::{Key, NoKey, Owner};
use message::{Arrived, refused};
use spoils::Spoils;

/// The partner.
pub(crate) struct Partner {
    shared: Arc<Shared>,
}

/// Its addresses.
pub(crate) struct Places {
    pub(crate) entity_id: String,
    pub(crate) sign_on: String,
    pub(crate) logout: String,
}

impl Places {
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            entity_id: format!("{origin}/saml/metadata"),
            sign_on: format!("{origin}/saml/sso"),
            logout: format!("{origin}/saml/slo"),
        }
    }
}

/// The keys of the moment.
struct Keys {
    current: Arc<Key>,
    /// Those in the metadata, newest first.
    published: Vec<Arc<Key>>,
    stranger: Arc<Key>,
}

impl Handler for Partner {
    async fn handle(&self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let (endpoint, answer) = match path.as_str() {
            "/saml/metadata" => (Endpoint::Discovery, self.metadata().await),
            "/saml/sso" => (Endpoint::Authorize, self.sign_on(request).await),
            "/saml/slo" => (Endpoint::Other, self.single_logout(request).await),
            "/saml/unsolicited" => (Endpoint::Authorize, self.unsolicited(&request).await),
            "/saml/sign-out" => (Endpoint::Other, self.signed_out(&request).await),
            _ => return not_found(),
        };
        spoil(&self.shared.switchboard, Service::Saml, endpoint, answer).await
    }
}

impl Partner {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn metadata(&self) -> Answer {
        let keys = match self.keys().await {
            Ok(keys) => keys,
            Err(cause) => return internal_error(&cause),
        };
        let manner = self.state().manner.lock().clone();
        let now = clock::now();
        let made = metadata::document(
            &self.places(),
            &manner,
            &keys.published,
            &self.spoils(),
            now,
        );
        match made {
            Ok(text) => {
                let mut found = answer(StatusCode::OK, "application/samlmetadata+xml", text);
                let hour = HeaderValue::from_static("public, max-age=3600");
                found.headers_mut().insert(CACHE_CONTROL, hour);
                found
            }
            Err(cause) => internal_error(&cause),
        }
    }

    async fn single_logout(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let kinds = [Kind::Request, Kind::Response];
        let arrived = match message::form(&head, body).await {
            Ok(form) => Arrived::read(&head, &form, &kinds),
            Err(why) => Err(why),
        };
        let done = match arrived {
            Ok(arrived) => self.logout(&arrived).await,
            Err(why) => Err(why),
        };
        done.unwrap_or_else(|why| refused(&why))
    }

    async fn signed_out(&self, request: &Request<Incoming>) -> Answer {
        let query = Params::of_query(request);
        let user = query.first("user").unwrap_or_default();
        match self.person(user) {
            Some(person) => self.sign_out(person.id()).await,
            None => Err("nobody is called so".to_owned()),
        }
        .unwrap_or_else(|why| refused(&why))
    }

    fn state(&self) -> &State {
        &self.shared.partner
    }

    fn origin(&self) -> &str {
        self.shared.origins.of(Service::Saml)
    }

    fn places(&self) -> Places {
        Places::new(self.origin())
    }

    fn spoils(&self) -> Spoils {
        Spoils(self.shared.switchboard.active(Service::Saml))
    }

    async fn keys(&self) -> Result<Keys, NoKey> {
        let kind = self.state().manner.lock().key;
        let ring = self.shared.keyring(Service::Saml);
        let (current, published) = ring.generations();
        let signs = if self.spoils().has(SamlFault::RetiredKey) {
            current.saturating_sub(1)
        } else {
            current
        };
        let mut keys = Vec::with_capacity(published.len());
        for generation in published {
            keys.push(Key::of(kind, Owner::Partner(generation)).await?);
        }
        Ok(Keys {
            current: Key::of(kind, Owner::Partner(signs)).await?,
            published: keys,
            stranger: Key::of(kind, Owner::Stranger).await?,
        })
    }

    fn people(&self) -> Vec<Person> {
        let ours = |person: &&Person| matches!(person.account, Account::Saml { .. });
        let world = self.shared.world.lock();
        world.people.iter().filter(ours).cloned().collect()
    }

    /// By account id or sign-in name.
    fn person(&self, name: &str) -> Option<Person> {
        let mut people = self.people().into_iter();
        people.find(|one| one.id() == name || one.address.eq_ignore_ascii_case(name))
    }
}

/// An `xs:ID` of 128 random bits.
fn fresh_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness there are no keys either, and nothing is answered.
    let _ = rand::fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("_{digits}")
}
