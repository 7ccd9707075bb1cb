//! The gateway's keys: sealing keys, signing keys and the root secret.
//!
//! They live in one folder, each in a file of its own: `root.key`, `sealing-CREATED-ID.key` and
//! `signing-CREATED-ID.key`, where `CREATED` is in seconds since the Unix epoch, twelve digits. The newest key seals and signs; every
//! one that is there opens and is published, so that a rotation signs nobody out. The root secret is never rotated:
//! what providers keep in a pending sign-in is keyed with it.

mod checkpoints;
mod files;
mod sealing;
mod signing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::hkdf;
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::random::NoRandomness;
use sealing::SealingKey;
use signing::SigningKey;

/// How long a key that has been superseded still opens and is published, in seconds: 30 days, longer than sessions live.
pub const OVERLAP: i64 = 30 * 24 * 60 * 60;

/// `typ` of what upstreams are sent.
const ASSERTION: &str = "JWT";

/// `typ` of what the management API takes.
///
/// Source: RFC 8725 section 3.11.
const OPERATOR_TOKEN: &str = "vestibule-operator+jwt";

/// The keys in use. Shared; a rotation by another process is taken up with [`Keyring::reload`].
pub struct Keyring {
    directory: PathBuf,
    loaded: ArcSwap<Loaded>,
}

/// Why the keys cannot be used. Nothing is served without keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysUnusable {
    /// The folder or a file can be read or written by others.
    #[error("`{path}` may be used by others (mode {mode:03o}): run `chmod {wanted:03o} {path}`")]
    TooOpen {
        /// The folder or file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// Not what it should be: a folder, a regular file, a key.
    #[error("`{path}` {problem}")]
    Malformed {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The system refused.
    #[error("`{path}`: {source}")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No key could be made.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// Nothing was sealed or signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSealed {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The key cannot be used, or the content cannot be written.
    #[error("the key could not be used")]
    Failed,
}

struct Loaded {
    /// Newest first, never empty.
    sealing: Vec<SealingKey>,
    /// Newest first, never empty.
    signing: Vec<SigningKey>,
    root: Zeroizing<[u8; 32]>,
}

impl Keyring {
    /// Opens the keys in `directory`; what is missing is made, folder included.
    ///
    /// # Errors
    /// [`KeysUnusable`], among others when the folder is not `0700` or a file not `0600`.
    pub fn open(directory: &Path, now: UnixTime) -> Result<Self, KeysUnusable> {
        files::prepare(directory)?;
        if files::list(directory, sealing::PREFIX)?.is_empty() {
            sealing::create(directory, now)?;
        }
        if files::list(directory, signing::PREFIX)?.is_empty() {
            signing::create(directory, now)?;
        }
        files::create_root(directory)?;
        Ok(Self {
            directory: directory.to_path_buf(),
            loaded: ArcSwap::from_pointee(load(directory)?),
        })
    }

    /// Reads the keys in `directory`, and makes none.
    ///
    /// # Errors
    /// [`KeysUnusable`], among others where there are none.
    pub fn read(directory: &Path) -> Result<Self, KeysUnusable> {
        Ok(Self {
            directory: directory.to_path_buf(),
            loaded: ArcSwap::from_pointee(load(directory)?),
        })
    }

    /// Makes new sealing and signing keys in `directory`, and removes those superseded [`OVERLAP`] ago.
    ///
    /// # Errors
    /// [`KeysUnusable`]; the old keys are in use then.
    pub fn rotate(directory: &Path, now: UnixTime) -> Result<(), KeysUnusable> {
        files::prepare(directory)?;
        sealing::create(directory, now)?;
        signing::create(directory, now)?;
        files::remove_superseded(directory, sealing::PREFIX, now)?;
        files::remove_superseded(directory, signing::PREFIX, now)
    }

    /// Reads the folder again.
    ///
    /// # Errors
    /// [`KeysUnusable`]; the keys read before stay in use.
    pub fn reload(&self) -> Result<(), KeysUnusable> {
        self.loaded.store(Arc::new(load(&self.directory)?));
        Ok(())
    }

    /// The secret of one provider instance: the same across restarts and rotations, different for each id.
    #[must_use]
    pub fn instance_key(&self, provider: &ProviderId) -> [u8; 32] {
        let loaded = self.loaded.load();
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"vestibule provider instance v1")
            .extract(&*loaded.root);
        let mut key = [0; 32];
        // 32 bytes of HKDF-SHA-256 are always to be had: its limit is 255 blocks of 32.
        if let Ok(material) = secret.expand(&[provider.as_str().as_bytes()], hkdf::HKDF_SHA256) {
            let _filled = material.fill(&mut key);
        }
        key
    }

    /// The public signing keys as a JSON Web Key Set, newest first.
    #[must_use]
    pub fn jwks(&self) -> String {
        let loaded = self.loaded.load();
        let keys: Vec<_> = loaded.signing.iter().map(SigningKey::public_jwk).collect();
        serde_json::json!({ "keys": keys }).to_string()
    }

    /// Signs `claims` with the newest key: a compact JWT, ES256, `kid` as in [`Keyring::jwks`].
    ///
    /// # Errors
    /// [`NotSealed::Failed`] when the claims cannot be written as JSON.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, NotSealed> {
        let loaded = self.loaded.load();
        let newest = loaded.signing.first().ok_or(NotSealed::Failed)?;
        newest.sign(ASSERTION, claims)
    }

    /// Signs the claims of an operator's token with the newest key. No upstream takes it for an assertion, and the
    /// management API takes nothing else that these keys signed: its `typ` is its own.
    ///
    /// # Errors
    /// [`NotSealed::Failed`] when the claims cannot be written as JSON.
    pub fn sign_operator_token(&self, claims: &impl Serialize) -> Result<String, NotSealed> {
        let loaded = self.loaded.load();
        let newest = loaded.signing.first().ok_or(NotSealed::Failed)?;
        newest.sign(OPERATOR_TOKEN, claims)
    }

    /// The claims of an operator's token that a key which is still there signed, whatever they say; `None` for anything
    /// else.
    ///
    /// - `token`: attacker-controlled.
    #[must_use]
    pub fn operator_token(&self, token: &str) -> Option<serde_json::Value> {
        signing::verify(&self.loaded.load().signing, OPERATOR_TOKEN, token)
    }

    /// Seals `plain` for one purpose of the management API with the newest key.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn seal_for_api(&self, purpose: &str, plain: &[u8]) -> Result<String, NotSealed> {
        self.seal(&format!("management api: {purpose}"), "", plain)
    }

    /// Opens what [`Keyring::seal_for_api`] made for the same purpose with any key that is still there; `None` for
    /// everything else.
    #[must_use]
    pub fn open_for_api(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        self.unseal(&format!("management api: {purpose}"), "", sealed)
    }

    /// Seals `plain` for one purpose and host with the newest key.
    pub(crate) fn seal(
        &self,
        purpose: &str,
        host: &str,
        plain: &[u8],
    ) -> Result<String, NotSealed> {
        let loaded = self.loaded.load();
        let newest = loaded.sealing.first().ok_or(NotSealed::Failed)?;
        newest.seal(purpose, host, plain)
    }

    /// Opens what [`Keyring::seal`] made with any key that is still there; `None` for everything else.
    pub(crate) fn unseal(&self, purpose: &str, host: &str, sealed: &str) -> Option<Vec<u8>> {
        let loaded = self.loaded.load();
        sealing::open(&loaded.sealing, purpose, host, sealed)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

fn load(directory: &Path) -> Result<Loaded, KeysUnusable> {
    files::check_folder(directory)?;
    Ok(Loaded {
        sealing: sealing::load(directory)?,
        signing: signing::load(directory)?,
        root: files::read_root(directory)?,
    })
}

#[cfg(test)]
mod tests;
