//! A gateway on a socket in front of upstreams that the tests write themselves.

mod configuration;
mod nowhere;
mod scripted;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_core::address::EmailAddress;
use gateway_core::assertion::EmailProof;
use gateway_core::id::{GuestId, ProviderId, ProviderKind, TenantId};
use gateway_core::person::IdentityKey;
use gateway_sign_in::fetch::Fetch;
use gateway_sign_in::keys::Keyring;
use gateway_sign_in::session::{self, Session, SessionPerson};
use gateway_sign_in::{Parts, Provider as Loaded, SignIn};
use gateway_store::Store;
use gateway_store::directory::Directory;
use gateway_store::model::Redemption;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::clock;
use crate::gateway::{Gateway, GatewayParts};
use crate::listener;
use configuration::{cloud, configuration, provider_id};
pub(crate) use configuration::{configuration_of_tests, declared, nest};
pub(crate) use nowhere::Nowhere;
use nowhere::{Silent, description};
pub(super) use scripted::{OK, PATIENCE, Scripted, accepted, head, until};

pub(crate) const HOST: &str = "contoso.localhost";
/// The tenant's own directory.
pub(super) const OWN: &str = "own";
pub(crate) const ADA: &str = "ada@fabrikam.example";
pub(super) const ANYONE: &str = "anyone-token-anyone-token";
pub(super) const EXPIRED: &str = "expired-token-expired-token";
pub(super) const ORGANIZATION: &str = "organization-token-organization";

/// The providers of a [`World`], opened anew.
pub(super) fn silent_providers() -> BTreeMap<ProviderId, Arc<dyn Loaded>> {
    let silent = Arc::new(Silent(description())) as Arc<dyn Loaded>;
    BTreeMap::from([(provider_id(), silent)])
}

/// No network.
pub(super) fn nowhere() -> Arc<dyn Fetch> {
    Arc::new(Nowhere)
}

pub(crate) struct World {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    pub(crate) ended: Option<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A gateway in front of `upstream`, over plain HTTP.
    pub(crate) async fn new(upstream: SocketAddr) -> Self {
        Self::with(upstream, |_| {}).await
    }

    pub(crate) async fn with(
        upstream: SocketAddr,
        adjust: impl FnOnce(&mut Configuration),
    ) -> Self {
        Self::over(upstream, None, adjust).await
    }

    pub(crate) async fn over(
        upstream: SocketAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
        adjust: impl FnOnce(&mut Configuration),
    ) -> Self {
        super::recorded::be_heard();
        let folder = tempfile::tempdir().unwrap();
        let mut configuration = configuration(upstream, folder.path().to_owned());
        adjust(&mut configuration);
        let configuration = Arc::new(configuration);
        let now = clock::now();
        let store = Store::open_at(&crate::serve::location(&configuration.gateway.store), now)
            .await
            .unwrap();
        let directory = Directory::open(store, declared(&configuration), now)
            .await
            .unwrap();
        directory
            .redeem(
                &Redemption {
                    tenant: tenant(),
                    guest: GuestId::parse("ada").unwrap(),
                    address: email(ADA),
                    identity: identity("ada"),
                    consented_at: now,
                },
                Vec::new(),
            )
            .await
            .unwrap();
        let keyring = Arc::new(Keyring::open(&configuration.gateway.keys, now).unwrap());
        let sign_in = Arc::new(SignIn::new(Parts {
            configuration: Arc::clone(&configuration),
            directory: directory.clone(),
            keys: Arc::clone(&keyring),
            providers: silent_providers(),
            network: Arc::new(Nowhere),
            mailer: Arc::new(Nowhere),
        }));
        let gateway = Gateway::new(GatewayParts {
            configuration,
            directory,
            keyring,
            sign_in,
        })
        .unwrap();
        let gateway = Arc::new(gateway);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = listener::serve(Arc::clone(&gateway), listener, tls, async {
            let _ = stopped.await;
        });
        let ended = Some(tokio::spawn(serving));
        Self {
            gateway,
            address,
            stop: Some(stop),
            ended,
            _folder: folder,
        }
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `request` as it stands, with the placeholders `{host}` and `{ada}` filled in, and reads until the connection
    /// ends. The request should therefore ask for that.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream
            .write_all(self.fill(request).as_bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is as good an end as any.
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(
            read.is_ok(),
            "the connection stayed open: {}",
            String::from_utf8_lossy(&answer)
        );
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn fill(&self, request: &str) -> String {
        request
            .replace("{host}", &format!("host: {HOST}\r\n"))
            .replace(
                "{ada}",
                &format!("host: {HOST}\r\ncookie: {}\r\n", self.cookie(&self.ada())),
            )
            .replace(
                "{mia}",
                &format!("host: {HOST}\r\ncookie: {}\r\n", self.cookie(&self.mia())),
            )
    }

    pub(crate) fn ada(&self) -> Session {
        self.session(Some(person("ada", false, ADA)))
    }

    pub(crate) fn mia(&self) -> Session {
        self.session(Some(person("mia", true, "mia@contoso.example")))
    }

    pub(crate) fn session(&self, person: Option<SessionPerson>) -> Session {
        let now = clock::now();
        let mut session = Session::begin(tenant(), now.plus(3600), now).unwrap();
        session.person = person;
        session
    }

    pub(crate) fn cookie(&self, session: &Session) -> String {
        format!(
            "{}={}",
            session::COOKIE,
            session::seal(session, HOST, &self.gateway.keyring).unwrap()
        )
    }
}

/// A download of ada's that has begun: her end, the upstream's, and what she has got, which ends with `begin`.
///
/// - `length`: of the whole, in bytes.
pub(super) async fn downloading(
    world: &World,
    upstream: &TcpListener,
    length: usize,
) -> (TcpStream, TcpStream, Vec<u8>) {
    let mut client = world.connect().await;
    let request = world.fill("GET /sites/projects/read/a HTTP/1.1\r\n{ada}\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut upstream = accepted(upstream).await;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nbegin");
    upstream.write_all(answer.as_bytes()).await.unwrap();
    let got = until(&mut client, "begin").await.into_bytes();
    (client, upstream, got)
}

pub(super) fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .parse()
        .unwrap_or_else(|_| panic!("no status in {answer:?}"))
}

pub(super) fn code(answer: &str) -> String {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let value: serde_json::Value =
        serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON in {answer:?}"));
    value["code"].as_str().unwrap().to_owned()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(super) fn identity(subject: &str) -> IdentityKey {
    IdentityKey {
        cloud: Some(cloud()),
        provider: provider_id(),
        issuer: "https://login.example/t/v2.0".to_owned(),
        tenant: Some("t".to_owned()),
        subject: subject.to_owned(),
    }
}

pub(crate) fn person(subject: &str, member: bool, address: &str) -> SessionPerson {
    SessionPerson {
        key: IdentityKey {
            tenant: Some(if member { OWN } else { "t" }.to_owned()),
            ..identity(subject)
        },
        kind: ProviderKind::parse("work-school").unwrap(),
        member,
        address: Some(email(address)),
        proof: EmailProof::DomainOwner,
        authenticated_at: clock::now(),
        amr: vec!["pwd".to_owned()],
        contexts: Vec::new(),
        display_name: None,
        sid: None,
        logout_hint: None,
    }
}
