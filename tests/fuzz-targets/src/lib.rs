//! What the fuzzer calls: each target takes any bytes, and panics where a promise is broken.
//!
//! The fuzzer itself is a workspace of its own, `tests/fuzz`, because it needs a nightly compiler. The seeds in
//! `tests/fuzz/corpus`, and what it finds, are replayed here by an ordinary test. A plugin exports a symbol of the
//! same name as every other: targets of another plugin belong into another crate.

#![expect(clippy::panic, reason = "a broken promise is told by a panic")]

mod answer;
mod glue;
mod openid;

pub use answer::plugin_answer;
pub use glue::step_input;
pub use openid::{discovery, id_token, is_known};

/// A target.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus and of its program in `tests/fuzz`.
pub const TARGETS: &[(&str, Target)] = &[
    ("discovery", discovery),
    ("id_token", id_token),
    ("plugin_answer", plugin_answer),
    ("step_input", step_input),
];
