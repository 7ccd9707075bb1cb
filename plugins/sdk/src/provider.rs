//! The safe trait over the C contract.

use crate::message::{Description, Input, OpenRequest, SettingProblem, Step};

/// An identity provider: a pure function with no memory, sockets, clock or randomness of its own.
///
/// One value is one configured instance. It is shared between threads and never told what an
/// earlier step saw: whatever must be remembered travels in `state`.
pub trait Provider: Sized + Send + Sync + 'static {
    /// What this plugin is. Must not depend on anything.
    fn describe() -> Description;

    /// Checks the settings and makes an instance.
    ///
    /// # Errors
    /// Every problem with the settings at once.
    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>>;

    /// Answers one event. Total: what does not fit is [`Step::Reject`].
    fn step(&self, input: &Input) -> Step;
}

/// An instance, ready for steps.
#[derive(Debug)]
pub struct Opened<P> {
    /// The instance.
    pub provider: P,
    /// Host names (`host` or `host:port`) it will fetch from.
    pub fetch_hosts: Vec<String>,
}
