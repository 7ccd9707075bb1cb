use gateway_config::model::StoreLocation;
use gateway_store::model::{Actor, AuditEvent, Change, SettingScope, StoredSetting, Write};

use super::*;
use crate::tests::support::{World, tenant};

/// A gateway that changed a setting and told of it, stopped.
async fn changed() -> World {
    let world = World::new("127.0.0.1:1".parse().unwrap()).await;
    let directory = &world.gateway.directory;
    let configuration = world.gateway.configuration();
    let audit = &configuration.gateway.audit;
    let keeping = auditing::Keeping::start(directory, audit, &world.gateway.keyring);
    let actor = Actor {
        id: "mia@contoso.example".to_owned(),
        client: None,
    };
    let written = directory
        .write(Write {
            tenant: tenant(),
            at: UnixTime(1_000_000),
            expect: Vec::new(),
            changes: vec![Change::PutSetting(StoredSetting {
                scope: SettingScope::Tenant,
                name: "RequireAnonymousLinksExpireInDays".to_owned(),
                value: 7.into(),
            })],
            audit: vec![AuditEvent::of("SharingPolicyChanged", actor)],
        })
        .await;
    written.unwrap();
    keeping.stop().await;
    directory.store().close().await;
    world
}

/// On a thread of its own: the command line has its own runtime.
fn apart<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(run).join().unwrap())
}

fn check(world: &World) -> (bool, String) {
    let configuration = world.gateway.configuration();
    apart(move || {
        let mut out = Vec::new();
        let arguments = Verify {
            since: None,
            json: false,
        };
        let ok = verify(&configuration, &arguments, &mut out).unwrap();
        (ok, String::from_utf8(out).unwrap())
    })
}

#[tokio::test]
async fn what_is_changed_in_the_file_is_named_and_fails() {
    let world = changed().await;
    let (ok, said) = check(&world);
    assert!(ok, "{said}");
    assert!(
        said.starts_with("ok: ") && said.ends_with(" 0 faults\n"),
        "{said}"
    );

    let configuration = world.gateway.configuration();
    let StoreLocation::Sqlite(path) = &configuration.gateway.store else {
        panic!("a file");
    };
    let mut file = std::fs::read(path).unwrap();
    let (real, forged) = (b"\"UserId\":\"mia@", b"\"UserId\":\"eve@");
    let at = file
        .windows(real.len())
        .position(|bytes| bytes == real)
        .unwrap();
    file[at..at + real.len()].copy_from_slice(forged);
    std::fs::write(path, file).unwrap();
    let (ok, said) = check(&world);
    assert!(!ok, "{said}");
    assert!(
        said.contains("fault: record 1 of chain `changes/contoso` was altered"),
        "{said}"
    );
}

#[tokio::test]
async fn records_are_exported_as_lines_that_can_be_checked_elsewhere() {
    let world = changed().await;
    let configuration = world.gateway.configuration();
    let text = apart(move || {
        let mut out = Vec::new();
        let arguments = Export {
            tenant: tenant(),
            since: None,
            until: None,
        };
        export(&configuration, &arguments, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    });
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(line["record"]["Operation"], "SharingPolicyChanged");
    let mut hashed = b"vestibule audit record v1\0".to_vec();
    hashed.extend([0; 32]);
    hashed.extend(line["record"].to_string().bytes());
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &hashed);
    let hash: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(line["hash"], hash);
}
