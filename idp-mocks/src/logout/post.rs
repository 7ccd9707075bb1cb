//! A small HTTP client, for what a provider sends to its clients.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::Reply;
use crate::shared::Shared;

const PATIENCE: Duration = Duration::from_secs(30);
const BODY_LIMIT: usize = 1024 * 1024;

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The address is no absolute HTTP URL.
    #[error("the address is no URL of http or https")]
    NotAUrl,
    /// Nobody said whose certificates to trust.
    #[error(
        "https needs the certificates to trust: `trust` of the settings, `--trust` on the command line"
    )]
    NoTrust,
    /// The connection failed or broke off.
    #[error("`{host}` did not answer: {why}")]
    NoAnswer {
        /// The host.
        host: String,
        /// What happened.
        why: String,
    },
}

pub(super) async fn form(
    shared: &Shared,
    url: &str,
    fields: &[(&str, &str)],
) -> Result<Reply, NotSent> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    send(shared, Method::POST, url, body).await
}

pub(super) async fn get(shared: &Shared, url: &str) -> Result<Reply, NotSent> {
    send(shared, Method::GET, url, String::new()).await
}

async fn send(shared: &Shared, method: Method, url: &str, body: String) -> Result<Reply, NotSent> {
    let url = Url::parse(url).map_err(|_| NotSent::NotAUrl)?;
    let host = url.host().ok_or(NotSent::NotAUrl)?;
    let port = url.port_or_known_default().ok_or(NotSent::NotAUrl)?;
    let name = host.to_string();
    let failed = |why: String| NotSent::NoAnswer {
        host: name.clone(),
        why,
    };
    let request = Request::builder()
        .method(method)
        .uri(
            url.as_str()
                .strip_prefix(&url.origin().ascii_serialization())
                .unwrap_or("/"),
        )
        .header(HOST, format!("{name}:{port}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))
        .map_err(|cause| failed(cause.to_string()))?;
    let exchange = async {
        let stream = connect(&host, port)
            .await
            .map_err(|cause| failed(cause.to_string()))?;
        if url.scheme() == "https" {
            let config = shared.trust().ok_or(NotSent::NoTrust)?;
            let server = ServerName::try_from(name.clone()).map_err(|_| NotSent::NotAUrl)?;
            let stream = TlsConnector::from(Arc::clone(config))
                .connect(server, stream)
                .await;
            converse(stream.map_err(|cause| failed(cause.to_string()))?, request).await
        } else {
            converse(stream, request).await
        }
        .map_err(|cause| failed(cause.to_string()))
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(reply) => reply,
        Err(_) => Err(failed("it took too long".to_owned())),
    }
}

/// `localhost` and the names below it are this machine (RFC 6761, section 6.3).
async fn connect(host: &Host<&str>, port: u16) -> std::io::Result<TcpStream> {
    match host {
        Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
        Host::Domain(name) if *name == "localhost" || name.ends_with(".localhost") => {
            TcpStream::connect((IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await
        }
        Host::Domain(name) => TcpStream::connect((*name, port)).await,
    }
}

async fn converse<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Reply, Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    Limited::new(body, BODY_LIMIT).collect().await?;
    let cache_control = head.headers.get(CACHE_CONTROL);
    Ok(Reply {
        status: head.status,
        cache_control: cache_control
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    })
}
