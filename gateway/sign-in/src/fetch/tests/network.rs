//! The real fetcher against servers on loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use gateway_config::model::SecretSettings;
use gateway_core::assertion::{DomainScope, ProviderTrust};
use gateway_core::home::Offer;
use gateway_core::id::ProviderKind;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::*;

pub(crate) fn configured(ca: Option<PathBuf>) -> ConfiguredProvider {
    let id = ProviderId::parse("work-school").unwrap();
    ConfiguredProvider {
        id: id.clone(),
        plugin: "work-school".into(),
        sha256: [0; 32],
        display_name: None,
        tenants: None,
        trust: ProviderTrust {
            id: id.clone(),
            kind: ProviderKind::parse("work-school").unwrap(),
            issuers: Vec::new(),
            cloud: None,
            domains: DomainScope::Any,
        },
        offer: Offer {
            id,
            home_domains: BTreeSet::new(),
            any_domain: false,
            order: 0,
        },
        home_domains_given: false,
        fetch_hosts: None,
        ca,
        isolation: gateway_config::model::Isolation::None,
        generation: String::new(),
        settings: SecretSettings(serde_json::Value::Null),
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().to_string();
    let host = request.headers()["host"].to_str().unwrap().to_owned();
    let accept = request
        .headers()
        .get("accept")
        .map(|value| value.to_str().unwrap().to_owned());
    let method = request.method().to_string();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let full = |bytes: Vec<u8>| Full::new(Bytes::from(bytes));
    let mut response = Response::new(full(Vec::new()));
    match path.as_str() {
        "/redirect" => {
            *response.status_mut() = http::StatusCode::FOUND;
            response
                .headers_mut()
                .insert("location", "/echo".parse().unwrap());
        }
        "/megabyte" => *response.body_mut() = full(vec![b'x'; 1024 * 1024]),
        "/more" => *response.body_mut() = full(vec![b'x'; 1024 * 1024 + 1]),
        "/binary" => *response.body_mut() = full(vec![0xff, 0xfe]),
        "/never" => std::future::pending().await,
        _ => {
            let headers = response.headers_mut();
            headers.insert("cache-control", "max-age=600".parse().unwrap());
            headers.insert("set-cookie", "a=b".parse().unwrap());
            let told = format!(
                "{method} {path} {host} {} {}",
                accept.unwrap_or_default(),
                String::from_utf8_lossy(&body)
            );
            *response.body_mut() = full(told.into_bytes());
        }
    }
    Ok(response)
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let _ended = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

async fn plain_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

async fn tls_server(names: &[&str]) -> (SocketAddr, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream).await;
                }
            });
        }
    });
    (address, made.cert.pem())
}

fn fetcher(ca: Option<PathBuf>) -> HttpFetcher {
    HttpFetcher::new(std::iter::once(&configured(ca))).unwrap()
}

async fn fetch(
    fetcher: &HttpFetcher,
    url: &str,
    request: FetchRequest,
) -> Result<Fetched, FetchFailed> {
    let id = ProviderId::parse("work-school").unwrap();
    fetcher
        .fetch(&id, &Url::parse(url).unwrap(), &request)
        .await
}

fn get() -> FetchRequest {
    FetchRequest {
        method: FetchMethod::Get,
        url: String::new(),
        headers: Fields::new(),
        body: None,
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    let address = plain_server().await;
    let fetcher = fetcher(None);
    let request = FetchRequest {
        method: FetchMethod::Post,
        url: String::new(),
        headers: Fields::from([("accept".to_owned(), "application/json".to_owned())]),
        body: Some("code=1".to_owned()),
    };
    let fetched = fetch(&fetcher, &format!("http://{address}/echo?a=b%20c"), request)
        .await
        .unwrap();
    assert_eq!(
        fetched.body,
        format!("POST /echo?a=b%20c {address} application/json code=1")
    );
    assert_eq!(fetched.headers["cache-control"], "max-age=600");
    assert!(!fetched.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn names_below_localhost_are_this_machine() {
    let address = plain_server().await;
    let url = format!("http://login.worldwide.localhost:{}/echo", address.port());
    let fetched = fetch(&fetcher(None), &url, get()).await.unwrap();
    assert!(
        fetched.body.contains("login.worldwide.localhost"),
        "{}",
        fetched.body
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let address = plain_server().await;
    let fetched = fetch(&fetcher(None), &format!("http://{address}/redirect"), get())
        .await
        .unwrap();
    assert_eq!((fetched.status, fetched.body.as_str()), (302, ""));
    assert!(!fetched.headers.contains_key("location"));
}

#[tokio::test]
async fn answers_are_at_most_a_mebibyte_of_text() {
    let address = plain_server().await;
    let fetcher = fetcher(None);
    let at = |path: &str| format!("http://{address}{path}");
    assert_eq!(
        fetch(&fetcher, &at("/megabyte"), get())
            .await
            .unwrap()
            .body
            .len(),
        1024 * 1024
    );
    assert!(matches!(
        fetch(&fetcher, &at("/more"), get()).await,
        Err(FetchFailed::TooLarge(_))
    ));
    assert!(matches!(
        fetch(&fetcher, &at("/binary"), get()).await,
        Err(FetchFailed::NotText(_))
    ));
}

#[tokio::test]
async fn who_never_answers_is_given_up() {
    let address = plain_server().await;
    let fetcher = fetcher(None).within(Duration::from_millis(50));
    let outcome = fetch(&fetcher, &format!("http://{address}/never"), get()).await;
    assert_eq!(outcome, Err(FetchFailed::TooSlow(address.to_string())));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outcome = fetch(&fetcher(None), &format!("http://{address}/"), get()).await;
    assert!(
        matches!(outcome, Err(FetchFailed::Unreachable { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_certificate_counts_when_the_providers_ca_made_it_for_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let (address, pem) = tls_server(&["localhost"]).await;
    std::fs::write(&file, pem).unwrap();
    let (foreign, _) = tls_server(&["localhost"]).await;
    let (misnamed, other_pem) = tls_server(&["other.example"]).await;
    let other_file = folder.path().join("other.pem");
    std::fs::write(&other_file, other_pem).unwrap();
    let at = |address: SocketAddr| format!("https://localhost:{}/", address.port());
    let trusting = fetcher(Some(file));
    assert_eq!(
        fetch(&trusting, &at(address), get()).await.unwrap().status,
        200
    );
    for (fetcher, address) in [
        (&trusting, foreign),
        (&fetcher(Some(other_file)), misnamed),
        (&fetcher(None), address),
    ] {
        let outcome = fetch(fetcher, &at(address), get()).await;
        assert!(
            matches!(outcome, Err(FetchFailed::Unreachable { .. })),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_ca_file_without_a_certificate_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for content in ["", "not a certificate"] {
        std::fs::write(&file, content).unwrap();
        assert!(matches!(
            HttpFetcher::new(std::iter::once(&configured(Some(file.clone())))),
            Err(RootsUnusable::File { .. })
        ));
    }
    let absent = configured(Some(folder.path().join("absent.pem")));
    assert!(matches!(
        HttpFetcher::new(std::iter::once(&absent)),
        Err(RootsUnusable::File { .. })
    ));
}
