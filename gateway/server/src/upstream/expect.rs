//! `Expect: 100-continue`, end to end: the client's body is asked for when the upstream asks, not before.
//!
//! hyper sends 100 to the client when the body is first read; so the body is held back. A refused request is never
//! read at all, and never sees a 100.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{HeaderMap, Version};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

use crate::body::BodyError;

/// How long an upstream may stay silent before the body is sent all the same: it may know nothing of expectations.
///
/// Source: RFC 9110 section 10.1.1 ("SHOULD NOT wait for an indefinite period").
const PATIENCE: Duration = Duration::from_secs(1);

/// What is known about the upstream's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Unknown,
    Wanted,
    Answered,
}

/// The side that learns what the upstream wants. Once every clone is gone, a body still held back ends.
#[derive(Clone, Debug)]
pub(super) struct Asker(Arc<watch::Sender<Wish>>);

impl Asker {
    /// The upstream said 100: the body may flow.
    pub(super) fn wanted(&self) {
        self.move_on(Wish::Wanted);
    }

    /// The upstream gave its final answer without asking for the body: it stays where it is.
    pub(super) fn answered(&self) {
        self.move_on(Wish::Answered);
    }

    fn move_on(&self, next: Wish) {
        self.0.send_if_modified(|wish| {
            let first = *wish == Wish::Unknown;
            if first {
                *wish = next;
            }
            first
        });
    }
}

/// Whether the client waits to be asked for its body. The header is gone afterwards where it means nothing.
pub(super) fn waits(headers: &mut HeaderMap, version: Version, has_body: bool) -> bool {
    let expected = headers
        .get(EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let waits = expected && has_body && version != Version::HTTP_10;
    if !waits {
        headers.remove(EXPECT);
    }
    waits
}

/// A request body, held back or not.
pub(crate) enum Outgoing<B> {
    /// Sent as it comes.
    Free(B),
    /// Held until the upstream wants it.
    Held {
        /// The body.
        body: B,
        /// Ends with whether it is wanted.
        gate: Pin<Box<dyn Future<Output = bool> + Send>>,
    },
    /// Held until there was no more use for it.
    Unwanted,
}

/// Holds `body` back until the other half says that it is wanted.
pub(super) fn hold<B>(body: B) -> (Asker, Outgoing<B>) {
    let (sender, receiver) = watch::channel(Wish::Unknown);
    (
        Asker(Arc::new(sender)),
        Outgoing::Held {
            body,
            gate: Box::pin(opens(receiver)),
        },
    )
}

async fn opens(mut wish: watch::Receiver<Wish>) -> bool {
    let open = {
        let asked =
            tokio::time::timeout(PATIENCE, wish.wait_for(|wish| *wish != Wish::Unknown)).await;
        match asked {
            Err(_patience_ended) => true,
            Ok(Ok(wish)) => *wish == Wish::Wanted,
            Ok(Err(_nobody_asks)) => false,
        }
    };
    if !open {
        // An error in a request body would tear down the connection that the answer still comes on.
        let _gone = wish.wait_for(|_| false).await;
    }
    open
}

impl<B> Body for Outgoing<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Self::Held { gate, .. } = this {
            let open = ready!(gate.as_mut().poll(cx));
            *this = match std::mem::replace(this, Self::Unwanted) {
                Self::Held { body, .. } if open => Self::Free(body),
                held => {
                    if open {
                        held
                    } else {
                        Self::Unwanted
                    }
                }
            };
        }
        match this {
            Self::Free(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            Self::Held { .. } | Self::Unwanted => Poll::Ready(Some(Err(Box::new(NotWanted)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Free(body) | Self::Held { body, .. } => body.is_end_stream(),
            Self::Unwanted => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Free(body) | Self::Held { body, .. } => body.size_hint(),
            Self::Unwanted => SizeHint::default(),
        }
    }
}

/// The upstream never wanted the body.
#[derive(Debug, thiserror::Error)]
#[error("the upstream answered without wanting the body")]
struct NotWanted;
