//! A plugin in a process of its own, seen from the gateway.
//!
//! The process runs `vestibule-plugin-runner`. It is given the library as the sealed memory file of the bytes that
//! were hashed, one end of a socket pair, and nothing else: no environment, no other descriptor. It works on one call
//! at a time, so that whatever becomes of it is the fault of that call alone. A process that misses a deadline or
//! answers out of order is killed; none is reused after a failure.

mod ended;
mod pool;
mod spawner;

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plugins_sdk::abi::TableHeader;

use crate::answer::{CallFailed, printable};
use crate::expectations::Limits;
use crate::frame::{self, ANSWER_HEAD, Answer, Begin, Kind, LONGEST_QUESTION};
use crate::library::RawAnswer;

pub(crate) use pool::{NotCalled, Pool};

/// What a process is started with.
#[derive(Debug)]
pub(crate) struct Program {
    /// The program that loads the library.
    pub(crate) runner: PathBuf,
    /// The sealed memory file.
    pub(crate) library: OwnedFd,
    /// What was read from the file and found good.
    pub(crate) header: TableHeader,
}

/// A process with the library loaded. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    socket: UnixStream,
    /// How long the socket waits.
    timeout: Option<Duration>,
}

impl Process {
    /// Starts a process and lets it load the library.
    pub(crate) fn start(program: &Program, limits: &Limits) -> Result<Self, CallFailed> {
        let not_started = |error: io::Error| CallFailed::NotStarted {
            problem: format!("{}: {error}", program.runner.display()),
        };
        let (socket, theirs) = UnixStream::pair().map_err(not_started)?;
        let library = program.library.try_clone().map_err(not_started)?;
        socket
            .set_write_timeout(Some(limits.deadline))
            .map_err(not_started)?;
        let command = command(&program.runner, theirs.into(), library);
        let child = spawner::spawn(command).map_err(not_started)?;
        let mut process = Self {
            child,
            socket,
            timeout: None,
        };
        let begin = Begin {
            header: program.header,
            answer_bytes: u64::try_from(limits.answer_bytes).unwrap_or(u64::MAX),
            memory_bytes: limits.memory_bytes,
        };
        match process.call(Kind::Begin, &begin.write(), limits)? {
            (_, false) => Ok(process),
            (_, true) => Err(process.out_of_order()),
        }
    }

    /// Asks, and waits for the answer at most [`Limits::deadline`]. After an error the process is of no use any more.
    ///
    /// Answers what the plugin wrote, and whether it opened an instance.
    pub(crate) fn call(
        &mut self,
        kind: Kind,
        question: &[u8],
        limits: &Limits,
    ) -> Result<(RawAnswer, bool), CallFailed> {
        if question.len() > LONGEST_QUESTION {
            return Err(CallFailed::NotStarted {
                problem: format!("a question of {} bytes is too long", question.len()),
            });
        }
        let exchanged = self.exchange(&frame::question(kind, question), limits);
        match exchanged {
            Ok(Some(Answer::Plugin { raw, opened })) => Ok((raw, opened)),
            Ok(Some(Answer::Failed(problem))) => Err(CallFailed::NotStarted {
                problem: printable(&problem),
            }),
            Ok(None) => Err(self.out_of_order()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let _how = self.end();
                Err(CallFailed::DeadlinePassed {
                    deadline: limits.deadline,
                })
            }
            Err(_) => Err(CallFailed::Died { how: self.end() }),
        }
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it if it is still there, and says how it ended.
    pub(crate) fn end(&mut self) -> String {
        // It may have ended already: then this does nothing, and the status is that of its own end.
        let _gone = self.child.kill();
        self.child.wait().map_or_else(
            |error| format!("nobody knows how ({error})"),
            ended::in_words,
        )
    }

    fn out_of_order(&mut self) -> CallFailed {
        let _how = self.end();
        CallFailed::Died {
            how: "it was killed, because its answer was out of order".to_owned(),
        }
    }

    /// `None` if the answer is not one.
    fn exchange(&mut self, question: &[u8], limits: &Limits) -> io::Result<Option<Answer>> {
        let due = Instant::now() + limits.deadline;
        self.socket.write_all(question)?;
        self.wait_at_most(limits.deadline)?;
        let mut buffer = [0; 16 * 1024];
        let mut held = match self.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            read => read?,
        };
        while held < ANSWER_HEAD {
            held += self.read_before(due, buffer.get_mut(held..).unwrap_or_default())?;
        }
        let read = buffer.get(..held).unwrap_or_default();
        let Some((head, begun)) = read.split_first_chunk::<ANSWER_HEAD>() else {
            return Ok(None);
        };
        let head = frame::read_answer_head(*head);
        // A message of the runner's own may be longer than a small limit.
        if head.length > limits.answer_bytes.max(buffer.len()) || begun.len() > head.length {
            return Ok(None);
        }
        let mut bytes = vec![0; head.length];
        let (first, mut rest) = bytes.split_at_mut(begun.len());
        first.copy_from_slice(begun);
        while !rest.is_empty() {
            let count = self.read_before(due, rest)?;
            rest = rest.get_mut(count..).unwrap_or_default();
        }
        Ok(Some(head.with(bytes)))
    }

    /// Reads at least a byte before `due`: one that trickles has no more time than one that is silent.
    fn read_before(&mut self, due: Instant, to: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.wait_at_most(left)?;
            match self.read(to) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    fn wait_at_most(&mut self, timeout: Duration) -> io::Result<()> {
        if self.timeout != Some(timeout) {
            self.socket.set_read_timeout(Some(timeout))?;
            self.timeout = Some(timeout);
        }
        Ok(())
    }

    /// Interrupted by any signal to the gateway, also by one that it takes no notice of: with a timeout, the system does
    /// not go on by itself (signal(7)).
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.socket.read(to)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _how = self.end();
    }
}

/// Nothing of the gateway's but the two descriptors: no environment, no terminal to be interrupted from.
fn command(runner: &Path, socket: OwnedFd, library: OwnedFd) -> Command {
    let mut command = Command::new(runner);
    command
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::from(socket))
        .stdout(Stdio::from(library))
        .stderr(Stdio::null());
    command
}
