//! Tokens, good and bad.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{CONTOSO, NOW};

/// Claims of a person of `contoso`.
pub(crate) fn person(scopes: &str) -> Value {
    json!({
        "iss": format!("https://login.microsoftonline.com/{CONTOSO}/v2.0"),
        "aud": "https://graph.microsoft.com",
        "tid": CONTOSO,
        "oid": "33333333-3333-4333-8333-333333333333",
        "sub": "s",
        "azp": "44444444-4444-4444-8444-444444444444",
        "preferred_username": "mia@contoso.example",
        "acct": 0,
        "scp": scopes,
        "ver": "2.0",
        "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
    })
}

/// Claims of an application in `contoso`.
pub(crate) fn application(roles: &[&str]) -> Value {
    let mut claims = person("");
    let map = claims.as_object_mut().unwrap();
    map.remove("scp");
    map.remove("preferred_username");
    map.remove("acct");
    map.insert("idtyp".to_owned(), json!("app"));
    map.insert("roles".to_owned(), json!(roles));
    claims
}

/// The issuer's key; made once, for it takes a while.
pub(crate) fn issuer_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// A key that no issuer has.
pub(crate) fn foreign_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// The public half, as a key set holds it.
pub(crate) fn jwk(kid: &str, key: &KeyPair) -> Value {
    let parts: PublicKeyComponents<Vec<u8>> = key.public_key().into();
    json!({
        "kty": "RSA", "use": "sig", "kid": kid,
        "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
    })
}

/// A token signed by the issuer.
pub(crate) fn token(claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" });
    signed(&header, claims, issuer_key())
}

/// A token with that header, signed by that key with RSA and SHA-256 whatever the header says.
pub(crate) fn signed(header: &Value, claims: &Value, key: &KeyPair) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The public half as DER, for tokens that take it for a secret.
pub(crate) fn public_der(key: &KeyPair) -> Vec<u8> {
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    der.as_ref().to_vec()
}
