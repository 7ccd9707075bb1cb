//! HTTPS and STARTTLS with a given certificate, under a given host name.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use idp_mocks::{Listener, Mocks, Service, Settings, Tls, WireFault};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const HOST: &str = "login.localhost";

async fn mocks_and_connector(alpn: &[&str]) -> (Mocks, TlsConnector) {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let tls = Tls::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap();
    let listener = Listener {
        host: Some(HOST.to_owned()),
        tls: Some(tls),
        ..Listener::default()
    };
    let settings = Settings {
        google: listener.clone(),
        smtp: listener,
        large_bytes: 0,
        ..Settings::default()
    };
    let mocks = Mocks::start(settings).await.unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    (mocks, TlsConnector::from(Arc::new(config)))
}

async fn handshake(connector: &TlsConnector, stream: TcpStream) -> TlsStream<TcpStream> {
    connector
        .connect(ServerName::try_from(HOST).unwrap(), stream)
        .await
        .unwrap()
}

#[tokio::test]
async fn https_speaks_http_2_and_prints_the_given_host() {
    let (mocks, connector) = mocks_and_connector(&["h2"]).await;
    let google = &mocks.urls().google;
    assert_eq!(
        google.origin,
        format!("https://{HOST}:{}", google.address.port())
    );
    let stream = handshake(
        &connector,
        TcpStream::connect(google.address).await.unwrap(),
    )
    .await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let url = format!("{}/.well-known/openid-configuration", google.origin);
    let request = http::Request::get(url)
        .body(Empty::<bytes::Bytes>::new())
        .unwrap();
    let body = sender
        .send_request(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    assert_eq!(document["issuer"], google.issuer);
    assert_eq!(
        document["jwks_uri"],
        format!("{}/oauth2/v3/certs", google.origin)
    );
}

#[tokio::test]
async fn starttls_begins_anew_and_forgets_what_was_slipped_in_before() {
    let (mocks, connector) = mocks_and_connector(&[]).await;
    let mut stream = BufReader::new(TcpStream::connect(mocks.urls().mailbox.smtp).await.unwrap());
    let mut greeting = String::new();
    stream.read_line(&mut greeting).await.unwrap();
    assert_eq!(greeting, format!("220 {HOST} ESMTP mock\r\n"));
    stream.write_all(b"EHLO x\r\n").await.unwrap();
    let mut offered = String::new();
    while !offered.contains("250 ") {
        stream.read_line(&mut offered).await.unwrap();
    }
    assert!(offered.contains("250-STARTTLS\r\n"));
    // The command after STARTTLS, in the same packet, is the one that must not be answered inside.
    stream.write_all(b"STARTTLS\r\nNOOP\r\n").await.unwrap();
    let mut ready = String::new();
    stream.read_line(&mut ready).await.unwrap();
    assert_eq!(ready, "220 go ahead\r\n");
    let mut secure = handshake(&connector, stream.into_inner()).await;
    secure.write_all(b"MAIL FROM:<>\r\nQUIT\r\n").await.unwrap();
    let mut rest = String::new();
    secure.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "503 not now\r\n221 bye\r\n");
}

#[tokio::test]
async fn bad_certificates_are_shown_when_told() {
    let (mocks, connector) = mocks_and_connector(&["http/1.1"]).await;
    let address = mocks.urls().google.address;
    let met = async || {
        let stream = TcpStream::connect(address).await.unwrap();
        let met = connector
            .connect(ServerName::try_from(HOST).unwrap(), stream)
            .await;
        met.map(|_| ()).map_err(|why| why.to_string())
    };
    met().await.unwrap();
    for fault in [WireFault::ExpiredCertificate, WireFault::ForeignCertificate] {
        mocks.misbehave(Service::Google, fault).unwrap();
        let why = met().await.unwrap_err();
        assert!(why.contains("certificate"), "{why}");
        mocks.behave(Service::Google);
    }
    met().await.unwrap();
}

/// A certificate that is over, and would be trusted if it were not.
#[tokio::test]
async fn an_expired_certificate_may_be_given() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let good = parameters.self_signed(&key).unwrap();
    parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let over = parameters.self_signed(&key).unwrap();
    let pem = key.serialize_pem();
    let tls = |certificate: &rcgen::Certificate| {
        Tls::from_pem(certificate.pem().as_bytes(), pem.as_bytes()).unwrap()
    };
    let listener = Listener {
        host: Some(HOST.to_owned()),
        tls: Some(tls(&good).with_expired(tls(&over))),
        ..Listener::default()
    };
    let settings = Settings {
        google: listener,
        large_bytes: 0,
        ..Settings::default()
    };
    let mocks = Mocks::start(settings).await.unwrap();
    mocks
        .misbehave(Service::Google, WireFault::ExpiredCertificate)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(over.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(mocks.urls().google.address)
        .await
        .unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let met = connector
        .connect(ServerName::try_from(HOST).unwrap(), stream)
        .await;
    let why = met.map(|_| ()).unwrap_err().to_string();
    assert!(why.contains("Expired") || why.contains("expired"), "{why}");
}
