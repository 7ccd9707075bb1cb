//! Everything a request needs, made once at start.

use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_sign_in::keys::Keyring;
use gateway_store::directory::Directory;
use tokio_util::task::TaskTracker;

use crate::links::Guesses;
use crate::route::Table;
use crate::upstream::assertion::Assertions;
use crate::upstream::client::Clients;
pub use crate::upstream::client::NoClient;

/// What [`Gateway::new`] is made of.
pub struct GatewayParts {
    /// The checked configuration.
    pub configuration: Arc<Configuration>,
    /// Guests, permissions, links, revocations.
    pub directory: Directory,
    /// Sealing and signing keys.
    pub keyring: Arc<Keyring>,
    /// The sign-in.
    pub sign_in: Arc<gateway_sign_in::SignIn>,
}

/// The gateway between its listeners and its upstreams.
pub struct Gateway {
    /// The checked configuration.
    pub configuration: Arc<Configuration>,
    /// Guests, permissions, links, revocations.
    pub directory: Directory,
    /// Sealing and signing keys.
    pub keyring: Arc<Keyring>,
    /// The sign-in.
    pub sign_in: Arc<gateway_sign_in::SignIn>,
    /// Hosts and sites.
    pub(crate) routes: Table,
    /// Connections to the upstreams.
    pub(crate) clients: Clients,
    /// Assertions made lately.
    pub(crate) assertions: Assertions,
    /// Tunnels that are open.
    pub(crate) tunnels: TaskTracker,
    /// Who guessed too many link tokens.
    pub(crate) guesses: Guesses,
}

impl Gateway {
    /// Makes the gateway. Reads the CA files of upstreams.
    ///
    /// # Errors
    /// [`NoClient`] where an upstream's CA file is unusable.
    pub fn new(parts: GatewayParts) -> Result<Self, NoClient> {
        Ok(Self {
            routes: Table::new(&parts.configuration),
            clients: Clients::new(&parts.configuration)?,
            configuration: parts.configuration,
            directory: parts.directory,
            keyring: parts.keyring,
            sign_in: parts.sign_in,
            assertions: Assertions::default(),
            tunnels: TaskTracker::new(),
            guesses: Guesses::default(),
        })
    }
}
