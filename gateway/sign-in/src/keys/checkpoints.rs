//! Checkpoints of the audit as JWS (RFC 7515), ES256.
//!
//! The public key stands in the header: a checkpoint is kept longer than keys are. `typ` keeps them apart from all else
//! that is signed with these keys.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use gateway_core::time::UnixTime;
use gateway_store::audit::{Checkpoint, Vouched};
use serde::{Deserialize, Serialize};

use super::signing::thumbprint;
use super::{Keyring, NotSealed};
use crate::text;

/// What is signed is a checkpoint of the audit.
const TYPE: &str = "vestibule-audit-checkpoint+jws";

/// Longer ones were never made: a chain's name has a tenant's id in it.
const LONGEST: usize = 4096;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    jwk: Jwk,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    chain: String,
    number: u64,
    /// base64url.
    hash: String,
    at: i64,
}

impl Keyring {
    /// Signs a checkpoint of the audit with the newest key.
    ///
    /// # Errors
    /// [`NotSealed::Failed`] when the key cannot be used.
    pub fn sign_checkpoint(&self, checkpoint: &Checkpoint) -> Result<String, NotSealed> {
        let loaded = self.loaded.load();
        let newest = loaded.signing.first().ok_or(NotSealed::Failed)?;
        let header = serde_json::json!({ "alg": "ES256", "typ": TYPE, "jwk": newest.public_jwk() });
        newest.jws(
            &header,
            &Claims {
                chain: checkpoint.chain.clone(),
                number: checkpoint.number,
                hash: text::encode(&checkpoint.hash),
                at: checkpoint.at.0,
            },
        )
    }

    /// Whose signature stands under a checkpoint.
    #[must_use]
    pub fn vouch(&self, signed: &str) -> Vouched {
        let loaded = self.loaded.load();
        vouch(signed, |kid| {
            loaded.signing.iter().any(|key| key.has_kid(kid))
        })
    }
}

fn vouch(signed: &str, known: impl Fn(&str) -> bool) -> Vouched {
    match read(signed) {
        None => Vouched::ByNobody,
        Some((checkpoint, kid)) if known(&kid) => Vouched::ByKnownKey(checkpoint),
        Some((checkpoint, kid)) => Vouched::ByRetiredKey(checkpoint, kid),
    }
}

/// The checkpoint, and the thumbprint of the key that signed it.
fn read(signed: &str) -> Option<(Checkpoint, String)> {
    if signed.len() > LONGEST {
        return None;
    }
    let (message, signature) = signed.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let header: Header = serde_json::from_slice(&text::decode(header)?).ok()?;
    let jwk = header.jwk;
    let is_ours = header.alg == "ES256" && header.typ == TYPE && jwk.kty == "EC";
    if !is_ours || jwk.crv != "P-256" {
        return None;
    }
    // SEC 1: an uncompressed point is 4, then x, then y.
    let mut point = vec![4];
    point.extend(text::decode_exactly::<32>(&jwk.x)?);
    point.extend(text::decode_exactly::<32>(&jwk.y)?);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(message.as_bytes(), &text::decode(signature)?)
        .ok()?;
    let claims: Claims = serde_json::from_slice(&text::decode(claims)?).ok()?;
    let checkpoint = Checkpoint {
        chain: claims.chain,
        number: claims.number,
        hash: text::decode_exactly(&claims.hash)?,
        at: UnixTime(claims.at),
    };
    Some((checkpoint, thumbprint(&jwk.x, &jwk.y)))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn keyring(folder: &TempDir) -> Keyring {
        Keyring::open(&folder.path().join("keys"), UnixTime(1_000)).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            chain: "changes/contoso".to_owned(),
            number: 7,
            hash: [3; 32],
            at: UnixTime(2_000),
        }
    }

    #[test]
    fn a_checkpoint_is_vouched_for_by_the_key_that_signed_it() {
        let folder = TempDir::new().unwrap();
        let keyring = keyring(&folder);
        let signed = keyring.sign_checkpoint(&checkpoint()).unwrap();
        assert_eq!(keyring.vouch(&signed), Vouched::ByKnownKey(checkpoint()));
    }

    #[test]
    fn a_retired_key_vouches_for_no_more_than_itself() {
        let folder = TempDir::new().unwrap();
        let keyring = keyring(&folder);
        let signed = keyring.sign_checkpoint(&checkpoint()).unwrap();
        let elsewhere = TempDir::new().unwrap();
        let other = Keyring::open(&elsewhere.path().join("keys"), UnixTime(1_000)).unwrap();
        let kid =
            serde_json::from_str::<serde_json::Value>(&keyring.jwks()).unwrap()["keys"][0]["kid"]
                .as_str()
                .unwrap()
                .to_owned();
        assert_eq!(
            other.vouch(&signed),
            Vouched::ByRetiredKey(checkpoint(), kid)
        );
    }

    #[test]
    fn an_altered_checkpoint_is_vouched_for_by_nobody() {
        let folder = TempDir::new().unwrap();
        let keyring = keyring(&folder);
        let signed = keyring.sign_checkpoint(&checkpoint()).unwrap();
        for index in 0..signed.len() {
            let mut bytes = signed.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(keyring.vouch(&altered), Vouched::ByNobody, "{index}");
        }
        for nothing in ["", ".", "..", "a.b.c", &"a".repeat(5_000)] {
            assert_eq!(keyring.vouch(nothing), Vouched::ByNobody);
        }
    }

    #[test]
    fn sec_nothing_else_that_is_signed_is_a_checkpoint() {
        let folder = TempDir::new().unwrap();
        let keyring = keyring(&folder);
        let claims = serde_json::json!({ "chain": "changes/contoso", "number": 7, "hash": text::encode(&[3; 32]), "at": 1 });
        let assertion = keyring.sign(&claims).unwrap();
        assert_eq!(keyring.vouch(&assertion), Vouched::ByNobody);
    }
}
