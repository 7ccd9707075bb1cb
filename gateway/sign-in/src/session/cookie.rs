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
        // Bytes: another cookie may hold what is no text, and only that one is then unreadable.
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(split_pair)
        .filter(|(key, _)| *key == name.as_bytes())
        .map(|(_, value)| value);
    let value = found.next()?;
    if found.next().is_some() || value.is_empty() {
        return None;
    }
    str::from_utf8(value).ok().filter(|value| value.is_ascii())
}

fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (key, value) = pair.split_at_checked(equals)?;
    Some((key.trim_ascii(), value.get(1..)?.trim_ascii()))
}

/// A header value of what is base64url and constants; should it ever be anything else, none is set.
pub(crate) fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| clear_cookie())
}
