//! A provider that signs people in for a tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_config::model::{Configuration, Provider as ConfiguredProvider, Tenant};
use gateway_core::address::DomainName;
use gateway_core::assertion::DomainScope;
use gateway_core::cloud::Clouds;
use gateway_core::home::Offer;
use gateway_core::id::{CloudName, ProviderId, ProviderKind};
use gateway_core::policy::{self, Method};

use crate::provider::Provider;

/// A provider that signs people in for a tenant.
#[derive(Clone, Debug)]
pub(super) struct Serving {
    pub(super) offer: Offer,
    pub(super) kind: ProviderKind,
    /// The cloud whose accounts it signs in.
    cloud: Option<CloudName>,
    /// The domains it may prove addresses of.
    proves: DomainScope,
}

/// The loaded providers of a tenant.
pub(super) fn all(
    tenant: &Tenant,
    configuration: &Configuration,
    loaded: &BTreeMap<ProviderId, Arc<dyn Provider>>,
) -> Vec<Serving> {
    let serving = configuration
        .providers
        .values()
        .filter(|configured| serves(configured, tenant, &configuration.clouds));
    serving
        .filter_map(|configured| {
            Some(Serving {
                offer: offer(configured, &**loaded.get(&configured.id)?),
                kind: configured.trust.kind.clone(),
                cloud: configured.trust.cloud.clone(),
                proves: configured.trust.domains.clone(),
            })
        })
        .collect()
}

impl Serving {
    /// Whether people of the domain sign in here. A federation that names no home is one to the domains it speaks for.
    pub(super) fn is_home_to(&self, domain: &DomainName) -> bool {
        let speaks_for = match &self.proves {
            DomainScope::Only(domains) => self.kind.as_str() == "saml" && domains.contains(domain),
            DomainScope::Any => false,
        };
        speaks_for || self.offer.home_domains.contains(domain)
    }

    /// The cloud whose work and school accounts it signs in.
    pub(super) fn home_cloud(&self) -> Option<CloudName> {
        let at_work = self.kind.as_str() == "work-school";
        self.cloud.clone().filter(|_| at_work)
    }

    /// The organisation's own people sign in at its own directory.
    pub(super) fn is_own_directory_of(&self, tenant: &Tenant) -> bool {
        self.home_cloud().as_ref() == Some(&tenant.settings.cloud)
    }

    /// Whether the documents say when it is offered. Others are the operator's decision, made by setting them up.
    pub(super) fn is_listed(&self) -> bool {
        policy::is_listed(self.kind.as_str())
    }

    /// Whether it is by this provider that somebody signs in who does so by `method`.
    pub(super) fn is_by(&self, method: Method) -> bool {
        let kind = match method {
            Method::WorkSchool => "work-school",
            Method::Saml => "saml",
            Method::Google => "google",
            Method::MicrosoftAccount | Method::NewMicrosoftAccount => "microsoft-account",
            Method::Passcode | Method::SharingPasscode => "email-otp",
            Method::ExistingAccount => return false,
        };
        self.kind.as_str() == kind
    }
}

fn serves(configured: &ConfiguredProvider, tenant: &Tenant, clouds: &Clouds) -> bool {
    let kind = &configured.trust.kind;
    let passcodes = kind.as_str() == "email-otp";
    let given_up = tenant.settings.directory.given_up.contains(kind);
    configured.serves(&tenant.id) && !given_up && (!passcodes || tenant.mails_passcodes(clouds))
}

/// What the plugin says about its home domains holds unless the configuration lists them.
fn offer(configured: &ConfiguredProvider, loaded: &dyn Provider) -> Offer {
    let mut offer = configured.offer.clone();
    if !configured.home_domains_given {
        let own = loaded.description().home_domains.iter();
        offer
            .home_domains
            .extend(own.filter_map(|domain| DomainName::parse(domain).ok()));
    }
    offer
}
