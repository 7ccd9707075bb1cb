//! TLS towards clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_config::model::Tls;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};

/// HTTP/2, by ALPN.
pub(super) const H2: &[u8] = b"h2";
const HTTP11: &[u8] = b"http/1.1";

/// Why the certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsUnusable {
    /// A file is not to be had or not PEM.
    #[error("`{path}` cannot be read as PEM: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key do not go together, or are of a kind that is not supported.
    #[error("certificate `{certificate}` and key `{key}` cannot be used together: {source}")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// The listener's TLS: 1.2 and 1.3, HTTP/2 or HTTP/1.1 by ALPN.
///
/// # Errors
/// [`TlsUnusable`].
pub fn tls(files: &Tls) -> Result<Arc<ServerConfig>, TlsUnusable> {
    tls_with_clients(files, None)
}

/// The same, for clients that show a certificate of an authority in `clients`, where there is such a file.
///
/// # Errors
/// [`TlsUnusable`].
pub fn tls_with_clients(
    files: &Tls,
    clients: Option<&Path>,
) -> Result<Arc<ServerConfig>, TlsUnusable> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(&files.certificate, &error))?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unreadable(&files.key, &error))?;
    let unusable = |source| TlsUnusable::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        source,
    };
    let verifier = match clients {
        Some(path) => authorities(path, &provider)?,
        None => WebPkiClientVerifier::no_client_auth(),
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![H2.to_vec(), HTTP11.to_vec()];
    Ok(Arc::new(config))
}

/// Takes certificates of the authorities in the file, and of nobody else.
fn authorities(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsUnusable> {
    let unusable = |reason: String| TlsUnusable::File {
        path: path.to_path_buf(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, &error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(path, &error))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| unusable(error.to_string()))
}

fn unreadable(path: &Path, error: &rustls::pki_types::pem::Error) -> TlsUnusable {
    TlsUnusable::File {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}
