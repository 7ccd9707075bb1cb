//! Loads identity providers and steps them, containing their faults.
//!
//! A plugin may run in the gateway's process with all its rights, so whether a library may be loaded is
//! judged without running any of its code: [`Library::load`] checks name, folders, owner, mode and
//! SHA-256, reads the plugin's table from the file, and then loads exactly the bytes that were hashed.
//! After that the plugin is taken to be well-meant but faulty: a panic, a hang, an overlong or malformed
//! answer fails one sign-in ([`StepFailed`]) and nothing else. A crash still ends the process that it is
//! in: the gateway's, or with [`Isolation::Process`] one that holds nothing else and can do nothing else
//! ([`runner`]).
//!
//! The host performs no IO for a provider: fetches, mails and pages are the sign-in's.
//!
//! ```text
//! Library::load ─► file (is it the file we were told of?) ─► table (can we speak to it?) ─► library (unsafe)
//! Library::open ─► Instance::step ─► breaker ─► containment (thread, deadline) ─► answer (JSON, rules)
//!                                                   └─ in a process: pool ─► process ═ frames ═ runner (bin)
//! ```

mod answer;
mod breaker;
mod check;
mod containment;
mod direct;
mod expectations;
mod file;
mod frame;
mod instance;
mod library;
mod memory_file;
mod plugin;
mod process;
mod refused;
pub mod runner;
mod spare;
mod table;

pub use answer::CallFailed;
pub use check::{CheckReport, Finding, Verdict, check_file, inspect_file};
pub use direct::{Direct, DirectAnswer, DirectInstance};
pub use expectations::{Expectations, FileHash, Isolation, Limits, NotAHash};
pub use instance::{Instance, StepFailed};
pub use plugin::{Library, OpenFailed};
pub use refused::Refused;
pub use spare::spare_threads;

#[cfg(test)]
mod tests;
