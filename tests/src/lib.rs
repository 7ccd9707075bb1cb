//! The harness of the end-to-end tests, the tour and the demo: the whole real system on free ports, and a browser.
//!
//! [`World`](world::World) starts the system: the pretended services in this process, the gateway as the program
//! `vestibule` in a process of its own. [`Browser`](browser::Browser) is whoever stands in front of it.
//! [`journeys`] are the stories told in both the tests and the tour.

pub mod api;
pub mod assertion;
pub mod browser;
pub mod built;
pub mod certificates;
pub mod client_key;
pub mod demo;
pub mod gateway;
pub mod graph_sdk;
pub mod journeys;
pub mod lateness;
pub mod network;
pub mod nginx;
pub mod oidc_provider;
pub mod overlay;
pub mod own_provider;
pub mod people;
pub mod plugins;
pub mod ports;
pub mod process;
pub mod pysaml2;
pub mod raw;
pub mod report;
pub mod saml;
pub mod simplesamlphp;
pub mod tour;
pub mod websocket;
pub mod world;
pub mod xandikos;

use std::error::Error;

use serde_json::Value;

/// What a step of a test or of the tour comes to: a value, or a sentence about what was expected and what was found.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The text that a JSON object has under `key`; empty if it has none.
#[must_use]
pub fn says<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Fails with a formatted sentence unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($sentence:tt)+) => {
        if !$condition {
            return Err(format!($($sentence)+).into());
        }
    };
}
