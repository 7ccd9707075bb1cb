//! Which providers sign people in for a tenant, and for an address.
//!
//! What is offered follows from the domain, from the configuration and from what the clouds say of the domain. The directory
//! has no part in it: to be sent elsewhere would tell a stranger who was invited or has redeemed, and with what (S149).

mod serving;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::cloud::Clouds;
use gateway_core::id::{CloudName, ProviderId, ProviderKind, TenantId};
use gateway_core::person::Guest;
use gateway_core::policy::redeem::{self, Home, Invitee};
use gateway_core::policy::{Denial, Method};
use gateway_core::time::UnixTime;

use crate::home::{Found, Homes};
use crate::pages::Other;
use crate::provider::Provider;
use serving::Serving;

/// Nobody's address, and of a domain that is nowhere at home (RFC 6761, 6.4).
const NOBODY: &str = "nobody@nowhere.invalid";

/// The providers that are loaded, by tenant, and where domains are at home.
pub(crate) struct Offers {
    serving: BTreeMap<TenantId, Vec<Serving>>,
    homes: Homes,
    configuration: Arc<Configuration>,
}

/// The providers by which an invitation to an address may be redeemed, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fitting {
    pub(crate) providers: Vec<ProviderId>,
    /// Whether the person says which: the address may be that of two accounts.
    pub(crate) choice: bool,
}

/// Whether a provider is one to redeem with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redeems {
    Yes,
    /// No, but with these.
    With(Vec<ProviderId>),
}

impl Offers {
    pub(crate) fn new(
        configuration: &Arc<Configuration>,
        loaded: &BTreeMap<ProviderId, Arc<dyn Provider>>,
        homes: Homes,
    ) -> Self {
        let of_tenant = |tenant: &Tenant| serving::all(tenant, configuration, loaded);
        Self {
            serving: configuration
                .tenants
                .values()
                .map(|tenant| (tenant.id.clone(), of_tenant(tenant)))
                .collect(),
            homes,
            configuration: Arc::clone(configuration),
        }
    }

    /// Whether the provider signs people in for the tenant.
    pub(crate) fn holds(&self, provider: &ProviderId, tenant: &TenantId) -> bool {
        self.of(tenant).iter().any(|one| one.offer.id == *provider)
    }

    /// What is known of the home of a domain beside what is configured. What the configuration says always wins: then
    /// nobody is asked.
    pub(crate) async fn home(&self, domain: &DomainName, tenant: &Tenant, now: UnixTime) -> Found {
        let mut serving = self.of(&tenant.id).iter();
        let configured = tenant.member_domains.contains(domain)
            || tenant.settings.directory.domain_homes.contains_key(domain)
            || serving.any(|one| one.is_home_to(domain));
        if configured {
            Found::default()
        } else {
            self.homes.find(domain, now).await
        }
    }

    /// The providers for whoever has an address.
    ///
    /// # Errors
    /// Why there are none: no cloud, or nothing that is set up.
    pub(crate) fn fitting(
        &self,
        address: &EmailAddress,
        home: &Found,
        tenant: &Tenant,
        now: UnixTime,
    ) -> Result<Fitting, Denial> {
        let domain = address.domain();
        let all = self.of(&tenant.id);
        let claiming = in_order(all.iter().filter(|one| one.is_home_to(domain)).collect());
        let only = |providers| Fitting {
            providers,
            choice: false,
        };
        if tenant.member_domains.contains(domain) {
            let own = all.iter().filter(|one| one.is_own_directory_of(tenant));
            let own = match claiming.is_empty() {
                true => in_order(own.collect()),
                false => claiming.clone(),
            };
            if !own.is_empty() {
                return Ok(only(own));
            }
        }
        match self.redeeming(Invitee::Anybody(address), home, tenant, now) {
            // Who signs in where the operator says that they are at home is told afterwards why they do not come in.
            Err(denial) if is_of_cloud(denial) && !claiming.is_empty() => Ok(only(claiming)),
            fitting => fitting,
        }
    }

    /// What anybody is shown whose domain is nowhere at home: also those whom no method lets in, who must not see that.
    pub(crate) fn neutral(&self, tenant: &Tenant, now: UnixTime) -> Fitting {
        let nobody = EmailAddress::parse(NOBODY).ok();
        nobody
            .and_then(|nobody| {
                let nowhere = Found::default();
                self.fitting(&nobody, &nowhere, tenant, now).ok()
            })
            .unwrap_or_default()
    }

    /// Whether `guest`, who has not redeemed, may do so with the provider: by the directory's order of providers, or by what
    /// it falls back to.
    ///
    /// # Errors
    /// The [`Denial`].
    pub(crate) fn redeems(
        &self,
        provider: &ProviderId,
        guest: &Guest,
        home: &Found,
        tenant: &Tenant,
        now: UnixTime,
    ) -> Result<Redeems, Denial> {
        let fitting = if tenant.member_domains.contains(guest.address.domain()) {
            self.fitting(&guest.address, home, tenant, now)?
        } else {
            self.redeeming(Invitee::Guest(guest), home, tenant, now)?
        };
        Ok(if fitting.providers.contains(provider) {
            Redeems::Yes
        } else {
            Redeems::With(fitting.providers)
        })
    }

    fn redeeming(
        &self,
        invitee: Invitee<'_>,
        found: &Found,
        tenant: &Tenant,
        now: UnixTime,
    ) -> Result<Fitting, Denial> {
        let domain = match invitee {
            Invitee::Anybody(address) => address.domain(),
            Invitee::Guest(guest) => guest.address.domain(),
        };
        let clouds = &self.configuration.clouds;
        let place = Place::of(domain, found, tenant, self.of(&tenant.id), clouds);
        let taking: Vec<&Serving> = place.taking().collect();
        let kinds: BTreeSet<ProviderKind> = taking.iter().map(|one| one.kind.clone()).collect();
        let settings = &tenant.settings;
        let mut methods = Vec::new();
        let mut refused = Denial::NoProvider;
        for home in place.homes() {
            match redeem::ways(invitee, &home, settings, clouds, &kinds, now) {
                Ok(found) => methods.extend(found),
                Err(denial) if is_of_cloud(denial) && !place.clouds.is_empty() => {
                    return Err(denial);
                }
                Err(denial) => refused = denial,
            }
        }
        // Of a kind that the documents say nothing of it is enough that it was set up.
        let fits =
            |one: &&Serving| !one.is_listed() || methods.iter().any(|method| one.is_by(*method));
        let fitting: Vec<&Serving> = taking.into_iter().filter(fits).collect();
        if fitting.is_empty() {
            return Err(refused);
        }
        let by = |method| fitting.iter().any(|one| one.is_by(method));
        let choice =
            !place.clouds.is_empty() && by(Method::WorkSchool) && by(Method::MicrosoftAccount);
        Ok(Fitting {
            providers: in_order(fitting),
            choice,
        })
    }

    /// The providers that anybody may choose, whatever their address.
    ///
    /// A guest who redeemed with one keeps it also when the domain has another home since. Where they stand must not be
    /// seen by strangers, so the choice is offered to all (S149); nobody redeems by it (`arrive.rs`).
    pub(crate) fn for_anybody(&self, tenant: &TenantId) -> Vec<ProviderId> {
        let all = self.of(tenant).iter();
        in_order(all.filter(|one| one.offer.any_domain).collect())
    }

    fn of(&self, tenant: &TenantId) -> &[Serving] {
        self.serving.get(tenant).map_or(&[], Vec::as_slice)
    }
}

/// A domain, with what is known of its home.
struct Place<'a> {
    domain: &'a DomainName,
    all: &'a [Serving],
    known: &'a Clouds,
    /// Clouds in which it is at home.
    clouds: BTreeSet<CloudName>,
    /// Whether it may be at home in clouds that nobody has named.
    unsure: bool,
    /// Whether a provider is home to it of which the documents say nothing: the operator's decision, which wins.
    taken: bool,
}

impl<'a> Place<'a> {
    fn of(
        domain: &'a DomainName,
        found: &Found,
        tenant: &'a Tenant,
        all: &'a [Serving],
        known: &'a Clouds,
    ) -> Self {
        let claiming = || all.iter().filter(|one| one.is_home_to(domain));
        let declared = tenant.settings.directory.domain_homes.get(domain);
        let mut clouds = declared.cloned().unwrap_or_default();
        clouds.extend(found.clouds.iter().cloned());
        clouds.extend(claiming().filter_map(Serving::home_cloud));
        Self {
            domain,
            all,
            known,
            unsure: clouds.is_empty() && found.is_unsure() && claiming().next().is_none(),
            clouds,
            taken: claiming().any(|one| !one.is_listed()),
        }
    }

    /// The providers that take people of the domain, if the directory's settings let them.
    fn taking(&self) -> impl Iterator<Item = &'a Serving> + '_ {
        let claimed_at_work = self.any_home(|one| one.home_cloud().is_some());
        let claimed = self.any_home(|_| true);
        let exact = self.all.iter().any(|one| self.is_of_its_cloud(one));
        self.all.iter().filter(move |one| {
            let home = one.is_home_to(self.domain);
            let at_large = one.offer.any_domain;
            match one.kind.as_str() {
                "work-school" if claimed_at_work => home,
                "work-school" if self.unsure => at_large,
                "work-school" if exact => self.is_of_its_cloud(one),
                "work-school" => self.is_of_its_authority(one),
                "google" | "saml" => home,
                "microsoft-account" | "email-otp" => home || (at_large && !self.taken),
                _ => home || (at_large && !claimed && self.clouds.is_empty()),
            }
        })
    }

    fn is_of_its_cloud(&self, one: &Serving) -> bool {
        one.home_cloud()
            .is_some_and(|cloud| self.clouds.contains(&cloud))
    }

    /// Clouds of one instance may share an authority: what signs in for one does for the other.
    fn is_of_its_authority(&self, one: &Serving) -> bool {
        let authority = |name: &CloudName| self.known.find(name).map(|cloud| &cloud.authority);
        let theirs = one.home_cloud().and_then(|cloud| authority(&cloud));
        theirs.is_some() && self.clouds.iter().any(|home| authority(home) == theirs)
    }

    fn any_home(&self, also: impl Fn(&Serving) -> bool) -> bool {
        let mut all = self.all.iter();
        all.any(|one| one.is_home_to(self.domain) && also(one))
    }

    /// What the rules are asked for: one home, or each that it may be where nobody knows.
    fn homes(&self) -> Vec<Home> {
        let of_consumers = |one: &Serving| one.kind.as_str() == "microsoft-account";
        let home = |clouds: BTreeSet<CloudName>, microsoft_account: bool| Home {
            clouds,
            unmanaged: false,
            microsoft_account,
        };
        let consumers = self.any_home(of_consumers);
        let mut homes = vec![home(self.clouds.clone(), consumers)];
        // Whether a Microsoft account has the address is nobody's to ask. Where it could be, it may be.
        let at_large = |one: &&Serving| one.offer.any_domain;
        if self.clouds.is_empty() && self.all.iter().filter(at_large).any(of_consumers) {
            homes.push(home(BTreeSet::new(), true));
        }
        if self.unsure {
            let at_work = self.all.iter().filter(at_large);
            let at_work = at_work.filter_map(Serving::home_cloud);
            homes.extend(at_work.map(|cloud| home([cloud].into(), false)));
        }
        homes
    }
}

/// Whether it is the cloud of the home that is refused.
const fn is_of_cloud(denial: Denial) -> bool {
    matches!(
        denial,
        Denial::CloudNotAllowed | Denial::CloudUnknown | Denial::OutsideEnvironment
    )
}

fn in_order(mut serving: Vec<&Serving>) -> Vec<ProviderId> {
    serving.sort_by(|a, b| (a.offer.order, &a.offer.id).cmp(&(b.offer.order, &b.offer.id)));
    serving
        .into_iter()
        .map(|one| one.offer.id.clone())
        .collect()
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
