//! A visit to one of the sign-in's endpoints, and who handles it.

mod arrive;
mod begin;
mod invitation;
mod leave;
mod let_in;
mod logout;
mod passed_on;
mod proceed;
mod quit;
mod redeem;
mod refuse;
mod step;
mod tries;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gateway_config::model::{Configuration, Tenant};
use gateway_core::assertion::Assertion;
use gateway_core::id::{ProviderId, TenantId};
use gateway_core::time::UnixTime;
use gateway_store::Store;
use gateway_store::directory::{Directory, View};
use gateway_store::model::Wanted;
use http::{HeaderMap, Method};

use crate::answer::{Answer, Refused};
use crate::driver::Drive;
use crate::ending::Ending;
use crate::fetch::{Fetch, Fetcher};
use crate::home::Homes;
use crate::keys::Keyring;
use crate::mail::{Asked, Gate, Mailer};
use crate::offers::Offers;
use crate::prefix::AddressPrefix;
use crate::provider::Provider;
use crate::reason::Reason;
use crate::session::Session;

/// What a [`SignIn`] is made of.
pub struct Parts {
    /// The configuration; a new one needs a new [`SignIn`].
    pub configuration: Arc<Configuration>,
    /// The directory and its store.
    pub directory: Directory,
    /// The keys.
    pub keys: Arc<Keyring>,
    /// The providers that opened, by configured id. One that is missing here signs nobody in.
    pub providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    /// The network.
    pub network: Arc<dyn Fetch>,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
}

/// Signs people in and out, for all tenants.
pub struct SignIn {
    configuration: Arc<Configuration>,
    directory: Directory,
    keys: Arc<Keyring>,
    providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    mailer: Arc<dyn Mailer>,
    network: Arc<dyn Fetch>,
    fetcher: Fetcher,
    offers: Offers,
}

/// What changes when providers are read again.
pub struct Changed {
    /// The configuration with the providers as they are now.
    pub configuration: Arc<Configuration>,
    /// The providers that opened. An instance that goes on is the same [`Arc`].
    pub providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    /// The network.
    pub network: Arc<dyn Fetch>,
}

/// The addresses below `/_vestibule/` that the sign-in answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `sign-in`.
    SignIn,
    /// `callback/{provider}`.
    Callback(ProviderId),
    /// `metadata/{provider}`.
    Metadata(ProviderId),
    /// `logout/{provider}`.
    Logout(ProviderId),
    /// `sign-out`.
    SignOut,
    /// `invitation/{id}`: where the link of an invitation's mail leads.
    Invitation(String),
    /// `leave`: a guest leaves the organisation.
    Leave,
}

/// One request to the sign-in.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The tenant whose host was asked.
    pub tenant: TenantId,
    /// The host: canonical, without port.
    pub host: String,
    /// Its origin as browsers see it: `https://contoso.localhost:8443`.
    pub origin: String,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// The method.
    pub method: Method,
    /// The raw query, without `?`.
    pub query: Option<String>,
    /// The headers, as they came.
    pub headers: HeaderMap,
    /// The whole body, already read and bounded.
    pub body: Bytes,
    /// Where it came from.
    pub prefix: AddressPrefix,
    /// When it came.
    pub now: UnixTime,
    /// The session it came with, if that is alive.
    pub session: Option<Session>,
    /// Its id.
    pub request_id: String,
}

impl SignIn {
    /// Puts the parts together. Nothing is fetched or sent yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            configuration,
            directory,
            keys,
            providers,
            network,
            mailer,
        } = parts;
        let declared = configuration.providers.values().filter_map(|configured| {
            Some((configured, providers.get(&configured.id)?.fetch_hosts()))
        });
        let homes = Homes::new(&configuration, Arc::clone(&network));
        let fetcher = Fetcher::new(Arc::clone(&network), declared);
        let offers = Offers::new(&configuration, &providers, homes);
        Self {
            configuration,
            directory,
            keys,
            providers,
            mailer,
            network,
            fetcher,
            offers,
        }
    }

    /// The same sign-in under another configuration of the same providers.
    #[must_use]
    pub fn configured(&self, configuration: Arc<Configuration>) -> Self {
        self.with(Changed {
            configuration,
            providers: self.providers.clone(),
            network: Arc::clone(&self.network),
        })
    }

    /// The same sign-in with other providers. Visits that are under way end with the old ones; attempts go on with the
    /// next visit if their provider's configuration is the same, and are stale otherwise.
    #[must_use]
    pub fn with(&self, changed: Changed) -> Self {
        let mut next = Self::new(Parts {
            configuration: changed.configuration,
            directory: self.directory.clone(),
            keys: Arc::clone(&self.keys),
            providers: changed.providers,
            network: changed.network,
            mailer: Arc::clone(&self.mailer),
        });
        let (providers, configuration) = (&next.providers, &next.configuration);
        next.fetcher.resume(&self.fetcher, |id| {
            let instances = (self.providers.get(id), providers.get(id));
            matches!(instances, (Some(old), Some(new)) if Arc::ptr_eq(old, new))
                && self.configuration.generation_of(id) == configuration.generation_of(id)
        });
        next
    }

    /// Whether the provider signs people in for the tenant. Sessions of one that does not are not honoured (S079).
    #[must_use]
    pub fn serves(&self, provider: &ProviderId, tenant: &TenantId) -> bool {
        self.offers.holds(provider, tenant)
    }

    /// When what providers fetched and is still kept ends, near or not.
    #[must_use]
    pub fn endings(&self) -> Vec<(ProviderId, Ending)> {
        let providers = &self.configuration.providers;
        self.fetcher.endings(|id| {
            let provider = providers.get(id);
            provider.map_or(&[], |provider| provider.trust.issuers.as_slice())
        })
    }

    /// Answers a visit.
    pub async fn visit(&self, visit: &Visit) -> Answer {
        let Some(tenant) = self.configuration.tenants.get(&visit.tenant) else {
            return refuse::answer(visit, visit.host.as_str(), Reason::NotFound.into());
        };
        let case = Case {
            sign_in: self,
            visit,
            tenant,
        };
        match case.handle().await {
            Ok(answer) => answer,
            Err(refused) => refuse::answer(visit, &tenant.display_name, refused),
        }
    }

    fn store(&self) -> &Store {
        self.directory.store()
    }
}

/// One visit to one tenant.
#[derive(Clone, Copy)]
struct Case<'a> {
    sign_in: &'a SignIn,
    visit: &'a Visit,
    tenant: &'a Tenant,
}

impl<'a> Case<'a> {
    async fn handle(&self) -> Result<Answer, Refused> {
        let (get, post) = (
            self.visit.method == Method::GET || self.visit.method == Method::HEAD,
            self.visit.method == Method::POST,
        );
        match &self.visit.endpoint {
            Endpoint::SignIn if get => self.ask_for_address(),
            Endpoint::SignIn if post => self.take_form().await,
            // Not HEAD: a callback is used up by being asked for.
            Endpoint::Callback(provider) if self.visit.method == Method::GET || post => {
                self.callback(provider).await
            }
            Endpoint::Metadata(provider) if get => self.metadata(provider).await,
            Endpoint::Logout(provider) if self.visit.method == Method::GET || post => {
                self.logout(provider).await
            }
            Endpoint::SignOut if get => Ok(self.ask_to_sign_out()),
            Endpoint::SignOut if post => self.sign_out().await,
            Endpoint::Invitation(id) if get => self.invitation(id).await,
            Endpoint::Leave if get => self.ask_to_leave().await,
            Endpoint::Leave if post => self.quit().await,
            Endpoint::SignIn
            | Endpoint::Callback(_)
            | Endpoint::Metadata(_)
            | Endpoint::Logout(_)
            | Endpoint::SignOut
            | Endpoint::Invitation(_)
            | Endpoint::Leave => Err(Reason::MethodNotAllowed.into()),
        }
    }

    /// What the directory knows of what is wanted.
    async fn look(&self, wanted: Wanted) -> Result<Arc<View>, Reason> {
        Ok(self.sign_in.directory.look(&wanted).await?)
    }

    /// What the directory knows of whoever was vouched for: by identity, and by the address that was proven.
    fn whoever(&self, assertion: &Assertion) -> Wanted {
        let proven = assertion.address.iter();
        Wanted {
            identity: Some(assertion.key.clone()),
            addresses: proven.map(|(address, _)| address.clone()).collect(),
            ..Wanted::of(self.tenant.id.clone())
        }
    }

    /// Whether sharing's own manager words the pages before a redemption. It is the tenant's setting that says so and
    /// not the address, so that the pages tell nobody who was invited (S149).
    fn by_sharing(&self) -> bool {
        !self.tenant.settings.integration().value
    }

    fn organisation(&self) -> &'a str {
        &self.tenant.display_name
    }

    /// The provider, if it signs people in here.
    fn provider(&self, id: &ProviderId) -> Result<&'a dyn Provider, Reason> {
        if !self.sign_in.offers.holds(id, &self.tenant.id) {
            return Err(Reason::NotFound);
        }
        self.sign_in
            .providers
            .get(id)
            .map(|provider| &**provider)
            .ok_or(Reason::NotFound)
    }

    fn gate(&self) -> Gate<'a> {
        Gate {
            configuration: &self.sign_in.configuration,
            directory: &self.sign_in.directory,
            store: self.sign_in.store(),
            mailer: &*self.sign_in.mailer,
            offers: &self.sign_in.offers,
        }
    }

    /// What a step of the provider needs.
    fn drive<'b>(
        &'b self,
        id: &'b ProviderId,
        provider: &'b dyn Provider,
        origin: &str,
        attempt: String,
        mail: Option<(&'b Gate<'b>, &'b Asked<'b>)>,
    ) -> Drive<'b> {
        Drive {
            id,
            provider,
            fetcher: &self.sign_in.fetcher,
            mail,
            redirect_uri: format!("{origin}/_vestibule/callback/{id}"),
            attempt,
            now: self.visit.now,
        }
    }
}

#[cfg(test)]
mod tests;
