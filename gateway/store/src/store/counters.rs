//! Limits on how often something may be done.

use gateway_core::time::UnixTime;

use super::Store;
use crate::StoreError;
use crate::model::Counted;

impl Store {
    /// Counts one occurrence, unless `limit` are counted within the last `window_seconds` already.
    ///
    /// The window slides: no span of `window_seconds`, wherever it begins, holds more than `limit`. What is
    /// [`Counted::Exceeded`] is not counted, so whoever keeps trying gets `limit` in each window, not none.
    /// One occurrence weighs until `window_seconds` after it, exclusive.
    ///
    /// - `scope`: what is limited; all callers use one window and limit for it.
    /// - `key`: whom it is limited for, in canonical form (address parsed, IPv6 cut to its prefix): two
    ///   spellings of a key are two keys here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(
        &self,
        scope: &str,
        key: &str,
        window_seconds: u32,
        limit: u32,
        now: UnixTime,
    ) -> Result<Counted, StoreError> {
        self.within(async {
            let window = i64::from(window_seconds);
            let mut transaction = self.begin_on(&["counter", scope, key]).await?;
            let so_far: i64 = sqlx::query_scalar(
                "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM counter WHERE scope = $1 AND key = $2 AND at > $3",
            )
            .bind(scope)
            .bind(key)
            .bind(now.plus(-window).0)
            .fetch_one(&mut *transaction)
            .await?;
            let with_this = u32::try_from(so_far.saturating_add(1)).unwrap_or(u32::MAX);
            if with_this > limit {
                return Ok(Counted::Exceeded);
            }
            sqlx::query(
                "INSERT INTO counter (scope, key, at, n, forget) VALUES ($1, $2, $3, 1, $4)
                 ON CONFLICT (scope, key, at) DO UPDATE SET n = counter.n + 1, forget =
                     CASE WHEN excluded.forget > counter.forget THEN excluded.forget ELSE counter.forget END",
            )
            .bind(scope)
            .bind(key)
            .bind(now.0)
            .bind(now.plus(window).0)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(Counted::Within(with_this))
        })
        .await
    }

    /// Takes back one occurrence that was counted at `at`: it turned out not to be what is limited.
    ///
    /// What was never counted, or is forgotten already, stays as it is: no count falls below what others added.
    ///
    /// - `scope`, `key`, `at`: as they were given to [`Store::count`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uncount(&self, scope: &str, key: &str, at: UnixTime) -> Result<(), StoreError> {
        self.within(async {
            let mut transaction = self.begin_on(&["counter", scope, key]).await?;
            for statement in [
                "DELETE FROM counter WHERE scope = $1 AND key = $2 AND at = $3 AND n = 1",
                "UPDATE counter SET n = n - 1 WHERE scope = $1 AND key = $2 AND at = $3 AND n > 1",
            ] {
                sqlx::query(statement)
                    .bind(scope)
                    .bind(key)
                    .bind(at.0)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
