//! The keys that a service signs with, and their rollover.
//!
//! Making an RSA key is slow, so keys are made when first needed and shared by every set of mocks in the
//! process: two sets are told apart by their origins, never by their keys.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde::{Deserialize, Serialize};

use crate::jose::{KeyNotMade, SigningKey};
use crate::service::Service;
use crate::shared::Guarded;

type Made = Arc<OnceLock<Result<Arc<SigningKey>, KeyNotMade>>>;

static POOL: LazyLock<Guarded<HashMap<(Service, u32), Made>>> =
    LazyLock::new(|| Guarded::new(HashMap::new()));

/// What becomes of the old key at a rollover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldKey {
    /// It stays in the key set.
    #[default]
    Kept,
    /// It leaves the key set at once.
    Dropped,
}

/// One service's keys: the one it signs with, and the older ones that it still publishes.
pub(crate) struct Keyring {
    service: Service,
    generations: Guarded<Generations>,
}

struct Generations {
    current: u32,
    published: Vec<u32>,
}

impl Keyring {
    pub(crate) fn new(service: Service) -> Self {
        let generations = Generations {
            current: 0,
            published: vec![0],
        };
        Self {
            service,
            generations: Guarded::new(generations),
        }
    }

    /// Signs with a new key from now on.
    pub(crate) fn roll_over(&self, old: OldKey) {
        let mut generations = self.generations.lock();
        generations.current += 1;
        if old == OldKey::Dropped {
            generations.published.clear();
        }
        let current = generations.current;
        generations.published.insert(0, current);
    }

    /// The count of the key to sign with, and of those that are published, newest first.
    pub(crate) fn generations(&self) -> (u32, Vec<u32>) {
        let generations = self.generations.lock();
        (generations.current, generations.published.clone())
    }

    /// The key to sign with.
    pub(crate) async fn current(&self) -> Result<Arc<SigningKey>, KeyNotMade> {
        let generation = self.generations.lock().current;
        made(self.service, generation).await
    }

    /// The keys of the key set, newest first.
    pub(crate) async fn published(&self) -> Result<Vec<Arc<SigningKey>>, KeyNotMade> {
        let generations = self.generations.lock().published.clone();
        let mut keys = Vec::with_capacity(generations.len());
        for generation in generations {
            keys.push(made(self.service, generation).await?);
        }
        Ok(keys)
    }
}

async fn made(service: Service, generation: u32) -> Result<Arc<SigningKey>, KeyNotMade> {
    let cell = Arc::clone(POOL.lock().entry((service, generation)).or_default());
    if let Some(made) = cell.get() {
        return made.clone();
    }
    let make = move || {
        cell.get_or_init(|| SigningKey::generate().map(Arc::new))
            .clone()
    };
    tokio::task::spawn_blocking(make)
        .await
        .map_err(|_| KeyNotMade)?
}
