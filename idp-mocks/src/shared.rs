//! What every listener of one running set of mocks shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;

use crate::http::requests::RequestLog;
use crate::keyring::{Keyring, OldKey};
use crate::misbehaviour::{Endpoint, Misbehaviour, NotApplicable};
use crate::saml;
use crate::service::{PerService, Service, Target};
use crate::switchboard::Switchboard;
use crate::urls::Origins;
use crate::world::World;

/// A mutex that a panicking test does not make unusable for the others.
#[derive(Default)]
pub(crate) struct Guarded<T>(Mutex<T>);

impl<T> Guarded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// State shared by the listeners and the handle.
pub(crate) struct Shared {
    pub(crate) world: Guarded<World>,
    pub(crate) switchboard: Switchboard,
    pub(crate) origins: Origins,
    trust: Option<Arc<ClientConfig>>,
    /// What the SAML partner knows and remembers.
    pub(crate) partner: saml::State,
    auto: AtomicBool,
    keyrings: PerService<Keyring>,
    requests: PerService<RequestLog>,
}

impl Shared {
    pub(crate) fn new(
        world: World,
        switchboard: Switchboard,
        origins: Origins,
        trust: Option<Arc<ClientConfig>>,
        auto: bool,
    ) -> Self {
        Self {
            world: Guarded::new(world),
            switchboard,
            origins,
            trust,
            partner: saml::State::default(),
            auto: AtomicBool::new(auto),
            keyrings: PerService::new(Keyring::new),
            requests: PerService::new(|_| RequestLog::default()),
        }
    }

    /// How to meet servers over TLS, if anybody said whom to trust.
    pub(crate) fn trust(&self) -> Option<&Arc<ClientConfig>> {
        self.trust.as_ref()
    }

    /// Whether a `login_hint` that names a person is enough to sign that person in.
    pub(crate) fn auto_sign_in(&self) -> bool {
        self.auto.load(Ordering::Relaxed)
    }

    pub(crate) fn set_auto_sign_in(&self, on: bool) {
        self.auto.store(on, Ordering::Relaxed);
    }

    pub(crate) fn keyring(&self, service: Service) -> &Keyring {
        self.keyrings.of(service)
    }

    /// The log of the listener that serves `service`.
    pub(crate) fn requests(&self, service: Service) -> &RequestLog {
        let listener = match service {
            Service::MicrosoftAccount => Service::EntraWorldwide,
            other => other,
        };
        self.requests.of(listener)
    }

    /// Switches a misbehaviour on for every service of `target` that it means something for.
    pub(crate) fn misbehave(
        &self,
        target: Target,
        misbehaviour: Misbehaviour,
        endpoint: Option<Endpoint>,
    ) -> Result<(), NotApplicable> {
        let mut refused = None;
        let mut applied = false;
        for service in target.services() {
            match self.switchboard.on(service, misbehaviour, endpoint) {
                Ok(()) => applied = true,
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            Some(why) if !applied => Err(why),
            _ => Ok(()),
        }
    }

    /// Gives every service of `target` a new key; those without keys have none to change.
    pub(crate) fn roll_over(&self, target: Target, old: OldKey) {
        for service in target.services() {
            self.keyring(service).roll_over(old);
        }
    }
}
