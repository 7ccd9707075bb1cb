//! Watches what a child process asks of the system, call by call.
//!
//! The child is traced (`ptrace(2)`) from its first instruction. Where the kernel would answer the time from memory
//! that is mapped into every process (`vdso(7)`), it is told that there is none, so that every look at the clock is a
//! system call; the processor's own counter faults. Calls that would leave the process are seen and refused.

mod calls;
#[cfg(target_arch = "x86_64")]
mod trace;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::mpsc::Sender;

pub(crate) use calls::Reach;

use crate::process::Pipes;

/// What was seen after an instance was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// What the plugin reached for, and by which call.
    pub(crate) seen: BTreeMap<(Reach, String), Sight>,
    /// Whether an instance was opened at all.
    pub(crate) opened: bool,
    /// How the process ended.
    pub(crate) end: String,
    /// Whether that was by itself and in order.
    pub(crate) well: bool,
}

/// One thing that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// How often.
    pub(crate) times: u32,
    /// During which request first; nothing for a thread of the plugin's own.
    pub(crate) first: Option<u32>,
}

impl Observed {
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "nothing is watched there")
    )]
    fn saw(&mut self, reach: Reach, what: String, request: Option<u32>) {
        let sight = self.seen.entry((reach, what)).or_insert(Sight {
            times: 0,
            first: request,
        });
        sight.times += 1;
    }
}

/// Starts `command` and watches it until it ends; `started` is told how to talk to it, or why it cannot be watched.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run(command: Command, started: &Sender<Result<Pipes, String>>) -> Observed {
    trace::run(command, started)
}

/// Nothing is watched on other processors: registers are theirs.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn run(_: Command, started: &Sender<Result<Pipes, String>>) -> Observed {
    // Nobody waits where nobody asked.
    let _told = started.send(Err("the watch is written for x86-64 only".to_owned()));
    Observed::default()
}
