//! What the audit is asked.

use gateway_core::id::{LinkId, SiteId, TenantId};
use gateway_store::Store;
use gateway_store::audit::AuditSettings;
use gateway_store::model::{AuditEvent, AuditQuery};
use tempfile::TempDir;

use super::{NOW, Running, asked, event, file, kept, tenant};

fn link(id: &str) -> LinkId {
    LinkId::parse(id).unwrap()
}

#[tokio::test]
async fn the_audit_is_asked_by_person_item_link_operation_and_time() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    let tell = |at: i64, event| {
        running
            .directory
            .record_access(&tenant(), NOW.plus(at), event);
    };
    let long = format!("/long/{}", "x".repeat(600));
    tell(0, event("FileDownloaded", "bo@fabrikam.com", "/a"));
    tell(1, event("FileDownloaded", "bo@fabrikam.com", "/a/b"));
    tell(2, event("FileDownloaded", "cy@fabrikam.com", "/ab"));
    tell(
        3,
        AuditEvent {
            link: Some(link("flyer")),
            ..event("AnonymousLinkUsed", "anonymous", "/a/c/d")
        },
    );
    tell(
        4,
        AuditEvent {
            person: Some("bo@fabrikam.com".to_owned()),
            ..event("SharingSet", "ada@contoso.com", "/z")
        },
    );
    tell(
        5,
        event("FileDownloaded", "dee@fabrikam.com", &format!("{long}1")),
    );
    tell(
        6,
        event("FileDownloaded", "dee@fabrikam.com", &format!("{long}2/y")),
    );
    let path = folder.path().join("vestibule.db");
    running.directory.record_access(
        &TenantId::parse("fabrikam").unwrap(),
        NOW,
        event("FileDownloaded", "bo@fabrikam.com", "/a"),
    );
    running.stop().await;
    let store = Store::look(&path).await.unwrap().unwrap();

    let all = asked(&store, AuditQuery::default()).await;
    assert_eq!(all.len(), 7);
    assert_eq!(all[0], "FileDownloaded /a", "newest last");
    assert_eq!(all[4], "SharingSet /z");
    let person = AuditQuery {
        person: Some("Bo@Fabrikam.com".to_owned()),
        ..AuditQuery::default()
    };
    assert_eq!(
        asked(&store, person).await,
        ["FileDownloaded /a", "FileDownloaded /a/b", "SharingSet /z"]
    );
    let site = SiteId::parse("projects").unwrap();
    let item = |item: &str| AuditQuery {
        item: Some((site.clone(), item.to_owned())),
        ..AuditQuery::default()
    };
    assert_eq!(
        asked(&store, item("/a")).await,
        [
            "FileDownloaded /a",
            "FileDownloaded /a/b",
            "AnonymousLinkUsed /a/c/d"
        ]
    );
    assert_eq!(asked(&store, item("/a/")).await.len(), 3);
    assert_eq!(asked(&store, item("/")).await.len(), 7);
    assert_eq!(
        asked(&store, item(&format!("{long}1"))).await.len(),
        1,
        "the columns hold only the beginning"
    );
    assert_eq!(asked(&store, item(&format!("{long}2"))).await.len(), 1);
    assert_eq!(asked(&store, item(&long)).await, [""; 0]);
    let by_link = AuditQuery {
        link: Some(link("flyer")),
        ..AuditQuery::default()
    };
    assert_eq!(asked(&store, by_link).await, ["AnonymousLinkUsed /a/c/d"]);
    let operation = AuditQuery {
        operation: Some("SharingSet".to_owned()),
        ..AuditQuery::default()
    };
    assert_eq!(asked(&store, operation).await, ["SharingSet /z"]);
    let time = AuditQuery {
        from: Some(NOW.plus(1)),
        until: Some(NOW.plus(3)),
        ..AuditQuery::default()
    };
    assert_eq!(
        asked(&store, time).await,
        ["FileDownloaded /a/b", "FileDownloaded /ab"]
    );
    for cursor in ["", "x", "1.2", "1.x.y"] {
        assert!(!AuditQuery::is_cursor(cursor));
        let query = AuditQuery {
            after: Some(cursor.to_owned()),
            ..AuditQuery::default()
        };
        assert_eq!(asked(&store, query).await, [""; 0], "{cursor}");
    }
}

#[tokio::test]
async fn the_audit_is_asked_by_its_indexes() {
    let folder = kept().await;
    let pool = file(&folder).await;
    for (condition, order, index) in [
        ("actor = 'a'", "at", "audit_record_actor"),
        (
            "person = 'a' AND (actor IS NULL OR actor <> 'a')",
            "at",
            "audit_record_person",
        ),
        (
            "site = 's' AND (item = '/a' OR (item >= '/a/' AND item < '/a0'))",
            "at + 0",
            "audit_record_item",
        ),
        ("link = 'l'", "at", "audit_record_link"),
        ("operation = 'SharingSet'", "at", "audit_record_operation"),
        ("at >= 5 AND at < 7", "at", "audit_record_at"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT body FROM audit_record WHERE tenant = 't' AND {condition} ORDER BY {order}, chain, number LIMIT 10"
        );
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_all(&pool)
            .await
            .unwrap();
        assert!(
            plan.iter().any(|step| step.3.contains(index)),
            "{condition}: {plan:?}"
        );
        assert!(
            !plan.iter().any(|step| step.3.starts_with("SCAN")),
            "{condition}: {plan:?}"
        );
    }
}
