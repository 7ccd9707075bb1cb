//! The bytes of a connection: they keep moving or it ends, and the heads in them are looked at in passing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gateway_config::model::Limits;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::heads::{Ambiguities, Heads};
use crate::pause::Pause;

/// A connection's stream.
pub(super) struct Transport<S> {
    stream: S,
    pause: Pause,
    heads: Option<Heads>,
}

impl<S> Transport<S> {
    /// Ends `stream` when no byte moves for longer than either a body or an upstream may pause.
    pub(super) fn new(stream: S, limits: &Limits) -> Self {
        let longest: Duration = limits
            .body_idle_timeout
            .max(limits.upstream_response_timeout);
        Self {
            stream,
            pause: Pause::new(longest),
            heads: None,
        }
    }

    /// Has every HTTP/1 head looked at for what the parser would silently put right.
    pub(super) fn scanning(mut self, ambiguities: Ambiguities) -> Self {
        self.heads = Some(Heads::new(ambiguities));
        self
    }

    /// Nothing moved: pending, or an error once that was so for too long.
    fn waiting<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.pause
            .poll_too_long(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buffer) {
            Poll::Pending => this.waiting(cx),
            Poll::Ready(read) => {
                this.pause.moved();
                if let (Some(heads), Some(new)) = (&mut this.heads, buffer.filled().get(before..)) {
                    heads.feed(new);
                }
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write(cx, bytes) {
            Poll::Pending => this.waiting(cx),
            Poll::Ready(written) => {
                this.pause.moved();
                Poll::Ready(written)
            }
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write_vectored(cx, slices) {
            Poll::Pending => this.waiting(cx),
            Poll::Ready(written) => {
                this.pause.moved();
                Poll::Ready(written)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            Poll::Pending => this.waiting(cx),
            Poll::Ready(flushed) => Poll::Ready(flushed),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_shutdown(cx) {
            Poll::Pending => this.waiting(cx),
            Poll::Ready(closed) => Poll::Ready(closed),
        }
    }
}
