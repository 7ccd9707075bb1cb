//! What a provider said may be used once.

use gateway_core::assertion::MAX_SKEW;
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use sqlx::AnyConnection;

use super::{Store, revocations};
use crate::StoreError;
use crate::model::{Consumed, Revocation};

/// An id is remembered for at least this many seconds, whatever its provider says: who accepts what ended a
/// moment ago, as clocks differ, must not be shown the same again.
const REMEMBERED: i64 = 2 * MAX_SKEW;

impl Store {
    /// Uses up all of `ids`, each remembered until its moment and for at least ten minutes; or none, when one of
    /// them has been used before or is named twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn consume(
        &self,
        provider: &ProviderId,
        ids: &[(String, UnixTime)],
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        self.consume_and_revoke(provider, ids, &[], now).await
    }

    /// As [`Store::consume`], and records the revocations where the ids are fresh: both, or neither. What ends sessions
    /// once must not be used up without ending them.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn consume_and_revoke(
        &self,
        provider: &ProviderId,
        ids: &[(String, UnixTime)],
        revocations: &[Revocation],
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        self.within(async {
            let mut transaction = self.begin().await?;
            if consume(&mut transaction, provider, ids, now).await? == Consumed::Replayed {
                transaction.rollback().await?;
                return Ok(Consumed::Replayed);
            }
            for revocation in revocations {
                revocations::statement(revocation)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(Consumed::Fresh)
        })
        .await
    }
}

/// Uses up `ids` in the transaction of whoever calls, which is rolled back where one of them was used before.
pub(crate) async fn consume(
    connection: &mut AnyConnection,
    provider: &ProviderId,
    ids: &[(String, UnixTime)],
    now: UnixTime,
) -> Result<Consumed, StoreError> {
    // All in one order: two that share ids do not wait for each other.
    let mut sorted: Vec<&(String, UnixTime)> = ids.iter().collect();
    sorted.sort();
    for (id, until) in sorted {
        let until = (*until).max(now.plus(REMEMBERED));
        let fresh = sqlx::query(
            "INSERT INTO consumed (provider, id, until) VALUES ($1, $2, $3)
             ON CONFLICT (provider, id) DO UPDATE SET until = excluded.until WHERE consumed.until <= $4",
        )
        .bind(provider.as_str().to_owned())
        .bind(id.clone())
        .bind(until.0)
        .bind(now.0)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        if fresh == 0 {
            return Ok(Consumed::Replayed);
        }
    }
    Ok(Consumed::Fresh)
}
