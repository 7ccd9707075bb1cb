//! Reads keys and providers again while everything else goes on.
//!
//! A new library is loaded beside the old one. Visits that are under way end with the instance they began with, and
//! the last of them closes it; a pending sign-in of a provider whose configuration changed is stale and starts over
//! (`gateway_sign_in`, `SignIn::with`). What is wrong changes nothing: neither the provider it is about, nor, if the
//! files do not even read well, any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_config::model::{Configuration, Provider as Configured};
use gateway_config::{Sources, load};
use gateway_core::id::ProviderId;
use gateway_sign_in::keys::Keyring;
use gateway_sign_in::{Changed, Provider};
use tracing::{info, warn};

use crate::gateway::Gateway;
use crate::serve::network;
use crate::{clock, providers};

/// What [`Reload::new`] is made of.
pub(crate) struct ReloadParts {
    /// Where the configuration comes from.
    pub(crate) sources: Sources,
    /// The configuration in use.
    pub(crate) configuration: Arc<Configuration>,
    /// The instances in use.
    pub(crate) providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    /// The keys in use.
    pub(crate) keyring: Arc<Keyring>,
    /// The running gateway.
    pub(crate) gateway: Arc<Gateway>,
}

/// Reads again what can be read again.
pub(crate) struct Reload(ReloadParts);

impl Reload {
    pub(crate) const fn new(parts: ReloadParts) -> Self {
        Self(parts)
    }

    /// Reads the keys, then the providers.
    pub(crate) async fn run(&mut self) {
        match self.0.keyring.reload() {
            Ok(()) => info!("Keys read again"),
            Err(error) => warn!(error = %error, "Keys could not be read again"),
        }
        self.read_providers().await;
    }

    async fn read_providers(&mut self) {
        self.0.sources.now = clock::now();
        let read = match load(&self.0.sources) {
            Ok(loaded) => loaded.configuration,
            Err(problems) => {
                for problem in problems {
                    warn!(problem = %problem, "Configuration problem");
                }
                return warn!("Providers could not be read again, those in use stay");
            }
        };
        if read.generation != self.0.configuration.generation {
            warn!("More than providers changed: that takes a restart");
        }
        let next = self.next(read.providers).await;
        let configuration = self.0.configuration.with_providers(next.configured);
        let network = match network(&configuration) {
            Ok(network) => Arc::new(network),
            Err(error) => {
                return warn!(error = %error, "Providers could not be read again, those in use stay");
            }
        };
        self.0.configuration = Arc::new(configuration);
        self.0.providers = next.instances;
        let gateway = &self.0.gateway;
        gateway.replace_sign_in(Changed {
            configuration: Arc::clone(&self.0.configuration),
            providers: self.0.providers.clone(),
            network,
        });
        info!(
            providers = self.0.configuration.providers.len(),
            "Providers read again"
        );
    }

    /// What is in use next: new where something changed and opens, old where not.
    async fn next(&self, read: BTreeMap<ProviderId, Configured>) -> Next {
        let mut next = Next::default();
        for gone in self.0.configuration.providers.keys() {
            if !read.contains_key(gone) {
                info!(provider.id = %gone, "Provider removed");
            }
        }
        for (id, configured) in read {
            let before = self.0.configuration.providers.get(&id);
            let instance = self.0.providers.get(&id);
            if let (Some(before), Some(instance)) = (before, instance)
                && opens_the_same(before, &configured)
            {
                next.add(id, configured, Some(Arc::clone(instance)));
                continue;
            }
            match (self.open(configured.clone()).await, before, instance) {
                (Ok(opened), _, _) => {
                    info!(provider.id = %id, "Provider opened");
                    next.add(id, configured, Some(opened));
                }
                (Err(reason), Some(before), Some(instance)) => {
                    warn!(provider.id = %id, error = %reason, "Provider could not be opened anew, the old one stays");
                    next.add(id, before.clone(), Some(Arc::clone(instance)));
                }
                (Err(reason), _, _) => {
                    warn!(provider.id = %id, error = %reason, "Provider left out");
                    next.add(id, configured, None);
                }
            }
        }
        next
    }

    async fn open(&self, provider: Configured) -> Result<Arc<dyn Provider>, String> {
        let (configuration, keyring) = (
            Arc::clone(&self.0.configuration),
            Arc::clone(&self.0.keyring),
        );
        let opened = tokio::task::spawn_blocking(move || {
            let key = |id: &ProviderId| keyring.instance_key(id);
            providers::open_one(&provider, &configuration, &key)
        });
        match opened.await {
            Ok(Ok(instance)) => Ok(Arc::new(instance)),
            Ok(Err(missing)) => Err(missing.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[derive(Default)]
struct Next {
    configured: BTreeMap<ProviderId, Configured>,
    instances: BTreeMap<ProviderId, Arc<dyn Provider>>,
}

impl Next {
    fn add(&mut self, id: ProviderId, configured: Configured, instance: Option<Arc<dyn Provider>>) {
        self.instances
            .extend(instance.map(|instance| (id.clone(), instance)));
        self.configured.insert(id, configured);
    }
}

/// Whether an instance of the one serves for the other: the same library, somewhere, with the same settings. What the
/// gateway itself judges by may differ.
fn opens_the_same(one: &Configured, other: &Configured) -> bool {
    one.plugin == other.plugin
        && one.sha256 == other.sha256
        && one.isolation == other.isolation
        && one.trust.kind == other.trust.kind
        && one.settings == other.settings
}
