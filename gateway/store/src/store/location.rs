//! Where a store is, and how it is connected to.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};
use tokio::time::timeout;

use super::{Store, file};
use crate::StoreError;

/// How long a caller waits for its turn at SQLite. Longer than the busy timeout of 5 s, so that the one in front
/// fails first.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a caller waits for a connection to PostgreSQL.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

const READERS: u32 = 4;

/// Files up to so many bytes are looked through for damage before they are used; larger ones beside, for that takes longer
/// than one may wait for a start.
const CHECKED_FIRST: u64 = 64 << 20;

/// Connections of a gateway to PostgreSQL that write, and as many that read. One more is for the directory's changes.
const POSTGRES_CONNECTIONS: u32 = 6;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A database of PostgreSQL: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`.
    Postgres(String),
}

/// Never shows a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            // Named, for a server's default may be another.
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }

    pub(super) const fn snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Keeps everybody else out who names the same key, until the transaction ends. On SQLite a transaction that
    /// writes is alone anyway.
    pub(super) async fn lock(
        self,
        connection: &mut AnyConnection,
        key: &[&str],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite => {}
            Self::Postgres => {
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(number(key))
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Keys that fall on one number wait for each other, which does no harm.
fn number(key: &[&str]) -> i64 {
    let mut text = String::from("vestibule");
    for part in key {
        text.push('\0');
        text.push_str(part);
    }
    let mut first = [0; 8];
    first
        .iter_mut()
        .zip(digest(&SHA256, text.as_bytes()).as_ref())
        .for_each(|(to, from)| *to = *from);
    i64::from_be_bytes(first)
}

pub(super) async fn connect(location: &Location) -> Result<Store, StoreError> {
    install_default_drivers();
    match location {
        Location::Sqlite(path) => {
            file::prepare(path)?;
            let options = sqlite(path, "rw")?;
            probe(&options, FILE).await?;
            let writer = sqlite_pool(options.clone(), 1).await?;
            let store = Store {
                kind: Kind::Sqlite,
                ordered: writer.clone(),
                writer,
                readers: sqlite_pool(options, READERS).await?,
            };
            if path
                .metadata()
                .is_ok_and(|file| file.len() <= CHECKED_FIRST)
            {
                check_file(&store.writer).await?;
            } else {
                tokio::spawn(check_beside(store.readers.clone()));
            }
            Ok(store)
        }
        Location::Postgres(url) => {
            let options = postgres(url)?;
            probe(&options, SERVER).await?;
            let store = Store {
                kind: Kind::Postgres,
                ordered: postgres_pool(options.clone(), 1).await?,
                writer: postgres_pool(options.clone(), POSTGRES_CONNECTIONS).await?,
                readers: postgres_pool(options, POSTGRES_CONNECTIONS).await?,
            };
            check_server(&store.writer).await?;
            Ok(store)
        }
    }
}

pub(super) async fn look(location: &Location) -> Result<Option<Store>, StoreError> {
    install_default_drivers();
    match location {
        Location::Sqlite(path) => {
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
                        source: Arc::new(source),
                    });
                }
            }
            let readers = AnyPoolOptions::new()
                .max_connections(READERS)
                .acquire_timeout(TURN_TIMEOUT)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(sqlite(path, "ro")?)
                .await?;
            Ok(Some(Store {
                kind: Kind::Sqlite,
                writer: readers.clone(),
                ordered: readers.clone(),
                readers,
            }))
        }
        Location::Postgres(url) => {
            let readers = AnyPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(CONNECT_TIMEOUT)
                .after_connect(|connection, _| {
                    Box::pin(prepare(
                        connection,
                        "SET default_transaction_read_only = on",
                    ))
                })
                .connect_with(postgres(url)?)
                .await?;
            Ok(Some(Store {
                kind: Kind::Postgres,
                writer: readers.clone(),
                ordered: readers.clone(),
                readers,
            }))
        }
    }
}

/// - `mode`: `rw` or `ro`; `rwc` would make a file with everybody's mode.
fn sqlite(path: &Path, mode: &str) -> Result<AnyConnectOptions, StoreError> {
    let failed = |source: std::io::Error| StoreError::Open {
        path: path.to_owned(),
        source: Arc::new(source),
    };
    let whole = std::path::absolute(path).map_err(failed)?;
    let text = whole
        .to_str()
        .ok_or_else(|| failed(ErrorKind::InvalidFilename.into()))?;
    let mut url = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(quiet(format!("{url}?mode={mode}").parse()?))
}

fn postgres(url: &str) -> Result<AnyConnectOptions, StoreError> {
    Ok(quiet(url.parse()?))
}

/// Statements are not for the log.
fn quiet(options: AnyConnectOptions) -> AnyConnectOptions {
    options.disable_statement_logging()
}

/// `synchronous=FULL`: with less, a commit in WAL mode is acknowledged before it is on disk.
const FILE: &str =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF";

/// `synchronous_commit`: with less, a commit is acknowledged before it is on disk. A standby's acknowledgement that
/// the operator asked for stays. Compiling pays for none of what is asked here, and takes longer than all of it.
const SERVER: &str = "SELECT set_config('synchronous_commit', 'on', false)
         WHERE current_setting('synchronous_commit') IN ('off', 'local');
     SET jit = off; SET lock_timeout = '5s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'";

async fn prepare(connection: &mut AnyConnection, statements: &'static str) -> sqlx::Result<()> {
    connection.execute(statements).await?;
    Ok(())
}

/// Where the disk is full, SQLite ends a transaction by itself, and the connection goes on as if it were in one: it would
/// never begin another.
async fn is_sound(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    // The worker rolls back before it answers.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// What was given up in the middle is brought to an end, or the connection is closed without a word: it must not take the
/// place of another until the server answers.
async fn is_answered(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let silent = |_| sqlx::Error::Io(ErrorKind::TimedOut.into());
    timeout(CONNECT_TIMEOUT, connection.ping())
        .await
        .map_err(silent)??;
    Ok(true)
}

/// A pool tries again and again, and says in the end that it took too long: what is wrong is asked for first.
async fn probe(options: &AnyConnectOptions, statements: &'static str) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    prepare(&mut connection, statements).await?;
    Ok(connection.close().await?)
}

async fn sqlite_pool(options: AnyConnectOptions, connections: u32) -> Result<AnyPool, StoreError> {
    Ok(AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(prepare(connection, FILE)))
        .after_release(|connection, _| Box::pin(is_sound(connection)))
        .connect_with(options)
        .await?)
}

async fn postgres_pool(
    options: AnyConnectOptions,
    connections: u32,
) -> Result<AnyPool, StoreError> {
    Ok(AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| Box::pin(prepare(connection, SERVER)))
        .after_release(|connection, _| Box::pin(is_answered(connection)))
        .connect_with(options)
        .await?)
}

/// Looks through a file in use. What of it is damaged is refused where it is met, whether or not this has come by.
async fn check_beside(pool: AnyPool) {
    match check_file(&pool).await {
        Ok(()) | Err(StoreError::Interrupted) => {}
        Err(error) => tracing::error!(error = %error, "Store should be restored from a backup"),
    }
}

async fn check_file(pool: &AnyPool) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(pool)
        .await?;
    if found == "ok" {
        Ok(())
    } else {
        Err(StoreError::Corrupt(found))
    }
}

async fn check_server(pool: &AnyPool) -> Result<(), StoreError> {
    let show = async |setting: &'static str| -> Result<String, StoreError> {
        Ok(sqlx::query_scalar(setting).fetch_one(pool).await?)
    };
    let encoding = show("SHOW server_encoding").await?;
    if encoding != "UTF8" {
        return Err(StoreError::Encoding(encoding));
    }
    for (setting, query) in [
        ("fsync", "SHOW fsync"),
        ("full_page_writes", "SHOW full_page_writes"),
    ] {
        if show(query).await? == "off" {
            // Some file systems make torn pages impossible; without fsync nothing is safe.
            if setting == "fsync" {
                return Err(StoreError::NotDurable(setting));
            }
            tracing::warn!(setting, "Database server may tear pages in a crash");
        }
    }
    Ok(())
}
