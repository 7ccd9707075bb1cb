//! Looking, cold and warm, and starting with a store of many guests and permissions.
//!
//! `LOOK_GUESTS` and `LOOK_PERMISSIONS` say how many; 10⁶ and 10⁷ where they say nothing. The file is kept in `LOOK_FILE`
//! where that is given: filling it takes much longer than anything that is measured. With `LOOK_ON=postgresql` it is a
//! database of a server of its own.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use gateway_core::address::EmailAddress;
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::time::UnixTime;
use gateway_store::directory::{DeclaredTenant, Directory};
use gateway_store::model::Wanted;
use gateway_store::{Location, Store};
use postgres_server::Server;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

const NOW: UnixTime = UnixTime(1_700_000_000);

fn main() {
    // `cargo test` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure());
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

async fn measure() {
    let (guests, permissions) = (
        number("LOOK_GUESTS", 1_000_000),
        number("LOOK_PERMISSIONS", 10_000_000),
    );
    if std::env::var("LOOK_ON").is_ok_and(|on| on == "postgresql") {
        let Some(server) = Server::shared() else {
            return;
        };
        let url = server.database().unwrap();
        let begun = Instant::now();
        fill_server(&url, guests, permissions).await;
        println!("filled in {:.1?}", begun.elapsed());
        let size = "SELECT pg_size_pretty(pg_database_size(current_database()))";
        println!("{} of PostgreSQL", server.ask(&url, size).unwrap());
        return start(&Location::Postgres(url), guests, permissions).await;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let path = std::env::var_os("LOOK_FILE")
        .map_or_else(|| folder.path().join("vestibule.db"), PathBuf::from);
    if !path.exists() {
        let begun = Instant::now();
        fill(&path, guests, permissions).await;
        println!("filled in {:.1?}", begun.elapsed());
    }
    println!("{} MiB of SQLite", path.metadata().unwrap().len() >> 20);
    start(&Location::Sqlite(path), guests, permissions).await;
}

async fn start(location: &Location, guests: u64, permissions: u64) {
    let before = resident();
    let begun = Instant::now();
    let store = Store::open_at(location, NOW).await.unwrap();
    let opened = begun.elapsed();
    let declared = vec![DeclaredTenant {
        id: tenant(),
        guests: Vec::new(),
        permissions: Vec::new(),
        links: Vec::new(),
    }];
    let directory = Directory::open(store, declared, NOW).await.unwrap();
    println!(
        "{guests} guests, {permissions} permissions: started in {:.3?} (the store in {opened:.3?}), {} MiB resident, {before} before",
        begun.elapsed(),
        resident()
    );
    let cold = looks(&directory, guests, 0).await;
    let warm = looks(&directory, guests, 0).await;
    println!(
        "cold look {cold:.1?}, warm look {warm:.1?}, {} MiB resident",
        resident()
    );
}

/// What one takes on average.
async fn looks(directory: &Directory, guests: u64, from: u64) -> Duration {
    const LOOKS: u64 = 5_000;
    let begun = Instant::now();
    for number in from..from + LOOKS {
        // Here and there over all of them.
        let guest = number.wrapping_mul(7_919) % guests;
        let view = directory.look(&wanted(guest)).await.unwrap();
        assert!(view.tenant(&tenant()).unwrap().permissions().count() > 0);
    }
    begun.elapsed() / u32::try_from(LOOKS).unwrap()
}

fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

fn wanted(guest: u64) -> Wanted {
    let item = format!("/sites/projects/folder-{}/Plan-{guest}.docx", guest % 1_000);
    Wanted {
        addresses: vec![EmailAddress::parse(&format!("guest-{guest}@fabrikam.example")).unwrap()],
        items: vec![(
            SiteId::parse("projects").unwrap(),
            ItemPath::parse(&item).unwrap(),
        )],
        ..Wanted::of(tenant())
    }
}

/// Fills the file beside the store, in the order of its indexes, without waiting for the disk.
async fn fill(path: &std::path::Path, guests: u64, permissions: u64) {
    Store::open(path, NOW).await.unwrap().close().await;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
        .pragma("cache_size", "-1000000")
        .pragma("temp_store", "2");
    let mut connection = options.connect().await.unwrap();
    let each = permissions / guests;
    let count = |to: u64| {
        format!(
            "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < {to})"
        )
    };
    let sql = [
        "BEGIN".to_owned(),
        format!(
            "INSERT INTO directory_user (tenant, id, address, user_type, origin, manager, account_enabled, created,
                 state_changed, expires, administers, mfa_registered, profile, version)
             {} SELECT 'contoso', printf('guest-%09d', n), 'guest-' || n || '@fabrikam.example', 'guest', 'share', 'directory',
                 1, 0, 0, '{{}}', '[]', 0, '{{}}', 1 FROM c",
            count(guests)
        ),
        format!(
            "INSERT INTO permission (tenant, id, site, item, item_key, recipient, role, created_by, manager, created,
                 shared_with_integration, version)
             {} SELECT 'contoso', printf('p-%010d', n), 'projects',
                 '/sites/projects/folder-' || (n / {each} % 1000) || '/Plan-' || (CASE n % {each} WHEN 0 THEN n / {each} ELSE n END) || '.docx',
                 '/sites/projects/folder-' || (n / {each} % 1000) || '/plan-' || (CASE n % {each} WHEN 0 THEN n / {each} ELSE n END) || '.docx',
                 'address:guest-' || (n / {each}) || '@fabrikam.example', 'read', 'mia@contoso.example', 'directory', 0, 1, 1 FROM c",
            count(guests * each)
        ),
        "COMMIT".to_owned(),
        "PRAGMA wal_checkpoint(TRUNCATE)".to_owned(),
    ];
    for statement in sql {
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
}

/// The same rows on a server.
async fn fill_server(url: &str, guests: u64, permissions: u64) {
    let location = Location::Postgres(url.to_owned());
    Store::open_at(&location, NOW).await.unwrap().close().await;
    let mut connection = PgConnection::connect(url).await.unwrap();
    let each = permissions / guests;
    let sql = [
        "SET maintenance_work_mem = '256MB'".to_owned(),
        format!(
            "INSERT INTO directory_user (tenant, id, address, user_type, origin, manager, account_enabled, created,
                 state_changed, expires, administers, mfa_registered, profile, version)
             SELECT 'contoso', 'guest-' || lpad(n::TEXT, 9, '0'), 'guest-' || n || '@fabrikam.example', 'guest', 'share',
                 'directory', 1, 0, 0, '{{}}', '[]', 0, '{{}}', 1 FROM generate_series(0, {guests} - 1) AS n"
        ),
        format!(
            "INSERT INTO permission (tenant, id, site, item, item_key, recipient, role, created_by, manager, created,
                 shared_with_integration, version)
             SELECT 'contoso', 'p-' || lpad(n::TEXT, 10, '0'), 'projects', path || 'Plan-' || plan || '.docx',
                 path || 'plan-' || plan || '.docx', 'address:guest-' || n / {each} || '@fabrikam.example', 'read',
                 'mia@contoso.example', 'directory', 0, 1, 1
             FROM (SELECT n, '/sites/projects/folder-' || n / {each} % 1000 || '/' AS path,
                     CASE n % {each} WHEN 0 THEN n / {each} ELSE n END AS plan
                 FROM generate_series(0, {guests}::BIGINT * {each} - 1) AS n) AS of_each"
        ),
        "VACUUM ANALYZE".to_owned(),
    ];
    for statement in sql {
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
}

/// Memory of this process, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
