//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// Why the store did not do what it was asked. Whatever was asked for must then be refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created; its folder must exist.
    #[error("the store `{path}` cannot be opened: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
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
    Migrate(#[source] MigrateError),
    /// Somebody else held the file for longer than the busy timeout.
    #[error("the store is busy")]
    Busy(#[source] sqlx::Error),
    /// The file is no database, is damaged, or holds a value this program never writes.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// The disk is full, read-only or failing.
    #[error("the store cannot be read or written: {0}")]
    Io(#[source] sqlx::Error),
    /// The database refused a statement: a defect of this program.
    #[error("the store refused a statement: {0}")]
    Statement(#[source] sqlx::Error),
    /// The program is stopping; whether a write took effect is not known.
    #[error("the store was interrupted")]
    Interrupted,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Database, Decode};
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Interrupted,
            sqlx::Error::Io(_) => Self::Io(error),
            ColumnDecode { .. } | Decode(_) | ColumnNotFound(_) | ColumnIndexOutOfBounds { .. } => {
                Self::Corrupt(error.to_string())
            }
            Database(database) => match primary_code(&**database) {
                Some(5 | 6) => Self::Busy(error),
                Some(11 | 26) => Self::Corrupt(error.to_string()),
                Some(8 | 10 | 13 | 14) => Self::Io(error),
                _ => Self::Statement(error),
            },
            _ => Self::Statement(error),
        }
    }
}

/// The primary result code of SQLite, cut out of the extended one.
///
/// Source: sqlite.org/rescode.html: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, CORRUPT 11, FULL 13, CANTOPEN 14,
/// NOTADB 26.
fn primary_code(error: &dyn sqlx::error::DatabaseError) -> Option<i32> {
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Keeps what went wrong in the database apart from what went wrong with the migrations.
pub(crate) fn from_migration(error: MigrateError, known: i64) -> StoreError {
    match error {
        MigrateError::Execute(error) => error.into(),
        MigrateError::VersionMissing(found) if found > known => {
            StoreError::NewerSchema { found, known }
        }
        other => StoreError::Migrate(other),
    }
}
