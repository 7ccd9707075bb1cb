//! Connections to the world's servers: every name under `localhost` is this machine, one authority is trusted.

use std::fs::File;
use std::io::BufReader;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::Outcome;

/// A body of a request, of whatever kind.
pub type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A connection, with TLS or without.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The version of HTTP to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, over TLS by ALPN.
    Http2,
}

/// Whom to trust; cheap to clone.
#[derive(Clone)]
pub struct Network {
    roots: Arc<RootCertStore>,
}

impl Network {
    /// Trusts the authority in the PEM file `ca`, and nobody else.
    ///
    /// # Errors
    /// If the file holds no certificate.
    pub fn trusting(ca: &Path) -> Outcome<Self> {
        use_one_crypto_provider();
        let mut roots = RootCertStore::empty();
        let mut reader = BufReader::new(File::open(ca)?);
        for certificate in rustls::pki_types::CertificateDer::pem_reader_iter(&mut reader) {
            roots.add(certificate?)?;
        }
        Ok(Self {
            roots: Arc::new(roots),
        })
    }

    /// Opens a connection to the server of `url`.
    ///
    /// # Errors
    /// If nobody answers, or not with a certificate for that host.
    pub async fn connect(&self, url: &Url, version: Version) -> Outcome<Box<dyn Stream>> {
        let (host, port) = host_and_port(url)?;
        let address = address_of(&host, port)?;
        let stream = TcpStream::connect(address)
            .await
            .map_err(|why| format!("{url}: {why}"))?;
        stream.set_nodelay(true)?;
        if url.scheme() != "https" {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(host)?;
        let stream = self.connector(version).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|why| format!("{url}: {why}"))?))
    }

    /// Sends one request on a connection of its own, to the server of its (absolute) URI.
    ///
    /// # Errors
    /// If no answer comes back.
    pub async fn send(&self, request: Request<Body>) -> Outcome<Response<Incoming>> {
        let url = Url::parse(&request.uri().to_string())?;
        let io = TokioIo::new(self.connect(&url, Version::Http1).await?);
        let (mut sender, connection) = http1::handshake(io).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender.send_request(in_origin_form(request, &url)?).await?)
    }

    /// The same over HTTP/2.
    ///
    /// # Errors
    /// If no answer comes back.
    pub async fn send_http2(&self, request: Request<Body>) -> Outcome<Response<Incoming>> {
        let url = Url::parse(&request.uri().to_string())?;
        let io = TokioIo::new(self.connect(&url, Version::Http2).await?);
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
        tokio::spawn(connection);
        Ok(sender.send_request(request).await?)
    }

    /// Trusts nobody, which is enough for plain HTTP.
    #[must_use]
    pub fn plain() -> Self {
        use_one_crypto_provider();
        Self {
            roots: Arc::new(RootCertStore::empty()),
        }
    }

    fn connector(&self, version: Version) -> TlsConnector {
        let mut config = ClientConfig::builder()
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = match version {
            Version::Http1 => vec![b"http/1.1".to_vec()],
            Version::Http2 => vec![b"h2".to_vec()],
        };
        TlsConnector::from(Arc::new(config))
    }
}

/// The body of what is at `url`, over plain HTTP.
///
/// # Errors
/// If nobody answers, or not with success.
pub async fn get(url: &str) -> Outcome<String> {
    let body = Body::new(Empty::new().map_err(|never| match never {}));
    let request = Request::get(url).body(body)?;
    let answer = Network::plain().send(request).await?;
    crate::ensure!(
        answer.status().is_success(),
        "{} from {url}",
        answer.status()
    );
    let body = answer.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec())?)
}

/// Chooses the process's TLS implementation; any number of calls.
pub fn use_one_crypto_provider() {
    // An error says that it has been chosen before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// The `Host` header for `url`: without the port where the scheme implies it.
///
/// # Errors
/// If the URL has no host.
pub fn authority(url: &Url) -> Outcome<String> {
    let host = url
        .host_str()
        .ok_or_else(|| format!("`{url}` has no host"))?;
    Ok(url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn in_origin_form(mut request: Request<Body>, url: &Url) -> Outcome<Request<Body>> {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .parse()?;
    if !request.headers().contains_key(HOST) {
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(&authority(url)?)?);
    }
    *request.uri_mut() = target;
    Ok(request)
}

fn host_and_port(url: &Url) -> Outcome<(String, u16)> {
    let host = url
        .host_str()
        .ok_or_else(|| format!("`{url}` has no host"))?;
    let port = url
        .port_or_known_default()
        .ok_or_else(|| format!("`{url}` has no port"))?;
    Ok((host.to_owned(), port))
}

fn address_of(host: &str, port: u16) -> Outcome<SocketAddr> {
    if host == "localhost" || host.ends_with(".localhost") {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let address: Ipv4Addr = host
        .parse()
        .map_err(|_| format!("`{host}` is not on this machine: no test goes there"))?;
    crate::ensure!(
        address.is_loopback(),
        "`{host}` is not on this machine: no test goes there"
    );
    Ok((address, port).into())
}
