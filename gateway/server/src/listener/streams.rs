//! Whether an HTTP/2 connection is in use, by the streams on it: a client can keep bytes moving without any.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::watch;

use crate::body::{Body, BodyError};

/// Counts the streams of one connection.
#[derive(Clone, Debug)]
pub(super) struct Streams(Arc<watch::Sender<usize>>);

/// One stream, from its request's head to the end of its response's body.
pub(super) struct Running(Arc<watch::Sender<usize>>);

impl Streams {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// A stream begins.
    pub(super) fn begin(&self) -> Running {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Running(Arc::clone(&self.0))
    }

    /// Ends once there was no stream for `longest`, or none at all for `first`.
    pub(super) async fn unused(&self, first: Duration, longest: Duration) {
        tokio::select! {
            () = self.until(|count| count > 0) => self.idle_for(longest).await,
            () = tokio::time::sleep(first) => {}
        }
    }

    /// Ends once there was no stream for `longest`.
    pub(super) async fn idle_for(&self, longest: Duration) {
        loop {
            self.until(|count| count == 0).await;
            tokio::select! {
                () = self.until(|count| count > 0) => {}
                () = tokio::time::sleep(longest) => return,
            }
        }
    }

    async fn until(&self, reached: fn(usize) -> bool) {
        // The sender is in `self`, and so never gone.
        let _count = self
            .0
            .subscribe()
            .wait_for(|count| reached(*count))
            .await
            .map(|count| *count);
    }
}

impl Running {
    /// Makes the stream last as long as `body`.
    pub(super) fn through(self, body: Body) -> Body {
        Held {
            body,
            _stream: self,
        }
        .boxed_unsync()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

struct Held {
    body: Body,
    _stream: Running,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_that_runs_keeps_the_connection_and_its_end_starts_the_clock() {
        let streams = Streams::new();
        let running = streams.begin();
        let body = running.through(crate::body::whole(Bytes::from_static(b"x")));
        let idle = streams.idle_for(Duration::ZERO);
        tokio::pin!(idle);
        assert!(futures_util::poll!(&mut idle).is_pending());
        let waiting = futures_util::poll!(Box::pin(streams.until(|count| count == 0)));
        assert!(waiting.is_pending(), "its body has not ended");
        drop(body);
        idle.await;
    }

    #[tokio::test]
    async fn a_connection_without_any_stream_is_unused() {
        let streams = Streams::new();
        let hour = Duration::from_secs(3600);
        streams.unused(Duration::ZERO, hour).await;
        drop(streams.begin());
        let _running = streams.begin();
        let unused = streams.unused(Duration::ZERO, hour);
        assert!(futures_util::poll!(Box::pin(unused)).is_pending());
    }
}
