//! Chains of records: whole, or found out.

use gateway_store::audit::AuditSettings;
use gateway_store::model::ChainFault;
use tempfile::TempDir;

use super::{Running, disarmed, file, kept, run, verified};

#[tokio::test]
async fn what_was_kept_is_whole() {
    let folder = kept().await;
    let report = verified(&folder.path().join("vestibule.db"), None).await;
    assert_eq!(report.faults, []);
    assert_eq!(
        (
            report.chains,
            report.records,
            report.checkpoints,
            report.unsigned
        ),
        (2, 20, 2, 0)
    );
}

#[tokio::test]
async fn the_tables_refuse_changes() {
    let folder = kept().await;
    let pool = file(&folder).await;
    for sql in [
        "UPDATE audit_record SET body = '{}'",
        "UPDATE audit_record SET at = 0 WHERE number = 3",
        "DELETE FROM audit_record WHERE number = 10",
        "DELETE FROM audit_record",
        "INSERT OR REPLACE INTO audit_record (chain, number, tenant, at, body, hash, operation)
             SELECT chain, number, tenant, at, '{}', hash, operation FROM audit_record WHERE number = 3",
        "UPDATE OR REPLACE audit_record SET number = number - 1 WHERE number = 3",
        "UPDATE audit_checkpoint SET signed = ''",
        "DELETE FROM audit_checkpoint",
    ] {
        let refused = run(&pool, sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    pool.close().await;
    assert_eq!(
        verified(&folder.path().join("vestibule.db"), None)
            .await
            .faults,
        []
    );
}

#[tokio::test]
async fn whatever_is_tampered_with_in_the_file_is_found_and_named() {
    let chain = || "changes/contoso".to_owned();
    let altered = |number| ChainFault::Altered {
        chain: chain(),
        number,
    };
    let missing = |number| ChainFault::Missing {
        chain: chain(),
        number,
    };
    let reordered = |number| ChainFault::Reordered {
        chain: chain(),
        number,
    };
    let checkpoint = |number| ChainFault::Checkpoint {
        chain: chain(),
        number,
    };
    for (tampering, want) in [
        (
            "UPDATE audit_record SET body = replace(body, 'ada@', 'eve@') WHERE chain LIKE 'ch%' AND number = 4",
            vec![altered(4)],
        ),
        (
            "UPDATE audit_record SET person = 'eve@contoso.com' WHERE chain LIKE 'ch%' AND number = 4",
            vec![altered(4)],
        ),
        (
            "UPDATE audit_record SET actor = NULL WHERE chain LIKE 'ch%' AND number = 1",
            vec![altered(1)],
        ),
        (
            "UPDATE audit_record SET at = 0 WHERE chain LIKE 'ch%' AND number = 10",
            vec![altered(10)],
        ),
        (
            "UPDATE audit_record SET tenant = 'fabrikam' WHERE chain LIKE 'ch%' AND number = 10",
            vec![altered(10)],
        ),
        (
            "UPDATE audit_record SET hash = zeroblob(32) WHERE chain LIKE 'ch%' AND number = 2",
            vec![altered(2)],
        ),
        (
            "UPDATE audit_record SET body = 'gone' WHERE chain LIKE 'ch%' AND number = 2",
            vec![altered(2)],
        ),
        (
            "DELETE FROM audit_record WHERE chain LIKE 'ch%' AND number = 1",
            vec![missing(1)],
        ),
        (
            "DELETE FROM audit_record WHERE chain LIKE 'ch%' AND number IN (5, 6)",
            vec![missing(5)],
        ),
        (
            "DELETE FROM audit_record WHERE chain LIKE 'ch%' AND number > 8",
            vec![missing(9)],
        ),
        (
            "DELETE FROM audit_record WHERE chain LIKE 'ch%'",
            vec![missing(1)],
        ),
        (
            "UPDATE audit_record SET number = 99 WHERE chain LIKE 'ch%' AND number = 3;
             UPDATE audit_record SET number = 3 WHERE chain LIKE 'ch%' AND number = 7;
             UPDATE audit_record SET number = 7 WHERE chain LIKE 'ch%' AND number = 99",
            vec![reordered(3), reordered(7)],
        ),
        (
            "UPDATE audit_checkpoint SET signed = replace(signed, '|10|', '|9|') WHERE chain LIKE 'ch%'",
            vec![checkpoint(10)],
        ),
        (
            "UPDATE audit_checkpoint SET number = 9 WHERE chain LIKE 'ch%'",
            vec![checkpoint(9)],
        ),
    ] {
        let folder = kept().await;
        let pool = disarmed(&folder).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(tampering.to_owned()))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let report = verified(&folder.path().join("vestibule.db"), None).await;
        assert_eq!(report.faults, want, "{tampering}");
    }
}

#[tokio::test]
async fn a_broken_chain_of_changes_is_not_signed() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    running.change(1).await;
    running.change(2).await;
    let pool = disarmed(&folder).await;
    run(
        &pool,
        "UPDATE audit_record SET body = replace(body, 'ada@', 'eve@') WHERE number = 1",
    )
    .await
    .unwrap();
    running.stop().await;
    let signed: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_checkpoint")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(signed, 0);
}
