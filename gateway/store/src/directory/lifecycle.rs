//! What signing people in and sweeping ask of the directory.

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;

use super::Directory;
use crate::StoreError;
use crate::model::{Actor, AuditEvent, Change, Expect, Invitation, RESTORABLE, Write};

/// Entries that one sweep purges, at most: the next one goes on.
const AT_ONCE: i64 = 256;

impl Directory {
    /// The invitation with that id, ended ones included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<Invitation>, StoreError> {
        self.store().invitation(tenant, id).await
    }

    /// Whether an entry of the address was deleted and not purged yet, and no other is there now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn was_deleted(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        self.store().was_deleted(tenant, address).await
    }

    /// Whether the tenant's people, permissions and links together, as far as they are stored, are no more than `most`: so
    /// that whoever reads all of it knows beforehand what that takes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_within(&self, tenant: &TenantId, most: u32) -> Result<bool, StoreError> {
        Ok(self.store().size(tenant, most).await? <= u64::from(most))
    }

    /// Purges guests who were deleted so long before `now` that they cannot be restored any more: entry, redemption,
    /// invitations and what was granted to them. Members who were deleted stay, so that what they shared is known to be
    /// of somebody who is gone.
    ///
    /// # Errors
    /// [`StoreError`]; what was purged until then stays purged.
    ///
    /// Source: specification "sharing rules" 7.
    pub async fn purge(&self, now: UnixTime) -> Result<(), StoreError> {
        let gone = now.plus(-RESTORABLE);
        for one in self.store().deleted_before(gone, AT_ONCE).await? {
            let (id, version) = one.what;
            let event = AuditEvent {
                person: Some(id.as_str().to_owned()),
                person_type: Some("Guest"),
                reason: "deleted-30-days-ago".to_owned(),
                ..AuditEvent::of(
                    "Hard Delete user",
                    Actor {
                        id: "system".to_owned(),
                        client: None,
                    },
                )
            };
            self.write(Write {
                tenant: one.tenant,
                at: now,
                // Whoever restored it meanwhile was first.
                expect: vec![Expect::User(id.clone(), Some(version))],
                changes: vec![Change::PurgeUser(id)],
                audit: vec![event],
            })
            .await?;
        }
        Ok(())
    }
}
