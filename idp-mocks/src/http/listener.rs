//! The accept loop: plain or TLS, HTTP/1.1 and HTTP/2, upgrades, until told to stop.

use std::future::Future;
use std::io;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::Answer;
use super::spoil::HangUp;
use super::tls::Doors;

/// What answers the requests of a listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers one request; a fault is an answer too.
    fn handle(&self, request: Request<Incoming>) -> impl Future<Output = Answer> + Send;
}

/// Serves connections in the background until `stop`.
pub(crate) fn serve<H: Handler>(
    listener: TcpListener,
    doors: Doors,
    handler: Arc<H>,
    stop: CancellationToken,
) {
    tokio::spawn(async move {
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((stream, _)) = accepted else { continue };
            let connection = converse(stream, doors.acceptor(), Arc::clone(&handler));
            let stop = stop.clone();
            tokio::spawn(async move { stop.run_until_cancelled(connection).await });
        }
    });
}

async fn converse<H: Handler>(stream: TcpStream, tls: Option<TlsAcceptor>, handler: Arc<H>) {
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(error = %cause, "Small packets may be delayed");
    }
    match tls {
        None => converse_over(stream, handler).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => converse_over(stream, handler).await,
            Err(cause) => tracing::debug!(error = %cause, "TLS handshake failed"),
        },
    }
}

async fn converse_over<S, H>(stream: S, handler: Arc<H>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
{
    let service = service_fn(move |request| {
        let handler = Arc::clone(&handler);
        async move {
            let answer = handler.handle(request).await;
            match answer.extensions().get::<HangUp>() {
                Some(HangUp) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(answer),
            }
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    // A client that closes its sending half after the request still gets the answer.
    builder.http1().half_close(true);
    let served = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .await;
    if let Err(cause) = served {
        tracing::debug!(error = %cause, "Connection ended early");
    }
}
