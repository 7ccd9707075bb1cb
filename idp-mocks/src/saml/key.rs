//! Keys with their certificates: the partner's own, and what it takes to check and to use those of others.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use aws_lc_rs::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, UnparsedPublicKey,
};
use rcgen::{CertificateParams, DnType, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use serde::{Deserialize, Serialize};

use crate::shared::Guarded;

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const RSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384";
const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const ECDSA_SHA1: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1";
const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";

/// What kind of key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// RSA of 2048 bits: `rsa`.
    #[default]
    Rsa,
    /// ECDSA on P-256: `ecdsa`. It signs with SHA-256 whatever hash is asked for.
    Ecdsa,
}

/// The hash of digests and signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// `sha256`.
    #[default]
    Sha256,
    /// `sha384`.
    Sha384,
    /// `sha512`.
    Sha512,
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Hash(Hash),
    /// Truly SHA-1 with ECDSA; with RSA, which the library signs no SHA-1 with, the value does not fit its name.
    Sha1,
    /// HMAC, keyed with the certificate that everybody knows.
    Hmac,
}

/// Whose key: the partner's at a rollover count, or somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Partner(u32),
    Stranger,
}

/// The system could not make or use a key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the cryptographic library refused to make or use a key")]
pub(crate) struct NoKey;

/// A private key with a certificate that it signed itself.
pub(crate) struct Key {
    pair: Pair,
    certificate: Vec<u8>,
}

enum Pair {
    Rsa(rsa::KeyPair),
    Ecdsa(EcdsaKeyPair),
}

type Made = Arc<OnceLock<Result<Arc<Key>, NoKey>>>;

static POOL: LazyLock<Guarded<HashMap<(KeyKind, Owner), Made>>> =
    LazyLock::new(|| Guarded::new(HashMap::new()));

impl Key {
    /// The key of `owner`, made at the first call in this process and the same from then on.
    pub(crate) async fn of(kind: KeyKind, owner: Owner) -> Result<Arc<Self>, NoKey> {
        let cell = Arc::clone(POOL.lock().entry((kind, owner)).or_default());
        if let Some(made) = cell.get() {
            return made.clone();
        }
        let make = move || {
            cell.get_or_init(|| Self::generate(kind).map(Arc::new))
                .clone()
        };
        tokio::task::spawn_blocking(make).await.map_err(|_| NoKey)?
    }

    fn generate(kind: KeyKind) -> Result<Self, NoKey> {
        let algorithm = match kind {
            KeyKind::Rsa => &PKCS_RSA_SHA256,
            KeyKind::Ecdsa => &PKCS_ECDSA_P256_SHA256,
        };
        let pair = rcgen::KeyPair::generate_for(algorithm).map_err(|_| NoKey)?;
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "A pretended partner");
        let certificate = params.self_signed(&pair).map_err(|_| NoKey)?;
        let der = pair.serialize_der();
        let pair = match kind {
            KeyKind::Rsa => Pair::Rsa(rsa::KeyPair::from_pkcs8(&der).map_err(|_| NoKey)?),
            KeyKind::Ecdsa => Pair::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
                    .map_err(|_| NoKey)?,
            ),
        };
        Ok(Self {
            pair,
            certificate: certificate.der().to_vec(),
        })
    }

    /// The certificate, DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The identifier of the algorithm (XML Signature 1.1, RFC 6931) and the signature of `input`.
    pub(crate) fn sign(
        &self,
        input: &[u8],
        scheme: Scheme,
    ) -> Result<(&'static str, Vec<u8>), NoKey> {
        let algorithm = self.algorithm(scheme);
        let signature = match (&self.pair, scheme) {
            (_, Scheme::Hmac) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &self.certificate);
                hmac::sign(&key, input).as_ref().to_vec()
            }
            (Pair::Rsa(pair), Scheme::Hash(hash)) => rsa_signature(pair, hash, input)?,
            (Pair::Rsa(pair), Scheme::Sha1) => rsa_signature(pair, Hash::Sha256, input)?,
            (Pair::Ecdsa(pair), Scheme::Hash(_)) => {
                let signed = pair.sign(&SystemRandom::new(), input);
                signed.map_err(|_| NoKey)?.as_ref().to_vec()
            }
            (Pair::Ecdsa(pair), Scheme::Sha1) => {
                let signed = pair.sign_digest(&sha1_as_number(input)?);
                signed.map_err(|_| NoKey)?.as_ref().to_vec()
            }
        };
        Ok((algorithm, signature))
    }

    /// What [`Key::sign`] will call the algorithm: it stands in what is signed.
    pub(crate) fn algorithm(&self, scheme: Scheme) -> &'static str {
        match (&self.pair, scheme) {
            (_, Scheme::Hmac) => HMAC_SHA256,
            (Pair::Rsa(_), Scheme::Hash(Hash::Sha256)) => RSA_SHA256,
            (Pair::Rsa(_), Scheme::Hash(Hash::Sha384)) => RSA_SHA384,
            (Pair::Rsa(_), Scheme::Hash(Hash::Sha512)) => RSA_SHA512,
            (Pair::Rsa(_), Scheme::Sha1) => RSA_SHA1,
            (Pair::Ecdsa(_), Scheme::Hash(_)) => ECDSA_SHA256,
            (Pair::Ecdsa(_), Scheme::Sha1) => ECDSA_SHA1,
        }
    }
}

fn rsa_signature(pair: &rsa::KeyPair, hash: Hash, input: &[u8]) -> Result<Vec<u8>, NoKey> {
    let encoding = match hash {
        Hash::Sha256 => &RSA_PKCS1_SHA256,
        Hash::Sha384 => &RSA_PKCS1_SHA384,
        Hash::Sha512 => &RSA_PKCS1_SHA512,
    };
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), input, &mut signature)
        .map_err(|_| NoKey)?;
    Ok(signature)
}

/// ECDSA signs a number; the 20 bytes of a SHA-1 with zeros before them are the same number as 32 bytes.
fn sha1_as_number(input: &[u8]) -> Result<Digest, NoKey> {
    let mut number = vec![0; 12];
    number.extend_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, input).as_ref());
    Digest::import_less_safe(&number, &SHA256).map_err(|_| NoKey)
}

/// The public key of a certificate, as `SubjectPublicKeyInfo`.
pub(crate) fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let der = CertificateDer::from(certificate);
    let parsed = ParsedCertificate::try_from(&der).ok()?;
    Some(parsed.subject_public_key_info().as_ref().to_vec())
}

/// Whether `signature` of `input` was made with the key of `certificate`. Weak algorithms never fit.
pub(crate) fn fits(certificate: &[u8], algorithm: &str, input: &[u8], signature: &[u8]) -> bool {
    let Some(key) = public_key(certificate) else {
        return false;
    };
    let verified = match algorithm {
        RSA_SHA256 => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(input, signature)
        }
        RSA_SHA384 => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA384, key).verify(input, signature)
        }
        RSA_SHA512 => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, key).verify(input, signature)
        }
        ECDSA_SHA256 => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(input, signature)
        }
        _ => return false,
    };
    verified.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signature_fits_its_own_certificate_and_no_other() {
        for kind in [KeyKind::Rsa, KeyKind::Ecdsa] {
            let own = Key::of(kind, Owner::Partner(0)).await.unwrap();
            let other = Key::of(kind, Owner::Stranger).await.unwrap();
            let (algorithm, signature) = own.sign(b"text", Scheme::Hash(Hash::Sha256)).unwrap();
            assert!(fits(own.certificate(), algorithm, b"text", &signature));
            assert!(!fits(own.certificate(), algorithm, b"Text", &signature));
            assert!(!fits(other.certificate(), algorithm, b"text", &signature));
        }
    }

    #[tokio::test]
    async fn sha1_with_ecdsa_is_what_it_says() {
        use aws_lc_rs::signature::{ECDSA_P256_SHA1_ASN1, EcdsaVerificationAlgorithm};
        let key = Key::of(KeyKind::Ecdsa, Owner::Partner(0)).await.unwrap();
        let (algorithm, signature) = key.sign(b"text", Scheme::Sha1).unwrap();
        assert_eq!(algorithm, ECDSA_SHA1);
        let verifier: &EcdsaVerificationAlgorithm = &ECDSA_P256_SHA1_ASN1;
        let public = UnparsedPublicKey::new(verifier, public_key(key.certificate()).unwrap());
        public.verify(b"text", &asn1(&signature)).unwrap();
    }

    /// Two numbers as a DER sequence.
    fn asn1(fixed: &[u8]) -> Vec<u8> {
        let mut numbers = Vec::new();
        for number in fixed.chunks(32) {
            let first = number.iter().position(|byte| *byte != 0).unwrap();
            let mut number = number[first..].to_vec();
            if number[0] >= 0x80 {
                number.insert(0, 0);
            }
            numbers.extend([2, u8::try_from(number.len()).unwrap()]);
            numbers.extend(number);
        }
        [vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat()
    }
}
