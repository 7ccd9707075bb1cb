//! What a request to the sign-in says, read once.

use http::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, Method};
use plugins_sdk::limits;
use plugins_sdk::message::Fields;

use crate::reason::Reason;

/// Longest value of a field of a form of ours, in bytes.
const MAX_VALUE: usize = 8 * 1024;

/// Reads a query string or a form. A name that comes twice is refused: of two values, which one counts differs
/// from program to program (S111).
pub(crate) fn fields(encoded: &[u8]) -> Result<Fields, Reason> {
    let mut fields = Fields::new();
    for (name, value) in url::form_urlencoded::parse(encoded) {
        if fields.len() >= limits::FIELDS {
            return Err(Reason::BadRequest);
        }
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err(Reason::DuplicateParameter);
        }
    }
    Ok(fields)
}

/// Reads the form of a POST.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Reason> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Reason::BadRequest);
    }
    fields(body)
}

/// Reads the form of a POST to one of our own pages: only from them.
pub(crate) fn own_form(headers: &HeaderMap, body: &[u8], origin: &str) -> Result<Fields, Reason> {
    if !is_same_origin(headers, origin) {
        return Err(Reason::CrossSite);
    }
    let fields = form(headers, body)?;
    if fields.values().any(|value| value.len() > MAX_VALUE) {
        return Err(Reason::BadRequest);
    }
    Ok(fields)
}

/// Whether the request was made by a page of this very origin. Every browser says so in at least one of the two
/// headers, and neither can be set by a script (S051).
///
/// - `origin`: this host's, as browsers see it: `https://contoso.localhost:8443`.
#[must_use]
pub fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let site = one_value(headers, "sec-fetch-site");
    let from = one_value(headers, ORIGIN.as_str());
    match (site, from) {
        (Said::Nothing, Said::Nothing) | (Said::Twice, _) | (_, Said::Twice) => false,
        (site, from) => site.is_nothing_or("same-origin") && from.is_nothing_or(origin),
    }
}

#[derive(Clone, Copy)]
enum Said<'a> {
    Nothing,
    Once(&'a [u8]),
    Twice,
}

impl Said<'_> {
    fn is_nothing_or(self, wanted: &str) -> bool {
        match self {
            Self::Nothing => true,
            Self::Once(value) => value == wanted.as_bytes(),
            Self::Twice => false,
        }
    }
}

fn one_value<'a>(headers: &'a HeaderMap, name: &str) -> Said<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Said::Nothing,
        (Some(value), None) => Said::Once(value.as_bytes()),
        (Some(_), Some(_)) => Said::Twice,
    }
}

/// Whether a person looks at the answer, and not a program.
pub(crate) fn wants_page(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => {
            text(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"))
                && (method == Method::GET || method == Method::HEAD || method == Method::POST)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            })
    }

    #[test]
    fn sec_051_only_our_own_pages_post() {
        let check = |pairs: &[(&'static str, &'static str)], want: bool| {
            assert_eq!(
                is_same_origin(&headers(pairs), "https://contoso.example:8443"),
                want,
                "{pairs:?}"
            );
        };
        let own = ("origin", "https://contoso.example:8443");
        check(&[own], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[own, ("sec-fetch-site", "same-origin")], true);
        check(&[], false);
        check(&[own, ("sec-fetch-site", "cross-site")], false);
        check(&[own, ("sec-fetch-site", "same-site")], false);
        check(
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "same-origin"),
            ],
            false,
        );
        check(&[("origin", "null")], false);
        check(&[("origin", "https://contoso.example")], false);
        check(
            &[("origin", "https://contoso.example:8443.evil.example")],
            false,
        );
        check(&[own, own], false);
    }

    #[test]
    fn sec_111_a_name_comes_once() {
        assert_eq!(fields(b"code=1&state=2").unwrap().len(), 2);
        assert_eq!(fields(b"code=1&code=1"), Err(Reason::DuplicateParameter));
        assert_eq!(
            fields(b"state=1&%73tate=2"),
            Err(Reason::DuplicateParameter)
        );
        let many = (0..=limits::FIELDS)
            .map(|n| format!("n{n}="))
            .collect::<Vec<_>>()
            .join("&");
        assert_eq!(fields(many.as_bytes()), Err(Reason::BadRequest));
    }

    #[test]
    fn programs_get_no_pages() {
        let check = |pairs: &[(&'static str, &'static str)], want: bool| {
            assert_eq!(wants_page(&Method::GET, &headers(pairs)), want, "{pairs:?}");
        };
        check(&[("sec-fetch-mode", "navigate")], true);
        check(&[("accept", "text/html,*/*")], true);
        check(
            &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
            false,
        );
        check(&[("accept", "application/json")], false);
        check(&[], false);
    }
}
