//! The backend PostgreSQL: what every backend promises, and what is about its server.

use gateway_core::id::GuestId;
use gateway_core::time::UnixTime;
use gateway_store::{Location, Store, StoreError};
use postgres_server::Server;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::conformance::management::{open, put, user, write};
use crate::conformance::{Backend, conformance, parallel};
use crate::fixtures::{NOW, account, redemption, tenant};

/// A database of its own, on the server of this process.
pub(crate) struct Database {
    url: String,
}

impl Backend for Database {
    fn place() -> Option<Self> {
        let server = Server::shared()?;
        Some(Self {
            url: server.database().unwrap(),
        })
    }

    async fn open(&self, now: UnixTime) -> Store {
        Store::open_at(&self.location(), now).await.unwrap()
    }
}

impl Database {
    pub(crate) fn location(&self) -> Location {
        Location::Postgres(self.url.clone())
    }

    async fn refusal(&self) -> StoreError {
        Store::open_at(&self.location(), NOW).await.unwrap_err()
    }

    /// Beside the store, as another program would.
    pub(crate) async fn execute(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(&self.url).await?;
        connection.execute(AssertSqlSafe(sql.to_owned())).await?;
        connection.close().await
    }
}

conformance!(crate::postgres::Database);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_gateways_that_start_at_once_migrate_once() {
    let Some(database) = Database::place() else {
        return;
    };
    let stores = parallel(6, |_| {
        let location = database.location();
        async move { Store::open_at(&location, NOW).await.unwrap() }
    })
    .await;
    for store in stores {
        assert_eq!(store.redemptions().await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let Some(database) = Database::place() else {
        return;
    };
    database.open(NOW).await.close().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9000, 'from the future', true, '\\x00', 0)",
        )
        .await
        .unwrap();
    let refusal = database.refusal().await;
    assert!(
        matches!(refusal, StoreError::NewerSchema { found: 9000, .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn sec_083_the_database_itself_refuses_to_change_a_redemption() {
    let Some(database) = Database::place() else {
        return;
    };
    let store = database.open(NOW).await;
    let ada = redemption("contoso", "ada@fabrikam.example", account("ada"));
    store.bind(&ada).await.unwrap();
    let changed = database
        .execute("UPDATE redemption SET subject = 'eve'")
        .await;
    assert!(changed.is_err());
}

#[tokio::test]
async fn a_database_that_can_only_be_read_says_so() {
    let Some(database) = Database::place() else {
        return;
    };
    let store = database.open(NOW).await;
    let ada = redemption("contoso", "ada@fabrikam.example", account("ada"));
    store.bind(&ada).await.unwrap();
    store.close().await;
    let looked = Store::look_at(&database.location()).await.unwrap().unwrap();
    assert_eq!(looked.redemptions().await.unwrap(), [ada]);
    let refused = looked.remember_home_session(&gateway_store::model::SessionId([1; 16]), NOW);
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_away_says_so_and_is_found_again() {
    let Ok(Some(server)) = Server::start() else {
        return;
    };
    let database = Database {
        url: server.database().unwrap(),
    };
    let store = database.open(NOW).await;
    let ada = redemption("contoso", "ada@fabrikam.example", account("ada"));
    store.bind(&ada).await.unwrap();
    server.stop().unwrap();
    let away = store.redemptions().await.unwrap_err();
    assert!(matches!(away, StoreError::Unreachable(_)), "{away:?}");
    let away = store.bind(&ada).await.unwrap_err();
    assert!(matches!(away, StoreError::Unreachable(_)), "{away:?}");
    assert!(matches!(
        database.refusal().await,
        StoreError::Unreachable(_)
    ));
    server.begin().unwrap();
    assert_eq!(store.redemptions().await.unwrap(), [ada]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_after_the_server_was_killed() {
    let Ok(Some(server)) = Server::start() else {
        return;
    };
    let database = Database {
        url: server.database().unwrap(),
    };
    for round in 0..3 {
        let directory = open(&database).await;
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                let (directory, told) = (directory.clone(), told.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let id = format!("u{round}-{writer}-{number}");
                        let changes = vec![put(user(&id, &format!("{id}@fabrikam.example")))];
                        match directory.write(write(changes)).await {
                            Ok(_) => told.send(id).unwrap(),
                            Err(_) => return,
                        }
                    }
                })
            })
            .collect();
        drop(told);
        let mut acknowledged = Vec::new();
        while acknowledged.len() < 100 {
            acknowledged.push(heard.recv().await.unwrap());
        }
        server.crash().unwrap();
        for writer in writers {
            writer.await.unwrap();
        }
        while let Some(id) = heard.recv().await {
            acknowledged.push(id);
        }
        drop(directory);
        let directory = open(&database).await;
        for id in acknowledged {
            let id = GuestId::parse(&id).unwrap();
            let found = directory.user(&tenant("contoso"), &id).await.unwrap();
            assert!(found.is_some(), "{id}");
        }
    }
    database
        .execute(
            "DO $$ BEGIN
                 ASSERT (SELECT COUNT(*) FROM directory_user) = (SELECT COUNT(*) FROM audit_record);
                 ASSERT (SELECT MAX(number) FROM audit_record) = (SELECT COUNT(*) FROM audit_record);
                 ASSERT (SELECT MAX(sequence) FROM change) = (SELECT COUNT(*) FROM change);
             END $$",
        )
        .await
        .unwrap();
}
