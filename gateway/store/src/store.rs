//! The store: one file of SQLite.

mod attempts;
mod counters;
mod file;
mod home_sessions;
mod redemptions;
mod replays;
mod revocations;

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use gateway_core::time::UnixTime;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::StoreError;
use crate::error::from_migration;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a caller waits for its turn. Longer than [`BUSY_TIMEOUT`], so that the one in front fails first.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

const READERS: u32 = 4;

/// The store. Clones share it.
///
/// SQLite has one writer at a time. Writers of this process queue for one connection, which is fair; on several
/// they would poll for the file's lock, and some would starve. Readers have connections of their own and wait
/// for nobody.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the file at `path`, brings its schema up to date and forgets what may be forgotten at `now`.
    ///
    /// - `path`: made with mode 0600 where it is missing; its folder must exist. SQLite keeps `-wal` and `-shm`
    ///   files of the same mode beside it.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is damaged, readable by others or written by a newer program is refused.
    pub async fn open(path: &Path, now: UnixTime) -> Result<Self, StoreError> {
        file::prepare(path)?;
        let store = Self {
            writer: connect(path, 1).await?,
            readers: connect(path, READERS).await?,
        };
        store.check().await?;
        store.migrate().await?;
        store.sweep(now).await?;
        Ok(store)
    }

    /// Opens the file at `path` for reading alone, changing nothing in it; `None` when there is no file yet.
    ///
    /// # Errors
    /// [`StoreError`]; every write through it fails.
    pub async fn look(path: &Path) -> Result<Option<Self>, StoreError> {
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                return Err(StoreError::NotAFile {
                    path: path.to_owned(),
                });
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StoreError::Open {
                    path: path.to_owned(),
                    source,
                });
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT);
        let readers = pool(options, READERS).await?;
        Ok(Some(Self {
            writer: readers.clone(),
            readers,
        }))
    }

    /// Forgets attempts, counters, replay ids, revocations and providers' sessions whose time has come. Returns how many rows went.
    ///
    /// Nothing depends on when this is called: what has expired counts as absent anyway.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: UnixTime) -> Result<u64, StoreError> {
        const SWEEPS: [&str; 6] = [
            "DELETE FROM attempt WHERE expires <= ?1",
            "DELETE FROM counter WHERE forget <= ?1",
            "DELETE FROM consumed WHERE until <= ?1",
            "DELETE FROM revoked_session WHERE until <= ?1",
            "DELETE FROM revoked_person WHERE until <= ?1",
            "DELETE FROM home_session WHERE until <= ?1",
        ];
        let mut transaction = self.begin().await?;
        let mut gone = 0;
        for sweep in SWEEPS {
            gone += sqlx::query(sweep)
                .bind(now.0)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
        }
        transaction.commit().await?;
        Ok(gone)
    }

    /// Finishes what is under way and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that holds the write lock from its first statement on: what it reads stays true until it
    /// commits.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    async fn check(&self) -> Result<(), StoreError> {
        let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&self.writer)
            .await?;
        if found == "ok" {
            Ok(())
        } else {
            Err(StoreError::Corrupt(found))
        }
    }

    /// All migrations in one transaction: two programs that start at once do not get in each other's way.
    async fn migrate(&self) -> Result<(), StoreError> {
        let known = MIGRATIONS
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or(0);
        let mut transaction = self.begin().await?;
        // What `run` calls; the future of `run` on a borrowed connection is not provably `Send`.
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|error| from_migration(error, known))?;
        Ok(transaction.commit().await?)
    }
}

/// `synchronous=FULL`: with less, a commit in WAL mode is acknowledged before it is on disk.
async fn connect(path: &Path, connections: u32) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF");
    pool(options, connections).await
}

async fn pool(options: SqliteConnectOptions, connections: u32) -> Result<SqlitePool, StoreError> {
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn looking_makes_no_file_and_changes_nothing() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("vestibule.db");
        assert!(Store::look(&path).await.unwrap().is_none());
        assert!(!path.exists());
        let folder_instead = Store::look(folder.path()).await;
        assert!(matches!(folder_instead, Err(StoreError::NotAFile { .. })));
        Store::open(&path, UnixTime(0)).await.unwrap().close().await;
        let looked = Store::look(&path).await.unwrap().unwrap();
        assert_eq!(looked.redemptions().await.unwrap(), []);
        assert!(looked.sweep(UnixTime(0)).await.is_err());
    }

    #[tokio::test]
    async fn every_connection_waits_for_the_disk() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("vestibule.db"), UnixTime(0))
            .await
            .unwrap();
        for pool in [&store.writer, &store.readers] {
            let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(pool)
                .await
                .unwrap();
            let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
                .fetch_one(pool)
                .await
                .unwrap();
            let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys")
                .fetch_one(pool)
                .await
                .unwrap();
            assert_eq!(
                (journal.as_str(), synchronous, foreign_keys),
                ("wal", 2, 1),
                "2 is FULL"
            );
        }
    }
}
