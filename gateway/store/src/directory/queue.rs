//! Where changes wait for their turn: each is answered when it is on disk and known here, or when it waited too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::writer::{Answer, Asked, Turn, begin, commit};
use crate::StoreError;

/// So many are committed together at most: who came first does not wait for too many others.
const TOGETHER: usize = 64;

/// So many wait at most; whoever comes then waits before the queue.
const WAITING: usize = 1024;

/// So long after it was asked for a change is begun at the latest where a server commits it, and whoever is told later that it
/// was not made is told the truth. Longer than the server waits for a lock.
const BEGUN_WITHIN: Duration = Duration::from_secs(6);

/// What is begun has at least so long.
const AT_LEAST: Duration = Duration::from_secs(1);

/// So long after it was asked for a change is answered, whatever became of it: it was begun, committed, and heard of.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// One that asks.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) asked: Asked,
    answer: oneshot::Sender<Result<Answer, StoreError>>,
    /// Not begun afterwards. None where no server is asked: a file is written by this process itself.
    until: Option<Instant>,
}

/// Where to ask.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    of_server: bool,
}

impl Queue {
    /// Begins to write for `shared`; ends when no queue is left.
    pub(super) fn start(shared: &Arc<Shared>) -> Self {
        let (jobs, receiver) = mpsc::channel(WAITING);
        tokio::spawn(run(Arc::clone(shared), receiver));
        Self {
            jobs,
            of_server: shared.store.is_server(),
        }
    }

    /// Asks, and waits for the answer. What is begun is done, also when whoever asks goes away meanwhile.
    pub(super) async fn ask(&self, asked: Asked) -> Result<Answer, StoreError> {
        if !self.of_server {
            return self.hand_over(asked, None).await;
        }
        let now = Instant::now();
        let answered = self.hand_over(asked, Some(now + BEGUN_WITHIN));
        timeout_at(now + ANSWERED_WITHIN, answered)
            .await
            .unwrap_or(Err(StoreError::Interrupted))
    }

    async fn hand_over(&self, asked: Asked, until: Option<Instant>) -> Result<Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            asked,
            answer,
            until,
        };
        self.jobs
            .send(job)
            .await
            .map_err(|_| StoreError::Interrupted)?;
        answered.await.map_err(|_| StoreError::Interrupted)?
    }
}

async fn run(shared: Arc<Shared>, mut receiver: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    while receiver.recv_many(&mut jobs, TOGETHER).await > 0 {
        let _turn = shared.writing.lock().await;
        let now = Instant::now();
        let is_late = |job: &mut Job| job.until.is_some_and(|until| until <= now);
        for late in jobs.extract_if(.., is_late) {
            let _ = late.answer.send(Err(StoreError::silent()));
        }
        if jobs.is_empty() {
            continue;
        }
        let until = jobs.iter().filter_map(|job| job.until).min();
        let until = until.map(|until| until.max(now + AT_LEAST));
        let turn = in_time(until, begin(&shared)).await;
        // Whoever came while the turn was waited for goes along.
        while jobs.len() < TOGETHER
            && let Ok(job) = receiver.try_recv()
        {
            jobs.push(job);
        }
        let answers = match turn.unwrap_or_else(|| Err(StoreError::silent())) {
            Ok(turn) => commit_in_time(&shared, turn, &jobs, until).await,
            Err(error) => all(&jobs, &error),
        };
        for (job, answer) in jobs.drain(..).zip(answers) {
            // Who went away does not hear it.
            let _ = job.answer.send(answer);
        }
    }
}

/// What `work` comes to, where it does before `until`.
async fn in_time<T>(until: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match until {
        None => Some(work.await),
        Some(until) => timeout_at(until, work).await.ok(),
    }
}

/// One answer for each, and what was committed is known here.
async fn commit_in_time(
    shared: &Shared,
    turn: Turn,
    jobs: &[Job],
    until: Option<Instant>,
) -> Vec<Result<Answer, StoreError>> {
    let committing = AtomicBool::new(false);
    let answers = in_time(until, commit(shared, turn, jobs, &committing)).await;
    // Also where nothing is known to have been committed: it may have been.
    match (answers, committing.load(Ordering::SeqCst)) {
        (Some(answers), true) => {
            shared.following.committed().await;
            answers
        }
        (Some(answers), false) => answers,
        // Whoever hangs is not asked.
        (None, true) => {
            shared.following.doubt();
            all(jobs, &StoreError::Interrupted)
        }
        // What was not to be committed yet never will be.
        (None, false) => all(jobs, &StoreError::silent()),
    }
}

fn all(jobs: &[Job], error: &StoreError) -> Vec<Result<Answer, StoreError>> {
    jobs.iter().map(|_| Err(error.clone())).collect()
}

#[cfg(test)]
mod tests;
