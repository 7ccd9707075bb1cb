//! A server of PostgreSQL that keeps its connections and answers nobody, or has no room left.

use std::time::{Duration, Instant};

use gateway_core::id::{GuestId, PermissionId};
use gateway_core::sharing::Recipient;
use gateway_store::directory::Directory;
use gateway_store::model::{AuditEvent, Change, SessionId, Wanted, Write, Written};
use gateway_store::{Location, Store, StoreError};
use postgres_server::Server;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use tokio::time::timeout;

use crate::conformance::Backend;
use crate::fixtures::{NOW, attempt, provider, tenant};
use crate::looks::{gateway, grant, granted, whoever};

/// Within so long whoever asks is answered.
const ANSWERED: Duration = Duration::from_secs(10);
/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database on a server of its own.
struct Database {
    server: Server,
    url: String,
}

impl Backend for Database {
    fn place() -> Option<Self> {
        let server = Server::start().unwrap()?;
        let url = server.database().unwrap();
        Some(Self { server, url })
    }

    async fn open(&self, now: gateway_core::time::UnixTime) -> Store {
        Store::open_at(&Location::Postgres(self.url.clone()), now)
            .await
            .unwrap()
    }
}

fn to_members(id: &str) -> Change {
    grant(id, Recipient::Members)
}

async fn try_to_write(directory: &Directory, change: Change) -> Result<Written, StoreError> {
    let write = Write {
        tenant: tenant("contoso"),
        at: NOW,
        expect: Vec::new(),
        changes: vec![change],
        audit: vec![AuditEvent::of(
            "SharingSet",
            gateway_store::model::Actor::default(),
        )],
    };
    directory.write(write).await
}

/// Fails within the time that one waits.
async fn fails<T>(what: &str, asked: impl Future<Output = Result<T, StoreError>>) {
    let begun = Instant::now();
    let answer = timeout(PATIENCE, asked).await.unwrap();
    assert!(
        matches!(
            answer.map(drop),
            Err(StoreError::Unreachable(_)
                | StoreError::Busy(_)
                | StoreError::Stale
                | StoreError::Interrupted)
        ),
        "{what}"
    );
    let took = begun.elapsed();
    assert!(took < ANSWERED + Duration::from_secs(1), "{what}: {took:?}");
}

/// Tries until it is done.
async fn until_written(directory: &Directory, id: &str) {
    let begun = Instant::now();
    while try_to_write(directory, to_members(id)).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "it does not go on");
    }
}

/// A look at something that nobody has looked at before.
fn cold() -> Wanted {
    Wanted {
        token: Some([9; 32]),
        ..whoever()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_keeps_nobody_waiting() {
    let Some(database) = Database::place() else {
        return;
    };
    let staleness = Duration::from_secs(14);
    let mine = gateway(&database, staleness).await;
    let impatient = gateway(&database, Duration::ZERO).await;
    until_written(&mine, "before").await;
    assert_eq!(granted(&mine).await, ["before"]);
    assert_eq!(granted(&impatient).await, ["before"]);

    database.server.pause().unwrap();
    let hangs = Instant::now();
    assert_eq!(granted(&mine).await, ["before"]);
    assert!(hangs.elapsed() < Duration::from_secs(1));
    let store = mine.store();
    let (guest, session) = (GuestId::parse("ada").unwrap(), SessionId([1; 16]));
    let begun = attempt(1, 1, 0);
    let (known, unknown) = (whoever(), cold());
    let (contoso, ids) = (tenant("contoso"), [("id".to_owned(), NOW)]);
    let saml = provider("saml");
    tokio::join!(
        fails("a write", try_to_write(&mine, to_members("late-1"))),
        fails("another write", try_to_write(&mine, to_members("late-2"))),
        fails("a third write", try_to_write(&mine, to_members("late-3"))),
        fails("a cold look", mine.look(&unknown)),
        fails("a look without staleness", impatient.look(&known)),
        fails("another one", impatient.look(&unknown)),
        fails("a third", impatient.current()),
        fails("a user", mine.user(&contoso, &guest)),
        fails("everything", mine.look_at_all(&contoso)),
        fails("a sign-in", store.begin_attempt(&begun, 16)),
        fails("one that goes on", store.attempt(&begun.handle, NOW)),
        fails("a count", store.count("mail", "ada", 60, 5, NOW)),
        fails("an id", store.consume(&saml, &ids, NOW)),
        fails("a session", store.remember_home_session(&session, NOW)),
        fails("the revocations", store.revocations(NOW)),
    );
    // Nothing was sent to be committed: what is known is as true as before.
    assert!(hangs.elapsed() < staleness, "{:?}", hangs.elapsed());
    assert_eq!(granted(&mine).await, ["before"]);
    while mine.look(&whoever()).await.is_ok() {
        assert!(hangs.elapsed() < staleness + Duration::from_secs(2));
    }
    assert!(hangs.elapsed() > staleness - Duration::from_secs(1));
    fails("a look that is too old", mine.look(&whoever())).await;

    database.server.resume().unwrap();
    until_written(&mine, "after").await;
    let other = gateway(&database, Duration::ZERO).await;
    for directory in [&mine, &other, &impatient] {
        assert_eq!(granted(directory).await, ["after", "before"]);
    }
    let id = PermissionId::parse("late-1").unwrap();
    assert_eq!(mine.permission(&contoso, &id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_commit_that_hangs_nothing_is_known_until_it_came_to_an_end() {
    let Some(database) = Database::place() else {
        return;
    };
    let mine = gateway(&database, PATIENCE).await;
    until_written(&mine, "before").await;
    assert_eq!(granted(&mine).await, ["before"]);
    // A commit waits for whoever holds the lock, as for a standby that must have it too.
    let mut holder = PgConnection::connect(&database.url).await.unwrap();
    holder
        .execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 PERFORM set_config('lock_timeout', '0', true);
                 PERFORM pg_advisory_xact_lock(42);
                 RETURN NULL;
             END $$;
             CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION wait();
             SELECT pg_advisory_lock(42)",
        )
        .await
        .unwrap();

    let begun = Instant::now();
    let late = try_to_write(&mine, to_members("late")).await;
    assert!(matches!(late, Err(StoreError::Interrupted)), "{late:?}");
    assert!(begun.elapsed() < ANSWERED, "{:?}", begun.elapsed());
    // It may be done any moment: not even what is known is told.
    let look = mine.look(&whoever()).await;
    assert!(matches!(look, Err(StoreError::Stale)), "{look:?}");
    assert!(begun.elapsed() < 2 * ANSWERED, "{:?}", begun.elapsed());

    holder
        .execute("SELECT pg_advisory_unlock(42)")
        .await
        .unwrap();
    let view = loop {
        match mine.look(&whoever()).await {
            Ok(view) => break view,
            Err(_) => assert!(begun.elapsed() < PATIENCE, "it does not go on"),
        }
    };
    let shown = view
        .tenant(&tenant("contoso"))
        .unwrap()
        .permissions()
        .count();
    let stored = "SELECT count(*) FROM permission";
    let stored = database.server.ask(&database.url, stored).unwrap();
    assert_eq!(shown.to_string(), stored);
    until_written(&mine, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_room_says_so_and_reading_goes_on() {
    let Some(database) = Database::place() else {
        return;
    };
    let mine = gateway(&database, PATIENCE).await;
    until_written(&mine, "before").await;
    database
        .server
        .limit_files(Some((16 << 20) + 4096))
        .unwrap();
    // Pages of one row each until there is no room for another page, and then small rows wherever there still is some.
    let fill = "DO $$ DECLARE length INT; BEGIN
            ALTER TABLE permission ALTER created_by SET STORAGE PLAIN;
            FOREACH length IN ARRAY ARRAY[7900, 20] LOOP
                FOR number IN 1..4000 LOOP
                    ASSERT number < 4000, 'there is room';
                    BEGIN
                        INSERT INTO permission SELECT 'fill', length || '-' || number, site, item, item_key,
                            recipient, role, repeat('x', length), manager, expires, created, link,
                            shared_with_integration, version
                        FROM permission WHERE id = 'before';
                    EXCEPTION WHEN disk_full THEN EXIT;
                    END;
                END LOOP;
            END LOOP;
        END $$";
    database.server.ask(&database.url, fill).unwrap();
    let full = try_to_write(&mine, to_members("full")).await;
    assert!(matches!(full, Err(StoreError::Full(_))), "{full:?}");
    assert_eq!(granted(&mine).await, ["before"]);
    let anew = gateway(&database, PATIENCE).await;
    assert_eq!(granted(&anew).await, ["before"]);
    let told = "SELECT (SELECT count(*) FROM audit_record) || ' ' || (SELECT count(*) FROM change)";
    let told = database.server.ask(&database.url, told).unwrap();
    assert_eq!(told, "1 1", "of what was not done nothing is told");

    database.server.limit_files(None).unwrap();
    until_written(&mine, "after").await;
    assert_eq!(granted(&mine).await, ["after", "before"]);
}
