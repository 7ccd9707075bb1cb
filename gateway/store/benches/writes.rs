//! Acknowledged writes per second: 32 clients share an item with somebody, as an invitation does, each waiting for its
//! answer. Beside PostgreSQL stands what `pgbench` gets out of the same server with one insert for each transaction.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, PermissionId, SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::person::{GuestOrigin, InvitationManager};
use gateway_core::sharing::{Permission, Recipient, Role};
use gateway_core::time::UnixTime;
use gateway_store::directory::Directory;
use gateway_store::model::{
    Actor, AuditEvent, Change, Expect, PermissionEntry, UserEntry, UserType, Write, Written,
};
use gateway_store::{Location, Store};
use postgres_server::Server;

const CLIENTS: u64 = 32;
const SPAN: Duration = Duration::from_secs(8);
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
    let folder = tempfile::TempDir::new().unwrap();
    let file = Location::Sqlite(folder.path().join("vestibule.db"));
    runtime.block_on(measure("SQLite", &[file]));
    let Some(server) = Server::shared() else {
        return;
    };
    let database = Location::Postgres(server.database().unwrap());
    runtime.block_on(measure("PostgreSQL", &[database]));
    let database = Location::Postgres(server.database().unwrap());
    let three = [database.clone(), database.clone(), database];
    runtime.block_on(measure("PostgreSQL, three gateways", &three));
    pgbench(server);
}

async fn measure(name: &str, gateways: &[Location]) {
    let mut directories = Vec::new();
    for location in gateways {
        let store = Store::open_at(location, NOW).await.unwrap();
        directories.push(Directory::open(store, Vec::new(), NOW).await.unwrap());
    }
    for (what, invites) in [("shares", false), ("invitations with shares", true)] {
        let over = Arc::new(AtomicBool::new(false));
        let done = Arc::new(AtomicU64::new(0));
        let begun = Instant::now();
        let clients: Vec<_> = (0..CLIENTS)
            .zip(directories.iter().cycle().cloned())
            .map(|(client, directory)| {
                let (over, done) = (Arc::clone(&over), Arc::clone(&done));
                tokio::spawn(async move {
                    let mut number = 0;
                    while !over.load(Ordering::Relaxed) {
                        let write = share(&format!("{client}-{number}-{invites}"), invites);
                        let written = directory.write(write).await.unwrap();
                        assert!(matches!(written, Written::Yes { .. }), "{written:?}");
                        done.fetch_add(1, Ordering::Relaxed);
                        number += 1;
                    }
                })
            })
            .collect();
        tokio::time::sleep(SPAN).await;
        over.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.unwrap();
        }
        let rate = done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
        println!("{name}: {rate:.0} {what} per second, {CLIENTS} clients");
    }
}

fn share(name: &str, invites: bool) -> Write {
    let address = EmailAddress::parse(&format!("a{name}@fabrikam.example")).unwrap();
    let mia = EmailAddress::parse("mia@contoso.example").unwrap();
    let user = UserEntry {
        id: GuestId::parse(&format!("u{name}")).unwrap(),
        address: address.clone(),
        user_type: UserType::Guest,
        origin: GuestOrigin::Share,
        manager: InvitationManager::Sharing,
        account_enabled: true,
        sponsor: Some(mia.clone()),
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
    };
    let permission = PermissionEntry {
        permission: Permission {
            id: PermissionId::parse(&format!("p{name}")).unwrap(),
            site: SiteId::parse("projects").unwrap(),
            item: ItemPath::parse(&format!("/sites/projects/Shared/{name}.docx")).unwrap(),
            recipient: Recipient::Address(address.clone()),
            role: Role::Read,
            created_by: mia,
            manager: InvitationManager::Sharing,
            expires: None,
        },
        created: NOW,
        link: None,
        shared_with_integration: true,
        declared: false,
        version: 0,
    };
    let mut changes = vec![Change::PutPermission(Box::new(permission))];
    let mut expect = Vec::new();
    if invites {
        expect.push(Expect::NoUser(address.clone()));
        changes.insert(0, Change::PutUser(Box::new(user)));
    }
    Write {
        tenant: TenantId::parse("contoso").unwrap(),
        at: NOW,
        expect,
        changes,
        audit: vec![AuditEvent {
            person: Some(address.to_string()),
            ..AuditEvent::of("SharingSet", Actor::default())
        }],
    }
}

fn pgbench(server: &Server) {
    let program = server.programs().join("pgbench");
    if !program.exists() {
        println!("pgbench is not installed");
        return;
    }
    server
        .sql("CREATE TABLE ceiling (id BIGSERIAL PRIMARY KEY, body TEXT)")
        .unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let script = folder.path().join("insert.sql");
    std::fs::write(
        &script,
        "INSERT INTO ceiling (body) VALUES (repeat('x', 300));\n",
    )
    .unwrap();
    let output = Command::new(program)
        .args(["-n", "-c", "32", "-j", "2", "-M", "prepared", "-T", "8"])
        .args(["-U", "vestibule", "-h"])
        .arg(server.socket())
        .arg("-f")
        .arg(&script)
        .arg("postgres")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find(|line| line.starts_with("tps"));
    println!(
        "pgbench, one insert for each transaction, 32 clients: {}",
        rate.unwrap_or("nothing")
    );
}
