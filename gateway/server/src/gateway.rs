//! Everything a request needs, made once at start.

use std::sync::Arc;

use arc_swap::ArcSwap;
use gateway_config::model::Configuration;
use gateway_sign_in::SignIn;
use gateway_sign_in::keys::Keyring;
use gateway_store::directory::Directory;
use tokio::sync::watch;
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
    pub sign_in: Arc<SignIn>,
}

/// The gateway between its listeners and its upstreams.
pub struct Gateway {
    /// The checked configuration, as it was at the start: the sign-in has its own.
    pub configuration: Arc<Configuration>,
    /// Guests, permissions, links, revocations.
    pub directory: Directory,
    /// Sealing and signing keys.
    pub keyring: Arc<Keyring>,
    /// The sign-in, with the providers as they were read last.
    sign_in: ArcSwap<SignIn>,
    /// Counts how often it was replaced.
    sign_in_changes: watch::Sender<u64>,
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
            sign_in: ArcSwap::new(parts.sign_in),
            sign_in_changes: watch::Sender::new(0),
            assertions: Assertions::default(),
            tunnels: TaskTracker::new(),
            guesses: Guesses::default(),
        })
    }

    /// The sign-in as it is now. Whoever asks twice within one request may get another one.
    #[must_use]
    pub fn sign_in(&self) -> Arc<SignIn> {
        self.sign_in.load_full()
    }

    /// Signs people in with `sign_in` from now on. What is under way ends with the one before.
    pub fn replace_sign_in(&self, sign_in: Arc<SignIn>) {
        self.sign_in.store(sign_in);
        self.sign_in_changes.send_modify(|count| *count += 1);
    }

    /// Tells of every [`Gateway::replace_sign_in`] from now on.
    #[must_use]
    pub(crate) fn sign_in_changes(&self) -> watch::Receiver<u64> {
        self.sign_in_changes.subscribe()
    }
}
