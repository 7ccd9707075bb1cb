//! The provider's published keys.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::Value;

use crate::rejection::TokenRejected;

/// Shortest RSA modulus that counts as a key, bytes (2048 bits).
const LEAST_MODULUS_BYTES: usize = 256;

/// A key, with the issuer it may speak for where the key set says so.
///
/// The `issuer` member is Entra's: it is what keeps a key of the consumers from vouching for a work tenant.
/// The crate's key set drops it, so the set is taken apart here and each key is given to the crate alone.
#[derive(Debug)]
pub(crate) struct Key {
    jwk: CoreJsonWebKey,
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Members {
    issuer: Option<String>,
    n: Option<String>,
}

/// Reads a key set. Keys that cannot be read or are too short are left out.
///
/// Returns `None` when the document is no key set.
pub(crate) fn read(body: &str) -> Option<Vec<Key>> {
    let document: Document = serde_json::from_str(body).ok()?;
    Some(document.keys.into_iter().filter_map(Key::read).collect())
}

/// The one key that a token's header points to.
///
/// # Errors
/// [`TokenRejected::KeyUnknown`] if no key fits, [`TokenRejected::KeyAmbiguous`] if several do.
pub(crate) fn find<'k>(
    keys: &'k [Key],
    kid: Option<&str>,
    algorithm: &CoreJwsSigningAlgorithm,
) -> Result<&'k Key, TokenRejected> {
    let mut fitting = keys.iter().filter(|key| key.fits(kid, algorithm));
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(TokenRejected::KeyUnknown),
        (Some(_), Some(_)) => Err(TokenRejected::KeyAmbiguous),
    }
}

impl Key {
    fn read(value: Value) -> Option<Self> {
        let members = Members::deserialize(&value).ok()?;
        let modulus = members.n.map(|n| BASE64_URL_SAFE_NO_PAD.decode(n));
        let too_short = match modulus {
            None => false,
            Some(Ok(bytes)) => significant(&bytes) < LEAST_MODULUS_BYTES,
            Some(Err(_)) => true,
        };
        if too_short {
            return None;
        }
        Some(Self {
            jwk: serde_json::from_value(value).ok()?,
            issuer: members.issuer,
        })
    }

    /// The issuer it may speak for, possibly a template.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verifies(
        &self,
        algorithm: &CoreJwsSigningAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.jwk
            .verify_signature(algorithm, message, signature)
            .is_ok()
    }

    fn fits(&self, kid: Option<&str>, algorithm: &CoreJwsSigningAlgorithm) -> bool {
        let named = kid.is_none() || self.jwk.key_id().map(|id| id.as_str()) == kid;
        let signs = self
            .jwk
            .key_use()
            .is_none_or(JsonWebKeyUse::allows_signature);
        let of_type = algorithm.key_type().as_ref() == Some(self.jwk.key_type());
        let for_algorithm = match self.jwk.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Algorithm(own) => own == algorithm,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        named && signs && of_type && for_algorithm
    }
}

fn significant(bytes: &[u8]) -> usize {
    bytes.iter().skip_while(|byte| **byte == 0).count()
}
