//! Compact signed tokens, right and wrong ones.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::base64url;
use super::key::{KeyNotMade, SigningKey};

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    /// RS256, as promised.
    Right,
    /// RS256 under a `kid` that no key set holds.
    UnknownKid,
    /// RS256 with one bit of the signature flipped.
    Broken,
    /// `alg: none` and no signature.
    None,
    /// HS256 keyed with the text of the public key.
    PublicKeyAsSecret,
}

/// A token of `claims` in compact form.
pub(crate) fn sign(
    key: &SigningKey,
    claims: &Map<String, Value>,
    how: Signing,
) -> Result<String, KeyNotMade> {
    let header = match how {
        Signing::Right | Signing::Broken => header("RS256", key.kid()),
        Signing::UnknownKid => header("RS256", "a-key-that-nobody-published"),
        Signing::None => json!({"typ": "JWT", "alg": "none"}),
        Signing::PublicKeyAsSecret => header("HS256", key.kid()),
    };
    let payload = Value::Object(claims.clone()).to_string();
    let input = format!("{}.{}", part(&header.to_string()), part(&payload));
    let signature = match how {
        Signing::Right | Signing::UnknownKid => key.sign(input.as_bytes())?,
        Signing::Broken => flipped(key.sign(input.as_bytes())?),
        Signing::None => Vec::new(),
        Signing::PublicKeyAsSecret => with_secret(key.public_pem(), &input),
    };
    Ok(format!("{input}.{}", base64url(&signature)))
}

fn header(algorithm: &str, kid: &str) -> Value {
    json!({"typ": "JWT", "alg": algorithm, "kid": kid})
}

fn part(text: &str) -> String {
    base64url(text.as_bytes())
}

fn flipped(mut signature: Vec<u8>) -> Vec<u8> {
    if let Some(byte) = signature.last_mut() {
        *byte ^= 1;
    }
    signature
}

fn with_secret(secret: &str, input: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, input.as_bytes()).as_ref().to_vec()
}
