//! From a challenge to a session: attempts, providers, redemption, pages.
//!
//! Start reading at [`SignIn::visit`]. A visit begins or continues an attempt; the provider plugin is driven until
//! it says who the person is; what it says is judged again ([`gateway_core::assertion::accept`]), the invitation is
//! redeemed with the person's consent, and a [`session::Session`] is sealed into a cookie.
//!
//! Invariants: no provider is believed about anything that `gateway-core` can judge; nothing that can be used once
//! is used before it has been consumed in the store; whether an address is invited cannot be seen by whoever does
//! not control it; return addresses come out of [`return_target()`] and nowhere else.

mod admission;
mod answer;
mod attempt;
mod demand;
mod driver;
pub mod ending;
pub mod fetch;
mod grants;
mod home;
pub mod keys;
mod lifecycle;
pub mod mail;
mod offers;
pub mod pages;
mod prefix;
mod provider;
mod random;
mod reason;
mod request;
mod return_target;
pub mod session;
mod text;
mod visit;

pub use answer::{Answer, Outcome};
pub use attempt::is_context;
pub use pages::assets;
pub use prefix::AddressPrefix;
pub use provider::Provider;
pub use random::{NoRandomness, random_id};
pub use reason::{Sentence, denial_sentence};
pub use request::is_same_origin;
pub use return_target::{ReturnTarget, return_target};
pub use visit::{Changed, Endpoint, Parts, SignIn, Visit};
