//! What the fuzzer calls of the SAML provider: a crate beside `fuzz-targets`, because a plugin exports a symbol of the
//! same name as every other. The programs, the seeds and their replay are with the others.

#![expect(clippy::panic, reason = "a broken promise is told by a panic")]

mod metadata;
mod partner;
mod response;
mod xml;

pub use metadata::{is_read, saml_metadata};
pub use response::{is_known, saml_response};

/// A target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus and of its program in `tests/fuzz`.
pub const TARGETS: &[(&str, Target)] = &[
    ("saml_metadata", saml_metadata),
    ("saml_response", saml_response),
];
