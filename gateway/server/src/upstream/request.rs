//! The head of the request to the upstream: the client's, without what is not its business, with what only the
//! gateway may say.

use std::net::IpAddr;

use gateway_config::model::Site;
use gateway_core::policy::Permit;
use gateway_sign_in::session::Session;
use http::header::{CONNECTION, COOKIE, HOST, HeaderName, TE, UPGRADE, VIA};
use http::{HeaderMap, HeaderValue};

use super::{address, assertion};
use crate::cookies;
use crate::hop::Wishes;
use crate::route::destination::DESTINATION;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const ASSERTION: HeaderName = HeaderName::from_static("x-vestibule-assertion");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-vestibule-request-id");
pub(crate) const SUBJECT: HeaderName = HeaderName::from_static("x-vestibule-subject");
pub(crate) const EMAIL: HeaderName = HeaderName::from_static("x-vestibule-email");
pub(crate) const PROVIDER: HeaderName = HeaderName::from_static("x-vestibule-provider");

/// What the gateway says about a request.
#[derive(Debug)]
pub(crate) struct About<'a> {
    /// The tenant's origin.
    pub origin: &'a str,
    /// The client's address.
    pub client: IpAddr,
    /// Whose request it is.
    pub session: Option<&'a Session>,
    /// The assertion about them.
    pub assertion: Option<HeaderValue>,
    /// What the client asked of its connection.
    pub wishes: &'a Wishes,
    /// The request's id.
    pub id: &'a str,
}

/// Turns the client's `headers` into the upstream's. Hop-by-hop and foreign headers are gone already.
pub(crate) fn complete(
    headers: &mut HeaderMap,
    site: &Site,
    permit: &Permit,
    transfers: bool,
    about: &About<'_>,
) {
    headers.remove(HOST);
    if headers.contains_key(COOKIE) {
        cookies::hide_own(headers);
    }
    destination(headers, site, permit, transfers);
    headers.append(VIA, HeaderValue::from_static("1.1 vestibule"));
    connection(headers, about.wishes);
    let (scheme, host) = about
        .origin
        .split_once("://")
        .unwrap_or(("https", about.origin));
    set(headers, FORWARDED_FOR, &about.client.to_string());
    set(headers, FORWARDED_HOST, host);
    set(headers, FORWARDED_PROTO, scheme);
    set(headers, REQUEST_ID, about.id);
    identity(headers, site, permit, about);
}

/// Written anew from the permit, or absent: an upstream never reads a destination that was not decided on.
fn destination(headers: &mut HeaderMap, site: &Site, permit: &Permit, transfers: bool) {
    headers.remove(DESTINATION);
    let decided = permit.destination().filter(|_| transfers);
    if let Some(uri) = decided.and_then(|target| address::outward(site, target)) {
        set(headers, DESTINATION, &uri.to_string());
    }
}

fn connection(headers: &mut HeaderMap, wishes: &Wishes) {
    if let Some(protocol) = &wishes.upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol.clone());
    } else if wishes.trailers {
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// Each of these headers was removed from the client's request; what is not known stays absent (row S040).
fn identity(headers: &mut HeaderMap, site: &Site, permit: &Permit, about: &About<'_>) {
    if let Some(assertion) = &about.assertion {
        headers.insert(ASSERTION, assertion.clone());
    }
    let (true, Some(session)) = (site.upstream.plain_headers, about.session) else {
        return;
    };
    set(
        headers,
        SUBJECT,
        &visible(&assertion::subject(session, permit.grounds())),
    );
    if let Some(person) = &session.person {
        set(headers, PROVIDER, person.key.provider.as_str());
        if let Some(email) = &person.address {
            set(headers, EMAIL, &visible(&email.to_string()));
        }
    }
}

/// Percent-encodes whatever is not visible ASCII, and `%` itself (row S046).
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Everything set here is visible ASCII by construction; what were not would be left out.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => drop(headers.remove(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_046_a_name_cannot_break_out_of_its_header() {
        assert_eq!(visible("a\r\nX-Admin: 1"), "a%0D%0AX-Admin:%201");
        assert_eq!(visible("jörg%"), "j%C3%B6rg%25");
    }
}
