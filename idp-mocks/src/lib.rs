//! Pretend identity providers, a mailbox and documents, over real HTTP and SMTP.
//!
//! [`Mocks::start`] binds one listener for each cloud's Entra (the worldwide one also plays the
//! Microsoft account), one for Google, one for a SAML partner, two for the mailbox (SMTP and web) and one for the documents.
//! They speak as the real services do on the wire; who exists in them is the [`World`], and what they
//! get wrong on purpose is a [`Misbehaviour`] switched on while they run.
//!
//! The crate shares no code with the software that is tested against it, so that both are
//! independent readings of the same specification.

mod authorization;
mod client;
mod clock;
mod control;
mod documents;
mod entra;
mod google;
mod http;
mod jose;
mod keyring;
mod logout;
mod mailbox;
mod misbehaviour;
mod mocks;
mod saml;
mod service;
mod settings;
mod shared;
mod start;
mod switchboard;
mod urls;
mod world;

pub use client::Client;
pub use http::requests::SeenRequest;
pub use keyring::OldKey;
pub use logout::{LoggedOut, Logout, LogoutRefused, NotSent};
pub use mailbox::Mailbox;
pub use mailbox::mail::Mail;
pub use misbehaviour::{
    Endpoint, LogoutFault, Misbehaviour, NotApplicable, OidcFault, UnknownName, WireFault,
};
pub use mocks::Mocks;
pub use saml::{
    AttributeNames, Binding, Cipher, Hash, KeyKind, Manner, NameIdKind, NotMetadata, SamlFault,
    Signs, Transport,
};
pub use service::{Service, Target};
pub use settings::{Listener, Settings, Tls, TlsNotUsable, Trust};
pub use start::NotStarted;
pub use urls::{
    ClientUrl, CloudUrls, DocumentsUrls, GoogleUrls, MailboxUrls, PersonLine, SamlUrls, Urls,
};
pub use world::{
    Account, CONSUMER_TENANT, Cloud, Environment, Organisation, Person, TWIN_DOMAIN, TWIN_TENANT,
    World, demo,
};
