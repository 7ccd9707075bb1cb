//! The handle of a running set of mocks.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::http::requests::SeenRequest;
use crate::keyring::OldKey;
use crate::logout::{self, LoggedOut, Logout, LogoutRefused};
use crate::mailbox::Mailbox;
use crate::misbehaviour::{Endpoint, Misbehaviour, NotApplicable};
use crate::saml::{Manner, NotMetadata, ServiceProvider};
use crate::service::{Service, Target};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::start::{self, NotStarted};
use crate::urls::Urls;
use crate::world::{Organisation, Person, World};

/// A running set of mocks. Dropping it ends the listeners and every open connection.
pub struct Mocks {
    shared: Arc<Shared>,
    urls: Urls,
    mailbox: Mailbox,
    _stop: DropGuard,
}

impl Mocks {
    /// Starts all listeners in the background of the current tokio runtime.
    ///
    /// # Errors
    /// [`NotStarted`] if an address is taken, the documents cannot be written to the system's temporary
    /// folder, or `settings.misbehaviours` holds one that means nothing for its service.
    pub async fn start(settings: Settings) -> Result<Self, NotStarted> {
        start::start(settings).await
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        urls: Urls,
        mailbox: Mailbox,
        stop: CancellationToken,
    ) -> Self {
        Self {
            shared,
            urls,
            mailbox,
            _stop: stop.drop_guard(),
        }
    }

    /// Where everything is.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The mails that came in.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Switches a misbehaviour on. Of the services of `target`, those for which it means nothing are left
    /// as they are.
    ///
    /// # Errors
    /// [`NotApplicable`] if it means nothing for any of them.
    pub fn misbehave(
        &self,
        target: impl Into<Target>,
        misbehaviour: impl Into<Misbehaviour>,
    ) -> Result<(), NotApplicable> {
        let misbehaviour = misbehaviour.into();
        self.shared.misbehave(target.into(), misbehaviour, None)
    }

    /// Switches a misbehaviour of the transport on at one endpoint only.
    ///
    /// # Errors
    /// As [`Mocks::misbehave`].
    pub fn misbehave_at(
        &self,
        target: impl Into<Target>,
        misbehaviour: impl Into<Misbehaviour>,
        endpoint: Endpoint,
    ) -> Result<(), NotApplicable> {
        self.shared
            .misbehave(target.into(), misbehaviour.into(), Some(endpoint))
    }

    /// Switches every misbehaviour of `target` off.
    pub fn behave(&self, target: impl Into<Target>) {
        for service in target.into().services() {
            self.shared.switchboard.all_off(service);
        }
    }

    /// Changes how the SAML partner does things.
    pub fn change_saml(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.shared.partner.manner.lock());
    }

    /// Tells the SAML partner of a service provider, by its metadata.
    ///
    /// # Errors
    /// [`NotMetadata`] if they are none, or say too little.
    pub fn register_service_provider(&self, metadata: &str) -> Result<(), NotMetadata> {
        let provider = ServiceProvider::read(metadata)?;
        self.shared.partner.register(provider);
        Ok(())
    }

    /// How long [`Misbehaviour::Slow`] waits from now on.
    pub fn set_delay(&self, delay: Duration) {
        self.shared.switchboard.set_delay(delay);
    }

    /// Signs with a new key from now on. Services without keys are left as they are.
    pub fn roll_over(&self, target: impl Into<Target>, old: OldKey) {
        self.shared.roll_over(target.into(), old);
    }

    /// Whether a `login_hint` that names a person signs that person in without a page.
    pub fn set_auto_sign_in(&self, on: bool) {
        self.shared.set_auto_sign_in(on);
    }

    /// Makes a message about somebody's sign-out, and sends it if there is a place to send it to.
    ///
    /// # Errors
    /// [`LogoutRefused`].
    pub async fn logout(&self, wish: &Logout) -> Result<LoggedOut, LogoutRefused> {
        logout::tell(&self.shared, wish).await
    }

    /// The requests that the listener of `service` has seen, oldest first, at most the last 10 000. Those
    /// to `/_requests` and `/_mock/` are not among them.
    #[must_use]
    pub fn requests(&self, service: Service) -> Vec<SeenRequest> {
        self.shared.requests(service).all().1
    }

    /// How many requests the listener of `service` has seen since the last clearing.
    #[must_use]
    pub fn request_count(&self, service: Service) -> u64 {
        self.shared.requests(service).all().0
    }

    /// Forgets the requests to the listener of `service`.
    pub fn clear_requests(&self, service: Service) {
        self.shared.requests(service).clear();
    }

    /// Who exists now.
    #[must_use]
    pub fn world(&self) -> World {
        self.shared.world.lock().clone()
    }

    /// Adds somebody.
    pub fn add_person(&self, person: Person) {
        self.shared.world.lock().people.push(person);
    }

    /// Adds an organisation.
    pub fn add_organisation(&self, organisation: Organisation) {
        self.shared.world.lock().organisations.push(organisation);
    }

    /// Changes the world in place: people who leave, domains that are verified, clients.
    pub fn change_world(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.world.lock());
    }
}
