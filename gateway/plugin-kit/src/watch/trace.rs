//! The tracer: one thread, which starts the child and sees it to its end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Child, Command};
use std::sync::mpsc::Sender;

use nix::errno::Errno;
use nix::libc::{self, c_long, c_void};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::Observed;
use super::calls::{self, Judgement, Reach};
use crate::mark::Mark;
use crate::process::{Pipes, take_pipes};

/// Types in the auxiliary vector (`getauxval(3)`): where the kernel's own code for the clock is, and nothing.
const AT_SYSINFO_EHDR: c_long = 33;
const AT_IGNORE: c_long = 1;
const AT_NULL: c_long = 0;
/// Machine code: `rdtsc`, `rdtscp`.
const RDTSC: [u8; 2] = [0x0f, 0x31];
const RDTSCP: [u8; 3] = [0x0f, 0x01, 0xf9];
/// Where stacks end for certain: no walk is longer, in words.
const LONGEST_WALK: usize = 64 * 1024;

pub(super) fn run(mut command: Command, started: &Sender<Result<Pipes, String>>) -> Observed {
    let begun = begin(&mut command);
    let (child, pipes) = match begun {
        Ok(begun) => begun,
        Err(why) => {
            // Nobody waits where nobody asked.
            let _told = started.send(Err(why));
            return Observed::default();
        }
    };
    let mut tracer = Tracer {
        main: pipes.pid,
        tasks: BTreeMap::from([(pipes.pid, Task::default())]),
        observed: Observed::default(),
        replaced: false,
    };
    let _told = started.send(Ok(pipes));
    tracer.follow();
    // The tracer has waited for it.
    drop(child);
    tracer.observed
}

/// The child waits for one byte, and then becomes its program anew under the tracer's eyes.
fn begin(command: &mut Command) -> Result<(Child, Pipes), String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut pipes = take_pipes(&mut child).ok_or("it has no pipes")?;
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    let seized = ptrace::seize(pipes.pid, options);
    let told = seized
        .map_err(std::io::Error::from)
        .and_then(|()| pipes.to.write_all(b"g"));
    match told {
        Ok(()) => Ok((child, pipes)),
        Err(error) => {
            // It waits for ever otherwise; it may have ended by itself.
            let _killed = child.kill();
            let _status = child.wait();
            Err(format!("it cannot be traced: {error}"))
        }
    }
}

/// What is known of a thread of the child.
#[derive(Clone, Copy, Debug, Default)]
struct Task {
    /// Between [`Mark::Begins`] and [`Mark::Ends`]: the plugin's code runs, for this request.
    request: Option<u32>,
    /// In a call of the system.
    inside: bool,
    /// The call that it is in was refused.
    refused: bool,
}

struct Tracer {
    main: Pid,
    tasks: BTreeMap<Pid, Task>,
    observed: Observed,
    /// The child has become its program anew.
    replaced: bool,
}

impl Tracer {
    fn follow(&mut self) {
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            match waitpid(Pid::from_raw(-1), Some(flags)) {
                Ok(WaitStatus::Exited(pid, code)) if pid == self.main => {
                    self.observed.end = format!("exit status {code}");
                    self.observed.well = code == 0;
                }
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == self.main => {
                    self.observed.end = format!("signal {}", signal.as_str());
                }
                Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) => {
                    self.tasks.remove(&pid);
                }
                Ok(status) => self.stopped(status),
                Err(Errno::EINTR) => {}
                // Nobody is left.
                Err(_) => return,
            }
        }
    }

    fn stopped(&mut self, status: WaitStatus) {
        let Some(pid) = status.pid() else { return };
        let deliver = match status {
            WaitStatus::PtraceEvent(_, _, libc::PTRACE_EVENT_EXEC) => {
                self.replaced = true;
                hide_kernel_clock(pid);
                None
            }
            WaitStatus::PtraceEvent(_, _, _) => {
                self.tasks.entry(pid).or_default();
                None
            }
            WaitStatus::PtraceSyscall(_) => {
                self.call(pid);
                None
            }
            WaitStatus::Stopped(_, Signal::SIGSEGV) if self.counter(pid) => None,
            WaitStatus::Stopped(_, signal) => Some(signal),
            _ => None,
        };
        // A task that was killed meanwhile is told of by the next wait.
        let _resumed = if self.replaced {
            ptrace::syscall(pid, deliver)
        } else {
            ptrace::cont(pid, deliver)
        };
    }

    /// The plugin's code runs in this task, for a request or, on a thread of its own, for none.
    fn plugin_runs(&self, pid: Pid) -> Option<Option<u32>> {
        if pid != self.main {
            return self.observed.opened.then_some(None);
        }
        self.tasks.get(&pid)?.request.map(Some)
    }

    fn call(&mut self, pid: Pid) {
        let Ok(mut registers) = ptrace::getregs(pid) else {
            return;
        };
        let task = self.tasks.entry(pid).or_default();
        // The kernel stops a task on the way in, with this answer in its place, and on the way out. A new task begins
        // on the way out.
        let entry = !task.inside && registers.rax.cast_signed() == -i64::from(libc::ENOSYS);
        task.inside = entry;
        if !entry {
            if std::mem::take(&mut task.refused) {
                registers.rax = (-i64::from(libc::EPERM)).cast_unsigned();
                let _set = ptrace::setregs(pid, registers);
            }
            return;
        }
        let number = registers.orig_rax.cast_signed();
        if self.is_mark(pid, number, registers.rsi) {
            return;
        }
        let Some(request) = self.plugin_runs(pid) else {
            return;
        };
        let arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10];
        let (judgement, name) = calls::judge(number, arguments);
        let reach = match judgement {
            Judgement::Own => return,
            Judgement::Ending => {
                return self.observed.saw(Reach::Processes, name, request);
            }
            Judgement::Clone => cloned(pid, number, registers.rdi),
            Judgement::Reaching(reach) => reach,
        };
        self.observed.saw(reach, name, request);
        if !reach.is_let_through() {
            // No call has this number: the kernel does nothing, and the answer is put right on the way out.
            registers.orig_rax = u64::MAX;
            let _set = ptrace::setregs(pid, registers);
            self.tasks.entry(pid).or_default().refused = true;
        }
    }

    fn is_mark(&mut self, pid: Pid, number: i64, offset: u64) -> bool {
        if pid != self.main || number != libc::SYS_lseek {
            return false;
        }
        let Some(mark) = Mark::read(offset) else {
            return false;
        };
        let request = match mark {
            Mark::Opened => {
                if !self.observed.opened && self.tasks.len() > 1 {
                    let own = "a thread that `open` started runs on".to_owned();
                    self.observed.saw(Reach::Threads, own, None);
                }
                self.observed.opened = true;
                None
            }
            Mark::Begins { request } => Some(request),
            Mark::Ends => None,
        };
        self.tasks.entry(pid).or_default().request = request;
        true
    }

    /// Whether a fault was the time stamp counter being read: it is told of, answered with 0, and passed over.
    fn counter(&mut self, pid: Pid) -> bool {
        let Ok(mut registers) = ptrace::getregs(pid) else {
            return false;
        };
        let Ok(code) = ptrace::read(pid, address(registers.rip)) else {
            return false;
        };
        let code = code.to_ne_bytes();
        let (length, name) = if code.starts_with(&RDTSC) {
            (RDTSC.len(), "rdtsc")
        } else if code.starts_with(&RDTSCP) {
            (RDTSCP.len(), "rdtscp")
        } else {
            return false;
        };
        if let Some(request) = self.plugin_runs(pid) {
            self.observed.saw(Reach::Clock, name.to_owned(), request);
        }
        registers.rip += u64::try_from(length).unwrap_or_default();
        (registers.rax, registers.rdx) = (0, 0);
        ptrace::setregs(pid, registers).is_ok()
    }
}

/// What a clone makes: `clone3` has its flags in memory.
fn cloned(pid: Pid, number: i64, first: u64) -> Reach {
    let flags = if number == libc::SYS_clone3 {
        ptrace::read(pid, address(first)).map_or(0, c_long::cast_unsigned)
    } else {
        first
    };
    if flags & u64::from(libc::CLONE_THREAD.unsigned_abs()) == 0 {
        Reach::Processes
    } else {
        Reach::Threads
    }
}

/// Takes the kernel's code for the clock out of what a new program is told.
///
/// The stack begins with the count of arguments; they, the environment and the auxiliary vector follow, each ended by
/// a zero (System V ABI for x86-64, 3.4.1).
fn hide_kernel_clock(pid: Pid) {
    let Ok(registers) = ptrace::getregs(pid) else {
        return;
    };
    let word = |index: usize| {
        let at = registers.rsp + 8 * u64::try_from(index).unwrap_or_default();
        (at, ptrace::read(pid, address(at)).unwrap_or(0))
    };
    let zero_after = |start: usize| (start..start + LONGEST_WALK).find(|index| word(*index).1 == 0);
    let Some(environment) = zero_after(1).map(|end| end + 1) else {
        return;
    };
    let Some(vector) = zero_after(environment).map(|end| end + 1) else {
        return;
    };
    for index in (vector..vector + LONGEST_WALK).step_by(2) {
        match word(index) {
            (_, AT_NULL) => return,
            (at, AT_SYSINFO_EHDR) => {
                let _written = ptrace::write(pid, address(at), AT_IGNORE);
            }
            _ => {}
        }
    }
}

fn address(at: u64) -> *mut c_void {
    std::ptr::without_provenance_mut(usize::try_from(at).unwrap_or_default())
}
