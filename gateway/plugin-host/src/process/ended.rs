//! How a process ended, for the operator.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// Names of signals that end a plugin, with what it did.
const SIGNALS: &[(i32, &str)] = &[
    (4, "an invalid instruction (SIGILL)"),
    (6, "it gave up (SIGABRT)"),
    (7, "a bad access to memory (SIGBUS)"),
    (8, "an impossible calculation (SIGFPE)"),
    (9, "it was killed (SIGKILL)"),
    (11, "a bad access to memory (SIGSEGV)"),
    (
        31,
        "it asked the system for something that no provider may do (SIGSYS)",
    ),
];

pub(super) fn in_words(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return format!("it ended by itself ({status})");
    };
    let known = SIGNALS.iter().find(|(number, _)| *number == signal);
    known.map_or_else(
        || format!("signal {signal}"),
        |(_, words)| (*words).to_owned(),
    )
}
