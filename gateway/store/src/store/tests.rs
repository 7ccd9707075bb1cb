//! What only the store's own connections can show.

use gateway_core::id::{GuestId, TenantId};
use gateway_core::person::{GuestOrigin, InvitationManager};

use super::*;
use crate::directory::Directory;
use crate::model::{Actor, AuditEvent, Change, Document, UserEntry, UserType, Write, Written};

const NOW: UnixTime = UnixTime(1_700_000_000);

async fn open(folder: &tempfile::TempDir) -> Store {
    Store::open(&folder.path().join("vestibule.db"), NOW)
        .await
        .unwrap()
}

fn write(changes: Vec<Change>) -> Write {
    Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: NOW,
        expect: Vec::new(),
        changes,
        audit: vec![AuditEvent::of("SharingSet", Actor::default())],
    }
}

fn document(key: &str) -> Change {
    Change::PutDocument(Box::new(Document {
        collection: "c".to_owned(),
        key: key.to_owned(),
        body: "x".repeat(3000).into(),
        version: 0,
    }))
}

fn user(id: &str, address: &str) -> Change {
    Change::PutUser(Box::new(UserEntry {
        id: GuestId::parse(id).unwrap(),
        address: address.parse_as(),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: true,
        sponsor: None,
        created: NOW,
        state_changed: NOW,
        invitation_expires: None,
        expires: [].into(),
        administers: [].into(),
        mfa_registered: false,
        deleted: None,
        profile: serde_json::Map::new(),
        redemption: None,
        declared: false,
        version: 0,
    }))
}

trait ParseAs {
    fn parse_as(&self) -> gateway_core::address::EmailAddress;
}

impl ParseAs for str {
    fn parse_as(&self) -> gateway_core::address::EmailAddress {
        gateway_core::address::EmailAddress::parse(self).unwrap()
    }
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(&store.readers)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_corrupts_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&folder).await;
    let directory = Directory::open(store.clone(), Vec::new(), NOW)
        .await
        .unwrap();
    let pages = number(&store, "PRAGMA page_count").await;
    let limit = |pages: i64| {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "PRAGMA max_page_count = {pages}"
        )))
        .execute(&store.writer)
    };
    limit(pages + 20).await.unwrap();
    let mut written = 0;
    let refused = loop {
        match directory
            .write(write(vec![document(&format!("k{written}"))]))
            .await
        {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "it never fills");
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert!(written > 0);
    let rows = number(&store, "SELECT COUNT(*) FROM document").await;
    assert_eq!(rows, written, "what was acknowledged, and nothing else");
    let audited = number(&store, "SELECT COUNT(*) FROM audit_record").await;
    assert_eq!(audited, written);
    limit(pages + 10_000).await.unwrap();
    directory
        .write(write(vec![document("more")]))
        .await
        .unwrap();
    let checked: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&store.readers)
        .await
        .unwrap();
    assert_eq!(checked, "ok");
}

#[tokio::test]
async fn a_store_that_can_only_be_read_is_read() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&folder).await;
    let directory = Directory::open(store.clone(), Vec::new(), NOW)
        .await
        .unwrap();
    directory.write(write(vec![document("one")])).await.unwrap();
    let set = |value: &str| {
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA query_only = {value}")))
            .execute(&store.writer)
    };
    set("ON").await.unwrap();
    let refused = directory.write(write(vec![document("two")])).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused:?}");
    assert_eq!(number(&store, "SELECT COUNT(*) FROM document").await, 1);
    set("OFF").await.unwrap();
    directory.write(write(vec![document("two")])).await.unwrap();
}

#[tokio::test]
async fn sec_118_a_change_without_its_record_is_no_change() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&folder).await;
    let directory = Directory::open(store.clone(), Vec::new(), NOW)
        .await
        .unwrap();
    sqlx::query(
        "CREATE TRIGGER broken BEFORE INSERT ON audit_record BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .execute(&store.writer)
    .await
    .unwrap();
    let refused = directory.write(write(vec![document("one")])).await;
    assert!(matches!(refused, Err(StoreError::Statement(_))));
    assert_eq!(number(&store, "SELECT COUNT(*) FROM document").await, 0);
    assert_eq!(number(&store, "SELECT COUNT(*) FROM change").await, 0);
}

#[tokio::test]
async fn what_is_undone_leaves_nothing_among_what_is_done() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&folder).await;
    let directory = Directory::open(store.clone(), Vec::new(), NOW)
        .await
        .unwrap();
    directory
        .write(write(vec![user("ada", "ada@fabrikam.example")]))
        .await
        .unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let directory = directory.clone();
            let changes = if i % 4 == 0 {
                vec![
                    document(&format!("bad{i}")),
                    user("eve", "ada@fabrikam.example"),
                ]
            } else {
                vec![document(&format!("good{i}"))]
            };
            tokio::spawn(async move { directory.write(write(changes)).await.unwrap() })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        let written = task.await.unwrap();
        assert_eq!(written == Written::Taken, i % 4 == 0, "{i} {written:?}");
    }
    let found = number(&store, "SELECT COUNT(*) FROM document").await;
    assert_eq!(found, 30);
    let bad = number(
        &store,
        "SELECT COUNT(*) FROM document WHERE key LIKE 'bad%'",
    )
    .await;
    assert_eq!(bad, 0);
    assert_eq!(
        number(&store, "SELECT COUNT(*) FROM audit_record").await,
        31
    );
    let gaps = number(&store, "SELECT MAX(sequence) - COUNT(*) FROM change").await;
    assert_eq!(gaps, 0, "and the feed has no gap");
}

#[tokio::test]
async fn what_is_asked_often_is_found_by_an_index() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = open(&folder).await;
    let cases = [
        (
            "SELECT * FROM permission WHERE tenant = $1 AND recipient IN ($2, $3) AND site = $4 AND item_key IN ($5, $6)",
            "permission_recipient (tenant=? AND recipient=? AND site=? AND item_key=?)",
        ),
        (
            "SELECT * FROM permission WHERE tenant = $1 AND recipient = $2",
            "permission_recipient (tenant=? AND recipient=?)",
        ),
        (
            "SELECT * FROM permission WHERE tenant = $1 AND site = $2 AND item_key IN ($3, $4)",
            "permission_item (tenant=? AND site=? AND item_key=?)",
        ),
        (
            "SELECT * FROM permission WHERE tenant = $1 AND link = $2",
            "permission_link (tenant=? AND link=?)",
        ),
        (
            "SELECT * FROM link WHERE tenant = $1 AND token = $2",
            "link_token (tenant=? AND token=?)",
        ),
        (
            "SELECT * FROM link_person WHERE tenant = $1 AND address = $2",
            "link_person_address (tenant=? AND address=?)",
        ),
        (
            "SELECT * FROM directory_user WHERE tenant = $1 AND address = $2 AND deleted IS NULL",
            "directory_user_address (tenant=? AND address=?)",
        ),
        (
            "SELECT * FROM redemption WHERE tenant = $1 AND COALESCE(cloud, '') = $2 AND provider = $3
                 AND issuer = $4 AND COALESCE(provider_tenant, '') = $5 AND subject = $6",
            "redemption_identity (tenant=? AND <expr>=? AND provider=? AND issuer=? AND <expr>=? AND subject=?)",
        ),
        (
            "SELECT * FROM change WHERE sequence > $1 ORDER BY sequence",
            "INTEGER PRIMARY KEY (rowid>?)",
        ),
    ];
    for (sql, wanted) in cases {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
            .fetch_all(&store.readers)
            .await
            .unwrap();
        let plan: Vec<String> = rows
            .iter()
            .map(|row| sqlx::Row::get::<String, _>(row, "detail"))
            .collect();
        assert!(
            plan.iter().any(|line| line.contains(wanted)),
            "{sql}: {plan:?}"
        );
        assert!(
            !plan.iter().any(|line| line.starts_with("SCAN")),
            "{plan:?}"
        );
    }
}

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
