//! What the hot path reads: declared guests, permissions and links in memory, joined with what the store knows.
//!
//! A [`View`] is immutable; a change makes a new one that shares what stayed the same. The store is written
//! first, so a view never shows what a restart would take back. Denials win: what was revoked stays revoked
//! however it is declared.

mod auditing;
pub(crate) mod declared;
mod follow;
mod held;
mod lifecycle;
mod look;
mod management;
mod narrow;
mod pages;
mod queue;
mod revocations;
mod touched;
mod view;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use gateway_core::id::{ProviderId, TenantId};
use gateway_core::person::Guest;
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;
use tokio::sync::{Mutex, watch};

pub use revocations::Revocations;
pub use view::{TenantView, View};

pub use follow::MAX_STALENESS;

use auditing::seed;
use declared::Declared;
use follow::Following;
use look::Looks;
use queue::Queue;
use writer::{Answer, Asked};

use crate::audit::access::Waiting;
use crate::model::{AuditEvent, Bound, Consumed, Of, Redemption, Revocation};
use crate::{Store, StoreError};

/// What the configuration declares for one tenant.
#[derive(Clone, Debug)]
pub struct DeclaredTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its guests, by invited address: pending, or blocked.
    pub guests: Vec<Guest>,
    /// Its permissions.
    pub permissions: Vec<Permission>,
    /// Its links, each with the SHA-256 of its token.
    pub links: Vec<(SharingLink, [u8; 32])>,
}

/// The directory of all tenants. Clones share it.
#[derive(Clone, Debug)]
pub struct Directory {
    shared: Arc<Shared>,
    queue: Queue,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    /// Access events that are not written yet.
    access: Waiting,
    declared: Declared,
    looks: Looks,
    following: Following,
    /// Held from the write to the store until what is known here shows it.
    writing: Mutex<()>,
}

impl Directory {
    /// Joins `declared` with what the store knows at `now`.
    ///
    /// # Errors
    /// [`StoreError`]; a directory that misses a revocation is never made.
    pub async fn open(
        store: Store,
        declared: Vec<DeclaredTenant>,
        now: UnixTime,
    ) -> Result<Self, StoreError> {
        Self::open_within(store, declared, MAX_STALENESS, now).await
    }

    /// The same, with the time that it goes on from what it knows while the store is away. With none, every look asks
    /// the store.
    ///
    /// # Errors
    /// [`StoreError`]; a directory that misses a revocation is never made.
    pub async fn open_within(
        store: Store,
        declared: Vec<DeclaredTenant>,
        max_staleness: Duration,
        now: UnixTime,
    ) -> Result<Self, StoreError> {
        let following = Following::begin(store.clone(), max_staleness, now).await?;
        let shared = Arc::new(Shared {
            store,
            access: Waiting::new(seed()),
            declared: Declared::new(&declared),
            looks: Looks::new(declared),
            following,
            writing: Mutex::new(()),
        });
        let beat = Following::beat(Arc::downgrade(&shared), |shared| &shared.following);
        tokio::spawn(beat);
        Ok(Self {
            queue: Queue::start(&shared),
            shared,
        })
    }

    /// Which sessions were revoked, as far as is known here. Takes no lock, and asks nobody whether that is all.
    #[must_use]
    pub fn revocations(&self) -> Revocations {
        self.shared.following.held().revocations.clone()
    }

    /// Which sessions were revoked, where what is known here is recent enough to rest on.
    ///
    /// # Errors
    /// [`StoreError::Stale`] otherwise.
    pub async fn current(&self) -> Result<Revocations, StoreError> {
        Ok(self.shared.following.current().await?.revocations.clone())
    }

    /// The store underneath, for what is not in the view.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Counts the changes so far: whoever keeps a stream open judges it again when this moves.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.following.changes().subscribe()
    }

    /// Binds an identity to an invitation, and says so in the audit where that is new. Once this returns, the view shows
    /// it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is bound as far as this process knows.
    pub async fn redeem(
        &self,
        redemption: &Redemption,
        audit: Vec<AuditEvent>,
    ) -> Result<Bound, StoreError> {
        let asked = Asked::Redeem(Box::new(redemption.clone()), audit);
        match self.queue.ask(asked).await? {
            Answer::Bound(bound) => Ok(bound),
            Answer::Written(_) | Answer::Revoked | Answer::Consumed(_) => {
                Err(StoreError::Interrupted)
            }
        }
    }

    /// Revokes. No view handed out after this returns honours it.
    ///
    /// - `audit`: each with the tenant whose audit it is.
    ///
    /// # Errors
    /// [`StoreError`]; then the revocation must be repeated.
    pub async fn revoke(
        &self,
        revocation: Revocation,
        audit: Vec<Of<AuditEvent>>,
    ) -> Result<(), StoreError> {
        let asked = Asked::Revoke(Box::new(revocation), audit);
        self.queue.ask(asked).await?;
        Ok(())
    }

    /// Uses up `ids` and, where nobody had used them, revokes: both, or neither. No view handed out after this returns
    /// [`Consumed::Fresh`] honours what was revoked.
    ///
    /// - `audit`: each with the tenant whose audit it is; recorded where nobody had used the ids.
    ///
    /// # Errors
    /// [`StoreError`]; then it must be repeated, and may be.
    pub async fn revoke_once(
        &self,
        provider: &ProviderId,
        ids: &[(String, UnixTime)],
        revocations: Vec<Revocation>,
        audit: Vec<Of<AuditEvent>>,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let asked = Asked::RevokeOnce {
            provider: provider.clone(),
            ids: ids.to_vec(),
            revocations,
            audit,
            now,
        };
        match self.queue.ask(asked).await? {
            Answer::Consumed(consumed) => Ok(consumed),
            Answer::Written(_) | Answer::Bound(_) | Answer::Revoked => Err(StoreError::Interrupted),
        }
    }

    /// Forgets what may be forgotten at `now`, in the store and in memory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: UnixTime) -> Result<(), StoreError> {
        self.in_turn(|shared| async move {
            shared.store.sweep(now).await?;
            // Not announced: nobody gains or loses anything by it.
            shared.following.forget(now).await;
            Ok(())
        })
        .await
    }

    /// Runs `write` to its end even when the caller goes away in the middle, as a browser may: a revocation
    /// that is stored and not shown would be honoured until the next start.
    async fn in_turn<T, F>(&self, write: impl FnOnce(Arc<Shared>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let written = write(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _turn = shared.writing.lock().await;
            written.await
        });
        task.await.map_err(|_| StoreError::Interrupted)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Revoked, SessionId};

    #[tokio::test]
    async fn a_change_waits_for_the_one_before_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let now = UnixTime(0);
        let store = Store::open(&folder.path().join("vestibule.db"), now)
            .await
            .unwrap();
        let directory = Directory::open(store.clone(), Vec::new(), now)
            .await
            .unwrap();
        let session = SessionId([1; 16]);
        let revocation = Revocation {
            what: Revoked::Session(session),
            at: now,
            until: None,
        };

        let turn = directory.shared.writing.lock().await;
        let other = directory.clone();
        let revoking = tokio::spawn(async move { other.revoke(revocation, Vec::new()).await });
        // Each of these queues for the store behind the revocation, were it there.
        for _ in 0..20 {
            store.sweep(now).await.unwrap();
        }
        assert_eq!(store.revocations(now).await.unwrap(), []);
        drop(turn);
        revoking.await.unwrap().unwrap();
        assert!(directory.revocations().session_revoked(&session));
    }
}
