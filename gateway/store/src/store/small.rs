//! Settings, groups, documents and denials over declarations: few, and read whole.

use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, PermissionId, TenantId};
use sqlx::any::AnyRow;

use super::queries::of;
use super::{Store, entries};
use crate::StoreError;
use crate::columns::parsed;
use crate::model::TenantSettingsRows;

impl Store {
    /// What is small and read whole, as of one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings(&self, tenant: &TenantId) -> Result<TenantSettingsRows, StoreError> {
        self.within(async {
            let mut snapshot = self.snapshot().await?;
            let mut rows = TenantSettingsRows::default();
            for (sql, take) in SMALL {
                for row in of(sql, tenant).fetch_all(&mut *snapshot).await? {
                    take(&mut rows, &row)?;
                }
            }
            snapshot.commit().await?;
            Ok(rows)
        })
        .await
    }
}

type Take = fn(&mut TenantSettingsRows, &AnyRow) -> Result<(), StoreError>;

const SMALL: [(&str, Take); 6] = [
    (
        "SELECT * FROM setting WHERE tenant = $1 ORDER BY scope, name",
        |rows, row| {
            rows.settings.push(entries::setting(row)?);
            Ok(())
        },
    ),
    (
        "SELECT * FROM directory_group WHERE tenant = $1 ORDER BY id",
        |rows, row| {
            rows.groups.push(entries::group(row)?);
            Ok(())
        },
    ),
    (
        "SELECT * FROM document WHERE tenant = $1 ORDER BY collection, key",
        |rows, row| {
            rows.documents.push(entries::document(row)?);
            Ok(())
        },
    ),
    (
        "SELECT permission FROM revoked_permission WHERE tenant = $1",
        |rows, row| {
            rows.revoked_permissions
                .insert(parsed(row, "permission", PermissionId::parse)?);
            Ok(())
        },
    ),
    (
        "SELECT link FROM revoked_link WHERE tenant = $1",
        |rows, row| {
            rows.revoked_links
                .insert(parsed(row, "link", LinkId::parse)?);
            Ok(())
        },
    ),
    (
        "SELECT address FROM revoked_guest WHERE tenant = $1",
        |rows, row| {
            rows.blocked
                .insert(parsed(row, "address", EmailAddress::parse)?);
            Ok(())
        },
    ),
];
