//! A provider as the sign-in sees it: an opened plugin.

use gateway_plugin_host::{Instance, StepFailed};
use plugins_sdk::message::{Description, Input, Step};

use crate::fetch::BoxFuture;

/// Something that answers events as the plugin contract says. Its answers have passed the contract's rules.
pub trait Provider: Send + Sync {
    /// What it says it is.
    fn description(&self) -> &Description;

    /// Hosts it fetches from.
    fn fetch_hosts(&self) -> &[String];

    /// Answers one event.
    fn step(&self, input: Input) -> BoxFuture<'_, Result<Step, StepFailed>>;
}

impl Provider for Instance {
    fn description(&self) -> &Description {
        Self::description(self)
    }

    fn fetch_hosts(&self) -> &[String] {
        Self::fetch_hosts(self)
    }

    fn step(&self, input: Input) -> BoxFuture<'_, Result<Step, StepFailed>> {
        Box::pin(Self::step(self, input))
    }
}
