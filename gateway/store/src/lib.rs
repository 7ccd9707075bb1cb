//! What the configuration cannot know, kept across restarts: redemptions, consent, attempts, counters,
//! replay sets, revocations.
//!
//! [`Store`] is the truth, a file of SQLite or a database of PostgreSQL. [`directory::Directory`] is what the hot path reads instead: the
//! declared guests, permissions and links in memory, joined with what the store knows about them.
//!
//! Invariants: what was acknowledged is on disk; whatever counts, consumes, binds or advances does so in one
//! transaction, however many ask at once; no clock is read, `now` is always an argument; what has expired
//! counts as absent from that very second on, swept or not.

pub mod audit;
mod columns;
pub mod directory;
mod error;
pub mod model;
mod store;

pub use error::StoreError;
pub use store::{Location, Store};
