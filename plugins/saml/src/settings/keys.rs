//! Our own keys and certificates.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::PrivateDecryptingKey;
use zeroize::Zeroizing;

use super::Settings;
use super::problems::Problems;
use crate::certificate;
use crate::key::{KeyRefused, SigningKey};
use crate::pem;
use crate::secret::Secret;
use crate::trust::DecryptionKey;

const PRIVATE: &str = "PRIVATE KEY";
pub(super) const CERTIFICATE: &str = "CERTIFICATE";
/// Most keys that a ciphertext is tried with.
const MOST_DECRYPTION_KEYS: usize = 4;

/// Our keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) signing: Option<SigningKey>,
    pub(super) next_certificates: Vec<Vec<u8>>,
    pub(super) decryption: Vec<DecryptionKey>,
    pub(super) encryption_certificate: Option<Vec<u8>>,
}

impl Settings {
    pub(super) fn keys(&self, problems: &mut Problems) -> Keys {
        let (signing, next_certificates) = self.signing(problems);
        let (decryption, public) = self.decryption(problems);
        Keys {
            signing,
            next_certificates,
            encryption_certificate: self.encryption_certificate(&public, problems),
            decryption,
        }
    }

    fn signing(&self, problems: &mut Problems) -> (Option<SigningKey>, Vec<Vec<u8>>) {
        let (key, certificate) = match (&self.signing_key, &self.signing_certificate) {
            (Some(key), Some(certificate)) => (key, certificate),
            (None, None) => return (None, Vec::new()),
            (Some(_), None) => {
                if !problems.has("signing_certificate") {
                    problems.add("signing_certificate", "is required with `signing_key`");
                }
                return (None, Vec::new());
            }
            (None, Some(_)) => {
                if !problems.has("signing_key") {
                    problems.add("signing_key", "is required with `signing_certificate`");
                }
                return (None, Vec::new());
            }
        };
        let key = private_key("signing_key", key, problems);
        let certificates = certificates("signing_certificate", certificate, problems);
        let mut certificates = certificates.unwrap_or_default().into_iter();
        let (Some(key), Some(first)) = (key, certificates.next()) else {
            return (None, Vec::new());
        };
        match SigningKey::new(&key, first) {
            Ok(key) => (Some(key), certificates.collect()),
            Err(why) => {
                let at = match why {
                    KeyRefused::Kind => "signing_key",
                    KeyRefused::ForeignCertificate => "signing_certificate",
                };
                problems.add(at, why.to_string());
                (None, Vec::new())
            }
        }
    }

    /// The keys, and their public halves.
    fn decryption(&self, problems: &mut Problems) -> (Vec<DecryptionKey>, Vec<Vec<u8>>) {
        if self.decryption_keys.0.len() > MOST_DECRYPTION_KEYS {
            problems.add(
                "decryption_keys",
                format!("must be at most {MOST_DECRYPTION_KEYS} keys"),
            );
        }
        let (mut keys, mut public) = (Vec::new(), Vec::new());
        for (index, secret) in self.decryption_keys.0.iter().enumerate() {
            let at = format!("decryption_keys.{index}");
            let Some(der) = private_key(&at, secret, problems) else {
                continue;
            };
            match public_half(&der) {
                Some(half) => {
                    keys.push(DecryptionKey(der));
                    public.push(half);
                }
                None => problems.add(at, "must be an RSA key of 2048 to 8192 bits, as PKCS #8"),
            }
        }
        (keys, public)
    }

    fn encryption_certificate(
        &self,
        public: &[Vec<u8>],
        problems: &mut Problems,
    ) -> Option<Vec<u8>> {
        let key = "encryption_certificate";
        let text = self.encryption_certificate.as_ref()?;
        let found = certificates(key, text, problems)?;
        let [certificate] = found.as_slice() else {
            problems.add(key, "must hold one certificate");
            return None;
        };
        let fits = certificate::public_key(certificate)
            .is_ok_and(|certified| public.contains(&certified.info));
        if !fits {
            problems.add(key, "is not the certificate of one of `decryption_keys`");
        }
        Some(certificate.clone())
    }
}

fn private_key(key: &str, secret: &Secret, problems: &mut Problems) -> Option<Zeroizing<Vec<u8>>> {
    let mut blocks = pem::blocks(secret.reveal(), PRIVATE)
        .map_err(|problem| problems.add(key, problem))
        .ok()?
        .into_iter()
        .map(Zeroizing::new);
    match (blocks.next(), blocks.next()) {
        (Some(block), None) => Some(block),
        (_, _) => {
            problems.add(key, "must hold one key");
            None
        }
    }
}

/// Certificates of keys that can be used.
pub(super) fn certificates(key: &str, text: &str, problems: &mut Problems) -> Option<Vec<Vec<u8>>> {
    let blocks = pem::blocks(text, CERTIFICATE)
        .map_err(|problem| problems.add(key, problem))
        .ok()?;
    for block in &blocks {
        if let Err(problem) = certificate::public_key(block) {
            problems.add(key, problem);
            return None;
        }
    }
    Some(blocks)
}

fn public_half(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    if key.key_size_bits() < certificate::LEAST_RSA_BITS {
        return None;
    }
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
    Some(public.as_ref().to_vec())
}
