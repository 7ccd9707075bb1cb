//! The schema: embedded, versioned, forward only.

use sqlx::AnyConnection;
use sqlx::migrate::Migrator;

use super::Store;
use super::location::Kind;
use crate::StoreError;
use crate::error::from_migration;

static SQLITE: Migrator = locking(sqlx::migrate!("migrations/sqlite"));
static POSTGRES: Migrator = locking(sqlx::migrate!("migrations/postgres"));

/// The lock is taken here: the migrator's own ends before the transaction does.
const fn locking(mut migrator: Migrator) -> Migrator {
    migrator.locking = false;
    migrator
}

/// All migrations in one transaction: programs that start at once do not get in each other's way.
pub(super) async fn migrate(store: &Store) -> Result<(), StoreError> {
    let mut transaction = store.begin_on(&["schema"]).await?;
    run(store.kind, &mut transaction).await?;
    Ok(transaction.commit().await?)
}

async fn run(kind: Kind, connection: &mut AnyConnection) -> Result<(), StoreError> {
    let migrations = match kind {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    };
    let known = migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    // What `run` calls; the future of `run` on a borrowed connection is not provably `Send`.
    migrations
        .run_direct(None, connection, false)
        .await
        .map_err(|error| from_migration(error, known))
}
