//! The private key of a client, and the certificate that names it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{KeyAlgorithm, pem};

/// Shortest RSA modulus that counts as a key, bytes (2048 bits).
const LEAST_MODULUS_BYTES: usize = 256;

/// A private key that signs for us, and how the provider knows it.
#[derive(Clone)]
pub struct ClientKey {
    pair: Pair,
    algorithm: KeyAlgorithm,
    id: Option<String>,
    thumbprint: Option<String>,
}

#[derive(Clone)]
enum Pair {
    Rsa(Arc<rsa::KeyPair>),
    Curve(Arc<EcdsaKeyPair>),
}

/// Why a key cannot be used. Says nothing about the key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// It is no PEM, or holds neither an RSA nor a P-256 key.
    #[error("must be a private key in PEM: RSA of 2048 bits or more, or P-256")]
    NotAKey,
    /// The algorithm is for another type of key.
    #[error("is not an algorithm for this type of key")]
    Algorithm,
    /// It is no certificate in PEM.
    #[error("must be a certificate in PEM")]
    NotACertificate,
    /// The certificate is that of another key.
    #[error("is the certificate of another key than `client_key`")]
    AnotherCertificate,
}

impl KeyRefused {
    /// The setting that is wrong.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::NotAKey => "client_key",
            Self::Algorithm => "client_key_algorithm",
            Self::NotACertificate | Self::AnotherCertificate => "client_certificate",
        }
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientKey")
    }
}

impl ClientKey {
    /// Reads a key.
    ///
    /// - `key`: PEM, PKCS #8 or the older form of its type.
    /// - `id`: what the provider calls it.
    /// - `algorithm`: PS256 for RSA and ES256 for P-256 if absent.
    /// - `certificate`: PEM; its SHA-256 names the key where the provider knows it by its certificate.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub fn read(
        key: &str,
        id: Option<String>,
        algorithm: Option<KeyAlgorithm>,
        certificate: Option<&str>,
    ) -> Result<Self, KeyRefused> {
        let pair = Pair::read(key).ok_or(KeyRefused::NotAKey)?;
        let algorithm = algorithm.unwrap_or(match pair {
            Pair::Rsa(_) => KeyAlgorithm::PS256,
            Pair::Curve(_) => KeyAlgorithm::ES256,
        });
        match (&pair, algorithm) {
            (Pair::Rsa(_), KeyAlgorithm::RS256 | KeyAlgorithm::PS256)
            | (Pair::Curve(_), KeyAlgorithm::ES256) => {}
            (Pair::Rsa(_), KeyAlgorithm::ES256)
            | (Pair::Curve(_), KeyAlgorithm::RS256 | KeyAlgorithm::PS256) => {
                return Err(KeyRefused::Algorithm);
            }
        }
        let thumbprint = certificate
            .map(|certificate| thumbprint(certificate, &pair))
            .transpose()?;
        Ok(Self {
            pair,
            algorithm,
            id,
            thumbprint,
        })
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    /// A signed token in compact form. The salt of PS256 and the nonce of ES256 are the library's own: nothing is
    /// decided by them.
    pub(super) fn compact(&self, header: &Value, claims: &Value) -> Option<String> {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(self.algorithm, signed.as_bytes())?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Some(format!("{signed}.{signature}"))
    }
}

impl Pair {
    fn read(text: &str) -> Option<Self> {
        let block = pem::first(text)?;
        let rsa = || {
            let pair = match block.label.as_str() {
                "PRIVATE KEY" => rsa::KeyPair::from_pkcs8(&block.der),
                "RSA PRIVATE KEY" => rsa::KeyPair::from_der(&block.der),
                _ => return None,
            };
            let pair = pair.ok()?;
            (pair.public_modulus_len() >= LEAST_MODULUS_BYTES).then(|| Self::Rsa(Arc::new(pair)))
        };
        let curve = || {
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = match block.label.as_str() {
                "PRIVATE KEY" => EcdsaKeyPair::from_pkcs8(algorithm, &block.der),
                "EC PRIVATE KEY" => EcdsaKeyPair::from_private_key_der(algorithm, &block.der),
                _ => return None,
            };
            Some(Self::Curve(Arc::new(pair.ok()?)))
        };
        rsa().or_else(curve)
    }

    fn sign(&self, algorithm: KeyAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    KeyAlgorithm::RS256 => &RSA_PKCS1_SHA256,
                    KeyAlgorithm::PS256 => &RSA_PSS_SHA256,
                    KeyAlgorithm::ES256 => return None,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Self::Curve(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }

    /// The public key as certificates hold it.
    fn public(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Curve(pair) => pair.public_key().as_ref(),
        }
    }
}

/// RFC 7515, 4.1.8.
fn thumbprint(certificate: &str, pair: &Pair) -> Result<String, KeyRefused> {
    let block = pem::first(certificate)
        .filter(|block| block.label == "CERTIFICATE")
        .ok_or(KeyRefused::NotACertificate)?;
    let public = pair.public();
    // The key's own bytes stand in its certificate as they are (RFC 5280, 4.1.2.7), and in no other by chance.
    let names_it = block
        .der
        .windows(public.len())
        .any(|window| window == public);
    if !names_it {
        return Err(KeyRefused::AnotherCertificate);
    }
    Ok(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&block.der)))
}
