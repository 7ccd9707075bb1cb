//! A process that ends, hangs or lies costs one call.

use std::time::{Duration, Instant};

use bad_plugins::{Caged, Deed};
use gateway_plugin_host::{CallFailed, Isolation, Limits, StepFailed};
use plugins_sdk::testing;
use serde_json::json;

use super::bench::{Bench, PATIENCE, apart, behave, dare};

/// The call fails as it should, and the next one does not.
async fn costs_one_call(deed: Deed, words: &str) {
    let bench = Bench::new();
    let instance = bench.open(&Caged::step(deed)).unwrap();
    assert_eq!(behave(&instance).await.as_deref(), Ok("good"));
    match dare(&instance).await {
        Err(StepFailed::Call(CallFailed::Died { how })) => {
            assert!(how.contains(words), "{deed:?}: {how}");
        }
        other => panic!("{deed:?}: {other:?}"),
    }
    assert_eq!(behave(&instance).await.as_deref(), Ok("good"), "{deed:?}");
}

#[tokio::test]
async fn sec_138_a_crash_costs_one_call() {
    costs_one_call(Deed::Segfault, "SIGSEGV").await;
}

#[tokio::test]
async fn sec_138_an_abort_costs_one_call() {
    costs_one_call(Deed::Abort, "SIGABRT").await;
}

#[tokio::test]
async fn an_exit_costs_one_call() {
    costs_one_call(Deed::Exit, "ended by itself").await;
}

#[tokio::test]
async fn sec_198_an_answer_out_of_order_is_not_read() {
    costs_one_call(Deed::ForgeAnswer, "out of order").await;
}

#[tokio::test]
async fn sec_199_a_process_that_hangs_is_killed() {
    for deed in [Deed::Spin, Deed::Wait] {
        let bench = Bench::impatient();
        let instance = bench.open(&Caged::step(deed)).unwrap();
        let begun = Instant::now();
        let deadline = bench.limits.deadline;
        match dare(&instance).await {
            Err(StepFailed::Call(CallFailed::DeadlinePassed { .. })) if deed == Deed::Spin => {
                assert!(begun.elapsed() >= deadline);
            }
            // To wait is not among what it may do.
            Err(StepFailed::Call(CallFailed::Died { .. })) if deed == Deed::Wait => {}
            other => panic!("{deed:?}: {other:?}"),
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        assert_eq!(behave(&instance).await.as_deref(), Ok("good"));
    }
}

#[tokio::test]
async fn sec_167_memory_has_a_limit() {
    let mut bench = Bench::new();
    bench.limits.memory_bytes = 64 * 1024 * 1024;
    let instance = bench.open(&Caged::step(Deed::Hog)).unwrap();
    assert_eq!(dare(&instance).await.as_deref(), Ok("good"));
}

#[tokio::test]
async fn sec_138_the_others_go_on_beside_a_crash() {
    let bench = Bench::new();
    let crashing = bench.open(&Caged::step(Deed::Segfault)).unwrap();
    bench.folder.badge("badge").unwrap();
    let badges = json!({ "badges": [{ "number": "1", "pin": "4711", "address": "a@b.example" }] });
    let here = bench
        .load("badge", Isolation::None)
        .open(&testing::open_request(badges.clone()))
        .unwrap();
    let beside = bench
        .load("badge", apart())
        .open(&testing::open_request(badges))
        .unwrap();
    for _ in 0..3 {
        let (crashed, one, other, same) = tokio::join!(
            dare(&crashing),
            here.step(super::bench::submit("x")),
            beside.step(super::bench::submit("x")),
            behave(&crashing),
        );
        assert!(crashed.is_err());
        assert!(one.is_ok() && other.is_ok());
        // Even another call of the same provider at the same time: each has a process of its own.
        assert_eq!(same.as_deref(), Ok("good"));
    }
}

#[tokio::test]
async fn sec_167_restarts_have_a_budget() {
    let mut bench = Bench::new();
    bench.limits = Limits {
        restarts: 3,
        restart_window: Duration::from_secs(3600),
        ..bench.limits
    };
    let instance = bench.open(&Caged::step(Deed::Segfault)).unwrap();
    for _ in 0..3 {
        let failed = dare(&instance).await;
        assert!(
            matches!(failed, Err(StepFailed::Call(CallFailed::Died { .. }))),
            "{failed:?}"
        );
    }
    match behave(&instance).await {
        Err(StepFailed::UsedUp { retry_after }) => {
            assert!(retry_after <= Duration::from_secs(3600));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn after_the_window_another_is_started() {
    let mut bench = Bench::new();
    bench.limits = Limits {
        restarts: 1,
        restart_window: Duration::from_millis(1),
        ..bench.limits
    };
    let instance = bench.open(&Caged::step(Deed::Segfault)).unwrap();
    assert!(dare(&instance).await.is_err());
    let begun = Instant::now();
    loop {
        match behave(&instance).await {
            Ok(detail) => break assert_eq!(detail, "good"),
            Err(StepFailed::UsedUp { .. }) => assert!(begun.elapsed() < PATIENCE),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Crashes are on the budget of restarts: a stranger who finds one must not shut the others out sooner than that.
#[tokio::test]
async fn crashes_do_not_open_the_breaker() {
    let mut bench = Bench::new();
    bench.limits.breaker_faults = 1;
    let instance = bench.open(&Caged::step(Deed::Segfault)).unwrap();
    assert!(dare(&instance).await.is_err());
    assert_eq!(behave(&instance).await.as_deref(), Ok("good"));
}
