//! What the listeners share of HTTP: bodies, answers, parameters, the accept loop.

pub(crate) mod front;
pub(crate) mod listener;
pub(crate) mod params;
pub(crate) mod requests;
pub(crate) mod spoil;
pub(crate) mod tls;

use std::io;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;

/// The body of every answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Every answer.
pub(crate) type Answer = Response<Body>;

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer of the given media type.
pub(crate) fn answer(
    status: StatusCode,
    media_type: &'static str,
    bytes: impl Into<Bytes>,
) -> Answer {
    let mut answer = Response::new(full(bytes));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// A JSON answer that nobody stores.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(bytes) => no_store(answer(status, "application/json", bytes)),
        Err(cause) => internal_error(&cause),
    }
}

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl askama::Template) -> Answer {
    match template.render() {
        Ok(text) => no_store(answer(status, "text/html; charset=utf-8", text)),
        Err(cause) => internal_error(&cause),
    }
}

/// A line of text.
pub(crate) fn text(status: StatusCode, line: impl Into<Bytes>) -> Answer {
    answer(status, "text/plain; charset=utf-8", line)
}

/// 303, or 500 if `location` cannot stand in a header.
pub(crate) fn redirect(location: &str) -> Answer {
    let Ok(location) = HeaderValue::from_str(location) else {
        return text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the address fits in no header\n",
        );
    };
    let mut answer = no_store(text(StatusCode::SEE_OTHER, ""));
    answer.headers_mut().insert(LOCATION, location);
    answer
}

/// 404.
pub(crate) fn not_found() -> Answer {
    text(StatusCode::NOT_FOUND, "nothing is here\n")
}

/// 405.
pub(crate) fn not_allowed() -> Answer {
    text(StatusCode::METHOD_NOT_ALLOWED, "not with this method\n")
}

/// 500 for a fault that nobody asked for.
pub(crate) fn internal_error(cause: &dyn std::error::Error) -> Answer {
    tracing::warn!(error = %cause, "The mock failed");
    text(StatusCode::INTERNAL_SERVER_ERROR, "the mock failed\n")
}

fn no_store(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
