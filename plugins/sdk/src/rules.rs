//! What the gateway accepts of a plugin's answers, beyond their being JSON of the right shape.
//!
//! The host applies these to every answer; [`testing`](crate::testing) applies them too, so that a provider's
//! own tests find what would be refused.

mod form;
mod step;
mod text;

pub use step::accept_step;

use crate::limits;
use crate::message::{Capability, Description};

/// Why an answer that can be read is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// The step needs a capability that `describe` does not list.
    #[error(
        "the step needs the capability `{0:?}`, which the plugin's description does not declare"
    )]
    CapabilityNotDeclared(Capability),
    /// The step is no answer to this event.
    #[error("`{step}` is no answer to `{event}`")]
    UnexpectedStep {
        /// Kind of the step.
        step: &'static str,
        /// Kind of the event.
        event: &'static str,
    },
    /// `state` is over [`limits::STATE_BYTES`].
    #[error("`state` has {length} bytes, {} are allowed", limits::STATE_BYTES)]
    StateTooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// A fetch from a host that `open` did not name.
    #[error("the URL's host `{host}` is not among the instance's fetch hosts")]
    HostNotDeclared {
        /// The host, with its port where that is not the scheme's own.
        host: String,
    },
    /// The step says something that came after the plugin's version of the contract.
    #[error("`{what}` came with ABI 1.{since}, and the plugin says that it is of 1.{minor}")]
    NewerThanPlugin {
        /// The step or field.
        what: &'static str,
        /// The minor version it came with.
        since: u16,
        /// The plugin's.
        minor: u16,
    },
    /// A value is outside its range.
    #[error("`{field}` {problem}")]
    OutOfRange {
        /// Path of the value within the message, dotted.
        field: String,
        /// What it must be.
        problem: String,
    },
}

/// Checks a description.
///
/// # Errors
/// The first value out of its range, as documented in [`crate::message`].
pub fn check_description(description: &Description) -> Result<(), NotAccepted> {
    text::identifier("kind", &description.kind)?;
    text::line(
        "display_name",
        &description.display_name,
        1,
        limits::DISPLAY_NAME_CHARS,
    )?;
    text::line("version", &description.version, 0, limits::VERSION_CHARS)?;
    text::count(
        "home_domains",
        description.home_domains.len(),
        0,
        limits::HOSTS,
    )?;
    for (index, domain) in description.home_domains.iter().enumerate() {
        text::host(&format!("home_domains.{index}"), domain)?;
    }
    Ok(())
}

/// Checks the hosts that an instance wants to fetch from.
///
/// # Errors
/// [`NotAccepted::CapabilityNotDeclared`] if it may not fetch at all; otherwise the first entry that is
/// neither `host` nor `host:port` in lower case.
pub fn check_fetch_hosts(hosts: &[String], description: &Description) -> Result<(), NotAccepted> {
    if !hosts.is_empty() {
        step::declared(Capability::Fetch, description)?;
    }
    text::count("fetch_hosts", hosts.len(), 0, limits::HOSTS)?;
    hosts
        .iter()
        .enumerate()
        .try_for_each(|(index, host)| text::host_and_port(&format!("fetch_hosts.{index}"), host))
}

#[cfg(test)]
mod tests;
