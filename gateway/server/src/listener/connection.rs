//! One connection: TLS, then HTTP/2 or HTTP/1.1 as agreed there.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use gateway_config::model::Limits;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use metrics::counter;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::heads::Ambiguities;
use super::streams::Streams;
use super::transport::Transport;
use super::{Arrival, Behind, address, request_id, tls};
use crate::body::Body;
use crate::clock;
use crate::gateway::Gateway;
use crate::pipeline;

/// Streams at once on one HTTP/2 connection: the least that RFC 9113 (section 6.5.2) recommends, so that no page loads
/// slower for it. More would only let one connection hold more.
const STREAMS: u32 = 100;
/// Streams a client may reset before they are looked at, and errors it may provoke: beyond, the connection ends.
const RESETS: usize = 32;
/// Flow-control windows, in bytes: what one stream, and all streams of a connection, may keep in memory.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Bytes buffered for one stream towards a slow client.
const SEND_BUFFER: usize = 64 * 1024;
/// The least that hyper takes for its HTTP/1 buffer.
const LEAST_BUFFER: usize = 8 * 1024;

/// What a connection needs.
pub(super) struct Connection {
    pub(super) gateway: Arc<Gateway>,
    pub(super) behind: Behind,
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) peer: IpAddr,
}

impl Connection {
    /// Serves the connection to its end, or to a graceful one once `stop` is cancelled.
    pub(super) async fn run(self, stream: TcpStream, stop: &CancellationToken) {
        let local_port = stream.local_addr().map_or(0, |address| address.port());
        if let Err(error) = stream.set_nodelay(true) {
            debug!(error = %error, "Connection keeps its delay");
        }
        let Some(tls) = self.tls.clone() else {
            return self.http1(stream, local_port, stop).await;
        };
        let handshake = TlsAcceptor::from(tls).accept(stream);
        let longest = self.gateway.declared.gateway.limits.header_timeout;
        match tokio::time::timeout(longest, handshake).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => {
                self.http2(stream, local_port, stop).await;
            }
            Ok(Ok(stream)) => self.http1(stream, local_port, stop).await,
            Ok(Err(error)) => debug!(error = %error, "Handshake failed"),
            Err(_) => debug!("Handshake took too long"),
        }
    }

    async fn http1<S>(self, stream: S, local_port: u16, stop: &CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let limits = &self.gateway.declared.gateway.limits;
        let ambiguities = Ambiguities::default();
        let stream = Transport::new(stream, limits).scanning(ambiguities.clone());
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_header_size(limits.header_bytes)
            .max_buf_size(limits.header_bytes.max(LEAST_BUFFER));
        let service = service_fn(move |request| {
            let arrival = self.arrival(request, local_port, ambiguities.next());
            answer(Arc::clone(&self.gateway), self.behind.clone(), arrival)
        });
        let connection = builder
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        drive(connection, stop, |connection| {
            connection.graceful_shutdown();
        })
        .await;
    }

    async fn http2<S>(self, stream: S, local_port: u16, stop: &CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let gateway = Arc::clone(&self.gateway);
        let limits = &gateway.declared.gateway.limits;
        let stream = Transport::new(stream, limits);
        let streams = Streams::new();
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS)
            .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER);
        let counted = streams.clone();
        let service = service_fn(move |request| {
            let running = counted.begin();
            let arrival = self.arrival(request, local_port, false);
            let (gateway, behind) = (Arc::clone(&self.gateway), self.behind.clone());
            async move {
                let answered = answer(gateway, behind, arrival).await;
                answered.map(|response| response.map(|body| running.through(body)))
            }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let unused = CancellationToken::new();
        let connection = drive(connection, &unused, |connection| {
            connection.graceful_shutdown();
        });
        tokio::select! {
            () = connection => {}
            () = retire(&streams, limits, stop, &unused) => debug!("Connection was not used"),
        }
    }

    fn arrival(&self, request: Request<Incoming>, local_port: u16, ambiguous: bool) -> Arrival {
        let (head, body) = request.into_parts();
        let settings = &self.gateway.declared.gateway;
        Arrival {
            client: address::client(&head.headers, self.peer, settings),
            secure: address::secure(&head.headers, self.tls.is_some(), self.peer, settings),
            local_port,
            ambiguous,
            now: clock::now(),
            id: request_id(),
            head,
            body,
        }
    }
}

async fn answer(
    gateway: Arc<Gateway>,
    behind: Behind,
    arrival: Arrival,
) -> Result<Response<Body>, Infallible> {
    Ok(match behind {
        Behind::Documents => pipeline::handle(&gateway, arrival).await,
        Behind::Management(management) => management.answer(arrival).await,
    })
}

/// Asks a connection to end, by `asked`, once `stop` is cancelled or it was not used for as long as a body may pause; before its
/// first request, for as long as a head may take. Ends itself when the client does not end it although no stream is left.
///
/// PINGs are no use: they keep the bytes moving, and cost a client nothing.
async fn retire(
    streams: &Streams,
    limits: &Limits,
    stop: &CancellationToken,
    asked: &CancellationToken,
) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = streams.unused(limits.header_timeout, limits.body_idle_timeout) => {}
    }
    asked.cancel();
    streams.idle_for(limits.header_timeout).await;
}

/// Runs `connection`; once `stop` is cancelled it takes no more requests and ends with those that run.
async fn drive<C>(connection: C, stop: &CancellationToken, graceful: fn(Pin<&mut C>))
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            graceful(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = outcome {
        if error.is_parse() {
            // Refused by the parser before there was a request to record.
            counter!("vestibule_malformed_requests_total").increment(1);
        }
        debug!(error = %error, "Connection broke off");
    }
}
