//! How a set of mocks is started.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::misbehaviour::Misbehaviour;
use crate::service::Target;
use crate::world::{World, demo};

/// Everything that can be chosen. The default is the demo's world on free loopback ports without TLS.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who exists.
    pub world: World,
    /// Entra of the worldwide cloud, and the Microsoft account.
    pub entra_worldwide: Listener,
    /// Entra of the US Government cloud.
    pub entra_usgov: Listener,
    /// Entra of the China cloud.
    pub entra_china: Listener,
    /// Google.
    pub google: Listener,
    /// The partner's SAML identity provider.
    pub saml: Listener,
    /// The mailbox's web inbox.
    pub mailbox: Listener,
    /// The mailbox's SMTP server; `tls` makes it offer STARTTLS, `host` is its name in the greeting.
    pub smtp: Listener,
    /// The documents.
    pub documents: Listener,
    /// Whose certificates to trust where something is sent to a client; none sends over plain HTTP only.
    pub trust: Option<Trust>,
    /// A `login_hint` that names a person signs that person in without a page.
    pub auto_sign_in: bool,
    /// Misbehaviours in force from the start.
    pub misbehaviours: Vec<(Target, Misbehaviour)>,
    /// How long [`Misbehaviour::Slow`] waits.
    pub slow_for: Duration,
    /// Size of `/sites/projects/Large.bin`, in bytes. The file is sparse.
    pub large_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            world: demo(),
            entra_worldwide: Listener::default(),
            entra_usgov: Listener::default(),
            entra_china: Listener::default(),
            google: Listener::default(),
            saml: Listener::default(),
            mailbox: Listener::default(),
            smtp: Listener::default(),
            documents: Listener::default(),
            trust: None,
            auto_sign_in: false,
            misbehaviours: Vec::new(),
            slow_for: Duration::from_secs(10),
            large_bytes: 1 << 30,
        }
    }
}

/// One listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where to bind; port 0 takes a free one.
    pub address: SocketAddr,
    /// The name printed in addresses and issuers; none prints the bound IP address.
    pub host: Option<String>,
    /// HTTPS with this certificate; none is plain HTTP.
    pub tls: Option<Tls>,
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            host: None,
            tls: None,
        }
    }
}

impl Listener {
    /// Scheme, host and port under which the listener is known once it is bound to `bound`.
    pub(crate) fn origin(&self, bound: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        match &self.host {
            Some(host) => format!("{scheme}://{host}:{}", bound.port()),
            None => format!("{scheme}://{bound}"),
        }
    }
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    expired: Option<Arc<ServerConfig>>,
}

/// A certificate or key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsNotUsable {
    /// A file could not be read.
    #[error("cannot read `{path}`")]
    NotRead {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no PEM, or holds no certificate or no key.
    #[error("no usable PEM")]
    NotPem(#[from] rustls::pki_types::pem::Error),
    /// Certificate and key do not fit or are of a kind that is not supported.
    #[error("certificate and key cannot be used")]
    NotUsed(#[from] rustls::Error),
}

impl Tls {
    /// From PEM text: the chain, leaf first, and the private key.
    ///
    /// # Errors
    /// [`TlsNotUsable::NotPem`] or [`TlsNotUsable::NotUsed`].
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsNotUsable> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(key)?;
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Self {
            config: Arc::new(config),
            expired: None,
        })
    }

    /// The same, with what [`WireFault::ExpiredCertificate`](crate::WireFault::ExpiredCertificate) shows: a certificate
    /// that the client would trust if it were not over. Without it one is shown that nobody trusts either.
    #[must_use]
    pub fn with_expired(self, expired: Self) -> Self {
        Self {
            expired: Some(expired.config),
            ..self
        }
    }

    pub(crate) fn expired(&self) -> Option<Self> {
        self.expired.as_ref().map(|config| Self {
            config: Arc::clone(config),
            expired: None,
        })
    }

    /// From PEM files.
    ///
    /// # Errors
    /// Any [`TlsNotUsable`].
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, TlsNotUsable> {
        Self::from_pem(&read(chain)?, &read(key)?)
    }

    /// For HTTP: offers HTTP/2 and HTTP/1.1.
    pub(crate) fn for_http(&self) -> TlsAcceptor {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// For SMTP.
    pub(crate) fn for_smtp(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

/// Authorities whose certificates are trusted.
#[derive(Clone)]
pub struct Trust(pub(crate) Arc<ClientConfig>);

impl Trust {
    /// From the authorities' certificates in PEM.
    ///
    /// # Errors
    /// [`TlsNotUsable::NotPem`] or [`TlsNotUsable::NotUsed`].
    pub fn from_pem(authorities: &[u8]) -> Result<Self, TlsNotUsable> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authorities) {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// From a PEM file.
    ///
    /// # Errors
    /// Any [`TlsNotUsable`].
    pub fn from_file(authorities: &Path) -> Result<Self, TlsNotUsable> {
        Self::from_pem(&read(authorities)?)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsNotUsable> {
    std::fs::read(path).map_err(|source| TlsNotUsable::NotRead {
        path: path.display().to_string(),
        source,
    })
}
