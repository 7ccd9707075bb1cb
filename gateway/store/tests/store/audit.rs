//! The audit in a real store: written with what it is about, checked, asked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use gateway_core::id::{LinkId, SiteId, TenantId};
use gateway_core::time::UnixTime;
use gateway_store::audit::{AuditReport, AuditSettings, Checkpoint, Signing, Vouched};
use gateway_store::directory::Directory;
use gateway_store::model::{
    Actor, AuditEvent, AuditQuery, ChainFault, Change, SettingScope, StoredSetting, Write, Written,
};
use gateway_store::{Store, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::conformance::Backend as _;
use crate::postgres::Database;

const NOW: UnixTime = UnixTime(1_000_000);

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

/// Signs with a secret, as text that is read again.
fn signing(secret: &'static str) -> Signing {
    let mac = move |chain: &str, number: u64, hash: &str, at: i64| {
        let text = format!("{secret}|{chain}|{number}|{hash}|{at}");
        hexadecimal(digest(&SHA256, text.as_bytes()).as_ref())
    };
    Signing::new(
        move |checkpoint| {
            let hash = hexadecimal(&checkpoint.hash);
            let Checkpoint {
                chain, number, at, ..
            } = checkpoint;
            let mac = mac(chain, *number, &hash, at.0);
            Some(format!("{chain}|{number}|{hash}|{}|{mac}", at.0))
        },
        move |signed| {
            let parts: Vec<&str> = signed.split('|').collect();
            let [chain, number, hash, at, signature] = parts[..] else {
                return Vouched::ByNobody;
            };
            let (number, at) = (number.parse().unwrap(), at.parse().unwrap());
            if mac(chain, number, hash, at) != signature {
                return Vouched::ByNobody;
            }
            let digits = hash.as_bytes().chunks(2);
            let bytes: Vec<u8> = digits
                .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect();
            Vouched::ByKnownKey(Checkpoint {
                chain: chain.to_owned(),
                number,
                hash: bytes.try_into().unwrap(),
                at: UnixTime(at),
            })
        },
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn event(operation: &str, who: &str, item: &str) -> AuditEvent {
    let mut event = AuditEvent::of(
        operation,
        Actor {
            id: who.to_owned(),
            client: Some("192.0.2.1".to_owned()),
        },
    );
    event.site = Some(SiteId::parse("projects").unwrap());
    event.item = Some(item.to_owned());
    event
}

fn refused(who: &str) -> AuditEvent {
    AuditEvent {
        decision: "deny",
        reason: "permission-missing".to_owned(),
        ..event("FileAccessed", who, "/a")
    }
}

/// A gateway that keeps the audit.
struct Running {
    directory: Directory,
    stop: oneshot::Sender<()>,
    keeping: tokio::task::JoinHandle<()>,
    /// How often the clock was read: twice on every round of the keeper.
    rounds: Arc<AtomicU64>,
}

impl Running {
    async fn start(folder: &TempDir, settings: AuditSettings) -> Self {
        let store = Store::open(&folder.path().join("vestibule.db"), NOW)
            .await
            .unwrap();
        Self::over(store, settings).await
    }

    async fn over(store: Store, settings: AuditSettings) -> Self {
        let directory = Directory::open(store, Vec::new(), NOW).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let keeping = directory.clone();
        let rounds = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&rounds);
        let keeping = tokio::spawn(async move {
            let stopped = async move { stopped.await.unwrap_or(()) };
            let clock = move || {
                counted.fetch_add(1, Ordering::Relaxed);
                NOW
            };
            keeping
                .keep_audit(settings, signing("key"), clock, stopped)
                .await;
        });
        Self {
            rounds,
            directory,
            stop,
            keeping,
        }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.keeping.await.unwrap();
        self.directory.store().close().await;
    }

    /// Makes a change, number `number`, with its record.
    async fn change(&self, number: usize) {
        let written = self.directory.write(setting(number)).await.unwrap();
        assert!(matches!(written, Written::Yes { .. }), "{written:?}");
    }

    fn access(&self, event: AuditEvent) {
        self.directory.record_access(&tenant(), NOW, event);
    }
}

fn setting(number: usize) -> Write {
    let at = NOW.plus(i64::try_from(number).unwrap());
    Write {
        tenant: tenant(),
        at,
        expect: Vec::new(),
        changes: vec![Change::PutSetting(StoredSetting {
            scope: SettingScope::Tenant,
            name: "RequireAnonymousLinksExpireInDays".to_owned(),
            value: number.into(),
        })],
        audit: vec![event(
            "SharingPolicyChanged",
            "ada@contoso.com",
            &format!("/{number}"),
        )],
    }
}

async fn file(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.path().join("vestibule.db"));
    SqlitePool::connect_with(options).await.unwrap()
}

async fn disarmed(folder: &TempDir) -> SqlitePool {
    let pool = file(folder).await;
    let triggers: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(triggers.len(), 5, "{triggers:?}");
    for trigger in triggers {
        run(&pool, format!("DROP TRIGGER {trigger}")).await.unwrap();
    }
    pool
}

async fn run(pool: &SqlitePool, sql: impl Into<String>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(sqlx::AssertSqlSafe(sql.into()))
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

async fn verified(path: &Path, since: Option<UnixTime>) -> AuditReport {
    let store = Store::look(path).await.unwrap().unwrap();
    let report = store.verify_audit(&signing("key"), since).await.unwrap();
    store.close().await;
    report
}

/// A store with ten changes and ten access events, closed.
async fn kept() -> TempDir {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&folder, AuditSettings::default()).await;
    for number in 0..10 {
        running.change(number).await;
        running.access(event(
            "FileDownloaded",
            "bo@fabrikam.com",
            &format!("/{number}"),
        ));
    }
    running.stop().await;
    folder
}

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

fn link(id: &str) -> LinkId {
    LinkId::parse(id).unwrap()
}

async fn asked(store: &Store, query: AuditQuery) -> Vec<String> {
    let mut query = AuditQuery {
        limit: query.limit.max(2),
        ..query
    };
    let mut found = Vec::new();
    loop {
        let page = store.audit(&tenant(), &query).await.unwrap();
        assert!(page.items.len() <= query.limit);
        found.extend(page.items.iter().map(|record| {
            let body = &record.body;
            format!(
                "{} {}",
                body["Operation"].as_str().unwrap(),
                body["ObjectId"].as_str().unwrap()
            )
        }));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
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
