//! Which processes there are. Alone in its test binary: it counts the children of the whole process.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bad_plugins::{Caged, Deed, PluginFolder};
use gateway_plugin_host::{Expectations, FileHash, Instance, Isolation, Library, Limits};
use plugins_sdk::message::{Event, Fields, Input};
use plugins_sdk::testing;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

fn open(caged: &Caged, limits: Limits) -> Instance {
    let folder = PluginFolder::new().unwrap();
    let file = folder.caged("caged", caged).unwrap();
    let expectations = Expectations {
        trust_root: Some(folder.path().to_owned()),
        limits,
        isolation: Isolation::Process {
            runner: Path::new(env!("CARGO_BIN_EXE_vestibule-plugin-runner")).to_owned(),
        },
        ..Expectations::new(folder.path(), Some(FileHash::of(&fs::read(file).unwrap())))
    };
    let library = Library::load("caged.so", &expectations).unwrap();
    library.open(&testing::open_request(json!({}))).unwrap()
}

/// Only a hang takes longer, however busy the machine is.
fn patient() -> Limits {
    Limits {
        deadline: Duration::from_secs(60),
        ..Limits::default()
    }
}

fn submit(word: &str) -> Input {
    let fields = Fields::from([("word".to_owned(), word.to_owned())]);
    testing::input(Event::Submit { fields }, Some(String::new()), 0)
}

/// Processes whose parent is this one, without those that have ended.
fn children() -> Vec<i32> {
    let own = std::process::id().to_string();
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let pid = name.parse().ok()?;
        let stat = fs::read_to_string(format!("/proc/{name}/stat")).ok()?;
        // After the name in parentheses: state and parent.
        let mut rest = stat.rsplit(')').next()?.split_whitespace();
        let (state, parent) = (rest.next()?, rest.next()?);
        (parent == own && state != "Z").then_some(pid)
    });
    processes.collect()
}

fn until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not come"
        );
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_process_that_was_killed_while_idle_costs_no_call() {
    let _alone = alone().await;
    let instance = open(&Caged::default(), patient());
    let before = children();
    let [child] = before.as_slice() else {
        panic!("{before:?}");
    };
    kill_process(Pid::from_raw(*child).unwrap(), Signal::KILL).unwrap();
    until(|| children().is_empty());
    assert!(instance.step(submit("nothing")).await.is_ok());
    drop(instance);
    until(|| children().is_empty());
}

#[tokio::test]
async fn a_closed_instance_leaves_no_process() {
    let _alone = alone().await;
    let instance = open(&Caged::default(), patient());
    assert_eq!(children().len(), 1);
    drop(instance);
    until(|| children().is_empty());
}

#[tokio::test]
async fn sec_199_a_process_that_hung_is_gone() {
    let _alone = alone().await;
    let limits = Limits {
        deadline: Duration::from_secs(2),
        ..Limits::default()
    };
    let instance = open(&Caged::step(Deed::Spin), limits);
    assert!(instance.step(submit("deed")).await.is_err());
    assert!(children().is_empty());
    drop(instance);
}

/// A signal to the gateway interrupts its wait for the answer. It says nothing about the plugin.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_stopped_and_continued_waits_on() {
    let _alone = alone().await;
    let instance = open(&Caged::default(), patient());
    let [child] = children()[..] else {
        panic!("not one child");
    };
    let child = Pid::from_raw(child).unwrap();
    kill_process(child, Signal::STOP).unwrap();
    let asking = instance.clone();
    let asked = tokio::spawn(async move { asking.step(submit("nothing")).await });
    let script = "kill -STOP $1; kill -CONT $1";
    let own = std::process::id().to_string();
    // The first may come before the question is asked.
    for _ in 0..20 {
        let mut shell = Command::new("/bin/sh");
        let stopped = shell.args(["-c", script, "sh", &own]).status().unwrap();
        assert!(stopped.success());
    }
    kill_process(child, Signal::CONT).unwrap();
    let answer = asked.await.unwrap();
    assert!(answer.is_ok(), "{answer:?}");
    drop(instance);
    until(|| children().is_empty());
}

/// As many as calls at a time, and they are used again.
#[tokio::test]
async fn there_are_as_many_processes_as_calls_at_a_time() {
    let _alone = alone().await;
    let limits = Limits {
        threads: 2,
        ..patient()
    };
    let instance = open(&Caged::default(), limits);
    for _ in 0..5 {
        let calls = [(); 6].map(|()| {
            let instance = instance.clone();
            tokio::spawn(async move { instance.step(submit("nothing")).await })
        });
        for call in calls {
            assert!(call.await.unwrap().is_ok());
        }
    }
    assert!(children().len() <= 2, "{:?}", children());
    drop(instance);
    until(|| children().is_empty());
}
