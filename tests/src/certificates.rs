//! A certificate authority for one world, and the certificates it gives out.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::Outcome;

/// An authority that exists as long as its world does.
pub struct Authority {
    file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// The PEM files of one server.
#[derive(Clone, Debug)]
pub struct ServerFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key, readable by its owner alone.
    pub key: PathBuf,
}

impl Authority {
    /// Makes an authority whose certificate is `ca.pem` in `folder`.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub fn create(folder: &Path) -> Outcome<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "Vestibule demo authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let file = folder.join("ca.pem");
        fs::write(&file, certificate.pem())?;
        Ok(Self {
            file,
            issuer: Issuer::new(params, key),
        })
    }

    /// The file with the authority's certificate, for those who shall trust it.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Writes `NAME.pem` and `NAME.key` for a server that answers to `hosts` (DNS names or IP addresses).
    ///
    /// # Errors
    /// If they cannot be made or written.
    pub fn issue(&self, name: &str, hosts: &[&str]) -> Outcome<ServerFiles> {
        self.issue_with(name, hosts, |_| {})
    }

    /// The same with a certificate that was over in 2020.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn issue_over(&self, name: &str, hosts: &[&str]) -> Outcome<ServerFiles> {
        self.issue_with(name, hosts, |params| {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        })
    }

    fn issue_with(
        &self,
        name: &str,
        hosts: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Outcome<ServerFiles> {
        let folder = self
            .file
            .parent()
            .ok_or("the authority's file is in no folder")?;
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let files = ServerFiles {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        fs::write(&files.certificate, certificate.pem())?;
        write_private(&files.key, key.serialize_pem().as_bytes())?;
        Ok(files)
    }
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// If it is there already or cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> Outcome {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(content)?)
}
