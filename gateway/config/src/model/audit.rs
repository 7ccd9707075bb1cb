//! `[audit]`.

use std::time::Duration;

/// What the audit holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Which allowed accesses that only read are written.
    pub allowed_access: AllowedAccess,
    /// Identical refusals within a minute that are written one by one; the others are counted.
    pub denials_per_minute: u32,
    /// A checkpoint is signed after so many records of a chain.
    pub checkpoint_records: u32,
    /// And after this long, where there are new ones.
    pub checkpoint_interval: Duration,
}

/// Which allowed accesses that only read are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedAccess {
    /// All.
    All,
    /// None.
    None,
    /// By chance one in so many, 2 to 1,000,000.
    OneIn(u32),
}
