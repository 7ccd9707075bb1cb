//! The body of every response, whether it is streamed from an upstream or made here.

use std::error::Error;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body as _;
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

/// A response body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Whatever ended a body before its end.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

/// The body of a request that goes on to an upstream.
pub(crate) enum Sent {
    /// A client's, as it comes.
    Client(Incoming),
    /// Anything else.
    Other(Body),
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Client(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            Self::Other(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Client(body) => body.is_end_stream(),
            Self::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Client(body) => body.size_hint(),
            Self::Other(body) => body.size_hint(),
        }
    }
}

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
pub(crate) fn is_empty(body: &Incoming) -> bool {
    body.is_end_stream()
}
