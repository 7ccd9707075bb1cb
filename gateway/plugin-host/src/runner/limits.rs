//! How much of the machine a plugin may use.
//!
//! There is no limit of processor time: it would add up over the life of the process, and the gateway kills who takes
//! too long over one call.

use rustix::io::Result;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

/// Descriptors while the library is loaded: for the loader and for files that libraries read in `open`.
const DESCRIPTORS: u64 = 32;

/// Before the library is loaded.
pub(super) fn first(memory_bytes: u64) -> Result<()> {
    // A plugin that hangs does not notice that the gateway is gone.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    limit(Resource::As, memory_bytes)?;
    limit(Resource::Nofile, DESCRIPTORS)?;
    for nothing in [
        Resource::Core,
        Resource::Fsize,
        Resource::Nproc,
        Resource::Memlock,
        Resource::Msgqueue,
    ] {
        limit(nothing, 0)?;
    }
    Ok(())
}

/// After `open`.
pub(super) fn last() -> Result<()> {
    // Secrets of the settings stay out of reach of other processes of this user. Not earlier: the loader finds the
    // library below `/proc/self`, which this takes away.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    limit(Resource::Nofile, 3)
}

/// Both the limit and the most it may be raised to.
fn limit(resource: Resource, most: u64) -> Result<()> {
    setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )
}
