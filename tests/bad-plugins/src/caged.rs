//! What `c/caged.c` can be told to do.

use std::path::PathBuf;

/// A plugin that does what no provider may. What is not said is as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caged {
    /// What a constructor of the library does, when it is loaded.
    pub at_load: Option<Deed>,
    /// What `open` does.
    pub at_open: Option<Deed>,
    /// What `step` does, where the input holds the word `deed`.
    pub at_step: Option<Deed>,
    /// A file to open, or to make.
    pub file: Option<PathBuf>,
}

/// A deed. Where it fails with an error, the plugin goes on as if nothing had been; where it succeeds, its answer
/// breaks a rule and so is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Reads where there is nothing.
    Segfault,
    /// Calls `abort`.
    Abort,
    /// Calls `exit`.
    Exit,
    /// Never comes back, and works all the time.
    Spin,
    /// Never comes back, and waits.
    Wait,
    /// Takes 2 GiB of memory.
    Hog,
    /// Makes a socket.
    Socket,
    /// Opens [`Caged::file`] for reading.
    OpenFile,
    /// Makes [`Caged::file`].
    MakeFile,
    /// Forks.
    Fork,
    /// Makes a thread.
    Thread,
    /// Becomes another program.
    Exec,
    /// Traces its parent.
    Trace,
    /// Sends its parent a signal.
    KillParent,
    /// Maps memory that can be written and executed.
    ExecutableMemory,
    /// Raises its own limits.
    RaiseLimits,
    /// Takes its socket for itself: reads from it.
    ReadSocket,
    /// Answers the gateway past the runner, with a length that is a lie.
    ForgeAnswer,
    /// Counts the environment's variables and the open descriptors, and succeeds if there are any it should not have.
    LookAround,
}

impl Caged {
    /// A plugin whose `step` does the deed.
    #[must_use]
    pub fn step(deed: Deed) -> Self {
        Self {
            at_step: Some(deed),
            ..Self::default()
        }
    }

    /// Switches for the compiler.
    pub(crate) fn switches(&self) -> Vec<String> {
        let deed = |when: &str, deed: Option<Deed>| Some(format!("-D{when}={}", deed?.name()));
        let switches = [
            deed("AT_LOAD", self.at_load),
            deed("AT_OPEN", self.at_open),
            deed("AT_STEP", self.at_step),
            self.file
                .as_ref()
                .map(|file| format!("-DFILE_NAME=\"{}\"", file.display())),
        ];
        switches.into_iter().flatten().collect()
    }
}

impl Deed {
    /// Its name in `caged.c`.
    fn name(self) -> &'static str {
        match self {
            Self::Segfault => "SEGFAULT",
            Self::Abort => "ABORT",
            Self::Exit => "EXIT",
            Self::Spin => "SPIN",
            Self::Wait => "WAIT",
            Self::Hog => "HOG",
            Self::Socket => "SOCKET",
            Self::OpenFile => "OPEN_FILE",
            Self::MakeFile => "MAKE_FILE",
            Self::Fork => "FORK",
            Self::Thread => "THREAD",
            Self::Exec => "EXEC",
            Self::Trace => "TRACE",
            Self::KillParent => "KILL_PARENT",
            Self::ExecutableMemory => "EXECUTABLE_MEMORY",
            Self::RaiseLimits => "RAISE_LIMITS",
            Self::ReadSocket => "READ_SOCKET",
            Self::ForgeAnswer => "FORGE_ANSWER",
            Self::LookAround => "LOOK_AROUND",
        }
    }
}
