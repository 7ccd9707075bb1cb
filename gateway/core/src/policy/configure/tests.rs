//! Tests of changes: the documented rows, every rule, and what comes of them.

mod asleep;
mod consequences;
mod defaults;
mod laws;
mod rows;
mod rules;
mod shown;
mod tighten;
mod world;
