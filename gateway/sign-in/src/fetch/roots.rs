//! Whose certificates are believed when fetching.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// Why no TLS client can be made.
#[derive(Debug, thiserror::Error)]
pub enum RootsUnusable {
    /// The CA file cannot be read, or holds no certificate.
    #[error("`{path}` is not a PEM file of CA certificates: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The system's roots cannot be used.
    #[error("the system's root certificates cannot be used: {0}")]
    System(rustls::Error),
}

/// A TLS client that believes the certificates of `ca`, or without one the system's.
pub(super) fn client(ca: Option<&Path>) -> Result<Arc<ClientConfig>, RootsUnusable> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(RootsUnusable::System)?;
    let builder = match ca {
        Some(path) => builder.with_root_certificates(read(path)?),
        None => builder
            .with_platform_verifier()
            .map_err(RootsUnusable::System)?,
    };
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn read(path: &Path) -> Result<RootCertStore, RootsUnusable> {
    let unusable = |problem: String| RootsUnusable::File {
        path: path.to_path_buf(),
        problem,
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    Ok(roots)
}
