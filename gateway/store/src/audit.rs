//! The audit: what is written, how it is chained, how it is checked, and how access events are gathered.
//!
//! Invariants: records are numbered from 1 without gaps in each chain; a record's hash covers the one before it; a
//! record is never changed or removed; no event is lost while the process lives: what cannot be written one by one is
//! counted. What a process that is killed had not written yet (access events of the last moments) is lost with it; what
//! a change says is not, for it is written with the change.

pub(crate) mod access;
pub(crate) mod body;
mod checkpoint;
pub(crate) mod counting;
mod overflow;
mod verify;

pub use access::{AllowedAccess, AuditSettings};
pub use checkpoint::{Checkpoint, Signing, Vouched};
pub use verify::{Stored, Verifier};

pub use crate::store::audit::AuditReport;

use std::fmt;

use crate::model::ChainFault;

impl ChainFault {
    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &str {
        match self {
            Self::Altered { chain, .. }
            | Self::Missing { chain, .. }
            | Self::Reordered { chain, .. }
            | Self::Checkpoint { chain, .. } => chain,
        }
    }

    /// What is wrong, as one word: `altered`, `missing`, `reordered`, `checkpoint`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Altered { .. } => "altered",
            Self::Missing { .. } => "missing",
            Self::Reordered { .. } => "reordered",
            Self::Checkpoint { .. } => "checkpoint",
        }
    }

    /// The record.
    #[must_use]
    pub const fn number(&self) -> u64 {
        match self {
            Self::Altered { number, .. }
            | Self::Missing { number, .. }
            | Self::Reordered { number, .. }
            | Self::Checkpoint { number, .. } => *number,
        }
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { chain, number } => {
                write!(f, "record {number} of chain `{chain}` was altered")
            }
            Self::Missing { chain, number } => {
                write!(f, "record {number} of chain `{chain}` is missing")
            }
            Self::Reordered { chain, number } => {
                write!(f, "record {number} of chain `{chain}` is not in its place")
            }
            Self::Checkpoint { chain, number } => write!(
                f,
                "the checkpoint at record {number} of chain `{chain}` does not fit the chain or is not signed by a \
                 key of this gateway"
            ),
        }
    }
}
