//! Which providers sign people in for a tenant, and for an address.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_config::model::{Configuration, Provider as ConfiguredProvider, Tenant};
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::cloud::Clouds;
use gateway_core::home::{Offer, of_any_domain, providers_for};
use gateway_core::id::{ProviderId, TenantId};

use crate::pages::Other;
use crate::provider::Provider;

/// The providers that are loaded, by tenant.
pub(crate) struct Offers(BTreeMap<TenantId, Vec<Offer>>);

impl Offers {
    pub(crate) fn new(
        configuration: &Configuration,
        loaded: &BTreeMap<ProviderId, Arc<dyn Provider>>,
    ) -> Self {
        let of_tenant = |tenant: &Tenant| {
            let serving = configuration
                .providers
                .values()
                .filter(|configured| serves(configured, tenant, &configuration.clouds));
            serving
                .filter_map(|configured| Some(offer(configured, &**loaded.get(&configured.id)?)))
                .collect()
        };
        Self(
            configuration
                .tenants
                .values()
                .map(|tenant| (tenant.id.clone(), of_tenant(tenant)))
                .collect(),
        )
    }

    /// Whether the provider signs people in for the tenant.
    pub(crate) fn holds(&self, provider: &ProviderId, tenant: &TenantId) -> bool {
        self.of(tenant).iter().any(|offer| offer.id == *provider)
    }

    /// The providers that fit an address whoever it belongs to, best first.
    pub(crate) fn fitting(
        &self,
        address: &EmailAddress,
        tenant: &Tenant,
        configuration: &Configuration,
    ) -> Vec<ProviderId> {
        let offers = self.of(&tenant.id);
        let claimed = offers
            .iter()
            .any(|offer| offer.home_domains.contains(address.domain()));
        if !claimed && tenant.member_domains.contains(address.domain()) {
            let own = own_directory(offers, tenant, configuration);
            if !own.is_empty() {
                return own;
            }
        }
        providers_for(address, offers)
            .into_iter()
            .cloned()
            .collect()
    }

    /// The providers that anybody may choose, whatever their address.
    ///
    /// A guest who redeemed with one keeps it also when the domain has another home since. Where they stand must not be
    /// seen by strangers, so the choice is offered to all (S149); nobody redeems by it (`arrive.rs`).
    pub(crate) fn for_anybody(&self, tenant: &TenantId) -> Vec<ProviderId> {
        of_any_domain(self.of(tenant))
            .into_iter()
            .cloned()
            .collect()
    }

    fn of(&self, tenant: &TenantId) -> &[Offer] {
        self.0.get(tenant).map_or(&[], Vec::as_slice)
    }
}

/// Names of the providers for the person to choose from, but for the one in use.
///
/// They are those of the domain, whether or not somebody of that address redeemed with one: what is offered must
/// not tell.
pub(crate) fn others(
    fitting: &[ProviderId],
    used: Option<&ProviderId>,
    configuration: &Configuration,
    loaded: &BTreeMap<ProviderId, Arc<dyn Provider>>,
) -> Vec<Other> {
    fitting
        .iter()
        .filter(|id| Some(*id) != used)
        .map(|id| Other {
            id: id.to_string(),
            name: display_name(id, configuration, loaded),
        })
        .collect()
}

/// The configured name of a provider, or its own.
pub(crate) fn display_name(
    id: &ProviderId,
    configuration: &Configuration,
    loaded: &BTreeMap<ProviderId, Arc<dyn Provider>>,
) -> String {
    let configured = configuration
        .providers
        .get(id)
        .and_then(|provider| provider.display_name.clone());
    let own = || {
        loaded
            .get(id)
            .map(|provider| provider.description().display_name.clone())
    };
    configured.or_else(own).unwrap_or_else(|| id.to_string())
}

fn serves(configured: &ConfiguredProvider, tenant: &Tenant, clouds: &Clouds) -> bool {
    let passcodes = configured.trust.kind.as_str() == "email-otp";
    configured.serves(&tenant.id) && (!passcodes || tenant.mails_passcodes(clouds))
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

/// The organisation's own people sign in at its own directory.
fn own_directory(
    offers: &[Offer],
    tenant: &Tenant,
    configuration: &Configuration,
) -> Vec<ProviderId> {
    let is_own = |offer: &&Offer| {
        configuration
            .providers
            .get(&offer.id)
            .is_some_and(|provider| {
                provider.trust.kind.as_str() == "work-school"
                    && provider.trust.cloud.as_ref() == Some(&tenant.settings.cloud)
            })
    };
    let mut own: Vec<&Offer> = offers.iter().filter(is_own).collect();
    own.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    own.into_iter().map(|offer| offer.id.clone()).collect()
}
