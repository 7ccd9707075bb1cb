//! Sealing: AES-256-GCM-SIV, whose nonce may repeat without harm beyond showing that two messages are equal.
//!
//! A sealed text is base64url of: key name (4 bytes), nonce (12), ciphertext with its tag of 16. The purpose and the
//! host are authenticated with it and not in it, so what was sealed for one opens for no other.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use gateway_core::time::UnixTime;
use zeroize::Zeroizing;

use super::files::{self, malformed};
use super::{KeysUnusable, NotSealed};
use crate::random;
use crate::text;

pub(super) const PREFIX: &str = "sealing";
const NAME_LEN: usize = 4;

pub(super) struct SealingKey {
    name: [u8; NAME_LEN],
    key: LessSafeKey,
}

pub(super) fn create(directory: &Path, now: UnixTime) -> Result<(), KeysUnusable> {
    let key = Zeroizing::new(random::bytes::<32>()?);
    files::create(directory, PREFIX, now, &*key)
}

pub(super) fn load(directory: &Path) -> Result<Vec<SealingKey>, KeysUnusable> {
    let keys = files::list(directory, PREFIX)?
        .iter()
        .map(|file| SealingKey::read(&file.path))
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(malformed(directory, "holds no sealing key"));
    }
    Ok(keys)
}

impl SealingKey {
    fn read(path: &Path) -> Result<Self, KeysUnusable> {
        let bytes = files::read_exactly(path)?;
        let key = UnboundKey::new(&AES_256_GCM_SIV, &*bytes)
            .map_err(|_| malformed(path, "is not a sealing key"))?;
        Ok(Self {
            name: files::short_name(&*bytes),
            key: LessSafeKey::new(key),
        })
    }

    pub(super) fn seal(
        &self,
        purpose: &str,
        host: &str,
        plain: &[u8],
    ) -> Result<String, NotSealed> {
        let nonce = random::bytes::<NONCE_LEN>()?;
        let mut content = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to(purpose, host)),
                &mut content,
            )
            .map_err(|_| NotSealed::Failed)?;
        let mut sealed = Vec::with_capacity(NAME_LEN + NONCE_LEN + content.len());
        sealed.extend_from_slice(&self.name);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut content);
        Ok(text::encode(&sealed))
    }

    fn open(
        &self,
        purpose: &str,
        host: &str,
        nonce: [u8; NONCE_LEN],
        content: &[u8],
    ) -> Option<Vec<u8>> {
        let mut content = content.to_vec();
        let opened = self.key.open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound_to(purpose, host)),
            &mut content,
        );
        let length = opened.ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

/// Opens `sealed` with the one key it names.
pub(super) fn open(
    keys: &[SealingKey],
    purpose: &str,
    host: &str,
    sealed: &str,
) -> Option<Vec<u8>> {
    let bytes = text::decode(sealed)?;
    let (name, rest) = bytes.split_at_checked(NAME_LEN)?;
    let (nonce, content) = rest.split_at_checked(NONCE_LEN)?;
    let nonce = <[u8; NONCE_LEN]>::try_from(nonce).ok()?;
    keys.iter()
        .filter(|key| key.name == name)
        .find_map(|key| key.open(purpose, host, nonce, content))
}

fn bound_to(purpose: &str, host: &str) -> [u8; 32] {
    text::hash(&[b"vestibule sealed v1", purpose.as_bytes(), host.as_bytes()])
}
