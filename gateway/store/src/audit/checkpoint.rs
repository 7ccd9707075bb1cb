//! Checkpoints: how far a chain had come at a moment, signed. Who rewrites a chain, or cuts its end off, would have to
//! sign anew, and the key is not in the database.

use std::fmt;
use std::sync::Arc;

use gateway_core::time::UnixTime;

/// How far a chain had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The chain.
    pub chain: String,
    /// Its last record then.
    pub number: u64,
    /// That record's hash, which covers all before it.
    pub hash: [u8; 32],
    /// When.
    pub at: UnixTime,
}

/// Whose signature stands under a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// A key's that this gateway has and publishes.
    ByKnownKey(Checkpoint),
    /// A key's that stands in the checkpoint itself and is not published any more: shows that whoever made it had that
    /// key, not that it was ever the gateway's. Its RFC 7638 thumbprint comes with it, to be compared.
    ByRetiredKey(Checkpoint, String),
    /// Nobody's: it was altered, or is no checkpoint.
    ByNobody,
}

type Sign = dyn Fn(&Checkpoint) -> Option<String> + Send + Sync;
type Vouch = dyn Fn(&str) -> Vouched + Send + Sync;

/// The gateway's keys, as far as the audit needs them.
#[derive(Clone)]
pub struct Signing {
    sign: Arc<Sign>,
    vouch: Arc<Vouch>,
}

impl Signing {
    /// - `sign`: makes a compact JWS; `None` where no key can be used.
    /// - `vouch`: reads one.
    pub fn new(
        sign: impl Fn(&Checkpoint) -> Option<String> + Send + Sync + 'static,
        vouch: impl Fn(&str) -> Vouched + Send + Sync + 'static,
    ) -> Self {
        Self {
            sign: Arc::new(sign),
            vouch: Arc::new(vouch),
        }
    }

    /// The signed checkpoint.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> Option<String> {
        (self.sign)(checkpoint)
    }

    /// Whose it is.
    #[must_use]
    pub fn vouch(&self, signed: &str) -> Vouched {
        (self.vouch)(signed)
    }
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").finish_non_exhaustive()
    }
}
