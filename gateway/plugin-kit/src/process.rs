//! The kit's end of a child process.

use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::child;
use crate::watch::{self, Observed};
use crate::wire::{Reply, Request};

/// How a child process is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: Vec<String>,
    pub(crate) file: PathBuf,
    pub(crate) sha256: String,
    pub(crate) trust_root: Option<PathBuf>,
    /// Time for one answer.
    pub(crate) patience: Duration,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("the process ended: {0}")]
    Ended(String),
    #[error("no answer within {0:?}")]
    TooLate(Duration),
    #[error("the library is not loaded: {0}")]
    NotLoaded(String),
    #[error("no process to run it in: {0}")]
    NotStarted(String),
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    to: Option<ChildStdin>,
    replies: Receiver<io::Result<Reply>>,
    patience: Duration,
    life: Life,
    observed: Option<Observed>,
}

/// Who waits for it to end.
#[derive(Debug)]
enum Life {
    Plain(Child),
    Watched(JoinHandle<Observed>),
    Over,
}

/// What a started child is talked to through.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) pid: Pid,
    pub(crate) to: ChildStdin,
    pub(crate) from: ChildStdout,
}

impl Launch {
    /// Starts a process that loads the library.
    pub(crate) fn start(&self) -> Result<Process, Broken> {
        let mut child = self
            .command(child::PLAIN)?
            .spawn()
            .map_err(|why| not_started(&why))?;
        let pipes = take_pipes(&mut child).ok_or_else(|| not_started("it has no pipes"))?;
        self.greet(pipes, Life::Plain(child))
    }

    /// Starts one whose every system call is seen.
    pub(crate) fn start_watched(&self) -> Result<Process, Broken> {
        let command = self.command(child::WATCHED)?;
        let (tell, started) = mpsc::channel();
        let watching = thread::spawn(move || watch::run(command, &tell));
        let pipes = started
            .recv()
            .map_err(|why| not_started(&why))?
            .map_err(Broken::NotStarted)?;
        self.greet(pipes, Life::Watched(watching))
    }

    fn command(&self, mode: &str) -> Result<Command, Broken> {
        let (program, prefix) = self
            .program
            .split_first()
            .ok_or_else(|| not_started("no program is named"))?;
        let mut command = Command::new(program);
        command
            .args(prefix)
            .arg(mode)
            .arg(&self.file)
            .arg(&self.sha256)
            .arg(self.trust_root.as_deref().unwrap_or("".as_ref()))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        Ok(command)
    }

    fn greet(&self, pipes: Pipes, life: Life) -> Result<Process, Broken> {
        let Pipes { pid, to, mut from } = pipes;
        let (tell, replies) = mpsc::channel();
        thread::spawn(move || {
            loop {
                let reply = Reply::read(&mut from);
                let over = reply.is_err();
                if tell.send(reply).is_err() || over {
                    return;
                }
            }
        });
        let mut process = Process {
            pid,
            to: Some(to),
            replies,
            patience: self.patience,
            life,
            observed: None,
        };
        // Loading is not a call: constructors and relocation have their own time.
        let hello = process.wait(Duration::from_secs(60))?;
        if hello.answer.status == child::NOT_LOADED {
            let problem = String::from_utf8_lossy(&hello.answer.bytes).into_owned();
            return Err(Broken::NotLoaded(problem));
        }
        Ok(process)
    }
}

impl Process {
    /// Asks, and waits for the answer as long as the launch says.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply, Broken> {
        self.ask_patiently(request, self.patience)
    }

    /// Asks, and waits for the answer at most `patience`.
    pub(crate) fn ask_patiently(
        &mut self,
        request: &Request,
        patience: Duration,
    ) -> Result<Reply, Broken> {
        if let Some(to) = &mut self.to {
            // A broken pipe is told better by how the process ended.
            let _written = request.write(to);
        }
        self.wait(patience)
    }

    fn wait(&mut self, patience: Duration) -> Result<Reply, Broken> {
        match self.replies.recv_timeout(patience) {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Broken::Ended(self.end().0)),
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                Err(Broken::TooLate(patience))
            }
        }
    }

    /// Anonymous memory that is resident, in bytes: what the allocator has got from the system.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))?;
        let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Closes its input and waits for its end; how it ended where that was not well.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        let (how, well) = self.end();
        if well { Ok(()) } else { Err(how) }
    }

    /// Closes the input of a watched one; what was seen.
    pub(crate) fn finish_watched(mut self) -> Observed {
        self.end();
        self.observed.take().unwrap_or_default()
    }

    fn end(&mut self) -> (String, bool) {
        self.to = None;
        match std::mem::replace(&mut self.life, Life::Over) {
            Life::Plain(mut child) => match child.wait() {
                Ok(status) => (status.to_string(), status.success()),
                Err(error) => (error.to_string(), false),
            },
            Life::Watched(watching) => match watching.join() {
                Ok(observed) => {
                    let told = (observed.end.clone(), observed.well);
                    self.observed = Some(observed);
                    told
                }
                Err(_) => ("it was not watched to its end".to_owned(), false),
            },
            Life::Over => ("it has ended before".to_owned(), false),
        }
    }

    fn kill(&mut self) {
        if !matches!(self.life, Life::Over) {
            // It may have ended meanwhile.
            let _sent = kill(self.pid, Signal::SIGKILL);
            self.end();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The pipes of a child that was started with them.
pub(crate) fn take_pipes(child: &mut Child) -> Option<Pipes> {
    Some(Pipes {
        pid: Pid::from_raw(i32::try_from(child.id()).ok()?),
        to: child.stdin.take()?,
        from: child.stdout.take()?,
    })
}

fn not_started(why: &(impl ToString + ?Sized)) -> Broken {
    Broken::NotStarted(why.to_string())
}
