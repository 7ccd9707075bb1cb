//! The real network: one HTTP/1.1 connection for each request, over rustls.
//!
//! A sign-in makes one or two requests that are not cached, so connections are not kept.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_config::model::Provider as ConfiguredProvider;
use gateway_core::id::ProviderId;
use http::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use plugins_sdk::message::{FetchMethod, FetchRequest, Fields};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::roots::{self, RootsUnusable};
use super::{BoxFuture, Fetch, FetchFailed, Fetched, HOME_DISCOVERY, host_of, is_loopback};

/// Longest answer, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// Longest exchange, from the name look-up to the last byte.
const TIME: Duration = Duration::from_secs(5);
/// Headers that providers are told.
const TOLD: [&str; 6] = [
    "cache-control",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
];

/// Fetches over the network.
pub struct HttpFetcher {
    clients: HashMap<ProviderId, Arc<ClientConfig>>,
    time: Duration,
}

impl HttpFetcher {
    /// Reads the CA files of `providers`.
    ///
    /// # Errors
    /// [`RootsUnusable`] of the first provider whose file, or whose need for the system's roots, fails.
    pub fn new<'a>(
        providers: impl Iterator<Item = &'a ConfiguredProvider>,
    ) -> Result<Self, RootsUnusable> {
        let clients = providers
            .map(|provider| Ok((provider.id.clone(), roots::client(provider.ca.as_deref())?)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            clients,
            time: TIME,
        })
    }

    /// The same, and for home discovery with the system's roots.
    ///
    /// # Errors
    /// [`RootsUnusable`] where the system has none.
    pub fn with_home_discovery(mut self) -> Result<Self, RootsUnusable> {
        if let Ok(own) = ProviderId::parse(HOME_DISCOVERY) {
            let client = roots::client(None)?;
            self.clients.entry(own).or_insert(client);
        }
        Ok(self)
    }

    /// The same with another time limit.
    #[cfg(test)]
    pub(super) fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    async fn exchange(
        &self,
        provider: &ProviderId,
        url: &Url,
        request: &FetchRequest,
    ) -> Result<Fetched, FetchFailed> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        let unreachable = |problem: String| FetchFailed::Unreachable {
            host: host.to_owned(),
            problem,
        };
        // `url` writes IPv6 addresses in brackets; certificates and resolvers want them bare.
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let socket = connect(url, name, port)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let message = message(url, request)
            .ok_or_else(|| unreachable("the request cannot be written".to_owned()))?;
        let response = if url.scheme() == "https" {
            let client = self
                .clients
                .get(provider)
                .ok_or_else(|| unreachable("no TLS client".to_owned()))?;
            let server = ServerName::try_from(name.to_owned())
                .map_err(|error| unreachable(error.to_string()))?;
            let secured = TlsConnector::from(Arc::clone(client))
                .connect(server, socket)
                .await
                .map_err(|error| unreachable(error.to_string()))?;
            send(secured, message).await
        } else {
            send(socket, message).await
        };
        read(
            response.map_err(|error| unreachable(error.to_string()))?,
            host,
        )
        .await
    }
}

impl Fetch for HttpFetcher {
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderId,
        url: &'a Url,
        request: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        Box::pin(async move {
            match timeout(self.time, self.exchange(provider, url, request)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(FetchFailed::TooSlow(host_of(url))),
            }
        })
    }
}

/// Names below `localhost` are this machine's, whatever a resolver says: plain http is allowed to them.
///
/// Source: RFC 6761 section 6.3.
async fn connect(url: &Url, name: &str, port: u16) -> std::io::Result<TcpStream> {
    if is_loopback(url) && matches!(url.host(), Some(url::Host::Domain(_))) {
        let here: [SocketAddr; 2] = [
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ];
        return TcpStream::connect(here.as_slice()).await;
    }
    TcpStream::connect((name, port)).await
}

fn message(url: &Url, request: &FetchRequest) -> Option<Request<Full<Bytes>>> {
    let method = match request.method {
        FetchMethod::Get => http::Method::GET,
        FetchMethod::Post => http::Method::POST,
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let body = Full::new(Bytes::from(request.body.clone().unwrap_or_default()));
    let mut message = Request::builder()
        .method(method)
        .uri(target)
        .body(body)
        .ok()?;
    let headers = message.headers_mut();
    for (name, value) in &request.headers {
        headers.insert(
            HeaderName::from_bytes(name.as_bytes()).ok()?,
            HeaderValue::from_str(value).ok()?,
        );
    }
    headers.insert(HOST, HeaderValue::from_str(&host_of(url)).ok()?);
    headers.insert(USER_AGENT, HeaderValue::from_static("vestibule"));
    Some(message)
}

async fn send<S>(
    stream: S,
    message: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the response body, or when the sender and the response are dropped.
    tokio::spawn(connection);
    sender.send_request(message).await
}

async fn read(response: Response<Incoming>, host: &str) -> Result<Fetched, FetchFailed> {
    let status = response.status().as_u16();
    let headers: Fields = TOLD
        .iter()
        .filter_map(|name| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.to_owned()))
        })
        .collect();
    let body = Limited::new(response.into_body(), MAX_BODY)
        .collect()
        .await
        .map_err(|_| FetchFailed::TooLarge(host.to_owned()))?
        .to_bytes();
    let body = String::from_utf8(body.into()).map_err(|_| FetchFailed::NotText(host.to_owned()))?;
    Ok(Fetched {
        status,
        headers,
        body,
    })
}
