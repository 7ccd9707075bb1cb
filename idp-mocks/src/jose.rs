//! JSON Web Keys and signed tokens (RFC 7515, 7517, 7518), as much of them as a provider needs.

mod key;
mod token;

pub(crate) use key::{KeyNotMade, SigningKey};
pub(crate) use token::{Draft, Shape, Signing};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// base64url without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
