//! Loads identity providers and steps them, containing their faults.
//!
//! A plugin runs in the gateway's process with all its rights, so whether a library may be loaded is
//! judged without running any of its code: [`Library::load`] checks name, folders, owner, mode and
//! SHA-256, reads the plugin's table from the file, and then loads exactly the bytes that were hashed.
//! After that the plugin is taken to be well-meant but faulty: a panic, a hang, an overlong or malformed
//! answer fails one sign-in ([`StepFailed`]) and nothing else. A crash in a plugin written in C still ends
//! the process.
//!
//! The host performs no IO for a provider: fetches, mails and pages are the sign-in's.
//!
//! ```text
//! Library::load ─► file (is it the file we were told of?) ─► table (can we speak to it?) ─► library (unsafe)
//! Library::open ─► Instance::step ─► breaker ─► containment (thread, deadline) ─► answer (JSON, rules)
//! ```

mod answer;
mod breaker;
mod check;
mod containment;
mod expectations;
mod file;
mod instance;
mod library;
mod memory_file;
mod plugin;
mod refused;
mod table;

pub use answer::CallFailed;
pub use check::{CheckReport, Finding, Verdict, check_file};
pub use expectations::{Expectations, FileHash, Limits, NotAHash};
pub use instance::{Instance, StepFailed};
pub use plugin::{Library, OpenFailed};
pub use refused::Refused;

#[cfg(test)]
mod tests;
