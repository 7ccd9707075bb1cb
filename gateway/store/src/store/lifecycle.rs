//! What signing people in and sweeping ask of what is stored.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, TenantId};
use gateway_core::time::UnixTime;
use sqlx::Row;

use super::{Store, entries};
use crate::StoreError;
use crate::columns::parsed;
use crate::model::{Invitation, Of};

impl Store {
    pub(crate) async fn invitation(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<Invitation>, StoreError> {
        self.answer(
            sqlx::query("SELECT * FROM invitation WHERE tenant = $1 AND id = $2")
                .bind(tenant.as_str().to_owned())
                .bind(id.to_owned())
                .fetch_optional(&self.readers),
        )
        .await?
        .as_ref()
        .map(entries::invitation)
        .transpose()
    }

    pub(crate) async fn was_deleted(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let row = self
            .answer(
                sqlx::query(
                    "SELECT COUNT(deleted) AS gone, COUNT(*) AS entries FROM directory_user
             WHERE tenant = $1 AND address = $2",
                )
                .bind(tenant.as_str().to_owned())
                .bind(address.to_string())
                .fetch_one(&self.readers),
            )
            .await?;
        let (gone, entries): (i64, i64) = (row.try_get("gone")?, row.try_get("entries")?);
        Ok(gone > 0 && gone == entries)
    }

    /// Guests who were deleted before `moment`, with the versions of their entries, the first `limit` by tenant and id. Members stay: what they shared is
    /// judged by whether they are gone.
    pub(crate) async fn deleted_before(
        &self,
        moment: UnixTime,
        limit: i64,
    ) -> Result<Vec<Of<(GuestId, u64)>>, StoreError> {
        self.answer(
            sqlx::query(
                "SELECT tenant, id, version FROM directory_user
             WHERE deleted IS NOT NULL AND deleted <= $1 AND user_type = 'guest'
             ORDER BY tenant, id LIMIT $2",
            )
            .bind(moment.0)
            .bind(limit)
            .fetch_all(&self.readers),
        )
        .await?
        .iter()
        .map(|row| {
            let version: i64 = row.try_get("version")?;
            Ok(Of {
                tenant: parsed(row, "tenant", TenantId::parse)?,
                what: (parsed(row, "id", GuestId::parse)?, version.cast_unsigned()),
            })
        })
        .collect()
    }
}
