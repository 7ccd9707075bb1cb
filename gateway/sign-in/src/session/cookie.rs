//! Cookies: how ours are written, and how one is found among those that came.

use http::header::COOKIE as COOKIE_HEADER;
use http::{HeaderMap, HeaderValue};

use super::COOKIE;

/// `Set-Cookie` for a sealed session. It lasts as long as the browser runs; how long it is honoured is inside it.
#[must_use]
pub fn set_cookie(sealed: &str) -> HeaderValue {
    header(&format!(
        "{COOKIE}={sealed}; Path=/; Secure; HttpOnly; SameSite=Lax"
    ))
}

/// `Set-Cookie` that takes the session away.
#[must_use]
pub fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-vestibule=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The value of the cookie `name`. A name that came twice counts as absent: one of the two was planted.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim());
    let value = found.next()?;
    if found.next().is_some() || value.is_empty() {
        return None;
    }
    Some(value)
}

/// A header value of what is base64url and constants; should it ever be anything else, none is set.
pub(crate) fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| clear_cookie())
}
