//! What the store promises, on real files.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod audit;
mod conformance;
mod directory;
mod fixtures;
mod hang;
mod kill;
mod looks;
mod model;
mod postgres;
mod sqlite;
