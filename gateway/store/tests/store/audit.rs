//! The audit in a real store: written with what it is about, checked, asked.

mod asking;
mod chains;
mod keeping;
mod postgresql;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use gateway_core::id::{SiteId, TenantId};
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::audit::{AuditReport, AuditSettings, Checkpoint, Signing, Vouched};
use gateway_store::directory::Directory;
use gateway_store::model::{
    Actor, AuditEvent, AuditQuery, Change, SettingScope, StoredSetting, Write, Written,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use tokio::sync::oneshot;

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
