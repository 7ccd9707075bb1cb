//! Answers.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use serde_json::Value;

use crate::error::{ApiError, Marks};
use crate::request::StreamBody;

/// The type of every JSON that leaves: one of the SDKs takes anything else for bytes.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The body of an answer.
pub enum Content {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// Bytes of that type.
    Bytes(&'static str, Bytes),
    /// A document on its way.
    Stream(StreamBody),
}

/// An answer.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Headers beyond those that every answer has.
    pub headers: HeaderMap,
    /// The body.
    pub content: Content,
}

impl Response {
    /// 200 with JSON.
    #[must_use]
    pub fn ok(value: Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// 201 with JSON.
    #[must_use]
    pub fn created(value: Value) -> Self {
        Self::json(StatusCode::CREATED, value)
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            content: Content::Empty,
        }
    }

    /// JSON with that status.
    #[must_use]
    pub fn json(status: StatusCode, value: Value) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            content: Content::Json(value),
        }
    }
}

impl Response {
    /// A number as text, as `/$count` answers.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            content: Content::Bytes("text/plain", count.to_string().into()),
        }
    }

    /// With a header; one that cannot be sent is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With an entity tag, quotes included.
    #[must_use]
    pub fn with_etag(self, tag: &str) -> Self {
        self.with_header(ETAG, tag)
    }

    /// The refusal as the caller gets it.
    ///
    /// - `authorization_uri`: where a token would come from, of an error about the token.
    #[must_use]
    pub(crate) fn refusal(error: &ApiError, marks: &Marks, authorization_uri: &str) -> Self {
        let mut response = Self::json(error.status, error.body(marks));
        if let Some(seconds) = error.retry_after {
            response = response.with_header(RETRY_AFTER, &seconds.to_string());
        }
        if let Some(header) = &error.header {
            response = response.with_header(header.0.clone(), &header.1);
        }
        if error.status == StatusCode::UNAUTHORIZED {
            let challenge = format!(
                "Bearer realm=\"\", authorization_uri=\"{authorization_uri}\", client_id=\"00000003-0000-0000-c000-000000000000\""
            );
            response = response.with_header(http::header::WWW_AUTHENTICATE, &challenge);
        }
        response
    }

    /// What goes out: with the headers of every answer, and without a body for `HEAD`.
    pub(crate) fn finish(self, marks: &Marks, head: bool) -> http::Response<StreamBody> {
        let mut response = http::Response::new(empty());
        *response.status_mut() = self.status;
        let (body, length, kind) = match self.content {
            Content::Empty => (empty(), Some(0), None),
            Content::Json(value) => {
                let bytes = Bytes::from(value.to_string());
                let length = bytes.len();
                (full(bytes), Some(length), Some(JSON))
            }
            Content::Bytes(kind, bytes) => {
                let length = bytes.len();
                (full(bytes), Some(length), Some(kind))
            }
            Content::Stream(body) => (body, None, None),
        };
        let headers = response.headers_mut();
        *headers = self.headers;
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(length) = length
            && self.status != StatusCode::NO_CONTENT
            && self.status != StatusCode::NOT_MODIFIED
        {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        stamp(headers, marks);
        *response.body_mut() = if head { empty() } else { body };
        response
    }
}

/// The headers that every answer has.
fn stamp(headers: &mut HeaderMap, marks: &Marks) {
    let fixed = [
        ("odata-version", "4.0"),
        ("x-content-type-options", "nosniff"),
        (VARY.as_str(), "Authorization"),
    ];
    for (name, value) in fixed {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    // What one caller may see is no other's, whatever stands between.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache, no-store, private"));
    for (name, value) in [
        ("request-id", &marks.request),
        ("client-request-id", &marks.client),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// A body of nothing.
#[must_use]
pub fn empty() -> StreamBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body of these bytes.
#[must_use]
pub fn full(bytes: Bytes) -> StreamBody {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}
