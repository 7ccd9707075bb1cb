//! Which sessions at identity providers have a session here.

use gateway_core::time::UnixTime;

use super::Store;
use crate::StoreError;
use crate::model::SessionId;

impl Store {
    /// Remembers that a session here came of `session` at its provider. What is remembered longer stays so.
    ///
    /// - `until`: when the session here is over at the latest.
    ///
    /// # Errors
    /// [`StoreError`]; then the session must not begin, for nobody could end it.
    pub async fn remember_home_session(
        &self,
        session: &SessionId,
        until: UnixTime,
    ) -> Result<(), StoreError> {
        self.answer(sqlx::query(
            "INSERT INTO home_session (session, until) VALUES ($1, $2)
             ON CONFLICT (session) DO UPDATE SET until = excluded.until WHERE excluded.until > home_session.until",
        )
        .bind(session.0.to_vec())
        .bind(until.0)
        .execute(&self.writer)).await?;
        Ok(())
    }

    /// Whether a session here may live that came of `session` at its provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_home_session(
        &self,
        session: &SessionId,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let found: Option<i64> = self
            .answer(
                sqlx::query_scalar(
                    "SELECT until FROM home_session WHERE session = $1 AND until > $2",
                )
                .bind(session.0.to_vec())
                .bind(now.0)
                .fetch_optional(&self.readers),
            )
            .await?;
        Ok(found.is_some())
    }
}
