//! Pending sign-ins.

use gateway_core::address::EmailAddress;
use gateway_core::id::{ProviderId, TenantId};
use gateway_core::time::UnixTime;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use crate::StoreError;
use crate::columns::{bytes, moment, number, optional_address, parsed};
use crate::model::{Attempt, AttemptHandle};

impl Store {
    /// Begins an attempt. Of its browser's attempts the newest `per_browser`, this one among them, stay.
    ///
    /// # Errors
    /// [`StoreError`]; a handle that exists already is a [`StoreError::Statement`].
    pub async fn begin_attempt(
        &self,
        attempt: &Attempt,
        per_browser: usize,
    ) -> Result<(), StoreError> {
        self.within(async {
            let browser = attempt.browser.map(|byte| format!("{byte:02x}")).concat();
            let mut transaction = self.begin_on(&["attempt", &browser]).await?;
            insert(attempt).execute(&mut *transaction).await?;
            // Dead ones go first: they must not push out what is still alive.
            sqlx::query("DELETE FROM attempt WHERE browser = $1 AND expires <= $2")
                .bind(attempt.browser.as_slice())
                .bind(attempt.created.0)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "DELETE FROM attempt WHERE browser = $1 AND begun NOT IN
                 (SELECT begun FROM attempt WHERE browser = $1 ORDER BY begun DESC LIMIT $2)",
            )
            .bind(attempt.browser.as_slice())
            .bind(i64::try_from(per_browser.max(1)).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// The attempt of that handle, unless it is over or dead at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attempt(
        &self,
        handle: &AttemptHandle,
        now: UnixTime,
    ) -> Result<Option<Attempt>, StoreError> {
        self.answer(
            sqlx::query("SELECT * FROM attempt WHERE handle = $1 AND expires > $2")
                .bind(handle.0.as_slice())
                .bind(now.0)
                .fetch_optional(&self.readers),
        )
        .await?
        .map(|row| attempt(&row))
        .transpose()
    }

    /// Puts `new_state` in place and moves the sequence on by one, if it still is `from_sequence`. Returns
    /// whether it was: of several that try, one succeeds.
    ///
    /// Whether the attempt is alive was answered by [`Store::attempt`], which also gave the sequence.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn advance_attempt(
        &self,
        handle: &AttemptHandle,
        from_sequence: u32,
        new_state: &str,
    ) -> Result<bool, StoreError> {
        let done = self.answer(sqlx::query(
            "UPDATE attempt SET state = $3, sequence = sequence + 1 WHERE handle = $1 AND sequence = $2",
        )
        .bind(handle.0.as_slice())
        .bind(i64::from(from_sequence))
        .bind(new_state)
        .execute(&self.writer)).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends the attempt, if its sequence still is `from_sequence`. Returns whether it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_attempt(
        &self,
        handle: &AttemptHandle,
        from_sequence: u32,
    ) -> Result<bool, StoreError> {
        let done = self
            .answer(
                sqlx::query("DELETE FROM attempt WHERE handle = $1 AND sequence = $2")
                    .bind(handle.0.as_slice())
                    .bind(i64::from(from_sequence))
                    .execute(&self.writer),
            )
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn insert(attempt: &Attempt) -> crate::columns::Statement {
    sqlx::query(
        "INSERT INTO attempt
             (handle, browser, host, tenant, provider, generation, return_to, address, state, sequence, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(attempt.handle.0.as_slice())
    .bind(attempt.browser.as_slice())
    .bind(&attempt.host)
    .bind(attempt.tenant.as_str())
    .bind(attempt.provider.as_str())
    .bind(&attempt.generation)
    .bind(&attempt.return_to)
    .bind(attempt.address.as_ref().map(EmailAddress::to_string))
    .bind(&attempt.state)
    .bind(i64::from(attempt.sequence))
    .bind(attempt.created.0)
    .bind(attempt.expires.0)
}

fn attempt(row: &AnyRow) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        handle: AttemptHandle(bytes(row, "handle")?),
        browser: bytes(row, "browser")?,
        host: row.try_get("host")?,
        tenant: parsed(row, "tenant", TenantId::parse)?,
        provider: parsed(row, "provider", ProviderId::parse)?,
        generation: row.try_get("generation")?,
        return_to: row.try_get("return_to")?,
        address: optional_address(row, "address")?,
        state: row.try_get("state")?,
        sequence: number(row, "sequence")?,
        created: moment(row, "created")?,
        expires: moment(row, "expires")?,
    })
}
