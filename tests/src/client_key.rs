//! Keys with which the gateway proves to a provider who it is.

use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::Outcome;
use crate::certificates::write_private;

/// A private key in PEM, and what is registered of it.
#[derive(Clone, Debug)]
pub struct ClientKey {
    /// The private key.
    pub pem: String,
    /// The public key as a JSON Web Key called `ours`.
    pub jwk: Value,
}

impl ClientKey {
    /// An RSA key.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn rsa() -> Outcome<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        let (modulus, exponent) = (pair.public_key().modulus(), pair.public_key().exponent());
        Ok(Self {
            pem: pem(der.as_ref()),
            jwk: json!({
                "kty": "RSA",
                "use": "sig",
                "kid": "ours",
                "n": part(modulus.big_endian_without_leading_zero()),
                "e": part(exponent.big_endian_without_leading_zero()),
            }),
        })
    }

    /// A P-256 key.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn curve() -> Outcome<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let der = pair.to_pkcs8v1()?;
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        Ok(Self {
            pem: pem(der.as_ref()),
            jwk: json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "kid": "ours", "x": part(x), "y": part(y),
            }),
        })
    }

    /// A certificate of it, in PEM.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn certificate(&self) -> Outcome<String> {
        let key = rcgen::KeyPair::from_pem(&self.pem)?;
        let certificate = rcgen::CertificateParams::new(Vec::new())?.self_signed(&key)?;
        Ok(certificate.pem())
    }

    /// Writes the private key to a file of its own.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> Outcome<PathBuf> {
        let file = folder.join("client-key.pem");
        write_private(&file, self.pem.as_bytes())?;
        Ok(file)
    }
}

fn part(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}
