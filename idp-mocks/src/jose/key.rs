//! RSA signing keys.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::base64url;

/// The system could not make or use an RSA key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the cryptographic library refused to make or use an RSA key")]
pub(crate) struct KeyNotMade;

/// An RSA key of 2048 bits that signs RS256.
pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
    modulus: String,
    exponent: String,
    public_pem: String,
}

impl SigningKey {
    /// Makes a new key. Takes some hundred milliseconds: call it where blocking is allowed.
    pub(crate) fn generate() -> Result<Self, KeyNotMade> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyNotMade)?;
        let public = pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let der: PublicKeyX509Der<'_> = public.as_der().map_err(|_| KeyNotMade)?;
        Ok(Self {
            kid: base64url(digest(&SHA256, &modulus).as_ref()),
            public_pem: pem(der.as_ref()),
            modulus: base64url(&modulus),
            exponent: base64url(&exponent),
            pair,
        })
    }

    /// The key's name in key sets and token headers.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as PEM text, as one would paste it into a verifier that confuses algorithms.
    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The public key as a member of a key set.
    pub(crate) fn jwk(&self) -> Map<String, Value> {
        let jwk = json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": self.modulus,
            "e": self.exponent,
        });
        jwk.as_object().cloned().unwrap_or_default()
    }

    /// An RSASSA-PKCS1-v1_5 signature with SHA-256 over `input`.
    pub(crate) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, KeyNotMade> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                input,
                &mut signature,
            )
            .map_err(|_| KeyNotMade)?;
        Ok(signature)
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem + "-----END PUBLIC KEY-----\n"
}
