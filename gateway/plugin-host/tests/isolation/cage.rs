//! What a plugin may ask the system for.

use std::fs;

use bad_plugins::{Caged, Deed};
use gateway_plugin_host::{CallFailed, Isolation, StepFailed};
use plugins_sdk::testing;
use serde_json::json;

use super::bench::{Bench, apart, behave, dare};

/// After `open`, the deed ends the process, and the operator reads why.
async fn ends(deed: Deed) {
    let bench = Bench::new();
    let instance = bench.open(&Caged::step(deed)).unwrap();
    match dare(&instance).await {
        Err(StepFailed::Call(CallFailed::Died { how })) => {
            assert!(how.contains("SIGSYS"), "{deed:?}: {how}");
        }
        other => panic!("{deed:?}: {other:?}"),
    }
    assert_eq!(behave(&instance).await.as_deref(), Ok("good"), "{deed:?}");
}

/// The deed is refused with an error, and the plugin goes on.
async fn is_refused(caged: Caged) {
    let bench = Bench::new();
    let instance = bench
        .open(&caged)
        .unwrap_or_else(|why| panic!("{caged:?}: {why}"));
    assert_eq!(dare(&instance).await.as_deref(), Ok("good"), "{caged:?}");
}

/// Without this, the tests here would pass for deeds that never do anything.
#[tokio::test]
async fn in_the_gateways_process_every_deed_succeeds() {
    let bench = Bench::new();
    let made = bench.folder.path().join("made");
    for deed in [
        Deed::Socket,
        Deed::OpenFile,
        Deed::MakeFile,
        Deed::Fork,
        Deed::Thread,
        Deed::ExecutableMemory,
        Deed::KillParent,
        Deed::LookAround,
    ] {
        let file = matches!(deed, Deed::MakeFile).then(|| made.clone());
        let caged = Caged {
            file,
            ..Caged::step(deed)
        };
        bench.folder.caged("caged", &caged).unwrap();
        let library = bench.load("caged", Isolation::None);
        let instance = library.open(&testing::open_request(json!({}))).unwrap();
        assert_eq!(
            dare(&instance).await.as_deref(),
            Ok("succeeded"),
            "{deed:?}"
        );
    }
    assert!(made.exists());
}

#[tokio::test]
async fn sec_167_after_open_there_is_no_network() {
    ends(Deed::Socket).await;
}

#[tokio::test]
async fn sec_167_after_open_there_is_no_other_process() {
    ends(Deed::Fork).await;
    ends(Deed::Thread).await;
    ends(Deed::Exec).await;
    ends(Deed::KillParent).await;
    ends(Deed::Trace).await;
}

#[tokio::test]
async fn sec_167_after_open_no_memory_becomes_code() {
    ends(Deed::ExecutableMemory).await;
}

#[tokio::test]
async fn sec_167_after_open_there_are_no_files() {
    is_refused(Caged::step(Deed::OpenFile)).await;
    let bench = Bench::new();
    let made = bench.folder.path().join("made");
    is_refused(Caged {
        file: Some(made.clone()),
        ..Caged::step(Deed::MakeFile)
    })
    .await;
    assert!(!made.exists());
}

#[tokio::test]
async fn sec_167_after_open_there_is_one_descriptor_to_read_from() {
    ends(Deed::ReadSocket).await;
}

#[tokio::test]
async fn sec_167_limits_are_not_raised() {
    is_refused(Caged::step(Deed::RaiseLimits)).await;
}

/// Constructors run at load, before anything else.
#[tokio::test]
async fn sec_167_at_load_and_open_files_are_read_and_that_is_all() {
    let bench = Bench::new();
    let made = bench.folder.path().join("made");
    for deed in [
        Deed::Socket,
        Deed::MakeFile,
        Deed::Fork,
        Deed::Thread,
        Deed::Exec,
        Deed::Trace,
        Deed::KillParent,
    ] {
        is_refused(Caged {
            at_load: Some(deed),
            at_open: Some(deed),
            file: Some(made.clone()),
            ..Caged::default()
        })
        .await;
    }
    assert!(!made.exists());
    let reads = Caged {
        at_open: Some(Deed::OpenFile),
        ..Caged::default()
    };
    assert!(bench.open(&reads).is_err(), "it may read files in `open`");
}

#[tokio::test]
async fn sec_167_a_process_has_no_environment_and_no_descriptor_of_the_gateways() {
    // One that a careless library would have left open for its children.
    let left_open = rustix::fs::open(
        "/etc/passwd",
        rustix::fs::OFlags::RDONLY,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    is_refused(Caged {
        at_open: Some(Deed::LookAround),
        ..Caged::default()
    })
    .await;
    drop(left_open);
}

/// The library is not loaded in the gateway, not even to ask what it is.
#[test]
fn sec_167_no_code_of_the_plugin_runs_in_the_gateway() {
    let bench = Bench::new();
    let made = bench.folder.path().join("made");
    let caged = Caged {
        at_load: Some(Deed::MakeFile),
        file: Some(made.clone()),
        ..Caged::default()
    };
    bench.folder.caged("only-apart", &caged).unwrap();
    let library = bench.load("only-apart", apart());
    assert_eq!(library.description().kind, "caged");
    assert!(!made.exists());
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    assert!(!maps.contains("memfd:only-apart"), "it is loaded here");
}
