//! Every fault of a loaded plugin is contained.

use std::time::Duration;

use bad_plugins::{Bad, Behaviour};
use plugins_sdk::limits;
use plugins_sdk::message::{RejectReason, Step};
use plugins_sdk::rules::NotAccepted;
use plugins_sdk::testing;
use serde_json::json;

use super::{Bench, request, start};
use crate::{CallFailed, Instance, Limits, OpenFailed, StepFailed};

fn open(bench: &Bench, bad: &Bad) -> Instance {
    bench.compile(bad);
    bench.load("bad").unwrap().open(&request()).unwrap()
}

/// One step of a plugin whose `step` misbehaves.
async fn step(behaviour: Behaviour) -> StepFailed {
    open(&Bench::new(), &Bad::step(behaviour))
        .step(start())
        .await
        .unwrap_err()
}

fn malformed(problem: &str) -> StepFailed {
    CallFailed::Malformed {
        problem: problem.to_owned(),
    }
    .into()
}

#[tokio::test]
async fn the_control_answers() {
    let answer = open(&Bench::new(), &Bad::default()).step(start()).await;
    assert_eq!(
        answer,
        Ok(Step::Reject {
            reason: RejectReason::Cancelled,
            detail: "good".to_owned()
        })
    );
}

#[tokio::test]
async fn garbage_is_malformed() {
    for behaviour in [
        Behaviour::Garbage,
        Behaviour::Nothing,
        Behaviour::OtherShape,
        Behaviour::Deep,
    ] {
        let failed = step(behaviour).await;
        assert!(
            matches!(failed, StepFailed::Call(CallFailed::Malformed { .. })),
            "{behaviour:?}: {failed:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_status_is_malformed() {
    assert_eq!(
        step(Behaviour::UnknownStatus).await,
        malformed("status 77, which does not exist")
    );
}

#[tokio::test]
async fn an_oversized_answer_is_cut_off() {
    for behaviour in [Behaviour::Oversized, Behaviour::Impossible] {
        let limit = limits::ANSWER_BYTES;
        assert_eq!(
            step(behaviour).await,
            CallFailed::TooLarge {
                what: "answer",
                limit
            }
            .into(),
            "{behaviour:?}"
        );
    }
}

#[tokio::test]
async fn an_oversized_state_is_refused() {
    let limit = limits::STATE_BYTES;
    assert_eq!(
        step(Behaviour::OversizedState).await,
        CallFailed::TooLarge {
            what: "state",
            limit
        }
        .into()
    );
}

#[tokio::test]
async fn a_step_must_be_declared_and_in_range() {
    let failed = step(Behaviour::Undeclared).await;
    assert!(
        matches!(
            failed,
            StepFailed::NotPermitted(NotAccepted::CapabilityNotDeclared(_))
        ),
        "{failed:?}"
    );
    let failed = step(Behaviour::BadValue).await;
    assert!(
        matches!(
            failed,
            StepFailed::NotPermitted(NotAccepted::OutOfRange { .. })
        ),
        "{failed:?}"
    );
}

#[tokio::test]
async fn sec_199_a_hang_meets_its_deadline() {
    let bench = Bench::impatient();
    let failed = open(&bench, &Bad::step(Behaviour::Hang))
        .step(start())
        .await;
    assert_eq!(
        failed,
        Err(CallFailed::DeadlinePassed {
            deadline: bench.limits.deadline
        }
        .into())
    );
}

#[tokio::test]
async fn sec_199_faults_in_a_row_open_the_breaker() {
    let instance = open(&Bench::new(), &Bad::step(Behaviour::SaysPanic));
    for _ in 0..3 {
        let message = "said panic, on purpose".to_owned();
        assert_eq!(
            instance.step(start()).await,
            Err(CallFailed::Panicked { message }.into())
        );
    }
    let failed = instance.step(start()).await;
    assert!(
        matches!(failed, Err(StepFailed::BreakerOpen { retry_after }) if retry_after <= Duration::from_secs(30))
    );
}

/// A stranger can cause such answers, and must not shut out the others.
#[tokio::test]
async fn answers_against_the_rules_do_not_open_the_breaker() {
    let instance = open(&Bench::new(), &Bad::step(Behaviour::BadValue));
    for _ in 0..5 {
        assert!(matches!(
            instance.step(start()).await,
            Err(StepFailed::NotPermitted(_))
        ));
    }
}

#[tokio::test]
async fn sec_199_a_provider_with_too_many_hanging_calls_is_not_called_again() {
    let mut bench = Bench::impatient();
    bench.limits = Limits {
        max_hung: 2,
        breaker_faults: 100,
        ..bench.limits
    };
    let instance = open(&bench, &Bad::step(Behaviour::Hang));
    for _ in 0..2 {
        assert!(matches!(
            instance.step(start()).await,
            Err(StepFailed::Call(CallFailed::DeadlinePassed { .. }))
        ));
    }
    assert_eq!(
        instance.step(start()).await,
        Err(StepFailed::Abandoned { hung: 2 })
    );
}

/// The one thread is taken by a call that hangs; it is left behind, and the next gets its place.
#[tokio::test]
async fn a_hanging_call_does_not_keep_its_place() {
    let mut bench = Bench::impatient();
    bench.limits = Limits {
        threads: 1,
        breaker_faults: 100,
        ..bench.limits
    };
    let instance = open(&bench, &Bad::step(Behaviour::Hang));
    for _ in 0..2 {
        assert!(matches!(
            instance.step(start()).await,
            Err(StepFailed::Call(CallFailed::DeadlinePassed { .. }))
        ));
    }
}

#[tokio::test]
async fn calls_beyond_the_threads_wait_and_then_give_up() {
    let mut bench = Bench::impatient();
    bench.limits = Limits {
        threads: 1,
        ..bench.limits
    };
    let instance = open(&bench, &Bad::step(Behaviour::Hang));
    let (one, two, three) = tokio::join!(
        instance.step(start()),
        instance.step(start()),
        instance.step(start())
    );
    let outcomes = [one, two, three];
    let busy = outcomes
        .iter()
        .filter(|outcome| **outcome == Err(StepFailed::Busy))
        .count();
    assert!(busy >= 1, "{outcomes:?}");
}

/// The call goes on when nobody waits for it any more, and its fault still counts.
#[tokio::test]
async fn a_dropped_step_is_still_supervised() {
    let mut bench = Bench::impatient();
    bench.limits = Limits {
        max_hung: 1,
        threads: 1,
        ..bench.limits
    };
    let instance = open(&bench, &Bad::step(Behaviour::Hang));
    let mut dropped = Box::pin(instance.step(start()));
    assert!(
        futures_poll_once(&mut dropped).await,
        "it should wait for the plugin"
    );
    drop(dropped);
    // Were it not given up, its place, the only one, would stay taken, and all the others would find it busy.
    for _ in 0..20 {
        match instance.step(start()).await {
            Err(StepFailed::Busy) => {}
            other => return assert_eq!(other, Err(StepFailed::Abandoned { hung: 1 })),
        }
    }
    panic!("the dropped call is not supervised");
}

/// Whether the future is pending after one poll.
async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
    })
    .await
}

#[test]
fn open_is_contained() {
    let check = |behaviour, wanted: fn(&OpenFailed) -> bool| {
        let bench = Bench::impatient();
        bench.compile(&Bad {
            open: Some(behaviour),
            ..Bad::default()
        });
        let failed = bench.load("bad").unwrap().open(&request()).unwrap_err();
        assert!(wanted(&failed), "{behaviour:?}: {failed:?}");
    };
    check(Behaviour::Hang, |failed| {
        matches!(failed, OpenFailed::Call(CallFailed::DeadlinePassed { .. }))
    });
    check(Behaviour::Garbage, |failed| {
        matches!(failed, OpenFailed::Call(CallFailed::Malformed { .. }))
    });
    check(Behaviour::Oversized, |failed| {
        matches!(failed, OpenFailed::Call(CallFailed::TooLarge { .. }))
    });
    check(Behaviour::SaysPanic, |failed| {
        matches!(failed, OpenFailed::Call(CallFailed::Panicked { .. }))
    });
    check(Behaviour::NoInstance, |failed| {
        matches!(failed, OpenFailed::Call(CallFailed::Malformed { .. }))
    });
}

#[test]
fn an_instance_fetches_only_if_its_plugin_may() {
    let bench = Bench::new();
    bench.compile(&Bad {
        open: Some(Behaviour::BadValue),
        ..Bad::default()
    });
    let failed = bench.load("bad").unwrap().open(&request()).unwrap_err();
    assert!(
        matches!(
            failed,
            OpenFailed::NotAccepted(NotAccepted::CapabilityNotDeclared(_))
        ),
        "{failed:?}"
    );
}

#[test]
fn a_close_that_hangs_holds_nobody_up() {
    let bench = Bench::new();
    drop(open(
        &bench,
        &Bad {
            close: Some(Behaviour::Hang),
            ..Bad::default()
        },
    ));
}

fn open_panicking(bench: &Bench, panics_in: &str) -> Result<Instance, OpenFailed> {
    bench.folder.panicking("panics").unwrap();
    bench
        .load("panics")
        .unwrap()
        .open(&testing::open_request(json!({ "panics_in": panics_in })))
}

#[tokio::test]
async fn sec_199_a_panic_is_caught_and_told_with_its_place() {
    let instance = open_panicking(&Bench::new(), "step").unwrap();
    match instance.step(start()).await {
        Err(StepFailed::Call(CallFailed::Panicked { message })) => {
            assert!(
                message.starts_with("panicked in step at 1800000000, on purpose ("),
                "{message}"
            );
            assert!(message.contains("panics/src/lib.rs:"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn sec_199_a_panic_within_a_panic_is_caught() {
    let instance = open_panicking(&Bench::new(), "step-again").unwrap();
    assert!(matches!(
        instance.step(start()).await,
        Err(StepFailed::Call(CallFailed::Panicked { .. }))
    ));
}

#[test]
fn sec_199_a_panic_in_open_is_caught() {
    let failed = open_panicking(&Bench::new(), "open").unwrap_err();
    assert!(
        matches!(failed, OpenFailed::Call(CallFailed::Panicked { .. })),
        "{failed:?}"
    );
}

#[tokio::test]
async fn sec_199_a_panic_in_close_is_caught() {
    let bench = Bench::new();
    drop(open_panicking(&bench, "close").unwrap());
    // The process lives, and so does the library.
    let answer = open_panicking(&bench, "nowhere")
        .unwrap()
        .step(start())
        .await;
    assert!(matches!(answer, Ok(Step::Reject { .. })), "{answer:?}");
}

#[tokio::test]
async fn the_others_go_on_beside_a_faulty_one() {
    let bench = Bench::new();
    let (faulty, good) = (
        open_panicking(&bench, "step").unwrap(),
        open_panicking(&bench, "nowhere").unwrap(),
    );
    for _ in 0..4 {
        assert!(faulty.step(start()).await.is_err());
        assert!(good.step(start()).await.is_ok());
    }
}

/// As in the gateway, whose runtime has several threads: the calls are made on them.
#[test]
fn sec_199_a_hang_holds_up_nobody_else_of_the_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let bench = Bench::impatient();
    let hanging = open(&bench, &Bad::step(Behaviour::Hang));
    let good = open_panicking(&Bench::new(), "nowhere").unwrap();
    let deadline = bench.limits.deadline;
    let outcomes = runtime.block_on(async {
        let hangs = tokio::spawn(async move { hanging.step(start()).await });
        let mut answered = 0;
        while !hangs.is_finished() {
            let good = good.clone();
            let step = tokio::spawn(async move { good.step(start()).await });
            step.await.unwrap().unwrap();
            answered += 1;
        }
        (hangs.await.unwrap(), answered)
    });
    let (failed, answered) = outcomes;
    assert_eq!(failed, Err(CallFailed::DeadlinePassed { deadline }.into()));
    assert!(answered > 10, "{answered}");
    runtime.shutdown_background();
}
