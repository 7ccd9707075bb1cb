//! What signing people in and sweeping ask of what is stored.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, TenantId};
use gateway_core::time::UnixTime;
use sqlx::Row;

use super::{Store, entries};
use crate::StoreError;
use crate::columns::{number, parsed};
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

    /// How many people, permissions and links of the tenant there are: of each kind `most` and one, at most, are counted.
    pub(crate) async fn size(&self, tenant: &TenantId, most: u32) -> Result<u64, StoreError> {
        let row = self
            .answer(
                sqlx::query(
                    "SELECT (SELECT COUNT(*) FROM
                         (SELECT 1 FROM directory_user WHERE tenant = $1 LIMIT $2) AS people)
                  + (SELECT COUNT(*) FROM
                         (SELECT 1 FROM permission WHERE tenant = $1 LIMIT $2) AS permissions)
                  + (SELECT COUNT(*) FROM
                         (SELECT 1 FROM link WHERE tenant = $1 LIMIT $2) AS links) AS size",
                )
                .bind(tenant.as_str().to_owned())
                .bind(i64::from(most) + 1)
                .fetch_one(&self.readers),
            )
            .await?;
        number(&row, "size")
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
