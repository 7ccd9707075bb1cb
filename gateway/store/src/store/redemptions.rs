//! Which identity redeemed which invitation.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, TenantId};
use sqlx::sqlite::SqliteRow;

use super::Store;
use crate::StoreError;
use crate::columns::{bind_identity, identity, moment, parsed};
use crate::model::{Bound, Redemption};

impl Store {
    /// Binds the identity to the invitation, for good. Binding the same again changes nothing, the moment of
    /// consent included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind(&self, redemption: &Redemption) -> Result<Bound, StoreError> {
        let mut transaction = self.begin().await?;
        let insert = sqlx::query(
            "INSERT INTO redemption
                 (tenant, address, guest, consented_at, cloud, provider, issuer, provider_tenant, subject)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO NOTHING",
        )
        .bind(redemption.tenant.as_str())
        .bind(redemption.address.to_string())
        .bind(redemption.guest.as_str())
        .bind(redemption.consented_at.0);
        bind_identity(insert, &redemption.identity)
            .execute(&mut *transaction)
            .await?;
        let holder = sqlx::query("SELECT * FROM redemption WHERE tenant = ?1 AND address = ?2")
            .bind(redemption.tenant.as_str())
            .bind(redemption.address.to_string())
            .fetch_optional(&mut *transaction)
            .await?
            .map(|row| identity(&row))
            .transpose()?;
        transaction.commit().await?;
        Ok(if holder.as_ref() == Some(&redemption.identity) {
            Bound::Yes
        } else {
            Bound::ToAnother
        })
    }

    /// Every redemption, ordered by tenant and address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redemptions(&self) -> Result<Vec<Redemption>, StoreError> {
        sqlx::query("SELECT * FROM redemption ORDER BY tenant, address")
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(redemption)
            .collect()
    }
}

fn redemption(row: &SqliteRow) -> Result<Redemption, StoreError> {
    Ok(Redemption {
        tenant: parsed(row, "tenant", TenantId::parse)?,
        guest: parsed(row, "guest", GuestId::parse)?,
        address: parsed(row, "address", EmailAddress::parse)?,
        identity: identity(row)?,
        consented_at: moment(row, "consented_at")?,
    })
}
