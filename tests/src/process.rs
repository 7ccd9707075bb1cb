//! Programs that run beside a test and end with it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::Outcome;

/// Longest time that anything may take to start or to stop.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Time between two looks at something that is waited for.
const GLANCE: Duration = Duration::from_millis(15);

/// A program that runs; it is killed when this is dropped.
pub struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

/// What the kernel says of a process's memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident now.
    pub resident: u64,
    /// Resident at most, so far.
    pub peak: u64,
}

impl Running {
    /// Starts `command` with everything it prints going to `log`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Outcome<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(|why| format!("`{name}` could not be started: {why}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        })
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// If the program ends first or [`PATIENCE`] does; the message has the end of its log.
    pub async fn until(&mut self, mut ready: impl AsyncFnMut() -> bool) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        // Whoever is asked whether it is ready may take the question and never answer.
        while !timeout(PATIENCE, ready()).await.unwrap_or(false) {
            if let Some(status) = self.child.try_wait()? {
                return Err(
                    format!("`{}` ended ({status}):\n{}", self.name, self.log_end()).into(),
                );
            }
            if Instant::now() > deadline {
                return Err(format!("`{}` is not ready:\n{}", self.name, self.log_end()).into());
            }
            sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// If it does not stop within [`PATIENCE`].
    pub async fn stop(&mut self) -> Outcome<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.ended().await
    }

    /// Takes it away (SIGKILL), as a power cut would.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub async fn kill(&mut self) -> Outcome {
        Ok(self.child.kill().await?)
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> Outcome {
        Ok(kill_process(self.pid()?, signal)?)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// If that takes longer than [`PATIENCE`].
    pub async fn ended(&mut self) -> Outcome<ExitStatus> {
        let waited = timeout(PATIENCE, self.child.wait()).await;
        let ended = waited.map_err(|_| format!("`{}` does not stop", self.name))?;
        Ok(ended?)
    }

    /// Waits, however long that takes, until it ends; says how, with the end of its log.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn ends_early(&mut self) -> Outcome<String> {
        let status = self.child.wait().await?;
        Ok(format!(
            "`{}` ended ({status}):\n{}",
            self.name,
            self.log_end()
        ))
    }

    /// Its memory.
    ///
    /// # Errors
    /// If it has ended.
    pub fn memory(&self) -> Outcome<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?.as_raw_nonzero()))?;
        let bytes = |field: &str| -> Outcome<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(field));
            let kilobytes = line.and_then(|line| line.split_whitespace().next());
            Ok(kilobytes.ok_or("the kernel does not say")?.parse::<u64>()? * 1024)
        };
        Ok(Memory {
            resident: bytes("VmRSS:")?,
            peak: bytes("VmHWM:")?,
        })
    }

    /// The CPU time that its threads have used so far, in user and kernel mode together.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu_time(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()?.as_raw_nonzero()))?;
        // The name in parentheses may hold anything; `utime` and `stime` are the 12th and 13th field behind it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: Result<Vec<u64>, _> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse)
            .collect();
        let ticks: u64 = ticks?.iter().sum();
        let per_second = rustix::param::clock_ticks_per_second().max(1);
        Ok(Duration::from_millis(ticks * 1000 / per_second))
    }

    /// Everything it has printed.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process id.
    ///
    /// # Errors
    /// If it has ended.
    pub fn pid(&self) -> Outcome<Pid> {
        let raw = self.child.id().and_then(|id| i32::try_from(id).ok());
        raw.and_then(Pid::from_raw)
            .ok_or_else(|| format!("`{}` has ended", self.name).into())
    }

    fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(30))
            .copied()
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Looks again and again until `look` sees something.
///
/// # Errors
/// If it has seen nothing when [`PATIENCE`] ends; `what` says what was looked for.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> Outcome<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return Ok(seen);
        }
        if Instant::now() > deadline {
            return Err(format!("waited in vain for {what}").into());
        }
        sleep(GLANCE).await;
    }
}
