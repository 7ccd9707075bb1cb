//! Pooled connections to the upstreams.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway_config::model::{Configuration, Limits, Site};
use http::Request;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use super::RequestBody;

/// How long an unused connection is kept. Shorter than the usual patience of servers, so that a request rarely meets a
/// connection that is just being closed.
const IDLE: Duration = Duration::from_secs(50);

type Pool = Client<HttpsConnector<HttpConnector>, RequestBody>;

/// Why no connection can be made to an upstream, whatever it does.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The CA file is not to be had, or holds no certificate.
    #[error("`{path}` is not a file of CA certificates: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Connections by the CA they trust; each pool keeps those to one origin apart from the others.
#[derive(Debug)]
pub(crate) struct Clients {
    pools: HashMap<Option<PathBuf>, Pair>,
}

#[derive(Debug)]
struct Pair {
    /// HTTP/2 where the upstream speaks it over TLS.
    any: Pool,
    /// HTTP/1.1 only: there is no `Upgrade` in HTTP/2.
    http1: Pool,
}

impl Clients {
    /// Prepares for the upstreams of `configuration`. Reads CA files.
    ///
    /// # Errors
    /// [`NoClient`].
    pub(crate) fn new(configuration: &Configuration) -> Result<Self, NoClient> {
        let mut pools = HashMap::new();
        let sites = configuration
            .tenants
            .values()
            .flat_map(|tenant| tenant.sites.values());
        for site in sites {
            let ca = &site.upstream.ca;
            if !pools.contains_key(ca) {
                pools.insert(
                    ca.clone(),
                    pair(ca.as_deref(), &configuration.gateway.limits)?,
                );
            }
        }
        Ok(Self { pools })
    }

    /// Sends `request` to the upstream of `site`; nothing where the site is not of the configuration.
    pub(crate) fn send(
        &self,
        site: &Site,
        request: Request<RequestBody>,
        upgrades: bool,
    ) -> Option<ResponseFuture> {
        let pair = self.pools.get(&site.upstream.ca)?;
        let pool = if upgrades { &pair.http1 } else { &pair.any };
        Some(pool.request(request))
    }
}

fn pair(ca: Option<&Path>, limits: &Limits) -> Result<Pair, NoClient> {
    let tls = tls(ca)?;
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limits.upstream_connect_timeout));
    let builder = || {
        HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
    };
    Ok(Pair {
        any: pool(builder().enable_all_versions().wrap_connector(tcp.clone())),
        http1: pool(builder().enable_http1().wrap_connector(tcp)),
    })
}

fn pool(connector: HttpsConnector<HttpConnector>) -> Pool {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(128)
        .http1_max_buf_size(64 * 1024)
        .http2_adaptive_window(false)
        .http2_initial_stream_window_size(256 * 1024)
        .http2_initial_connection_window_size(1024 * 1024)
        .build(connector)
}

/// TLS towards servers: the certificate authorities of the file, or the system's.
///
/// # Errors
/// [`NoClient`].
pub(crate) fn tls(ca: Option<&Path>) -> Result<ClientConfig, NoClient> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(match ca {
        None => builder.with_platform_verifier()?.with_no_client_auth(),
        Some(path) => builder
            .with_root_certificates(roots(path)?)
            .with_no_client_auth(),
    })
}

fn roots(path: &Path) -> Result<RootCertStore, NoClient> {
    let refused = |reason: String| NoClient::Ca {
        path: path.to_path_buf(),
        reason,
    };
    let mut store = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        store
            .add(certificate)
            .map_err(|error| refused(error.to_string()))?;
    }
    if store.is_empty() {
        Err(refused("it holds none".to_owned()))
    } else {
        Ok(store)
    }
}
