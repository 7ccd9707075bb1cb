//! A connection that has switched protocols: bytes both ways, counted, never still for too long, cut when the
//! decision behind it no longer holds.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes};
use tokio::sync::oneshot;
use tracing::debug;

use super::stream::Leash;
use crate::record::Record;
use crate::traffic::{Direction, Traffic};

/// Bytes held for each direction.
const BUFFER: usize = 16 * 1024;

/// Left in the extensions of a 101: whoever records the request hands the record on, and the tunnel ends it.
#[derive(Clone)]
pub(crate) struct Opened(Arc<Mutex<Option<oneshot::Sender<Record>>>>);

impl Opened {
    /// Lets the tunnel end `record`.
    pub(crate) fn hand_over(&self, record: Record) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // A tunnel that is over already drops the record, which ends it as well.
            let _late = sender.send(record);
        }
    }
}

/// The two ends of a tunnel.
pub(super) struct Ends {
    /// Towards the client; ready once the 101 was sent.
    pub client: OnUpgrade,
    /// Towards the upstream.
    pub upstream: OnUpgrade,
}

/// The work of one tunnel, to be spawned, and the mark for the response that opens it.
pub(super) fn tunnel(
    ends: Ends,
    traffic: Arc<Traffic>,
    limit: Duration,
    leash: Leash,
) -> (Opened, impl Future<Output = ()> + Send + 'static) {
    let (sender, record) = oneshot::channel();
    let work = async move {
        let record = record.await;
        tokio::select! {
            () = run(ends, &traffic) => {}
            () = leash => {}
            () = stillness(&traffic, limit) => {}
        }
        drop(record);
    };
    (Opened(Arc::new(Mutex::new(Some(sender)))), work)
}

async fn run(ends: Ends, traffic: &Traffic) {
    let (client, upstream) = match tokio::try_join!(ends.client, ends.upstream) {
        Ok(both) => both,
        Err(error) => return debug!(error = %error, "Tunnel could not be opened"),
    };
    let mut client = Counted {
        io: TokioIo::new(client),
        traffic,
    };
    let mut upstream = TokioIo::new(upstream);
    // However it ends, it has ended; both sides are closed by being dropped.
    let _ended = copy_bidirectional_with_sizes(&mut client, &mut upstream, BUFFER, BUFFER).await;
}

/// Ends when no byte passed for `limit`.
async fn stillness(traffic: &Traffic, limit: Duration) {
    let mut before = None;
    loop {
        let now = (traffic.received(), traffic.sent());
        if before == Some(now) {
            return;
        }
        before = Some(now);
        tokio::time::sleep(limit).await;
    }
}

/// The client's side, counting what passes.
struct Counted<'a, T> {
    io: T,
    traffic: &'a Traffic,
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<'_, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.traffic.count(
            Direction::Received,
            buffer.filled().len().saturating_sub(before),
        );
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<'_, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, bytes))?;
        self.traffic.count(Direction::Sent, written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
