//! Everything a request needs, made once at start.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use gateway_config::model::Configuration;
use gateway_core::id::TenantId;
use gateway_sign_in::keys::Keyring;
use gateway_sign_in::{Changed, SignIn};
use gateway_store::directory::Directory;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::links::Guesses;
use crate::route::Table;
use crate::upstream::assertion::Assertions;
use crate::upstream::client::Clients;
pub use crate::upstream::client::NoClient;
use crate::{clock, live};

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

/// A configuration with what is stored laid over it.
struct Live {
    /// [`Directory::settings_number`] before it was made.
    number: u64,
    configuration: Arc<Configuration>,
}

impl Live {
    fn of(declared: &Arc<Configuration>, directory: &Directory) -> Self {
        let number = directory.settings_number();
        let rows = |tenant: &TenantId| directory.settings_rows(tenant).1;
        Self {
            number,
            configuration: live::laid_over(declared, rows, clock::now()),
        }
    }
}

/// The gateway between its listeners and its upstreams.
pub struct Gateway {
    /// The checked configuration, as it was at the start. What is decided rests on [`Gateway::configuration`].
    pub declared: Arc<Configuration>,
    /// The same, with what is stored laid over it.
    live: ArcSwap<Live>,
    /// What the sign-in's configuration is without that: its providers are read again. Held while something is laid over.
    sign_in_declared: Mutex<Arc<Configuration>>,
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
        let live = Live::of(&parts.configuration, &parts.directory);
        let mut sign_in = parts.sign_in;
        if !Arc::ptr_eq(&live.configuration, &parts.configuration) {
            sign_in = Arc::new(sign_in.configured(Arc::clone(&live.configuration)));
        }
        Ok(Self {
            routes: Table::new(&parts.configuration),
            clients: Clients::new(&parts.configuration)?,
            sign_in_declared: Mutex::new(Arc::clone(&parts.configuration)),
            live: ArcSwap::from_pointee(live),
            declared: parts.configuration,
            directory: parts.directory,
            keyring: parts.keyring,
            sign_in: ArcSwap::new(sign_in),
            sign_in_changes: watch::Sender::new(0),
            assertions: Assertions::default(),
            tunnels: TaskTracker::new(),
            guesses: Guesses::default(),
        })
    }

    /// The configuration that decisions rest on: what is declared, with the settings, groups and documents that were
    /// stored laid over it. One request reads it once.
    #[must_use]
    pub fn configuration(&self) -> Arc<Configuration> {
        let live = self.live.load();
        if live.number == self.directory.settings_number() {
            return Arc::clone(&live.configuration);
        }
        drop(live);
        self.lay_over()
    }

    /// Whoever was told that a setting is stored finds it here, so nobody waits for somebody else to notice.
    fn lay_over(&self) -> Arc<Configuration> {
        let declared = self.sign_in_declared();
        let live = self.live.load_full();
        if live.number == self.directory.settings_number() {
            return Arc::clone(&live.configuration);
        }
        let live = Arc::new(Live::of(&self.declared, &self.directory));
        let of_sign_in = if Arc::ptr_eq(&declared, &self.declared) {
            Arc::clone(&live.configuration)
        } else {
            Live::of(&declared, &self.directory).configuration
        };
        let sign_in = self.sign_in.load().configured(of_sign_in);
        self.sign_in.store(Arc::new(sign_in));
        self.live.store(Arc::clone(&live));
        self.sign_in_changes.send_modify(|count| *count += 1);
        Arc::clone(&live.configuration)
    }

    fn sign_in_declared(&self) -> MutexGuard<'_, Arc<Configuration>> {
        self.sign_in_declared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The sign-in as it is now. Whoever asks twice within one request may get another one.
    #[must_use]
    pub fn sign_in(&self) -> Arc<SignIn> {
        drop(self.configuration());
        self.sign_in.load_full()
    }

    /// Signs people in as `changed` from now on. What is under way ends with the sign-in before.
    ///
    /// - `changed`: with the configuration as it is declared.
    pub fn replace_sign_in(&self, changed: Changed) {
        let mut declared = self.sign_in_declared();
        *declared = Arc::clone(&changed.configuration);
        let configuration = Live::of(&declared, &self.directory).configuration;
        let next = self.sign_in.load().with(Changed {
            configuration,
            ..changed
        });
        self.sign_in.store(Arc::new(next));
        self.sign_in_changes.send_modify(|count| *count += 1);
    }

    /// Tells of every [`Gateway::replace_sign_in`] from now on.
    #[must_use]
    pub(crate) fn sign_in_changes(&self) -> watch::Receiver<u64> {
        self.sign_in_changes.subscribe()
    }
}
