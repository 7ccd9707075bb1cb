//! What is held in memory whole: sessions that were revoked, and the small parts of each tenant's directory.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;

use super::Revocations;
use crate::model::{Revocation, Revoked, TenantSettingsRows};
use crate::store::follow::Followed;
use crate::{Store, StoreError};

/// The state after the change with the number `position`.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) position: i64,
    /// Grows where everything had to be read again: positions of another era say nothing.
    pub(super) era: u64,
    /// Counts how often rows changed here.
    pub(super) edits: u64,
    pub(super) revocations: Revocations,
    rows: HashMap<TenantId, Rows>,
}

#[derive(Clone, Debug, Default)]
struct Rows {
    /// [`Held::edits`] after their last change.
    number: u64,
    rows: Arc<TenantSettingsRows>,
}

impl Held {
    /// Everything, as of one moment.
    ///
    /// # Errors
    /// [`StoreError`]; a state that misses a revocation is never made.
    pub(super) async fn read(store: &Store, now: UnixTime) -> Result<Self, StoreError> {
        let (position, revocations, rows) = store.read_held(now).await?;
        let mut held = Self {
            position,
            ..Self::default()
        };
        for (tenant, rows) in rows {
            held.put(&tenant, rows);
        }
        for revocation in &revocations {
            held.revoke(revocation);
        }
        Ok(held)
    }

    /// The same, in place of `before`, whose positions say nothing any more.
    pub(super) fn instead_of(mut self, before: &Self) -> Self {
        self.era = before.era + 1;
        self.edits = before.edits + 1;
        for tenant in before.rows.keys() {
            self.rows.entry(tenant.clone()).or_default();
        }
        for rows in self.rows.values_mut() {
            rows.number = self.edits;
        }
        self
    }

    /// The small parts of the tenant's directory, with a number that changes with them.
    pub(super) fn rows(&self, tenant: &TenantId) -> (u64, Arc<TenantSettingsRows>) {
        let rows = self.rows.get(tenant).cloned().unwrap_or_default();
        (rows.number, rows.rows)
    }

    /// Takes in what was changed.
    pub(super) fn take(&mut self, followed: Followed) {
        let Followed {
            position,
            revocations,
            revoked_permissions,
            rows,
            ..
        } = followed;
        for (tenant, rows) in rows {
            self.put(&tenant, rows);
        }
        for (tenant, permission) in revoked_permissions {
            self.edit(&tenant).revoked_permissions.insert(permission);
        }
        for revocation in &revocations {
            self.revoke(revocation);
        }
        self.position = position;
    }

    fn revoke(&mut self, revocation: &Revocation) {
        self.revocations.revoke(revocation);
        match &revocation.what {
            Revoked::Session(_) | Revoked::Person(..) => {}
            Revoked::Link(tenant, link) => {
                self.edit(tenant).revoked_links.insert(link.clone());
            }
            Revoked::Guest(tenant, address) => {
                self.edit(tenant).blocked.insert(address.clone());
            }
        }
    }

    fn put(&mut self, tenant: &TenantId, rows: TenantSettingsRows) {
        *self.edit(tenant) = rows;
    }

    fn edit(&mut self, tenant: &TenantId) -> &mut TenantSettingsRows {
        self.edits += 1;
        let rows = self.rows.entry(tenant.clone()).or_default();
        rows.number = self.edits;
        Arc::make_mut(&mut rows.rows)
    }
}
