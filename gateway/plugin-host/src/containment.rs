//! Runs a plugin's code so that it cannot take the caller's time or thread with it.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::timeout;

use crate::answer::CallFailed;
use crate::spare::Place;

/// Counts the threads that were left behind and have not come back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hung(Arc<AtomicUsize>);

impl Hung {
    /// How many there are now.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Runs `work` on a thread of its own and waits for it, at most `deadline` by the wall clock. For what is called once:
/// the thread costs some ten times what a short call does.
///
/// Nothing can stop a thread from outside: one that misses its deadline is left behind and counted in `hung` until
/// it ends after all.
pub(crate) fn run<T: Send + 'static>(
    deadline: Duration,
    hung: &Hung,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CallFailed> {
    let call = Arc::new(Call {
        progress: Mutex::new(Progress::Running),
        ended: Condvar::new(),
    });
    let (on_thread, counter) = (Arc::clone(&call), hung.clone());
    thread::Builder::new()
        .name("plugin-call".to_owned())
        .spawn(move || on_thread.end(work(), &counter))
        .map_err(|error| CallFailed::NoThread {
            problem: error.to_string(),
        })?;
    call.wait(deadline, hung)
}

/// Why [`run_inline`] gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// It took longer than its deadline, and was left behind.
    LeftBehind,
    /// No thread was free for it in all that time; it was not begun and never will be.
    NotBegun,
    /// The runtime is shutting down.
    ShuttingDown,
}

/// Runs `work` on the runtime's thread and waits for it, at most `deadline`.
///
/// A hand-over to another thread and back costs more than a short call. So the call is made right there: on a thread
/// that the runtime can spare (`spare.rs`), or else after telling the runtime that this thread may not come back, which
/// then lets another one go on with everything else. A call that misses its deadline keeps the thread, is left behind and counted in `hung` until it
/// ends after all; the caller goes on in a task of its own. How many run at a time is the caller's to bound.
///
/// On a runtime of one thread there is none to go on, and `work` is handed over to one as by [`run`].
pub(crate) async fn run_inline<T: Send + 'static>(
    deadline: Duration,
    hung: &Hung,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NotRun> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return run_elsewhere(deadline, hung.clone(), work).await;
    }
    let turn = Arc::new(Turn::default());
    let (theirs, counter) = (Arc::clone(&turn), hung.clone());
    let call = move || {
        if !theirs.begin() {
            return None;
        }
        let outcome = work();
        theirs.end(&counter);
        Some(outcome)
    };
    let mut running = tokio::spawn(async move {
        match Place::take() {
            Some(place) => {
                let outcome = call();
                drop(place);
                outcome
            }
            None => block_in_place(call),
        }
    });
    let ended = match timeout(deadline, &mut running).await {
        Ok(ended) => ended,
        Err(_) => match turn.give_up(hung) {
            GivenUp::Ended => running.await,
            GivenUp::LeftBehind => return Err(NotRun::LeftBehind),
            GivenUp::NotBegun => return Err(NotRun::NotBegun),
        },
    };
    match ended {
        Ok(Some(outcome)) => Ok(outcome),
        Ok(None) => Err(NotRun::NotBegun),
        Err(_) => Err(NotRun::ShuttingDown),
    }
}

async fn run_elsewhere<T: Send + 'static>(
    deadline: Duration,
    hung: Hung,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NotRun> {
    // By the wall clock and on a thread that tokio knows to be busy: a paused clock must not run out the deadline.
    match spawn_blocking(move || run(deadline, &hung, work)).await {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(CallFailed::NoThread { .. })) => Err(NotRun::NotBegun),
        Ok(Err(_)) => Err(NotRun::LeftBehind),
        Err(_) => Err(NotRun::ShuttingDown),
    }
}

/// How far a call is.
#[derive(Debug, Default)]
struct Turn(AtomicU8);

/// What was given up.
enum GivenUp {
    /// Nothing: it has ended.
    Ended,
    LeftBehind,
    NotBegun,
}

const WAITS: u8 = 0;
const RUNS: u8 = 1;
const ENDED: u8 = 2;
const GIVEN_UP: u8 = 3;

impl Turn {
    /// Whether it is still wanted.
    fn begin(&self) -> bool {
        self.becomes(WAITS, RUNS)
    }

    fn end(&self, hung: &Hung) {
        if self.0.swap(ENDED, Ordering::SeqCst) == GIVEN_UP {
            hung.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn give_up(&self, hung: &Hung) -> GivenUp {
        if self.becomes(WAITS, GIVEN_UP) {
            return GivenUp::NotBegun;
        }
        // Counted first: it may end at any moment, and is counted off then.
        hung.0.fetch_add(1, Ordering::SeqCst);
        if self.becomes(RUNS, GIVEN_UP) {
            return GivenUp::LeftBehind;
        }
        hung.0.fetch_sub(1, Ordering::SeqCst);
        GivenUp::Ended
    }

    fn becomes(&self, from: u8, to: u8) -> bool {
        self.0
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }
}

/// What the calling and the called thread share.
struct Call<T> {
    progress: Mutex<Progress<T>>,
    ended: Condvar,
}

enum Progress<T> {
    Running,
    Ended(T),
    LeftBehind,
}

impl<T> Call<T> {
    fn wait(&self, deadline: Duration, hung: &Hung) -> Result<T, CallFailed> {
        let running = |progress: &mut Progress<T>| matches!(progress, Progress::Running);
        let waited = self
            .ended
            .wait_timeout_while(self.progress(), deadline, running);
        let (mut progress, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *progress, Progress::LeftBehind) {
            Progress::Ended(outcome) => Ok(outcome),
            Progress::Running | Progress::LeftBehind => {
                hung.0.fetch_add(1, Ordering::SeqCst);
                Err(CallFailed::DeadlinePassed { deadline })
            }
        }
    }

    fn end(&self, outcome: T, hung: &Hung) {
        let mut progress = self.progress();
        if matches!(*progress, Progress::LeftBehind) {
            hung.0.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        *progress = Progress::Ended(outcome);
        self.ended.notify_one();
    }

    fn progress(&self) -> MutexGuard<'_, Progress<T>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A runtime as the gateway's, with as few threads as it can have.
    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    }

    const DEADLINE: Duration = Duration::from_millis(100);

    #[test]
    fn a_call_answers_on_the_runtimes_own_thread() {
        let runtime = runtime();
        let hung = Hung::default();
        let here = || thread::current().name().map(str::to_owned);
        let ran = runtime.block_on(runtime.spawn(async move {
            let ran = run_inline(Duration::from_secs(60), &hung, here).await;
            (ran, hung.count())
        }));
        let (ran, hung) = ran.unwrap();
        assert!(ran.unwrap().is_some_and(|name| name.starts_with("tokio")));
        assert_eq!(hung, 0);
    }

    /// The only thread of the runtime hangs, and everything else goes on.
    #[test]
    fn sec_199_a_call_that_hangs_takes_no_thread_from_the_runtime() {
        let runtime = runtime();
        let hung = Hung::default();
        let (release, wait) = mpsc::channel::<()>();
        let counter = hung.clone();
        let hangs = runtime.spawn(async move {
            run_inline(DEADLINE, &counter, move || wait.recv().is_ok()).await
        });
        let others = runtime.spawn(async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
                tokio::spawn(async {}).await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        });
        runtime.block_on(others).unwrap();
        assert_eq!(runtime.block_on(hangs).unwrap(), Err(NotRun::LeftBehind));
        assert_eq!(hung.count(), 1);
        release.send(()).unwrap();
        while hung.count() > 0 {
            thread::yield_now();
        }
        runtime.shutdown_background();
    }

    #[test]
    fn who_gives_up_before_a_call_begins_keeps_it_from_beginning() {
        let (turn, hung) = (Turn::default(), Hung::default());
        assert!(matches!(turn.give_up(&hung), GivenUp::NotBegun));
        assert!(!turn.begin());
        assert_eq!(hung.count(), 0);
    }

    #[test]
    fn a_call_that_ends_as_it_is_given_up_has_ended() {
        let (turn, hung) = (Turn::default(), Hung::default());
        assert!(turn.begin());
        turn.end(&hung);
        assert!(matches!(turn.give_up(&hung), GivenUp::Ended));
        assert_eq!(hung.count(), 0);
    }

    #[test]
    fn a_call_that_comes_back_late_is_no_longer_counted() {
        let (hung, (release, wait)) = (Hung::default(), mpsc::channel::<()>());
        let (told, back) = mpsc::channel();
        let late = Late(told);
        let outcome = run(Duration::ZERO, &hung, move || {
            wait.recv().unwrap();
            late
        });
        assert_eq!(
            outcome.err(),
            Some(CallFailed::DeadlinePassed {
                deadline: Duration::ZERO
            })
        );
        assert_eq!(hung.count(), 1);
        release.send(()).unwrap();
        // Its answer is dropped after it has been counted off.
        back.recv().unwrap();
        assert_eq!(hung.count(), 0);
    }

    /// Tells when it is dropped.
    #[derive(Debug)]
    struct Late(mpsc::Sender<()>);

    impl Drop for Late {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
}
