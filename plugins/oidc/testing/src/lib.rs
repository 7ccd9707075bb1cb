//! A pretend OpenID provider in memory, for the tests of the OpenID providers.
//!
//! A [`Scene`] is one sign-in, good unless told otherwise: what the provider publishes, the token it gives, the
//! answer that the browser brings. [`Scene::play`] walks a provider plugin through it, every message in its
//! JSON form. [`corpus`] holds bad tokens, each one change away from the good one. [`logout`] is the same for requests to
//! end sessions.
//!
//! Nothing here checks anything, and nothing here is known to the code under test.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test support: what fails here is a failed test"
)]

pub mod corpus;
pub mod keys;
pub mod logout;
mod scene;
mod token;

pub use scene::{ACCESS_TOKEN, NOW, Played, Scene, assert_done, assert_rejected};
pub use token::Token;
