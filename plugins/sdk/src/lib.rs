//! The contract between the gateway and its identity providers.
//!
//! A provider is a pure function: [`message`] holds what goes in and comes out, [`Provider`] is the
//! trait to implement in Rust, [`export_provider!`] makes a library of it. [`abi`] is the same contract
//! at the level of C, [`limits`] and [`rules`] say what the gateway accepts, and [`testing`] drives a
//! provider as the gateway does, without a library; [`versions`] says what plugins of earlier minor versions know.
//!
//! ```
//! use plugins_sdk::message::{Description, Event, Input, OpenRequest, RejectReason, SettingProblem, Step};
//! use plugins_sdk::{Opened, Provider, export_provider, testing};
//!
//! /// Turns everybody away.
//! struct Closed;
//!
//! export_provider!(Closed);
//!
//! impl Provider for Closed {
//!     fn describe() -> Description {
//!         Description {
//!             kind: "closed".to_owned(),
//!             display_name: "Closed".to_owned(),
//!             version: "1.0".to_owned(),
//!             home_domains: Vec::new(),
//!             capabilities: Vec::new(),
//!             settings_schema: None,
//!         }
//!     }
//!
//!     fn open(_: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
//!         Ok(Opened { provider: Self, fetch_hosts: Vec::new() })
//!     }
//!
//!     fn step(&self, _: &Input) -> Step {
//!         Step::Reject { reason: RejectReason::AccountNotAllowed, detail: "nobody comes in".to_owned() }
//!     }
//! }
//!
//! let closed = testing::Driver::<Closed>::open(&testing::open_request(serde_json::json!({})))?;
//! let start = Event::Start { address: None, fresh: false, contexts: Vec::new(), second_factor: false };
//! assert_eq!(closed.step(&testing::input(start, None, 1_800_000_000))?.kind(), "reject");
//! # Ok::<(), testing::ContractBroken>(())
//! ```

pub mod abi;
mod export;
pub mod glue;
mod kind;
pub mod limits;
pub mod message;
mod provider;
pub mod rules;
pub mod settings;
pub mod testing;
pub mod versions;

pub use provider::{Opened, Provider};

#[cfg(test)]
mod tests;
