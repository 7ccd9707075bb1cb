//! Which identity redeemed which invitation.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, TenantId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use crate::StoreError;
use crate::columns::{Statement, bind_identity, identity, moment, parsed};
use crate::model::{Bound, Redemption};

impl Store {
    /// Binds the identity to the invitation, for good. Binding the same again changes nothing, the moment of
    /// consent included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind(&self, redemption: &Redemption) -> Result<Bound, StoreError> {
        self.within(async {
            let mut transaction = self.begin_change().await?;
            let (bound, _) = bind(&mut transaction, redemption).await?;
            transaction.commit().await?;
            Ok(bound)
        })
        .await
    }

    /// Every redemption, ordered by tenant and address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn redemptions(&self) -> Result<Vec<Redemption>, StoreError> {
        self.answer(
            sqlx::query("SELECT * FROM redemption ORDER BY tenant, address")
                .fetch_all(&self.readers),
        )
        .await?
        .iter()
        .map(redemption)
        .collect()
    }
}

/// Binds in the transaction of whoever calls, which holds the turn of the directory's changes. Also says whether that
/// is new.
pub(crate) async fn bind(
    connection: &mut AnyConnection,
    redemption: &Redemption,
) -> Result<(Bound, bool), StoreError> {
    let inserted = insert(
        &redemption.tenant,
        &redemption.address,
        &redemption.guest,
        redemption.consented_at,
        &redemption.identity,
    )
    .execute(&mut *connection)
    .await?;
    let holder = sqlx::query("SELECT * FROM redemption WHERE tenant = $1 AND address = $2")
        .bind(redemption.tenant.as_str().to_owned())
        .bind(redemption.address.to_string())
        .fetch_optional(connection)
        .await?
        .map(|row| identity(&row))
        .transpose()?;
    let bound = if holder.as_ref() == Some(&redemption.identity) {
        Bound::Yes
    } else {
        Bound::ToAnother
    };
    Ok((bound, inserted.rows_affected() == 1))
}

/// Inserts, unless the address or the identity is bound.
pub(super) fn insert(
    tenant: &TenantId,
    address: &EmailAddress,
    guest: &GuestId,
    consented_at: UnixTime,
    key: &IdentityKey,
) -> Statement {
    let insert = sqlx::query(
        "INSERT INTO redemption
             (tenant, address, guest, consented_at, cloud, provider, issuer, provider_tenant, subject)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant.as_str().to_owned())
    .bind(address.to_string())
    .bind(guest.as_str().to_owned())
    .bind(consented_at.0);
    bind_identity(insert, key)
}

fn redemption(row: &AnyRow) -> Result<Redemption, StoreError> {
    Ok(Redemption {
        tenant: parsed(row, "tenant", TenantId::parse)?,
        guest: parsed(row, "guest", GuestId::parse)?,
        address: parsed(row, "address", EmailAddress::parse)?,
        identity: identity(row)?,
        consented_at: moment(row, "consented_at")?,
    })
}
