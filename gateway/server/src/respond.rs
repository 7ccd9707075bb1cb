//! Step 7: what happened → the response. [`table`] is the only place that turns a cause into a status, a code and a
//! sentence; nothing of an upstream is in such a response.

mod refusal;
mod table;

pub(crate) use refusal::{Refusal, SignIn};

use gateway_sign_in::pages::{self, Forms, Link};
use http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    LOCATION, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};

use crate::body::{self, Body};
use crate::record::Verdict;
use table::Row;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who is answered, as far as the answer depends on it.
#[derive(Clone, Debug)]
pub(crate) struct Audience {
    /// The request's id.
    pub id: String,
    /// Somebody looks at a page; otherwise a program reads JSON.
    pub navigates: bool,
    /// HEAD: no body.
    pub head_only: bool,
    /// The connection is TLS.
    pub secure: bool,
    /// The connection is HTTP/1, and can be closed by saying so.
    pub http1: bool,
    /// The name of the tenant, once it is known.
    pub organisation: Option<String>,
    /// The path and query to come back to after signing in, once they are known.
    pub return_to: Option<String>,
    /// The authentication context that the person is asked to satisfy, where one of their own organisation is demanded.
    pub context: Option<String>,
}

impl Audience {
    /// Who sent `head`.
    #[must_use]
    pub(crate) fn of(head: &Parts, secure: bool, id: String) -> Self {
        Self {
            id,
            navigates: navigates(head),
            head_only: head.method == Method::HEAD,
            secure,
            http1: head.version <= Version::HTTP_11,
            organisation: None,
            return_to: None,
            context: None,
        }
    }
}

/// A browser says what it does; older ones are told by what they accept (row S017).
fn navigates(head: &Parts) -> bool {
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    let headers = &head.headers;
    let says = [FETCH_MODE, FETCH_DEST, FETCH_SITE]
        .iter()
        .any(|name| headers.contains_key(name));
    let mode = headers
        .get(FETCH_MODE)
        .is_some_and(|mode| mode.as_bytes() == b"navigate");
    let accepts_pages = || {
        let accepted = headers.get_all(ACCEPT).iter();
        accepted
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("text/html"))
    };
    reads && if says { mode } else { accepts_pages() }
}

/// The response for `outcome`, with how it is recorded where it is a refusal.
#[must_use]
pub(crate) fn render(
    outcome: Result<Response<Body>, Refusal>,
    audience: &Audience,
) -> (Response<Body>, Option<Verdict>) {
    let (mut response, verdict) = match outcome {
        Ok(response) => (response, None),
        Err(refusal) => (refuse(&refusal, audience), Some(table::verdict(&refusal))),
    };
    let headers = response.headers_mut();
    set(headers, REQUEST_ID, &audience.id);
    if audience.secure {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    (response, verdict)
}

fn refuse(refusal: &Refusal, audience: &Audience) -> Response<Body> {
    let row = table::row(refusal);
    let able = |kind: &SignIn| *kind != SignIn::Context || audience.context.is_some();
    let mut response = match (audience.navigates, refusal.sign_in().filter(able)) {
        (true, Some(kind)) => see_other(&sign_in(kind, audience)),
        (true, None) => page(&row, refusal, audience),
        (false, _) => json(&row, audience),
    };
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if unauthorized {
        headers.insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Vestibule sign-in=\"/_vestibule/sign-in\""),
        );
    }
    if let Some(allow) = row.allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = row.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    if row.closes && audience.http1 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn sign_in(kind: SignIn, audience: &Audience) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(target) = &audience.return_to {
        query.append_pair("return_to", target);
    }
    let more = match kind {
        SignIn::Any => None,
        SignIn::Fresh => Some(("fresh", "1")),
        SignIn::SecondFactor => Some(("second_factor", "1")),
        SignIn::Context => audience.context.as_deref().map(|name| ("context", name)),
    };
    query.extend_pairs(more);
    match query.finish() {
        query if query.is_empty() => "/_vestibule/sign-in".to_owned(),
        query => format!("/_vestibule/sign-in?{query}"),
    }
}

/// 303 to an address of the same host.
#[must_use]
pub(crate) fn see_other(location: &str) -> Response<Body> {
    let mut response = Response::new(body::whole(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set(headers, LOCATION, location);
    response
}

fn page(row: &Row, refusal: &Refusal, audience: &Audience) -> Response<Body> {
    let other_account = sign_in(SignIn::Any, audience);
    let html = pages::refusal(&pages::Refusal {
        organisation: audience.organisation.as_deref().unwrap_or_default(),
        heading: row.heading,
        message: row.message,
        advice: row.advice,
        code: row.code,
        request_id: &audience.id,
        link: refusal.may_be_another_person().then_some(Link {
            href: &other_account,
            label: "Sign in with another account",
        }),
    });
    let mut response = Response::new(body::whole_or_head(html.into(), audience.head_only));
    *response.status_mut() = row.status;
    pages::secure(response.headers_mut(), Forms::None);
    response
}

fn json(row: &Row, audience: &Audience) -> Response<Body> {
    let text =
        serde_json::json!({ "code": row.code, "message": row.message, "request_id": audience.id });
    let mut response = document("application/json", text.to_string().into(), audience);
    *response.status_mut() = row.status;
    response
}

/// A document of the gateway's own, for programs.
#[must_use]
pub(crate) fn document(
    media_type: &'static str,
    content: bytes::Bytes,
    audience: &Audience,
) -> Response<Body> {
    let mut response = Response::new(body::whole_or_head(content, audience.head_only));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

/// What is set here is visible ASCII by construction; what were not would be left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
