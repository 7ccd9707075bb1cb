//! The same on PostgreSQL.

use gateway_core::id::SiteId;
use gateway_store::Store;
use gateway_store::audit::AuditSettings;
use gateway_store::model::AuditQuery;

use super::{NOW, Running, asked, event, refused, signing};
use crate::conformance::Backend as _;
use crate::postgres::Database;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_keeps_checks_and_answers_the_same() {
    let Some(database) = Database::place() else {
        return;
    };
    // Two gateways: one chain of changes, a chain of accesses for each.
    let one = Running::over(database.open(NOW).await, AuditSettings::default()).await;
    let other = Running::over(database.open(NOW).await, AuditSettings::default()).await;
    for number in 0..10 {
        one.change(number).await;
        other.change(number).await;
        one.access(event(
            "FileDownloaded",
            "bo@fabrikam.com",
            &format!("/{number}"),
        ));
        for _ in 0..20 {
            other.access(refused("cy@fabrikam.com"));
        }
    }
    one.stop().await;
    other.stop().await;
    let look = async || Store::look_at(&database.location()).await.unwrap().unwrap();
    let verify = async || {
        let store = look().await;
        let report = store.verify_audit(&signing("key"), None).await.unwrap();
        store.close().await;
        report
    };
    let report = verify().await;
    assert_eq!(report.faults, []);
    assert_eq!((report.chains, report.records), (3, 20 + 10 + 11));
    assert_eq!(report.unsigned, 0);

    let store = look().await;
    let person = AuditQuery {
        person: Some("bo@fabrikam.com".to_owned()),
        ..AuditQuery::default()
    };
    assert_eq!(asked(&store, person).await.len(), 10);
    let item = AuditQuery {
        item: Some((SiteId::parse("projects").unwrap(), "/a".to_owned())),
        ..AuditQuery::default()
    };
    assert_eq!(asked(&store, item).await.len(), 11);
    store.close().await;

    for sql in [
        "UPDATE audit_record SET at = 0",
        "DELETE FROM audit_record WHERE number = 20",
        "TRUNCATE audit_record",
        "UPDATE audit_checkpoint SET signed = ''",
        "DELETE FROM audit_checkpoint",
        "TRUNCATE audit_checkpoint",
    ] {
        let refused = database.execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    database
        .execute("DROP TRIGGER audit_record_stays ON audit_record")
        .await
        .unwrap();
    for (sql, want) in [
        (
            "UPDATE audit_record SET body = replace(body, 'ada@', 'eve@') WHERE chain LIKE 'ch%' AND number = 4",
            "altered 4",
        ),
        (
            "UPDATE audit_record SET body = replace(body, 'eve@', 'ada@') WHERE chain LIKE 'ch%' AND number = 4",
            "",
        ),
        (
            "DELETE FROM audit_record WHERE chain LIKE 'ch%' AND number > 18",
            "missing 19",
        ),
    ] {
        database.execute(sql).await.unwrap();
        let faults: Vec<String> = verify()
            .await
            .faults
            .iter()
            .map(|fault| format!("{} {}", fault.word(), fault.number()))
            .collect();
        assert_eq!(faults.join(", "), want, "{sql}");
    }
}
