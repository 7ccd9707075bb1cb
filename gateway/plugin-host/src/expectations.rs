//! What the configuration says about a library before it is looked at.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use plugins_sdk::limits;

/// What a library must be to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectations {
    /// The folder that the libraries are below.
    pub directory: PathBuf,
    /// The file's SHA-256. Without one the library is refused, and the refusal names the one found.
    pub sha256: Option<FileHash>,
    /// Folders above this one are not looked at; without it every folder up to `/` is. For machines where a
    /// folder further up is writable by a group that is trusted anyway.
    pub trust_root: Option<PathBuf>,
    /// How its faults are contained.
    pub limits: Limits,
    /// Where its code runs.
    pub isolation: Isolation,
}

/// Where a plugin's code runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In the gateway's process, with all its rights: a crash ends the gateway.
    None,
    /// In processes of its own without network and files, one for each call at a time.
    Process {
        /// The program `vestibule-plugin-runner` of the same build.
        runner: PathBuf,
    },
}

impl Expectations {
    /// A library in `directory` with this hash, strict about every folder, with the default limits, in the gateway's
    /// process.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, sha256: Option<FileHash>) -> Self {
        Self {
            directory: directory.into(),
            sha256,
            trust_root: None,
            limits: Limits::default(),
            isolation: Isolation::None,
        }
    }
}

/// How a plugin's faults are contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time a call may take by the wall clock. A call that takes longer is given up; its thread is left behind, its
    /// process, where it has one, is killed.
    pub deadline: Duration,
    /// Calls of one instance at a time, at least 1, and so its processes at most where it has its own. More wait, at
    /// most as long as `deadline`.
    pub threads: usize,
    /// Threads of one instance that may be left behind at a time, at least 1. When that many hang, the instance is
    /// refused until restart.
    pub max_hung: usize,
    /// Longest answer in bytes.
    pub answer_bytes: usize,
    /// Faults in a row that open the breaker, at least 1.
    pub breaker_faults: u32,
    /// How long the breaker stays open.
    pub breaker_pause: Duration,
    /// Address space of a process of its own, in bytes.
    pub memory_bytes: u64,
    /// Processes of one instance that may end within [`Limits::restart_window`], at least 1. After that many no new
    /// one is started before the first of them is that long ago.
    pub restarts: usize,
    /// See [`Limits::restarts`].
    pub restart_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: limits::DEADLINE,
            threads: 8,
            max_hung: 4,
            answer_bytes: limits::ANSWER_BYTES,
            breaker_faults: 3,
            breaker_pause: Duration::from_secs(30),
            memory_bytes: 512 * 1024 * 1024,
            restarts: 5,
            restart_window: Duration::from_secs(60),
        }
    }
}

/// SHA-256 of a file; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileHash([u8; 32]);

/// A text that is no SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a SHA-256: 64 hexadecimal digits, as printed by `vestibule plugin check FILE`"
)]
pub struct NotAHash(String);

impl FileHash {
    /// The hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.iter_mut()
            .zip(digest(&SHA256, bytes).as_ref())
            .for_each(|(to, from)| *to = *from);
        Self(hash)
    }
}

impl From<[u8; 32]> for FileHash {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl FromStr for FileHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|value| u8::try_from(value).ok())
            })
            .collect();
        let bytes = digits
            .unwrap_or_default()
            .chunks_exact(2)
            .filter_map(to_byte)
            .collect::<Vec<_>>();
        match <[u8; 32]>::try_from(bytes) {
            Ok(hash) if text.len() == 64 => Ok(Self(hash)),
            _ => Err(NotAHash(text.to_owned())),
        }
    }
}

fn to_byte(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low] => Some(high << 4 | low),
        _ => None,
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
