//! Step 1: connections in front of documents. Takes requests off them, with every limit there is on doing so.

mod address;
mod connection;
mod heads;
pub(crate) mod shares;
mod streams;
mod tls;
mod transport;

pub use tls::{TlsUnusable, tls, tls_with_clients};

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::rand;
use gateway_core::time::UnixTime;
use gateway_sign_in::AddressPrefix;
use http::request::Parts;
use hyper::body::Incoming;
use metrics::counter;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::api::Management;
use crate::gateway::Gateway;
use connection::Connection;
use shares::{Share, Shares};

/// A request as it came, with what only its connection knows.
pub struct Arrival {
    /// The head.
    pub head: Parts,
    /// The body, not read.
    pub body: Incoming,
    /// The client's address: the peer's, or what a trusted proxy says.
    pub client: IpAddr,
    /// The client came over TLS, to the gateway or to a trusted proxy.
    pub secure: bool,
    /// The port it came in at.
    pub local_port: u16,
    /// The head can be read in two ways.
    pub ambiguous: bool,
    /// When it came. Read once; every step works with this.
    pub now: UnixTime,
    /// 128 random bits, hexadecimal.
    pub id: String,
}

impl Arrival {
    /// The origin by which people know `host`. Made of the listener's own scheme and port, never of the request's
    /// (row S024).
    #[must_use]
    pub fn origin(&self, gateway: &Gateway, host: &str) -> String {
        let port = gateway
            .declared
            .gateway
            .public
            .external_port
            .unwrap_or(self.local_port);
        match (self.secure, port) {
            (true, 443) => format!("https://{host}"),
            (false, 80) => format!("http://{host}"),
            (true, port) => format!("https://{host}:{port}"),
            (false, port) => format!("http://{host}:{port}"),
        }
    }
}

/// What answers requests.
#[derive(Clone)]
pub(crate) enum Behind {
    /// Documents.
    Documents,
    /// The management API.
    Management(Arc<Management>),
}

/// Serves documents until `stop` ends; then lets what is running end within the configured deadline.
///
/// - `tls`: none only where the configuration says `plain_http`.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
) {
    serve_from(gateway, Behind::Documents, listener, tls, stop).await;
}

/// The same, for what is `behind` the listener. Each listener has the configured limits for itself.
pub(crate) async fn serve_from(
    gateway: Arc<Gateway>,
    behind: Behind,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
) {
    let limits = gateway.declared.gateway.limits.clone();
    let places = Arc::new(Semaphore::new(limits.connections));
    let shares = Shares::new(limits.connections_per_prefix);
    let (running, stopping) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Ok(share) = share(&gateway, &shares, peer) else {
            counter!("vestibule_connections_refused_total").increment(1);
            continue;
        };
        let connection = Connection {
            gateway: Arc::clone(&gateway),
            behind: behind.clone(),
            tls: tls.clone(),
            peer,
        };
        let stopping = stopping.clone();
        running.spawn(async move {
            connection.run(stream, &stopping).await;
            drop((place, share));
        });
    }
    drop(listener);
    stopping.cancel();
    running.close();
    let ended = async {
        running.wait().await;
        // Only documents have tunnels, and only their listener ends them.
        if let Behind::Documents = behind {
            gateway.tunnels.close();
            gateway.tunnels.wait().await;
        }
    };
    match tokio::time::timeout(limits.shutdown_deadline, ended).await {
        Ok(()) => info!("Listener ended"),
        Err(_) => warn!("Listener ended with transfers still running"),
    }
}

/// The next connection for which there is a place. While all are taken, others wait in the system's queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, IpAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(place) = Arc::clone(places).acquire_owned().await else {
            return std::future::pending().await;
        };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip().to_canonical(), place),
            Err(error) => {
                warn!(error = %error, "Connection could not be accepted");
                // Out of files, most likely: the next try would fail at once again.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// The peer's network has its share of connections already.
struct NoShare;

/// A place of the peer's network. A proxy speaks for many clients and needs none: nobody can bound those for it here.
fn share(gateway: &Gateway, shares: &Shares, peer: IpAddr) -> Result<Option<Share>, NoShare> {
    if gateway.declared.gateway.trusts(peer) {
        return Ok(None);
    }
    shares
        .take(AddressPrefix::from(peer))
        .map(Some)
        .ok_or(NoShare)
}

/// 128 random bits as text.
fn request_id() -> String {
    let mut bytes = [0; 16];
    // Ids tell requests apart in logs and protect nothing: without randomness they are merely all alike.
    let _filled = rand::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
