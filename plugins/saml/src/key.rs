//! Our own signing key.
//!
//! Signing is a function of key and message alone: RSA with PKCS #1 v1.5 padding, ECDSA with the nonce of RFC 6979.
//! (`aws-lc-rs` draws ECDSA's nonce at random; the same input would then not give the same answer.)

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey as EcKey};
use p256::pkcs8::DecodePrivateKey as _;

/// A private key that signs our messages, with its certificate.
pub(crate) struct SigningKey {
    pair: Pair,
    /// DER.
    certificate: Vec<u8>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcKey>),
}

/// Signing failed. The key was tried when the provider was opened, so this does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing key does not sign")]
pub(crate) struct NotSigned;

/// Why a key is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyRefused {
    #[error("must be an RSA key of 2048 to 8192 bits or a key of curve P-256, as PKCS #8")]
    Kind,
    #[error("is not the certificate of `signing_key`")]
    ForeignCertificate,
}

impl SigningKey {
    /// - `pkcs8`: the private key, PKCS #8 in DER.
    /// - `certificate`: X.509 in DER.
    ///
    /// # Errors
    /// What is wrong with the key, or that the certificate is that of another one.
    pub(crate) fn new(pkcs8: &[u8], certificate: Vec<u8>) -> Result<Self, KeyRefused> {
        let pair = match (RsaKeyPair::from_pkcs8(pkcs8), EcKey::from_pkcs8_der(pkcs8)) {
            (Ok(rsa), _) => Pair::Rsa(Box::new(rsa)),
            (Err(_), Ok(ec)) => Pair::Ec(Box::new(ec)),
            (Err(_), Err(_)) => return Err(KeyRefused::Kind),
        };
        let key = Self { pair, certificate };
        if key.fits_certificate() {
            Ok(key)
        } else {
            Err(KeyRefused::ForeignCertificate)
        }
    }

    /// Signs once and verifies with the certificate. This is also the first use of the key, so that nothing is left to be
    /// set up when the sandbox has closed.
    fn fits_certificate(&self) -> bool {
        let message = b"does this key sign for its certificate?";
        let Ok(public) = crate::certificate::public_key(&self.certificate) else {
            return false;
        };
        let Ok(signature) = self.sign(message) else {
            return false;
        };
        let verified = match &self.pair {
            Pair::Rsa(_) if public.rsa => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public.info)
                    .verify(message, &signature)
            }
            Pair::Ec(_) if !public.rsa => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public.info)
                    .verify(message, &signature)
            }
            Pair::Rsa(_) | Pair::Ec(_) => return false,
        };
        verified.is_ok()
    }

    /// The algorithm's identifier (RFC 6931, 2.3).
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Pair::Ec(_) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        }
    }

    /// The signature as XML signatures write it: for ECDSA the two numbers side by side (XMLDSIG 1.1, 6.4.3).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NotSigned> {
        match &self.pair {
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message,
                    &mut signature,
                )
                .map_err(|_| NotSigned)?;
                Ok(signature)
            }
            Pair::Ec(key) => {
                let signature: Signature = key.try_sign(message).map_err(|_| NotSigned)?;
                Ok(signature.to_bytes().to_vec())
            }
        }
    }

    /// The certificate in base64, as messages and metadata carry it.
    pub(crate) fn certificate(&self) -> String {
        STANDARD.encode(&self.certificate)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}
