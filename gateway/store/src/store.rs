//! The store: a file of SQLite, or a database of PostgreSQL.

mod attempts;
pub(crate) mod audit;
pub(crate) mod changes;
mod counters;
pub(crate) mod entries;
pub(crate) mod feed;
mod file;
pub(crate) mod follow;
mod home_sessions;
mod items;
pub(crate) mod keys;
mod lifecycle;
mod location;
pub(crate) mod look;
pub(crate) mod pending;
mod queries;
pub(crate) mod redemptions;
pub(crate) mod replays;
pub(crate) mod revocations;
mod rows;
mod schema;
mod small;
pub(crate) mod tail;

use std::path::Path;
use std::time::Duration;

use gateway_core::time::UnixTime;
use sqlx::{Any, AnyPool, Transaction};
use tokio::time::timeout;

pub use location::Location;

use crate::StoreError;
use location::Kind;

/// The store. Clones share it.
///
/// SQLite has one writer at a time. Writers of this process queue for one connection, which is fair; on several
/// they would poll for the file's lock, and some would starve. Readers have connections of their own and wait
/// for nobody. PostgreSQL has many writers: whoever counts or consumes takes a lock of what it is about.
#[derive(Clone, Debug)]
pub struct Store {
    kind: Kind,
    writer: AnyPool,
    readers: AnyPool,
    /// For the changes of the directory, which follow each other.
    ordered: AnyPool,
}

impl Store {
    /// Opens the store, brings its schema up to date and forgets what may be forgotten at `now`.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is damaged, readable by others or written by a newer program is refused, and a
    /// server that would lose what it acknowledged.
    pub async fn open_at(location: &Location, now: UnixTime) -> Result<Self, StoreError> {
        let store = location::connect(location).await?;
        schema::migrate(&store).await?;
        store.sweep(now).await?;
        Ok(store)
    }

    /// Opens the file at `path`, as [`Store::open_at`] does.
    ///
    /// - `path`: made with mode 0600 where it is missing; its folder must exist. SQLite keeps `-wal` and `-shm`
    ///   files of the same mode beside it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(path: &Path, now: UnixTime) -> Result<Self, StoreError> {
        Self::open_at(&Location::Sqlite(path.to_owned()), now).await
    }

    /// Opens the store for reading alone, changing nothing in it; `None` when there is no file yet.
    ///
    /// # Errors
    /// [`StoreError`]; every write through it fails.
    pub async fn look_at(location: &Location) -> Result<Option<Self>, StoreError> {
        location::look(location).await
    }

    /// Opens the file at `path` for reading alone, as [`Store::look_at`] does.
    ///
    /// # Errors
    /// [`StoreError`]; every write through it fails.
    pub async fn look(path: &Path) -> Result<Option<Self>, StoreError> {
        Self::look_at(&Location::Sqlite(path.to_owned())).await
    }

    /// Forgets attempts, counters, replay ids, revocations and providers' sessions whose time has come. Returns how many rows went.
    ///
    /// Nothing depends on when this is called: what has expired counts as absent anyway.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: UnixTime) -> Result<u64, StoreError> {
        const SWEEPS: [&str; 6] = [
            "DELETE FROM attempt WHERE expires <= $1",
            "DELETE FROM counter WHERE forget <= $1",
            "DELETE FROM consumed WHERE until <= $1",
            "DELETE FROM revoked_session WHERE until <= $1",
            "DELETE FROM revoked_person WHERE until <= $1",
            "DELETE FROM home_session WHERE until <= $1",
        ];
        // One gateway sweeps at a time: rows are locked in whatever order they lie in.
        let mut transaction = self.begin_on(&["sweep"]).await?;
        let mut gone = 0;
        for sweep in SWEEPS {
            gone += sqlx::query(sweep)
                .bind(now.0)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        // Whoever follows the changes has seen them long before; the last one tells where the order stands.
        gone += sqlx::query(
            "DELETE FROM change WHERE at <= $1 AND sequence < (SELECT MAX(sequence) FROM change)",
        )
        .bind(now.plus(-REMEMBERED_CHANGES).0)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        transaction.commit().await?;
        Ok(gone)
    }

    /// What `statement` comes to, where the store answers within [`ANSWER`].
    async fn answer<T>(
        &self,
        statement: impl Future<Output = sqlx::Result<T>> + Send,
    ) -> Result<T, StoreError> {
        self.within(async { Ok(statement.await?) }).await
    }

    /// What `work` comes to, where it comes to an end within [`ANSWER`]. A server may hang, and its machine be gone without
    /// a word: nobody waits for what may never come. A file is answered by this process itself.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        match self.kind {
            Kind::Sqlite => work.await,
            Kind::Postgres => timeout(ANSWER, work)
                .await
                .unwrap_or_else(|_| Err(StoreError::silent())),
        }
    }

    /// Finishes what is under way and closes the store.
    pub async fn close(&self) {
        self.ordered.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that writes. On SQLite it holds the write lock from its first statement on: what it reads stays
    /// true until it commits. On PostgreSQL each statement sees what was committed before it.
    async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.writer.begin_with(self.kind.begin()).await?)
    }

    /// A transaction that nobody else is in who names the same `key`, so that on PostgreSQL, too, what it reads of
    /// that key stays true until it commits.
    async fn begin_on(&self, key: &[&str]) -> Result<Transaction<'static, Any>, StoreError> {
        let mut transaction = self.begin().await?;
        self.kind.lock(&mut transaction, key).await?;
        Ok(transaction)
    }

    /// A transaction of the directory's changes. There is one at a time, over all gateways: what it appends to the
    /// changes is numbered in the order of the commits.
    pub(crate) async fn begin_change(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let mut transaction: Transaction<'static, Any> =
            self.ordered.begin_with(self.kind.begin()).await?;
        self.kind.lock(&mut transaction, &["change"]).await?;
        Ok(transaction)
    }

    /// Waits until no change is under way that was begun before: one that broke off on its way to a server may be committed
    /// for as long as its connection lives there. In a file nothing is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn settle_changes(&self) -> Result<(), StoreError> {
        if self.is_server() {
            let mut transaction = self.snapshot().await?;
            self.kind.lock(&mut transaction, &["change"]).await?;
            transaction.rollback().await?;
        }
        Ok(())
    }

    /// Whether a server keeps it, and not this process.
    pub(crate) const fn is_server(&self) -> bool {
        match self.kind {
            Kind::Sqlite => false,
            Kind::Postgres => true,
        }
    }

    /// A transaction that reads several things as of one moment.
    async fn snapshot(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.readers.begin_with(self.kind.snapshot()).await?)
    }
}

/// How long a server has for an answer. Longer than it waits for a lock.
const ANSWER: Duration = Duration::from_secs(8);

/// How long a change can be followed, in seconds.
const REMEMBERED_CHANGES: i64 = 24 * 60 * 60;

#[cfg(test)]
impl Store {
    /// Does to the file what this program would not.
    pub(crate) async fn execute(&self, sql: impl Into<String>) {
        let sql = sqlx::AssertSqlSafe(sql.into());
        sqlx::query(sql).execute(&self.writer).await.unwrap();
    }
}

#[cfg(test)]
mod tests;
