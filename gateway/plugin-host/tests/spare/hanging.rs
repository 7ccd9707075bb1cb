//! Calls that hang on threads that the runtime can spare. Alone in its test binary: what is spared is the process's.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bad_plugins::{Bad, Behaviour, PluginFolder};
use gateway_plugin_host::{
    CallFailed, Expectations, FileHash, Instance, Isolation, Library, Limits, StepFailed,
    spare_threads,
};
use plugins_sdk::message::{Event, Input};
use plugins_sdk::testing;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SPARE: usize = 2;

fn open(step: Option<Behaviour>) -> Instance {
    let folder = PluginFolder::new().unwrap();
    let bad = Bad {
        step,
        ..Bad::default()
    };
    let file = folder.bad("bad", &bad).unwrap();
    let expectations = Expectations {
        trust_root: Some(folder.path().to_owned()),
        isolation: Isolation::None,
        limits: Limits {
            // The others have as long as they need.
            deadline: Duration::from_secs(if step.is_some() { 1 } else { 60 }),
            max_hung: 8,
            breaker_faults: 100,
            ..Limits::default()
        },
        ..Expectations::new(folder.path(), Some(FileHash::of(&fs::read(file).unwrap())))
    };
    let library = Library::load("bad.so", &expectations).unwrap();
    library.open(&testing::open_request(json!({}))).unwrap()
}

fn sent() -> Input {
    testing::input(Event::Sent, Some(String::new()), 0)
}

/// The one thread that is awake hangs, and with it whoever watches sockets and timers: somebody else must take over.
async fn the_last_one_awake_hangs(hangs: Instance) {
    let ticks = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ticks);
    let ticker = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    // Everything else is at rest by then.
    while ticks.load(Ordering::SeqCst) < 5 {
        tokio::time::sleep(Duration::from_millis(7)).await;
    }
    let before = ticks.load(Ordering::SeqCst);
    assert!(hangs.step(sent()).await.is_err());
    let ticked = ticks.load(Ordering::SeqCst) - before;
    assert!(ticked > 5, "the others stood still: {ticked}");
    ticker.abort();
}

/// More calls hang than can be spared, on a runtime that needs one thread: each is given up in time, and meanwhile
/// sockets, timers and other providers go on.
#[test]
fn sec_199_calls_that_hang_take_no_thread_that_is_needed() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1 + SPARE)
        .enable_all()
        .build()
        .unwrap();
    let (hangs, good) = (open(Some(Behaviour::Hang)), open(None));
    let (done, played) = mpsc::channel();
    runtime.spawn(async move {
        spare_threads(SPARE);
        the_last_one_awake_hangs(hangs.clone()).await;
        let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = echo.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = echo.accept().await.unwrap();
                let mut byte = [0];
                stream.read_exact(&mut byte).await.unwrap();
                stream.write_all(&byte).await.unwrap();
            }
        });
        for _ in 0..SPARE + 1 {
            let hanging = hangs.clone();
            let hung = tokio::spawn(async move { hanging.step(sent()).await });
            let mut rounds = 0;
            while !hung.is_finished() {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(b"x").await.unwrap();
                stream.read_exact(&mut [0]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
                good.step(sent()).await.unwrap();
                rounds += 1;
            }
            let failed = hung.await.unwrap();
            assert!(
                matches!(
                    failed,
                    Err(StepFailed::Call(CallFailed::DeadlinePassed { .. }))
                ),
                "{failed:?}"
            );
            assert!(rounds > 3, "{rounds}");
        }
        done.send(()).unwrap();
    });
    // Not by a timer of the runtime: it might be the runtime that stands still.
    let ended = played.recv_timeout(Duration::from_secs(60));
    ended.expect("it failed, or everything stands still");
    runtime.shutdown_background();
}
