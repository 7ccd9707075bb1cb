//! Keys, made once for each run of a test.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256,
    RsaEncoding, VerificationAlgorithm,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Identifier of the RSA key that the good tokens are signed with.
pub const RSA: &str = "rsa-1";
/// Identifier of the EC key.
pub const EC: &str = "ec-1";
/// The client secret that the corpus tries as a key.
pub const CLIENT_SECRET: &str = "a client secret that nobody may sign with";

static OWN: LazyLock<KeyPair> = LazyLock::new(|| rsa(KeySize::Rsa2048));
static FOREIGN: LazyLock<KeyPair> = LazyLock::new(|| rsa(KeySize::Rsa2048));
static CURVE: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("an EC key can be made")
});

fn rsa(size: KeySize) -> KeyPair {
    KeyPair::generate(size).expect("an RSA key can be made")
}

/// The RSA key as published, under any identifier.
#[must_use]
pub fn rsa_jwk(kid: &str) -> Value {
    public_rsa(&OWN, kid)
}

/// The RSA key of somebody else.
#[must_use]
pub fn foreign_jwk(kid: &str) -> Value {
    public_rsa(&FOREIGN, kid)
}

fn public_rsa(key: &KeyPair, kid: &str) -> Value {
    json!({
        "kty": "RSA",
        "use": "sig",
        "kid": kid,
        "n": base64(key.public_key().modulus().big_endian_without_leading_zero()),
        "e": base64(key.public_key().exponent().big_endian_without_leading_zero()),
    })
}

/// The EC key as published.
#[must_use]
pub fn ec_jwk(kid: &str) -> Value {
    let point = CURVE.public_key().as_ref();
    let (x, y) = point
        .get(1..)
        .and_then(|coordinates| coordinates.split_at_checked(32))
        .expect("an uncompressed point of P-256 has 65 bytes");
    json!({ "kty": "EC", "use": "sig", "kid": kid, "crv": "P-256", "x": base64(x), "y": base64(y) })
}

/// Signs with the RSA key, PKCS #1 1.5.
#[must_use]
pub fn rs256(message: &[u8]) -> Vec<u8> {
    sign_rsa(&OWN, &RSA_PKCS1_SHA256, message)
}

/// Signs with the RSA key, PSS.
#[must_use]
pub fn ps256(message: &[u8]) -> Vec<u8> {
    sign_rsa(&OWN, &RSA_PSS_SHA256, message)
}

/// Signs with somebody else's RSA key.
#[must_use]
pub fn foreign_rs256(message: &[u8]) -> Vec<u8> {
    sign_rsa(&FOREIGN, &RSA_PKCS1_SHA256, message)
}

/// Signs with the EC key.
#[must_use]
pub fn es256(message: &[u8]) -> Vec<u8> {
    CURVE
        .sign(&SystemRandom::new(), message)
        .expect("an EC key signs")
        .as_ref()
        .to_vec()
}

/// Signs with the published modulus as if it were a shared secret.
#[must_use]
pub fn hs256_public_key(message: &[u8]) -> Vec<u8> {
    let key = OWN.public_key();
    hs256(key.modulus().big_endian_without_leading_zero(), message)
}

/// Signs with [`CLIENT_SECRET`].
#[must_use]
pub fn hs256_client_secret(message: &[u8]) -> Vec<u8> {
    hs256(CLIENT_SECRET.as_bytes(), message)
}

/// Signs with nothing.
#[must_use]
pub fn unsigned(_message: &[u8]) -> Vec<u8> {
    Vec::new()
}

fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}

fn sign_rsa(key: &KeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message, &mut signature)
        .expect("an RSA key signs");
    signature
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Base64url without padding.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The RSA key as a private key in PEM, PKCS #8.
#[must_use]
pub fn rsa_pem() -> String {
    let der: Pkcs8V1Der<'_> = OWN.as_der().expect("an RSA key can be written");
    pem("PRIVATE KEY", der.as_ref())
}

/// The EC key as a private key in PEM, PKCS #8.
#[must_use]
pub fn ec_pem() -> String {
    let der = CURVE.to_pkcs8v1().expect("an EC key can be written");
    pem("PRIVATE KEY", der.as_ref())
}

/// A certificate of the RSA key, in PEM, and its SHA-256 in base64url.
#[must_use]
pub fn certificate() -> (String, String) {
    let key = rcgen::KeyPair::from_pem(&rsa_pem()).expect("the key is usable");
    let parameters = rcgen::CertificateParams::new(Vec::new()).expect("no names are good names");
    let certificate = parameters.self_signed(&key).expect("a key signs");
    (certificate.pem(), base64(sha256(certificate.der())))
}

/// Whether `signature` over `message` is that of the key that signs `algorithm` here.
#[must_use]
pub fn verifies(algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let (scheme, key): (&dyn VerificationAlgorithm, &[u8]) = match algorithm {
        "RS256" => (&RSA_PKCS1_2048_8192_SHA256, OWN.public_key().as_ref()),
        "PS256" => (&RSA_PSS_2048_8192_SHA256, OWN.public_key().as_ref()),
        "ES256" => (&ECDSA_P256_SHA256_FIXED, CURVE.public_key().as_ref()),
        other => panic!("no key signs {other}"),
    };
    scheme.verify_sig(key, message, signature).is_ok()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
