//! The processes of one instance: as many as calls at a time, and no more of them anew than the budget allows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugins_sdk::message::OpenAnswer;
use tracing::{info, warn};

use super::{Process, Program};
use crate::answer::{self, CallFailed};
use crate::expectations::Limits;
use crate::frame::Kind;
use crate::library::RawAnswer;

/// An instance, opened in processes of its own.
#[derive(Debug)]
pub(crate) struct Pool {
    id: String,
    program: Arc<Program>,
    /// The `OpenRequest` that every process is opened with.
    request: Vec<u8>,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Process>,
    /// When processes ended, oldest first.
    ended: VecDeque<Instant>,
}

/// Why a call in a process of its own gave nothing.
#[derive(Debug)]
pub(crate) enum NotCalled {
    Failed(CallFailed),
    /// The budget of restarts is used up.
    UsedUp {
        retry_after: Duration,
    },
}

impl Pool {
    /// Starts the first process and opens the instance in it. Also answers what the plugin said, and whether it gave
    /// an instance.
    pub(crate) fn open(
        id: String,
        program: Arc<Program>,
        request: Vec<u8>,
        limits: Limits,
    ) -> Result<(Self, RawAnswer, bool), CallFailed> {
        let mut process = Process::start(&program, &limits)?;
        let (raw, opened) = process.call(Kind::Open, &request, &limits)?;
        let pool = Self {
            id,
            program,
            request,
            limits,
            state: Mutex::default(),
        };
        if opened {
            pool.state().idle.push(process);
        }
        Ok((pool, raw, opened))
    }

    /// Blocks, at most thrice [`Limits::deadline`]: a process may have to be started and opened first.
    pub(crate) fn step(&self, input: &[u8]) -> Result<RawAnswer, NotCalled> {
        let mut process = self.take()?;
        match process.call(Kind::Step, input, &self.limits) {
            Ok((raw, _)) => {
                self.state().idle.push(process);
                Ok(raw)
            }
            Err(failed) => {
                self.state().ended.push_back(Instant::now());
                Err(NotCalled::Failed(failed))
            }
        }
    }

    fn take(&self) -> Result<Process, NotCalled> {
        loop {
            let idle = self.state().idle.pop();
            let Some(mut process) = idle else {
                return self.start();
            };
            if process.is_alive() {
                return Ok(process);
            }
            warn!(provider.id = %self.id, problem = %process.end(), "Idle process of a provider ended");
            self.state().ended.push_back(Instant::now());
        }
    }

    fn start(&self) -> Result<Process, NotCalled> {
        self.admit(Instant::now())
            .map_err(|retry_after| NotCalled::UsedUp { retry_after })?;
        let started = self.try_start();
        match &started {
            Ok(_) => info!(provider.id = %self.id, "Process of a provider started"),
            Err(_) => self.state().ended.push_back(Instant::now()),
        }
        started.map_err(NotCalled::Failed)
    }

    fn try_start(&self) -> Result<Process, CallFailed> {
        let mut process = Process::start(&self.program, &self.limits)?;
        let (raw, opened) = process.call(Kind::Open, &self.request, &self.limits)?;
        match answer::read::<OpenAnswer>(&raw, self.limits.answer_bytes)? {
            OpenAnswer::Opened { .. } if opened => Ok(process),
            OpenAnswer::Opened { .. } | OpenAnswer::Refused { .. } => Err(CallFailed::Malformed {
                problem: "it does not open again with the settings it opened with".to_owned(),
            }),
        }
    }

    /// Whether another process may be started at `now`; if not, how long it stays that way.
    fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state();
        let (window, most) = (self.limits.restart_window, self.limits.restarts);
        while state
            .ended
            .front()
            .is_some_and(|at| now.saturating_duration_since(*at) >= window)
        {
            state.ended.pop_front();
        }
        let surplus = state.ended.len().checked_sub(most);
        match surplus.and_then(|index| state.ended.get(index)) {
            Some(at) => Err(window.saturating_sub(now.saturating_duration_since(*at))),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
