//! Compact signed tokens, right and wrong ones.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use super::base64url;
use super::key::{KeyNotMade, SigningKey};

/// How a token is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// HS256 keyed with this.
    Secret(String),
}

/// A token to be.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) claims: Map<String, Value>,
    pub(crate) signing: Signing,
    /// Members of the header beyond the usual ones, or in their place.
    pub(crate) header: Map<String, Value>,
    /// What the claims' JSON begins with, after its brace.
    pub(crate) prefix: &'static str,
    pub(crate) shape: Shape,
}

/// How many segments the token has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Three, as it should.
    Signed,
    /// Two: no signature.
    Cut,
    /// Five, as if encrypted.
    Encrypted,
    /// Dots, and nothing between them.
    Dots,
}

impl Draft {
    pub(crate) fn new(claims: Map<String, Value>, signing: Signing) -> Self {
        Self {
            claims,
            signing,
            header: Map::new(),
            prefix: "",
            shape: Shape::Signed,
        }
    }

    /// The token in compact form.
    pub(crate) fn text(&self, key: &SigningKey) -> Result<String, KeyNotMade> {
        let mut header = match &self.signing {
            Signing::Right | Signing::Broken => header("RS256", key.kid()),
            Signing::UnknownKid => header("RS256", "a-key-that-nobody-published"),
            Signing::None => object(json!({"typ": "JWT", "alg": "none"})),
            Signing::PublicKeyAsSecret | Signing::Secret(_) => header("HS256", key.kid()),
        };
        header.extend(self.header.clone());
        let claims = Value::Object(self.claims.clone()).to_string();
        let claims = claims.replacen('{', &format!("{{{}", self.prefix), 1);
        let input = format!(
            "{}.{}",
            part(&Value::Object(header).to_string()),
            part(&claims)
        );
        let signature = match &self.signing {
            Signing::Right | Signing::UnknownKid => key.sign(input.as_bytes())?,
            Signing::Broken => flipped(key.sign(input.as_bytes())?),
            Signing::None => Vec::new(),
            Signing::PublicKeyAsSecret => with_secret(key.public_pem(), &input),
            Signing::Secret(secret) => with_secret(secret, &input),
        };
        let signature = base64url(&signature);
        Ok(match self.shape {
            Shape::Signed => format!("{input}.{signature}"),
            Shape::Cut => input,
            Shape::Encrypted => format!("{input}.{signature}.{}.{}", part("text"), part("tag")),
            Shape::Dots => ".".repeat(100_000),
        })
    }
}

fn header(algorithm: &str, kid: &str) -> Map<String, Value> {
    object(json!({"typ": "JWT", "alg": algorithm, "kid": kid}))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
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
