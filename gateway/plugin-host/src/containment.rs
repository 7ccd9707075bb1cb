//! Runs a plugin's code so that it cannot take the caller's time or thread with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::answer::CallFailed;

/// Counts the threads that were left behind and have not come back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hung(Arc<AtomicUsize>);

impl Hung {
    /// How many there are now.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Runs `work` on a thread of its own and waits for it, at most `deadline` by the wall clock.
///
/// Nothing can stop a thread from outside: one that misses its deadline is left behind and counted in `hung` until
/// it ends after all. A thread for each call and not a pool, because a thread that hangs would have to be replaced
/// anyway, and a sign-in takes a handful of calls; how many run at a time is the caller's to bound.
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
