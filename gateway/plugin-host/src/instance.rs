//! An opened provider, stepped with its faults contained.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use plugins_sdk::message::{Description, Input, RejectReason, Step};
use plugins_sdk::rules::{self, NotAccepted};
use plugins_sdk::{limits, versions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tracing::{error, info, warn};

use crate::answer::{self, CallFailed};
use crate::breaker::Breaker;
use crate::containment::{self, Hung, NotRun};
use crate::expectations::Limits;
use crate::library::{RawAnswer, RawInstance};
use crate::process::{NotCalled, Pool};

/// An opened instance of a provider. Cheap to clone; closed when the last clone and the last call are gone.
#[derive(Clone, Debug)]
pub struct Instance {
    shared: Arc<Shared>,
}

/// Why a step gave nothing to act on. The sign-in fails; the provider may serve the next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepFailed {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallFailed),
    /// The answer breaks a rule of the contract. Not counted as a fault: such answers can depend on what a
    /// stranger sent, who must not be able to shut the provider for everybody.
    #[error("the plugin's answer is not permitted: {0}")]
    NotPermitted(NotAccepted),
    /// Too many faults in a row: the plugin is not called for a while.
    #[error("the provider failed too often, it is called again in {retry_after:?}")]
    BreakerOpen {
        /// Time until it is called again.
        retry_after: Duration,
    },
    /// Too many calls hang: the plugin is not called until some of them come back.
    #[error("{hung} calls of the provider hang, it is not called before some come back")]
    Abandoned {
        /// Calls that hang now.
        hung: usize,
    },
    /// Too many of its processes ended: none is started for a while.
    #[error("the provider's processes ended too often, another is started in {retry_after:?}")]
    UsedUp {
        /// Time until another is started.
        retry_after: Duration,
    },
    /// Every thread of the instance was busy for the whole deadline.
    #[error("the provider is busy with other sign-ins")]
    Busy,
    /// The gateway is shutting down.
    #[error("the gateway is shutting down")]
    ShuttingDown,
}

impl StepFailed {
    /// Whether the plugin is at fault, as the breaker counts it. What costs a process is on the budget of restarts
    /// instead, and harms no other call.
    fn is_fault(&self, opened: &Opened) -> bool {
        match self {
            Self::Call(CallFailed::NoThread { .. } | CallFailed::NotStarted { .. }) => false,
            Self::Call(CallFailed::Died { .. } | CallFailed::DeadlinePassed { .. }) => {
                matches!(opened, Opened::Here(_))
            }
            Self::Call(
                CallFailed::Panicked { .. }
                | CallFailed::Malformed { .. }
                | CallFailed::TooLarge { .. },
            ) => true,
            Self::NotPermitted(_)
            | Self::BreakerOpen { .. }
            | Self::Abandoned { .. }
            | Self::UsedUp { .. }
            | Self::Busy
            | Self::ShuttingDown => false,
        }
    }
}

impl From<NotCalled> for StepFailed {
    fn from(not_called: NotCalled) -> Self {
        match not_called {
            NotCalled::Failed(failed) => Self::Call(failed),
            NotCalled::UsedUp { retry_after } => Self::UsedUp { retry_after },
        }
    }
}

/// An instance, here or in processes of its own.
#[derive(Debug)]
pub(crate) enum Opened {
    Here(RawInstance),
    Apart(Pool),
}

impl Opened {
    fn step(&self, question: &[u8], limit: usize) -> Result<RawAnswer, StepFailed> {
        match self {
            Self::Here(instance) => Ok(instance.step(question, limit)),
            Self::Apart(pool) => Ok(pool.step(question)?),
        }
    }

    /// How long a call may keep its thread. One to a process may start the process first; it kills that in time
    /// itself, each time.
    fn patience(&self, deadline: Duration) -> Duration {
        match self {
            Self::Here(_) => deadline,
            Self::Apart(_) => deadline * 4,
        }
    }
}

/// What an instance is made of.
pub(crate) struct Parts {
    pub(crate) id: String,
    pub(crate) opened: Opened,
    /// Minor version of the ABI that the plugin speaks.
    pub(crate) minor: u16,
    pub(crate) fetch_hosts: Vec<String>,
    pub(crate) description: Arc<Description>,
    pub(crate) limits: Limits,
}

impl Instance {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            id,
            opened,
            minor,
            fetch_hosts,
            description,
            limits,
        } = parts;
        let shared = Shared {
            id,
            opened: ClosedElsewhere(Some(Arc::new(opened))),
            minor,
            fetch_hosts,
            description,
            threads: Arc::new(Semaphore::new(limits.threads)),
            hung: Hung::default(),
            abandoned: AtomicBool::new(false),
            breaker: Breaker::new(limits.breaker_faults, limits.breaker_pause),
            limits,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Identifier it was opened with.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Host names (`host` or `host:port`) it fetches from; a step that fetches from another is not permitted.
    #[must_use]
    pub fn fetch_hosts(&self) -> &[String] {
        &self.shared.fetch_hosts
    }

    /// What its plugin says it is.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.shared.description
    }

    /// Answers one event. When the future is dropped, the call still ends within its deadline.
    ///
    /// An event that came after the plugin's version of the contract is answered for it, with
    /// [`RejectReason::UnexpectedEvent`].
    ///
    /// # Errors
    /// Any [`StepFailed`]; nothing was decided, and the attempt's state is the one before.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn step(&self, input: Input) -> Result<Step, StepFailed> {
        let shared = Arc::clone(&self.shared);
        if versions::input(&input, shared.minor).is_none() {
            return Ok(Step::Reject {
                reason: RejectReason::UnexpectedEvent,
                detail: format!("the plugin's ABI has no `{}`", input.event.kind()),
            });
        }
        shared.admit()?;
        let permit = shared.wait_for_thread().await?;
        // Those before it may have failed meanwhile.
        shared.admit()?;
        // In a task of its own: whoever asks may give up, and the call must be supervised all the same.
        let supervised = tokio::spawn(async move { shared.supervise(&input, permit).await });
        supervised.await.unwrap_or(Err(StepFailed::ShuttingDown))
    }
}

/// What clones and running calls share.
#[derive(Debug)]
struct Shared {
    id: String,
    opened: ClosedElsewhere,
    minor: u16,
    fetch_hosts: Vec<String>,
    description: Arc<Description>,
    threads: Arc<Semaphore>,
    hung: Hung,
    /// Operators were told that it is not called, and not yet that it is called again.
    abandoned: AtomicBool,
    breaker: Breaker,
    limits: Limits,
}

impl Shared {
    fn admit(&self) -> Result<(), StepFailed> {
        let hung = self.hung.count();
        if hung >= self.limits.max_hung {
            return Err(StepFailed::Abandoned { hung });
        }
        if self.abandoned.swap(false, Ordering::SeqCst) {
            info!(provider.id = %self.id, provider.hung = hung, "Provider is called again");
        }
        self.breaker
            .admit(Instant::now())
            .map_err(|retry_after| StepFailed::BreakerOpen { retry_after })
    }

    async fn wait_for_thread(&self) -> Result<OwnedSemaphorePermit, StepFailed> {
        match timeout(
            self.limits.deadline,
            Arc::clone(&self.threads).acquire_owned(),
        )
        .await
        {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(StepFailed::Busy),
        }
    }

    async fn supervise(
        &self,
        input: &Input,
        permit: OwnedSemaphorePermit,
    ) -> Result<Step, StepFailed> {
        let Some(opened) = self.opened.0.clone() else {
            return Err(StepFailed::ShuttingDown);
        };
        let outcome = self.call(Arc::clone(&opened), input).await;
        self.record(&outcome, &opened);
        // A thread that hangs has had its turn: it is counted as hung, and its place goes to the next.
        drop(permit);
        outcome
    }

    async fn call(&self, opened: Arc<Opened>, input: &Input) -> Result<Step, StepFailed> {
        let known = versions::input(input, self.minor);
        let question = serde_json::to_vec(known.as_deref().unwrap_or(input)).map_err(|error| {
            CallFailed::Malformed {
                problem: format!("the input cannot be written: {error}"),
            }
        })?;
        let (deadline, limit) = (self.limits.deadline, self.limits.answer_bytes);
        let patience = opened.patience(deadline);
        let work = move || opened.step(&question, limit);
        let raw = match containment::run_inline(patience, &self.hung, work).await {
            Ok(answered) => answered?,
            Err(NotRun::LeftBehind) => return Err(CallFailed::DeadlinePassed { deadline }.into()),
            Err(NotRun::NotBegun) => return Err(StepFailed::Busy),
            Err(NotRun::ShuttingDown) => return Err(StepFailed::ShuttingDown),
        };
        let step = answer::read(&raw, limit)?;
        versions::check_step(&step, self.minor).map_err(not_accepted)?;
        rules::accept_step(step, &input.event, &self.description, &self.fetch_hosts)
            .map_err(not_accepted)
    }

    fn record(&self, outcome: &Result<Step, StepFailed>, opened: &Opened) {
        let failed = outcome.as_ref().err();
        if let Some(failed) = failed {
            warn!(provider.id = %self.id, error = %failed, "Provider gave no usable answer");
        }
        if self.breaker.record(
            failed.is_some_and(|failed| failed.is_fault(opened)),
            Instant::now(),
        ) {
            warn!(provider.id = %self.id, pause = ?self.limits.breaker_pause, "Provider is not called for a while");
        }
        let hung = self.hung.count();
        if hung >= self.limits.max_hung && !self.abandoned.swap(true, Ordering::SeqCst) {
            error!(provider.id = %self.id, provider.hung = hung, "Provider is not called before some calls come back");
        }
    }
}

fn not_accepted(rule: NotAccepted) -> StepFailed {
    match rule {
        NotAccepted::StateTooLarge { .. } => CallFailed::TooLarge {
            what: "state",
            limit: limits::STATE_BYTES,
        }
        .into(),
        other => StepFailed::NotPermitted(other),
    }
}

/// Closes the instance on a thread of its own: `close` is the plugin's code and may hang, and processes take a moment
/// to end.
#[derive(Debug)]
struct ClosedElsewhere(Option<Arc<Opened>>);

impl Drop for ClosedElsewhere {
    fn drop(&mut self) {
        let opened = self.0.take();
        // Without a thread to close it on, `opened` is dropped, and closed, here.
        let _closing = thread::Builder::new()
            .name("plugin-close".to_owned())
            .spawn(move || drop(opened));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use bad_plugins::Bad;

    use super::*;
    use crate::tests::{Bench, request, start};

    /// Calls that come back are no reason to keep everybody out until a restart.
    #[tokio::test]
    async fn a_provider_whose_calls_come_back_is_called_again() {
        let mut bench = Bench::new();
        bench.limits.max_hung = 1;
        bench.compile(&Bad::default());
        let instance = bench.load("bad").unwrap().open(&request()).unwrap();
        let (release, wait) = mpsc::channel::<()>();
        let hung = &instance.shared.hung;
        let outcome = containment::run(Duration::ZERO, hung, move || wait.recv().is_ok());
        assert!(outcome.is_err());
        assert_eq!(
            instance.step(start()).await,
            Err(StepFailed::Abandoned { hung: 1 })
        );
        release.send(()).unwrap();
        while hung.count() > 0 {
            thread::yield_now();
        }
        assert!(instance.step(start()).await.is_ok());
    }
}
