//! What the hot path reads: declared guests, permissions and links in memory, joined with what the store knows.
//!
//! A [`View`] is immutable; a change makes a new one that shares what stayed the same. The store is written
//! first, so a view never shows what a restart would take back. Denials win: what was revoked stays revoked
//! however it is declared.

mod view;

use std::sync::Arc;

use arc_swap::ArcSwap;
use gateway_core::id::{ProviderId, TenantId};
use gateway_core::person::Guest;
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;
use tokio::sync::{Mutex, watch};

pub use view::{TenantView, View};

use crate::model::{Bound, Consumed, Redemption, Revocation};
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
}

#[derive(Debug)]
struct Shared {
    store: Store,
    view: ArcSwap<View>,
    /// Held from the write to the store until the view shows it: views follow each other in the store's order.
    writing: Mutex<()>,
    changes: watch::Sender<u64>,
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
        let view = View::read(Some(&store), declared, now).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                view: ArcSwap::from_pointee(view),
                writing: Mutex::new(()),
                changes: watch::Sender::new(0),
            }),
        })
    }

    /// The directory as it stands. Takes no lock; one request reads one view from beginning to end.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view.load_full()
    }

    /// The store underneath, for what is not in the view.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Counts the changes so far: whoever keeps a stream open judges it again when this moves.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Binds an identity to an invitation. Once this returns, the view shows it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is bound as far as this process knows.
    pub async fn redeem(&self, redemption: &Redemption) -> Result<Bound, StoreError> {
        let redemption = redemption.clone();
        self.write(|shared| async move {
            let bound = shared.store.bind(&redemption).await?;
            if bound == Bound::Yes {
                shared.replace(|view| view.redeem(&redemption));
                shared.announce();
            }
            Ok(bound)
        })
        .await
    }

    /// Revokes. No view handed out after this returns honours it.
    ///
    /// # Errors
    /// [`StoreError`]; then the revocation must be repeated.
    pub async fn revoke(&self, revocation: Revocation) -> Result<(), StoreError> {
        self.write(|shared| async move {
            shared.store.revoke(&revocation).await?;
            shared.replace(|view| view.revoke(&revocation));
            shared.announce();
            Ok(())
        })
        .await
    }

    /// Uses up `ids` and, where nobody had used them, revokes: both, or neither. No view handed out after this returns
    /// [`Consumed::Fresh`] honours what was revoked.
    ///
    /// # Errors
    /// [`StoreError`]; then it must be repeated, and may be.
    pub async fn revoke_once(
        &self,
        provider: &ProviderId,
        ids: &[(String, UnixTime)],
        revocations: Vec<Revocation>,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        let (provider, ids) = (provider.clone(), ids.to_vec());
        self.write(|shared| async move {
            let store = &shared.store;
            let consumed = store
                .consume_and_revoke(&provider, &ids, &revocations, now)
                .await?;
            if consumed == Consumed::Fresh && !revocations.is_empty() {
                shared.replace(|view| revocations.iter().for_each(|one| view.revoke(one)));
                shared.announce();
            }
            Ok(consumed)
        })
        .await
    }

    /// Forgets what may be forgotten at `now`, in the store and in the view.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: UnixTime) -> Result<(), StoreError> {
        self.write(|shared| async move {
            shared.store.sweep(now).await?;
            // Not announced: nobody gains or loses anything by it.
            shared.replace(|view| view.forget(now));
            Ok(())
        })
        .await
    }

    /// Runs `write` to its end even when the caller goes away in the middle, as a browser may: a revocation
    /// that is stored and not shown would be honoured until the next start.
    async fn write<T, F>(&self, write: impl FnOnce(Arc<Shared>) -> F) -> Result<T, StoreError>
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

impl Shared {
    /// Puts a changed view in place of the present one. Only the holder of `writing` may.
    fn replace(&self, change: impl FnOnce(&mut View)) {
        let mut next = View::clone(&self.view.load());
        change(&mut next);
        self.view.store(Arc::new(next));
    }

    fn announce(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
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
        let revoking = tokio::spawn(async move { other.revoke(revocation).await });
        // Each of these queues for the store behind the revocation, were it there.
        for _ in 0..20 {
            store.sweep(now).await.unwrap();
        }
        assert_eq!(store.revocations(now).await.unwrap(), []);
        drop(turn);
        revoking.await.unwrap().unwrap();
        assert!(directory.view().session_revoked(&session));
    }
}
