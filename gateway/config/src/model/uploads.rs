//! Limits of uploads in parts.

use std::path::PathBuf;
use std::time::Duration;

/// Uploads in parts: where what has come of them is kept, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploads {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes of one upload, at most.
    pub session_bytes: u64,
    /// Bytes of all that have begun, at most.
    pub total_bytes: u64,
    /// Uploads that one caller has begun, at most.
    pub sessions_per_person: usize,
    /// Uploads that all callers of a tenant have begun, at most.
    pub sessions_per_tenant: usize,
    /// How long an upload waits for its next part: 1 minute to 24 hours.
    pub lifetime: Duration,
}

impl Uploads {
    /// The limits where nothing else is configured.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        Self {
            folder,
            session_bytes: 4 * GIB,
            total_bytes: 8 * GIB,
            sessions_per_person: 8,
            sessions_per_tenant: 256,
            lifetime: Duration::from_secs(60 * 60),
        }
    }
}
