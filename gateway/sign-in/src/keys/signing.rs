//! Signing: ES256, keys named by their RFC 7638 thumbprint.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use gateway_core::time::UnixTime;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::files::{self, malformed};
use super::{KeysUnusable, NotSealed};
use crate::random::NoRandomness;
use crate::text;

pub(super) const PREFIX: &str = "signing";

pub(super) struct SigningKey {
    pair: EcdsaKeyPair,
    x: String,
    y: String,
    kid: String,
}

/// A public key as a JSON Web Key.
///
/// Source: RFC 7517, RFC 7518 section 6.2.1.
#[derive(Debug, Serialize)]
pub(super) struct PublicJwk<'a> {
    kty: &'static str,
    crv: &'static str,
    x: &'a str,
    y: &'a str,
    kid: &'a str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
}

pub(super) fn create(directory: &Path, now: UnixTime) -> Result<(), KeysUnusable> {
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| NoRandomness)?;
    let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
    files::create(directory, PREFIX, now, &pkcs8)
}

pub(super) fn load(directory: &Path) -> Result<Vec<SigningKey>, KeysUnusable> {
    let keys = files::list(directory, PREFIX)?
        .iter()
        .map(|file| SigningKey::read(&file.path))
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(malformed(directory, "holds no signing key"));
    }
    Ok(keys)
}

impl SigningKey {
    fn read(path: &Path) -> Result<Self, KeysUnusable> {
        let not_a_key = || malformed(path, "is not a P-256 key in PKCS #8");
        let pkcs8 = files::read(path)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|_| not_a_key())?;
        // SEC 1: an uncompressed point is 4, then x, then y.
        let coordinates = pair
            .public_key()
            .as_ref()
            .strip_prefix(&[4])
            .ok_or_else(not_a_key)?;
        let (x, y) = coordinates.split_at_checked(32).ok_or_else(not_a_key)?;
        let (x, y) = (text::encode(x), text::encode(y));
        let kid = thumbprint(&x, &y);
        Ok(Self { pair, x, y, kid })
    }

    pub(super) fn public_jwk(&self) -> PublicJwk<'_> {
        PublicJwk {
            kty: "EC",
            crv: "P-256",
            x: &self.x,
            y: &self.y,
            kid: &self.kid,
            alg: "ES256",
            usage: "sig",
        }
    }

    /// A JWT.
    ///
    /// - `typ`: what the token is: whoever reads tokens of one kind takes none of another.
    ///
    /// Source: RFC 8725 section 3.11.
    pub(super) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, NotSealed> {
        let header = serde_json::json!({ "alg": "ES256", "kid": self.kid, "typ": typ });
        self.jws(&header, claims)
    }

    /// Whether it is the key of that name.
    pub(super) fn has_kid(&self, kid: &str) -> bool {
        self.kid == kid
    }

    /// Source: RFC 7515 section 3.1.
    pub(super) fn jws(
        &self,
        header: &serde_json::Value,
        claims: &impl Serialize,
    ) -> Result<String, NotSealed> {
        let header = header.to_string();
        let claims = serde_json::to_vec(claims).map_err(|_| NotSealed::Failed)?;
        let signed = format!(
            "{}.{}",
            text::encode(header.as_bytes()),
            text::encode(&claims)
        );
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| NotSealed::Failed)?;
        Ok(format!("{signed}.{}", text::encode(signature.as_ref())))
    }
}

/// The header of a token, as far as it is read. Anything else in it is refused: nothing here writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// The claims of a token that one of `keys` signed as `typ`; `None` for everything else.
///
/// - `token`: attacker-controlled.
///
/// Source: RFC 7515 section 5.2; RFC 8725 sections 3.1 and 3.11.
pub(super) fn verify(keys: &[SigningKey], typ: &str, token: &str) -> Option<serde_json::Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&text::decode(header)?).ok()?;
    if header.alg != "ES256" || header.typ != typ {
        return None;
    }
    let key = keys.iter().find(|key| key.kid == header.kid)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.pair.public_key().as_ref())
        .verify(signed.as_bytes(), &text::decode(signature)?)
        .ok()?;
    serde_json::from_slice(&text::decode(claims)?).ok()
}

/// SHA-256 over the required members in lexical order, without white space.
///
/// Source: RFC 7638 section 3.
pub(super) fn thumbprint(x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    text::encode(&text::sha256(canonical.as_bytes()))
}
