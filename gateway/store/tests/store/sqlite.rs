//! The backend SQLite: what every backend promises, and what is about its file.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use std::time::Duration;

use gateway_core::time::UnixTime;
use gateway_store::model::{Counted, Revoked, SessionId};
use gateway_store::{Store, StoreError};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::conformance::{Backend, conformance};
use crate::fixtures::{NOW, account, attempt, provider, redemption, revocation, tenant};

/// A file in a folder of its own.
pub(crate) struct File {
    folder: TempDir,
}

impl Backend for File {
    fn place() -> Option<Self> {
        Some(Self::new())
    }

    async fn open(&self, now: UnixTime) -> Store {
        Store::open(&self.path(), now).await.unwrap()
    }
}

impl File {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("vestibule.db")
    }

    async fn refusal(&self) -> StoreError {
        Store::open(&self.path(), NOW).await.unwrap_err()
    }

    /// A connection beside the store, as another program would have.
    async fn beside(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&mut self.beside().await)
            .await
            .unwrap();
    }

    async fn bind_hundred(&self) {
        let store = self.open(NOW).await;
        for i in 0..100 {
            let one = redemption(
                "contoso",
                &format!("a{i}@fabrikam.example"),
                account(&format!("s{i}")),
            );
            store.bind(&one).await.unwrap();
        }
        store.close().await;
    }
}

conformance!(crate::sqlite::File);

#[tokio::test]
async fn the_files_are_for_the_service_user_only() {
    let file = File::new();
    let store = file.open(NOW).await;
    store.sweep(NOW).await.unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(file.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and the log's index");
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    let file = File::new();
    file.open(NOW).await.close().await;
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
        let refusal = file.refusal().await;
        assert!(
            matches!(refusal, StoreError::TooOpen { mode: found, .. } if found == mode),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn the_folder_must_exist() {
    let file = File::new();
    let path = file.folder.path().join("missing").join("vestibule.db");
    let refusal = Store::open(&path, NOW).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Open { .. }), "{refusal}");
    assert!(refusal.to_string().contains("missing"), "{refusal}");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let file = File::new();
    fs::create_dir(file.path()).unwrap();
    let refusal = file.refusal().await;
    assert!(matches!(refusal, StoreError::NotAFile { .. }), "{refusal}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let file = File::new();
    file.open(NOW).await.close().await;
    file.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9000, 'from the future', 1, x'00', 0)",
    )
    .await;
    let refusal = file.refusal().await;
    assert!(
        matches!(refusal, StoreError::NewerSchema { found: 9000, .. }),
        "{refusal}"
    );
    assert!(refusal.to_string().contains("9000"), "{refusal}");
}

#[tokio::test]
async fn a_changed_schema_history_is_refused() {
    let file = File::new();
    file.open(NOW).await.close().await;
    file.execute("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1")
        .await;
    let refusal = file.refusal().await;
    assert!(matches!(refusal, StoreError::Migrate(_)), "{refusal}");
}

#[tokio::test]
async fn sec_055_what_is_no_database_is_refused() {
    let file = File::new();
    file.open(NOW).await.close().await;
    fs::write(
        file.path(),
        "not a database, but long enough to look at ".repeat(50),
    )
    .unwrap();
    let refusal = file.refusal().await;
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
}

#[tokio::test]
async fn sec_055_a_damaged_database_is_refused() {
    let file = File::new();
    file.bind_hundred().await;
    // A page that nothing reads while the store is opened.
    let page: i64 =
        sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'redemption'")
            .fetch_one(&mut file.beside().await)
            .await
            .unwrap();
    let damaged = fs::OpenOptions::new()
        .write(true)
        .open(file.path())
        .unwrap();
    let offset = u64::try_from(page - 1).unwrap() * 4096;
    damaged.write_all_at(&[0xa5; 4096], offset).unwrap();
    let refusal = file.refusal().await;
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
}

#[tokio::test]
async fn sec_055_a_row_that_makes_no_sense_is_an_error_and_not_skipped() {
    let file = File::new();
    let store = file.open(NOW).await;
    store
        .revoke(&revocation(Revoked::Session(SessionId([1; 16])), 0, None))
        .await
        .unwrap();
    file.execute("INSERT INTO revoked_guest (tenant, address, at) VALUES ('contoso', 'nobody', 0)")
        .await;
    let error = store.revocations(NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    file.execute("INSERT INTO redemption VALUES ('Contoso', 'a@b.example', 'g', NULL, 'p', 'i', NULL, 's', 0)")
        .await;
    let error = store.redemptions().await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn sec_055_a_store_that_is_gone_answers_nothing_but_errors() {
    let file = File::new();
    let store = file.open(NOW).await;
    let begun = attempt(1, 1, 0);
    store.begin_attempt(&begun, 16).await.unwrap();
    store.close().await;
    let session = revocation(Revoked::Session(SessionId([1; 16])), 0, None);
    let ada = redemption("contoso", "ada@fabrikam.example", account("ada"));
    assert!(store.bind(&ada).await.is_err());
    assert!(store.redemptions().await.is_err());
    assert!(store.revoke(&session).await.is_err());
    assert!(store.revocations(NOW).await.is_err());
    assert!(store.begin_attempt(&begun, 16).await.is_err());
    assert!(store.attempt(&begun.handle, NOW).await.is_err());
    assert!(store.advance_attempt(&begun.handle, 0, "").await.is_err());
    assert!(store.end_attempt(&begun.handle, 0).await.is_err());
    assert!(store.count("mail", "ada", 60, 5, NOW).await.is_err());
    assert!(store.consume(&provider("saml"), &[], NOW).await.is_err());
    let home = SessionId([1; 16]);
    assert!(store.remember_home_session(&home, NOW).await.is_err());
    assert!(store.has_home_session(&home, NOW).await.is_err());
    assert!(store.sweep(NOW).await.is_err());
}

#[tokio::test]
async fn sec_083_the_file_itself_refuses_to_change_a_redemption() {
    let file = File::new();
    file.bind_hundred().await;
    let changed =
        sqlx::query("UPDATE redemption SET subject = 'eve' WHERE address = 'a1@fabrikam.example'")
            .execute(&mut file.beside().await)
            .await;
    assert!(changed.is_err());
}

#[tokio::test]
async fn what_looks_like_sql_is_text() {
    let file = File::new();
    let store = file.open(NOW).await;
    let name = "x'); DROP TABLE redemption; --";
    let ada = redemption("contoso", "ada@fabrikam.example", account(name));
    store.bind(&ada).await.unwrap();
    store.count(name, name, 60, 5, NOW).await.unwrap();
    store
        .consume(&provider("p"), &[(name.to_owned(), NOW)], NOW)
        .await
        .unwrap();
    assert_eq!(store.redemptions().await.unwrap(), [ada]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_open_a_new_file_at_once() {
    let file = File::new();
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let path = file.path();
            tokio::spawn(async move { Store::open(&path, NOW).await })
        })
        .collect();
    for (i, store) in opened.into_iter().enumerate() {
        let store = store.await.unwrap().unwrap();
        let what = Revoked::Person(tenant("contoso"), account(&i.to_string()));
        store.revoke(&revocation(what, 0, None)).await.unwrap();
        assert_eq!(store.revocations(NOW).await.unwrap().len(), i + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_146_two_programs_on_one_file_share_a_limit() {
    let file = File::new();
    let stores = [file.open(NOW).await, file.open(NOW).await];
    let tasks: Vec<_> = (0..100)
        .map(|i| {
            let store = stores[i % 2].clone();
            tokio::spawn(async move { store.count("guess", "ada", 60, 5, NOW).await.unwrap() })
        })
        .collect();
    let mut within = 0;
    for task in tasks {
        within += usize::from(task.await.unwrap() != Counted::Exceeded);
    }
    assert_eq!(within, 5);
}

#[tokio::test]
async fn sec_055_a_file_that_another_program_holds_is_busy() {
    let file = File::new();
    file.open(NOW).await.close().await;
    let mut holder = file.beside().await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut holder)
        .await
        .unwrap();
    let impatient = SqliteConnectOptions::new()
        .filename(file.path())
        .busy_timeout(Duration::ZERO);
    let refused = sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut impatient.connect().await.unwrap())
        .await;
    let error = StoreError::from(refused.unwrap_err());
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
}
