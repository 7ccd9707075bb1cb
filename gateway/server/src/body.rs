//! The body of every response, whether it is streamed from an upstream or made here.

use std::error::Error;

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

/// A response body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Whatever ended a body before its end.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

/// A body of these bytes.
#[must_use]
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body of these bytes, or none at all where the request was a HEAD.
#[must_use]
pub(crate) fn whole_or_head(bytes: Bytes, head_only: bool) -> Body {
    whole(if head_only { Bytes::new() } else { bytes })
}

/// Whether `body` certainly has nothing in it.
#[must_use]
pub(crate) fn is_empty(body: &hyper::body::Incoming) -> bool {
    body.is_end_stream()
}
