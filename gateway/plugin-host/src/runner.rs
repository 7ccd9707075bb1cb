//! The other side of a process: loads one library, shuts itself in, and answers calls until the gateway goes away.
//!
//! Standard input is the socket to the gateway, standard output the library. What is left to a plugin shrinks twice:
//!
//! ```text
//! before the library is loaded   no descriptor, no environment, limits; files may be read, which the loader must;
//!                                no network, no process, no thread, nothing written
//! after `open`                   the socket, memory, its own end: anything else of consequence ends the process
//! ```
//!
//! One thread, one call at a time.

mod descriptors;
mod filter;
mod limits;

use std::io::{self, ErrorKind};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::ExitCode;

use rustix::fs::FileType;
use rustix::io::Errno;

use crate::frame::{self, Answer, Begin, Kind, QUESTION_HEAD};
use crate::library::{self, Functions, RawAnswer, RawInstance};

/// Where the library is: standard output.
const LIBRARY: &str = "/proc/self/fd/1";

/// Answers the gateway on standard input until that ends.
///
/// Ends with 0 when the gateway went away, with 1 after telling the gateway what went wrong, and with 2 when there is
/// no gateway.
#[must_use]
pub fn run() -> ExitCode {
    if !is_called_by_a_gateway() {
        return ExitCode::from(2);
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // If the gateway cannot be told either, it sees the end.
            let _told = send(&Answer::Failed(problem));
            ExitCode::from(1)
        }
    }
}

fn is_called_by_a_gateway() -> bool {
    let is = |file: io::Result<FileType>, wanted| file.is_ok_and(|found| found == wanted);
    let kind = |stat: rustix::io::Result<rustix::fs::Stat>| {
        stat.map(|stat| FileType::from_raw_mode(stat.st_mode))
            .map_err(io::Error::from)
    };
    is(
        kind(rustix::fs::fstat(io::stdin().as_fd())),
        FileType::Socket,
    ) && is(
        kind(rustix::fs::fstat(io::stdout().as_fd())),
        FileType::RegularFile,
    )
}

/// What there is of the plugin by now.
struct Plugin {
    functions: Functions,
    answer_bytes: usize,
    instance: Option<RawInstance>,
}

fn serve() -> Result<(), String> {
    descriptors::close_all_others().map_err(|error| format!("other descriptors: {error}"))?;
    let mut plugin = None;
    while let Some((kind, bytes)) = receive()? {
        let answer = match (kind, &mut plugin) {
            (Kind::Begin, None) => {
                plugin = Some(begin(&bytes)?);
                empty()
            }
            (Kind::Describe, Some(plugin)) => Answer::Plugin {
                raw: plugin.functions.describe(plugin.answer_bytes),
                opened: false,
            },
            (Kind::Open, Some(plugin)) if plugin.instance.is_none() => {
                let (raw, instance) = plugin.functions.open(&bytes, plugin.answer_bytes);
                limits::last().map_err(|error| format!("limits: {error}"))?;
                filter::after_open()?;
                plugin.instance = instance;
                Answer::Plugin {
                    raw,
                    opened: plugin.instance.is_some(),
                }
            }
            (Kind::Step, Some(plugin)) => match &plugin.instance {
                Some(instance) => Answer::Plugin {
                    raw: instance.step(&bytes, plugin.answer_bytes),
                    opened: false,
                },
                None => return Err("there is no instance to step".to_owned()),
            },
            (Kind::Begin | Kind::Describe | Kind::Open | Kind::Step, _) => {
                return Err(format!("`{kind:?}` was asked out of turn"));
            }
        };
        if send(&answer).is_err() {
            break;
        }
    }
    // The gateway is gone, and the system takes back what there is: `close` could only hold that up.
    std::mem::forget(plugin);
    Ok(())
}

fn begin(bytes: &[u8]) -> Result<Plugin, String> {
    let begin = Begin::read(bytes).ok_or("the gateway is of another build than this runner")?;
    limits::first(begin.memory_bytes).map_err(|error| format!("limits: {error}"))?;
    filter::before_load()?;
    let functions = library::load_at(Path::new(LIBRARY), &begin.header)
        .map_err(|unloadable| unloadable.to_string())?;
    // What the plugin prints goes nowhere; nor does it get at its own file again.
    rustix::stdio::dup2_stdout(io::stderr().as_fd())
        .map_err(|error| format!("standard output: {error}"))?;
    Ok(Plugin {
        functions,
        answer_bytes: usize::try_from(begin.answer_bytes).unwrap_or(usize::MAX),
        instance: None,
    })
}

fn empty() -> Answer {
    Answer::Plugin {
        raw: RawAnswer {
            status: plugins_sdk::abi::STATUS_OK,
            bytes: Vec::new(),
            too_large: false,
        },
        opened: false,
    }
}

/// The next question; `None` when the gateway is gone.
fn receive() -> Result<Option<(Kind, Vec<u8>)>, String> {
    let mut head = [0; QUESTION_HEAD];
    if !fill(&mut head) {
        return Ok(None);
    }
    let (kind, length) = frame::read_question_head(head).ok_or("the question is none")?;
    let mut bytes = vec![0; length];
    Ok(fill(&mut bytes).then_some((kind, bytes)))
}

/// Reads all of `to`, past the standard library's buffers: there is one reader. Whether that much came.
fn fill(mut to: &mut [u8]) -> bool {
    while !to.is_empty() {
        match rustix::io::read(io::stdin().as_fd(), &mut *to) {
            Ok(0) => return false,
            Ok(count) => to = to.get_mut(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}

fn send(answer: &Answer) -> io::Result<()> {
    let frame = frame::answer(answer);
    let mut left = frame.as_slice();
    while !left.is_empty() {
        match rustix::io::write(io::stdin().as_fd(), left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => left = left.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
