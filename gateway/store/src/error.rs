//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// Why the store did not do what it was asked. Whatever was asked for must then be refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created; its folder must exist.
    #[error("the store `{path}` cannot be opened: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The path names a folder, a device or a socket.
    #[error("the store `{path}` is not a regular file")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Others on the machine could read or change the file.
    #[error("the store `{path}` has mode {mode:o}, which lets others at it: `chmod 600 {path}`")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The database must keep text as UTF-8, or names of people and items would not fit.
    #[error("the database keeps text as `{0}`: make it with the encoding UTF8")]
    Encoding(String),
    /// The database would acknowledge what a crash of the machine may lose.
    #[error("the database server runs with `{0} = off`: what it acknowledges may be lost")]
    NotDurable(&'static str),
    /// A newer version of this program has written the file.
    #[error(
        "the store has schema version {found}, this program knows up to {known}: run the newer program, or restore a backup"
    )]
    NewerSchema {
        /// The version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The schema cannot be brought to this program's version.
    #[error("the schema of the store cannot be brought up to date: {0}")]
    Migrate(#[source] Arc<MigrateError>),
    /// Somebody else held what was wanted for longer than one waits.
    #[error("the store is busy")]
    Busy(#[source] Arc<sqlx::Error>),
    /// The file is no database, is damaged, or holds a value this program never writes.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// There is no room: nothing can be written, and reading goes on.
    #[error("the store has no room left: {0}")]
    Full(#[source] Arc<sqlx::Error>),
    /// Nothing can be written here, and reading goes on.
    #[error("the store can only be read: {0}")]
    ReadOnly(#[source] Arc<sqlx::Error>),
    /// The disk is failing.
    #[error("the store cannot be read or written: {0}")]
    Io(#[source] Arc<sqlx::Error>),
    /// The database server is away, is starting or stopping, or refuses the connection.
    #[error("the store cannot be reached: {0}")]
    Unreachable(#[source] Arc<sqlx::Error>),
    /// The database refused a statement: a defect of this program.
    #[error("the store refused a statement: {0}")]
    Statement(#[source] Arc<sqlx::Error>),
    /// The store has not been heard of for longer than the configured staleness.
    #[error("the store cannot be reached, and what is known of it is too old")]
    Stale,
    /// The program is stopping, or the connection broke on a commit; whether a write took effect is not known.
    #[error("the store was interrupted")]
    Interrupted,
}

impl StoreError {
    /// The server did not answer in time.
    pub(crate) fn silent() -> Self {
        let why = io::Error::new(io::ErrorKind::TimedOut, "it does not answer");
        sqlx::Error::Io(why).into()
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Database, Decode};
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy(error.into()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Interrupted,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::Unreachable(error.into())
            }
            ColumnDecode { .. } | Decode(_) | ColumnNotFound(_) | ColumnIndexOutOfBounds { .. } => {
                Self::Corrupt(error.to_string())
            }
            Database(database) => match cause(&**database) {
                Cause::Busy => Self::Busy(error.into()),
                Cause::Corrupt => Self::Corrupt(error.to_string()),
                Cause::Full => Self::Full(error.into()),
                Cause::ReadOnly => Self::ReadOnly(error.into()),
                Cause::Io => Self::Io(error.into()),
                Cause::Away => Self::Unreachable(error.into()),
                Cause::Statement => Self::Statement(error.into()),
            },
            _ => Self::Statement(error.into()),
        }
    }
}

enum Cause {
    Busy,
    Corrupt,
    Full,
    ReadOnly,
    Io,
    Away,
    Statement,
}

fn cause(error: &dyn DatabaseError) -> Cause {
    if error.try_downcast_ref::<SqliteError>().is_some() {
        of_sqlite(error)
    } else if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
        of_postgres(error.code())
    } else {
        Cause::Statement
    }
}

/// By the primary result code, cut out of the extended one.
///
/// Source: sqlite.org/rescode.html: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, CORRUPT 11, FULL 13, CANTOPEN 14,
/// NOTADB 26.
fn of_sqlite(error: &dyn DatabaseError) -> Cause {
    let extended: Option<i32> = error.code().and_then(|code| code.parse().ok());
    match extended.map(|code| code & 0xff) {
        Some(5 | 6) => Cause::Busy,
        Some(11 | 26) => Cause::Corrupt,
        Some(13) => Cause::Full,
        Some(8) => Cause::ReadOnly,
        Some(10 | 14) => Cause::Io,
        _ => Cause::Statement,
    }
}

/// By SQLSTATE.
///
/// Source: PostgreSQL's manual, appendix A.
fn of_postgres(code: &str) -> Cause {
    match code {
        // Serialization, deadlock, lock_timeout, statement_timeout, memory, connections.
        "40001" | "40P01" | "55P03" | "57014" | "53200" | "53300" => Cause::Busy,
        "53100" => Cause::Full,
        "25006" => Cause::ReadOnly,
        "58030" => Cause::Io,
        "XX001" | "XX002" => Cause::Corrupt,
        // Stopping, crashed, not there yet, and a database that is gone.
        "57P01" | "57P02" | "57P03" | "57P04" | "3D000" => Cause::Away,
        _ if code.starts_with("08") || code.starts_with("28") => Cause::Away,
        _ => Cause::Statement,
    }
}

/// Keeps what went wrong in the database apart from what went wrong with the migrations.
pub(crate) fn from_migration(error: MigrateError, known: i64) -> StoreError {
    match error {
        MigrateError::Execute(error) => error.into(),
        MigrateError::VersionMissing(found) if found > known => {
            StoreError::NewerSchema { found, known }
        }
        other => StoreError::Migrate(other.into()),
    }
}
