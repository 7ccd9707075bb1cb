//! TLS and HTTP/2, towards clients and towards upstreams.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_config::model::{Configuration, Tls};
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::support::*;
use crate::listener;

/// Far less than a transport of the tests may pause.
const SHORT: Duration = Duration::from_millis(250);
/// Enough for a handshake and a request, however busy the machine is.
const LONG: Duration = Duration::from_secs(10);

type Outgoing = http_body_util::combinators::BoxBody<Bytes, std::convert::Infallible>;

/// A certificate for `name`, in files, and itself.
fn certificate(folder: &Path, name: &str) -> (Tls, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let files = Tls {
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    (files, made.cert.der().clone())
}

fn client(trusted: CertificateDer<'static>, protocol: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsConnector::from(Arc::new(config))
}

struct Secure {
    world: World,
    trusted: CertificateDer<'static>,
    _folder: tempfile::TempDir,
}

impl Secure {
    async fn new(upstream: std::net::SocketAddr) -> Self {
        Self::adjusted(upstream, |_| {}).await
    }

    async fn adjusted(
        upstream: std::net::SocketAddr,
        adjust: impl FnOnce(&mut Configuration),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (files, trusted) = certificate(folder.path(), HOST);
        let tls = listener::tls(&files).unwrap();
        let world = World::over(upstream, Some(tls), |configuration| {
            configuration.gateway.public.external_port = Some(443);
            adjust(configuration);
        })
        .await;
        Self {
            world,
            trusted,
            _folder: folder,
        }
    }

    /// A connection whose client keeps sending PINGs, and its end. None where it ended before it was one: a busy machine
    /// may take longer over the handshake than a short limit allows.
    async fn pinging(&self) -> Option<(SendRequest<Outgoing>, tokio::task::JoinHandle<()>)> {
        let stream = TcpStream::connect(self.world.address).await.unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        let stream = client(self.trusted.clone(), b"h2")
            .connect(name, stream)
            .await
            .ok()?;
        let (sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(SHORT / 5)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(stream))
            .await
            .ok()?;
        let ended = tokio::spawn(async move {
            // However it ends.
            let _ended = connection.await;
        });
        Some((sender, ended))
    }

    async fn http2(&self) -> SendRequest<Outgoing> {
        let stream = TcpStream::connect(self.world.address).await.unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        let stream = client(self.trusted.clone(), b"h2")
            .connect(name, stream)
            .await
            .unwrap();
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        sender
    }
}

fn empty() -> Outgoing {
    Full::new(Bytes::new()).boxed()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn http2_reaches_an_http1_upstream() {
    let upstream = Scripted::new(OK).await;
    let secure = Secure::new(upstream.address).await;
    let mut sender = secure.http2().await;
    let request = Request::get(format!("https://{HOST}/sites/projects/read/a"))
        .header("cookie", secure.world.cookie(&secure.world.ada()))
        .body(empty())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(
        (response.status(), response.version()),
        (StatusCode::OK, Version::HTTP_2)
    );
    assert_eq!(
        response.headers()["strict-transport-security"],
        "max-age=31536000"
    );
    assert_eq!(text(response).await, "ok");
    let seen = upstream.only();
    assert!(
        seen.contains("x-forwarded-proto: https\r\n")
            && seen.contains("x-forwarded-host: contoso.localhost\r\n"),
        "{seen}"
    );
    assert!(!seen.contains("__host-"), "{seen}");
}

#[tokio::test]
async fn sec_036_an_authority_that_differs_from_the_host_is_refused() {
    let upstream = Scripted::new(OK).await;
    let secure = Secure::new(upstream.address).await;
    let mut sender = secure.http2().await;
    let request = Request::get(format!("https://{HOST}/"))
        .header("host", "other.example")
        .body(empty())
        .unwrap();
    assert_eq!(
        sender.send_request(request).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn an_http2_head_that_is_too_long_is_refused() {
    let upstream = Scripted::new(OK).await;
    let secure = Secure::new(upstream.address).await;
    let mut sender = secure.http2().await;
    let mut request = Request::get(format!("https://{HOST}/"));
    for n in 0..5 {
        request = request.header(format!("x-{n}"), "a".repeat(8000));
    }
    let answered = sender.send_request(request.body(empty()).unwrap()).await;
    // The client may read the limit before it sends, and then does not send at all.
    assert!(
        answered.is_err()
            || answered.unwrap().status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
    );
}

/// A connection that only keeps sending PINGs is of no use, before a request as well as after one.
#[tokio::test]
async fn an_http2_connection_without_streams_ends_whatever_else_moves() {
    let upstream = Scripted::new(OK).await;
    for used in [false, true] {
        let secure = Secure::adjusted(upstream.address, |configuration| {
            let limits = &mut configuration.gateway.limits;
            if used {
                limits.header_timeout = LONG;
                limits.body_idle_timeout = SHORT;
            } else {
                limits.header_timeout = SHORT;
            }
        })
        .await;
        let (mut sender, connection) = loop {
            if let Some(connected) = secure.pinging().await {
                break connected;
            }
        };
        if used {
            let request = Request::get(format!("https://{HOST}/_vestibule/jwks.json"));
            let response = sender
                .send_request(request.body(empty()).unwrap())
                .await
                .unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            text(response).await;
        }
        let ended = tokio::time::timeout(PATIENCE, connection).await;
        assert!(ended.is_ok(), "used: {used}");
        drop(sender);
    }
}

#[tokio::test]
async fn http1_is_spoken_where_it_is_agreed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let upstream = Scripted::new(OK).await;
    let secure = Secure::new(upstream.address).await;
    let stream = TcpStream::connect(secure.world.address).await.unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    let mut stream = client(secure.trusted.clone(), b"http/1.1")
        .connect(name, stream)
        .await
        .unwrap();
    let request = secure
        .world
        .fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"),
        "{answer}"
    );
}

/// An upstream over TLS that says which HTTP it was spoken to in, and echoes body and trailers.
async fn echo(files: &Tls) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(listener::tls(files).unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = acceptor.accept(stream).await.unwrap();
            let service = service_fn(|request: Request<Incoming>| async {
                let version = format!("{:?}", request.version());
                let whole = request.into_body().collect().await?;
                let trailers = whole.trailers().cloned().unwrap_or_default();
                let frames = [
                    Ok::<_, hyper::Error>(Frame::data(whole.to_bytes())),
                    Ok(Frame::trailers(trailers)),
                ];
                let body = StreamBody::new(futures_util::stream::iter(frames));
                Ok::<_, hyper::Error>(
                    Response::builder()
                        .header("x-version", version)
                        .body(body)
                        .unwrap(),
                )
            });
            tokio::spawn(
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

#[tokio::test]
async fn http2_reaches_an_http2_upstream_with_body_and_trailers() {
    let folder = tempfile::tempdir().unwrap();
    let (files, _) = certificate(folder.path(), "localhost");
    let upstream = echo(&files).await;
    let here = tempfile::tempdir().unwrap();
    let (own, trusted) = certificate(here.path(), HOST);
    let world = World::over(
        upstream,
        Some(listener::tls(&own).unwrap()),
        |configuration| {
            let contoso = configuration.tenants.get_mut(&tenant()).unwrap();
            for site in contoso.sites.values_mut() {
                site.upstream.origin = format!("https://localhost:{}", upstream.port())
                    .parse()
                    .unwrap();
                site.upstream.ca = Some(files.certificate.clone());
            }
        },
    )
    .await;
    let secure = Secure {
        world,
        trusted,
        _folder: here,
    };
    let mut sender = secure.http2().await;
    let mut trailers = http::HeaderMap::new();
    trailers.insert("x-sum", "7".parse().unwrap());
    trailers.insert("x-vestibule-subject", "root".parse().unwrap());
    let frames = [
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from("body"))),
        Ok(Frame::trailers(trailers)),
    ];
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed();
    let request = Request::put(format!("https://{HOST}/sites/projects/write/a"))
        .header("cookie", secure.world.cookie(&secure.world.ada()))
        .body(body)
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-version"], "HTTP/2.0");
    let whole = response.into_body().collect().await.unwrap();
    let trailers = whole.trailers().unwrap();
    assert_eq!(trailers["x-sum"], "7");
    assert!(!trailers.contains_key("x-vestibule-subject"));
    assert_eq!(whole.to_bytes(), "body");
}

#[tokio::test]
async fn an_upstream_whose_certificate_nobody_vouches_for_is_not_reached() {
    let folder = tempfile::tempdir().unwrap();
    let (files, _) = certificate(folder.path(), "localhost");
    let elsewhere = tempfile::tempdir().unwrap();
    let (other, _) = certificate(elsewhere.path(), "localhost");
    let upstream = echo(&files).await;
    let world = World::with(upstream, |configuration| {
        let contoso = configuration.tenants.get_mut(&tenant()).unwrap();
        for site in contoso.sites.values_mut() {
            site.upstream.origin = format!("https://localhost:{}", upstream.port())
                .parse()
                .unwrap();
            site.upstream.ca = Some(other.certificate.clone());
        }
    })
    .await;
    let answer = world
        .raw("GET /sites/projects/read/a HTTP/1.1\r\n{ada}connection: close\r\n\r\n")
        .await;
    assert_eq!(code(&answer), "upstream-unreachable");
}
