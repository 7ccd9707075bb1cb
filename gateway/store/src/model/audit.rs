//! The audit as it is read.

use gateway_core::id::{LinkId, SiteId, TenantId};
use gateway_core::time::UnixTime;
use serde_json::Value;

/// A record with its place in its chain.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// The chain: `changes/TENANT`, or `access/WRITER` with the writer's random id.
    pub chain: String,
    /// Its place in the chain, from 1 without gaps.
    pub number: u64,
    /// The tenant it is about.
    pub tenant: TenantId,
    /// When.
    pub at: UnixTime,
    /// The record as it was hashed.
    pub body: Value,
    /// SHA-256 over the hash before it and the body.
    pub hash: [u8; 32],
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of or about this person.
    pub person: Option<String>,
    /// About this item or below it.
    pub item: Option<(SiteId, String)>,
    /// About this link.
    pub link: Option<LinkId>,
    /// Of this operation.
    pub operation: Option<String>,
    /// From this moment on.
    pub from: Option<UnixTime>,
    /// Before this moment.
    pub until: Option<UnixTime>,
    /// After this cursor of the page before.
    pub after: Option<String>,
    /// At most so many, 1 to 1000.
    pub limit: usize,
}

/// Something wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// The record was altered: its hash does not come of it.
    Altered {
        /// The chain.
        chain: String,
        /// The record.
        number: u64,
    },
    /// Records are missing from here on, up to the next that is there.
    Missing {
        /// The chain.
        chain: String,
        /// The first that is missing.
        number: u64,
    },
    /// The record is not in its place.
    Reordered {
        /// The chain.
        chain: String,
        /// The place.
        number: u64,
    },
    /// A checkpoint's signature or hash does not fit.
    Checkpoint {
        /// The chain.
        chain: String,
        /// The record that it was made at.
        number: u64,
    },
}
