//! A body on its way through the gateway, in either direction: counted, never still for too long, and cut when the
//! decision behind it no longer holds.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::trailers;
use crate::body::BodyError;
use crate::pause::Pause;
use crate::traffic::{Direction, Traffic};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Ends when a transfer must.
pub(crate) type Leash = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why a body was broken off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// Nothing came for too long.
    #[error("nothing came for too long")]
    Idle,
    /// What allowed the transfer no longer holds.
    #[error("the transfer is no longer allowed")]
    NoLongerAllowed,
    /// Whoever sent it broke off.
    #[error("the sender broke off: {0}")]
    Sender(BodyError),
}

/// A body with a count, a longest pause and a leash.
pub(crate) struct Watched<B> {
    body: B,
    received: Option<Arc<Traffic>>,
    pause: Pause,
    leash: Option<Leash>,
    /// Dropped together with the body.
    _kept: Option<Box<dyn Send>>,
}

impl<B> Watched<B> {
    /// Watches `body`.
    ///
    /// - `limit`: the longest pause.
    pub(crate) fn new(body: B, limit: Duration, leash: Option<Leash>) -> Self {
        Self {
            body,
            received: None,
            pause: Pause::new(limit),
            leash,
            _kept: None,
        }
    }

    /// Counts the bytes as received.
    #[must_use]
    pub(crate) fn counting(mut self, traffic: Arc<Traffic>) -> Self {
        self.received = Some(traffic);
        self
    }

    /// Keeps `value` for as long as the body is there.
    #[must_use]
    pub(crate) fn keeping(mut self, value: impl Send + 'static) -> Self {
        self._kept = Some(Box::new(value));
        self
    }
}

impl<B> Body for Watched<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        if this
            .leash
            .as_mut()
            .is_some_and(|leash| leash.as_mut().poll(cx).is_ready())
        {
            this.leash = None;
            return Poll::Ready(Some(Err(Broken::NoLongerAllowed)));
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                this.pause.moved();
                Poll::Ready(frame.map(|frame| match frame {
                    Ok(frame) => Ok(this.pass(frame)),
                    Err(error) => Err(Broken::Sender(error.into())),
                }))
            }
            Poll::Pending => {
                ready!(this.pause.poll_too_long(cx));
                Poll::Ready(Some(Err(Broken::Idle)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Watched<B> {
    fn pass(&self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.data_ref() {
            Some(data) => {
                if let Some(traffic) = &self.received {
                    traffic.count(Direction::Received, data.len());
                }
                frame
            }
            None => match frame.into_trailers() {
                Ok(trailers) => Frame::trailers(trailers::harmless(trailers)),
                Err(other) => other,
            },
        }
    }
}
