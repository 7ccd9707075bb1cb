//! How records are written, counted and signed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use gateway_store::audit::AuditSettings;
use gateway_store::model::{AuditQuery, Change};
use gateway_store::{Store, StoreError};
use tempfile::TempDir;

use super::{NOW, Running, event, file, refused, run, setting, tenant, verified};

#[tokio::test]
async fn a_change_without_its_record_is_not_made_nor_a_record_without_its_change() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    running.change(1).await;
    let pool = file(&folder).await;
    let count = async |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let before = (
        count("audit_record").await,
        count("setting").await,
        count("change").await,
    );
    for (table, name) in [("audit_record", "one"), ("setting", "other")] {
        run(&pool, format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")).await.unwrap();
        let mut write = setting(2);
        if let [Change::PutSetting(setting)] = &mut write.changes[..] {
            setting.name = "OtherSetting".to_owned();
        }
        let failed = running.directory.write(write).await;
        assert!(
            matches!(failed, Err(StoreError::Statement(_))),
            "{table}: {failed:?}"
        );
        run(&pool, format!("DROP TRIGGER {name}")).await.unwrap();
        assert_eq!(
            (
                count("audit_record").await,
                count("setting").await,
                count("change").await
            ),
            before,
            "{table}"
        );
    }
    running.change(3).await;
    pool.close().await;
    running.stop().await;
    assert_eq!(
        verified(&folder.path().join("vestibule.db"), None)
            .await
            .faults,
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn counted_refusals_add_up_exactly_under_load() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    let (people, each) = (40_u64, 500_u64);
    let asking: Vec<_> = (0..people)
        .map(|person| {
            let directory = running.directory.clone();
            tokio::spawn(async move {
                for _ in 0..each {
                    directory.record_access(
                        &tenant(),
                        NOW,
                        refused(&format!("p{person}@fabrikam.com")),
                    );
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for asking in asking {
        asking.await.unwrap();
    }
    let directory = running.directory.clone();
    let path = folder.path().join("vestibule.db");
    running.stop().await;
    drop(directory);
    let store = Store::look(&path).await.unwrap().unwrap();
    let mut query = AuditQuery {
        limit: 1_000,
        ..AuditQuery::default()
    };
    let (mut records, mut sum) = (0, 0);
    loop {
        let page = store.audit(&tenant(), &query).await.unwrap();
        for record in &page.items {
            records += 1;
            sum += record.body["Count"].as_u64().unwrap();
        }
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(
        (records, sum),
        (people * 11, people * each),
        "10 singly, and one that counts the others"
    );
    assert_eq!(verified(&path, None).await.faults, []);
}

#[tokio::test]
async fn a_store_that_refuses_for_a_while_loses_no_event() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    let pool = file(&folder).await;
    run(
        &pool,
        "CREATE TRIGGER away BEFORE INSERT ON audit_record BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .await
    .unwrap();
    for number in 0..50 {
        running.access(event(
            "FileDownloaded",
            "bo@fabrikam.com",
            &format!("/{number}"),
        ));
    }
    // Until the batch has been refused at least once: one whole round.
    let until = running.rounds.load(Ordering::Relaxed) + 4;
    let refused = async {
        while running.rounds.load(Ordering::Relaxed) < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused)
        .await
        .unwrap();
    run(&pool, "DROP TRIGGER away").await.unwrap();
    pool.close().await;
    running.stop().await;
    let report = verified(&folder.path().join("vestibule.db"), None).await;
    assert_eq!((report.records, report.faults), (50, vec![]));
}

#[tokio::test]
async fn a_checkpoint_is_made_after_so_many_records_and_a_check_may_begin_there() {
    let folder = TempDir::new().unwrap();
    let settings = AuditSettings {
        checkpoint_records: 5,
        ..AuditSettings::default()
    };
    let running = Running::start(&folder, settings).await;
    let path = folder.path().join("vestibule.db");
    for number in 0..7 {
        running.access(event(
            "FileDownloaded",
            "bo@fabrikam.com",
            &format!("/{number}"),
        ));
    }
    let pool = file(&folder).await;
    let made = async {
        loop {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_checkpoint")
                .fetch_one(&pool)
                .await
                .unwrap();
            if count > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), made)
        .await
        .unwrap();
    for number in 0..3 {
        running.access(event(
            "FileDownloaded",
            "bo@fabrikam.com",
            &format!("/{number}"),
        ));
    }
    running.stop().await;
    pool.close().await;
    let whole = verified(&path, None).await;
    assert_eq!((whole.records, whole.faults.len()), (10, 0));
    // Checkpoints made before the moment stand for what is older.
    let late = verified(&path, Some(NOW.plus(1))).await;
    assert_eq!((late.records, late.faults.len()), (0, 0));
    let early = verified(&path, Some(NOW)).await;
    assert_eq!(early.records, 10);
}
