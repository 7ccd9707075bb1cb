//! The cookie that says which browser an attempt belongs to: one for all of a browser's attempts.

use gateway_store::model::Attempt;
use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

use crate::random::{self, NoRandomness};
use crate::session::{self, cookie};
use crate::text;

const COOKIE: &str = "__Host-vestibule-attempt";

/// A browser, by the secret in its cookie.
#[derive(Clone, Copy)]
pub(crate) struct Browser([u8; 16]);

impl Browser {
    /// The browser that a request came from, if it has been given a secret before.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        cookie(headers, COOKIE)
            .and_then(text::decode_exactly)
            .map(Self)
    }

    /// A browser that has none yet.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self(random::bytes()?))
    }

    /// What the row holds: the store does not know the secret.
    pub(crate) fn hash(self) -> [u8; 32] {
        text::sha256(&self.0)
    }

    pub(crate) fn began(self, attempt: &Attempt) -> bool {
        self.hash().ct_eq(&attempt.browser).into()
    }

    /// `SameSite=None`: some identity providers let the browser post their answer, and a foreign page's post brings no
    /// other cookie.
    pub(crate) fn set_cookie(self) -> HeaderValue {
        session::header(&format!(
            "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=None",
            text::encode(&self.0)
        ))
    }

    pub(crate) fn clear_cookie() -> HeaderValue {
        HeaderValue::from_static(
            "__Host-vestibule-attempt=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0",
        )
    }
}
