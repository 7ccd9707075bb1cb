//! Running other programs, with a heading for each.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

/// Why a command ended without being done.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It was called wrongly; the text says how to call it.
    Usage(String),
    /// The machine lacks something that this user cannot install; the text says what to run.
    Missing(String),
    /// A program could not be started.
    NotStarted { program: String, why: io::Error },
    /// A program ended without success.
    Failed { program: String },
}

impl Stopped {
    /// 2 where somebody has to do something first, 1 where something was tried and failed.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Missing(_) => 2,
            Self::NotStarted { .. } | Self::Failed { .. } => 1,
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) => f.write_str(text),
            Self::NotStarted { program, why } => {
                write!(f, "`{program}` could not be started: {why}")
            }
            Self::Failed { program } => write!(f, "FAILED: {program}"),
        }
    }
}

/// Tells the person at the terminal. Standard output stays free for programs.
pub(crate) fn say(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Starts a section.
pub(crate) fn heading(text: &str) {
    say(&format!("\n==== {text}"));
}

/// Runs `command` to its end under a heading that shows it.
///
/// # Errors
/// [`Stopped::NotStarted`] or [`Stopped::Failed`].
pub(crate) fn step(command: &mut Command) -> Result<(), Stopped> {
    let program = shown(command);
    heading(&program);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Stopped::Failed { program }),
        Err(why) => Err(Stopped::NotStarted { program, why }),
    }
}

/// What `command` prints when asked for its version, or nothing if it is not there.
pub(crate) fn version(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(program).arg(flag).output().ok()?;
    output.status.success().then(|| {
        // nginx answers on standard error.
        let text = if output.stdout.is_empty() {
            output.stderr
        } else {
            output.stdout
        };
        String::from_utf8_lossy(&text).trim().to_owned()
    })
}

fn shown(command: &Command) -> String {
    // Cargo is started by its full path; the name tells enough.
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = [program].into_iter().chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
