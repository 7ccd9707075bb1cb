//! Where a domain is at home: the clouds are asked for the discovery document of its tenant.
//!
//! Only the domain is sent, never a name in it (no user look-up), and only one that a person typed or a provider proved:
//! nothing is asked because of what an unverified token says (S114). The answer is not signed. It is advice that can close
//! a door and choose a provider; what opens one is the token that was validated.
//!
//! Source: specification "clouds and identity" A.1, A.5 (the bypass) and H.

mod document;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::address::DomainName;
use gateway_core::cloud::Clouds;
use gateway_core::id::{CloudName, ProviderId};
use gateway_core::policy::{self, Denial};
use gateway_core::time::UnixTime;
use plugins_sdk::message::{FetchMethod, FetchRequest, Fields};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use crate::fetch::{Fetch, HOME_DISCOVERY, is_fetchable};
use crate::reason::Reason;
use document::Answer;
use slots::Slots;

/// Longest time for one cloud. All are asked at once, so this is the longest for all.
pub(crate) const TIME: Duration = Duration::from_millis(2_800);
/// Longest time for the document alone, so that whoever waited for another's is answered as well.
const FETCH_TIME: Duration = Duration::from_millis(2_500);
/// Documents asked for at once: strangers choose the domains.
const AT_ONCE: usize = 32;

/// What is known of the clouds in which a domain is at home, beside what is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Clouds that say so.
    pub(crate) clouds: BTreeSet<CloudName>,
    /// Why nobody of the domain is let in, wherever it is at home.
    pub(crate) refused: Option<Denial>,
    /// How much was asked.
    pub(crate) asked: Asked,
}

/// How much was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nobody: the configuration knows, or discovery is off.
    #[default]
    Nobody,
    /// Some clouds did not answer.
    Some,
    /// All clouds answered.
    All,
}

impl Found {
    /// Whether the domain may be at home in a cloud that nobody has named.
    pub(crate) fn is_unsure(&self) -> bool {
        self.clouds.is_empty() && self.asked != Asked::All
    }

    /// Whether people of the domain may come in, by any method: somebody whose domain lives in a forbidden cloud does
    /// not come in with a passcode or a consumer account either.
    ///
    /// - `proven`: whether a validated token names the account's cloud.
    ///
    /// # Errors
    /// The [`Denial`], or [`Reason::HomeUnknown`] where a restricted cloud does not know.
    pub(crate) fn admits(
        &self,
        tenant: &Tenant,
        clouds: &Clouds,
        proven: bool,
    ) -> Result<(), Reason> {
        if let Some(denial) = self.refused {
            return Err(denial.into());
        }
        policy::homes_admit(clouds, &tenant.settings, &self.clouds)?;
        let own = clouds.find(&tenant.settings.cloud);
        let restricted = own.is_none_or(|cloud| cloud.restricted);
        if self.asked == Asked::Some && restricted && !proven {
            return Err(Reason::HomeUnknown);
        }
        Ok(())
    }
}

/// The clouds that are asked, and what they said.
pub(crate) struct Homes(Option<Arc<Shared>>);

struct Shared {
    network: Arc<dyn Fetch>,
    clouds: Arc<Clouds>,
    authorities: Vec<Authority>,
    slots: Slots,
    free: Semaphore,
}

/// A sign-in authority, and with whose certificate authorities it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    origin: String,
    client: ProviderId,
}

impl Homes {
    /// Nothing is asked yet; and nothing ever, unless the configuration says so.
    pub(crate) fn new(configuration: &Configuration, network: Arc<dyn Fetch>) -> Self {
        let shared = configuration.gateway.home_discovery.then(|| Shared {
            network,
            clouds: Arc::clone(&configuration.clouds),
            authorities: authorities(configuration),
            slots: Slots::default(),
            free: Semaphore::new(AT_ONCE),
        });
        Self(shared.map(Arc::new))
    }

    /// What the clouds say of a domain. They are asked together, and each again only when its answer is old.
    pub(crate) async fn find(&self, domain: &DomainName, now: UnixTime) -> Found {
        let Some(shared) = &self.0 else {
            return Found::default();
        };
        let mut asking = JoinSet::new();
        for index in 0..shared.authorities.len() {
            let (shared, domain) = (Arc::clone(shared), domain.clone());
            asking.spawn(async move { shared.ask(index, &domain, now).await });
        }
        let mut found = Found {
            asked: Asked::All,
            ..Found::default()
        };
        while let Some(answer) = asking.join_next().await {
            match answer {
                Ok(Answer::Homes(clouds)) => found.clouds.extend(clouds),
                Ok(Answer::Refused(denial)) => found.refused = Some(denial),
                Ok(Answer::Nowhere) => {}
                Ok(Answer::Failed) | Err(_) => found.asked = Asked::Some,
            }
        }
        found
    }
}

impl Shared {
    async fn ask(&self, index: usize, domain: &DomainName, now: UnixTime) -> Answer {
        let Some(authority) = self.authorities.get(index) else {
            return Answer::Failed;
        };
        let slot = self.slots.slot(index, domain, now);
        if let Some(answer) = slot.fresh(now) {
            return answer;
        }
        let asked = timeout(TIME, async {
            // Whoever comes second waits for the answer to the first.
            let _alone = slot.alone().await;
            if let Some(answer) = slot.fresh(now) {
                return answer;
            }
            let answer = match timeout(FETCH_TIME, self.fetch(authority, domain)).await {
                Ok(answer) => answer,
                Err(_) => {
                    tracing::warn!(home.authority = %authority.origin, error = "it took too long", "Home not found out");
                    Answer::Failed
                }
            };
            slot.keep(answer, now)
        });
        asked.await.unwrap_or(Answer::Failed)
    }

    async fn fetch(&self, authority: &Authority, domain: &DomainName) -> Answer {
        let Ok(_turn) = self.free.acquire().await else {
            return Answer::Failed;
        };
        let text = format!(
            "{}/{domain}/v2.0/.well-known/openid-configuration",
            authority.origin
        );
        let Some(url) = Url::parse(&text).ok().filter(is_fetchable) else {
            return Answer::Failed;
        };
        let request = FetchRequest {
            method: FetchMethod::Get,
            url: text,
            headers: Fields::from([("accept".to_owned(), "application/json".to_owned())]),
            body: None,
        };
        let read = match self.network.fetch(&authority.client, &url, &request).await {
            Ok(fetched) => document::read(&fetched, &self.clouds),
            Err(failed) => Err(failed.to_string()),
        };
        read.unwrap_or_else(|problem| {
            tracing::warn!(home.authority = %authority.origin, error = problem, "Home not found out");
            Answer::Failed
        })
    }
}

/// The authorities of each instance: those of the providers that sign in there, or the clouds' own.
fn authorities(configuration: &Configuration) -> Vec<Authority> {
    let mut of_instance: BTreeMap<&str, Vec<Authority>> = BTreeMap::new();
    for (name, cloud) in &configuration.clouds.0 {
        let asked = of_instance.entry(&cloud.instance).or_default();
        let signing_in = configuration.providers.values().filter(|provider| {
            provider.trust.kind.as_str() == "work-school"
                && provider.trust.cloud.as_ref() == Some(name)
        });
        for provider in signing_in {
            let instead = provider.settings.0.get("authority");
            let origin = instead
                .and_then(serde_json::Value::as_str)
                .unwrap_or(&cloud.authority);
            add(asked, origin, &provider.id);
        }
    }
    let own = ProviderId::parse(HOME_DISCOVERY);
    for cloud in configuration.clouds.0.values() {
        if let (Some(asked), Ok(own)) = (of_instance.get_mut(cloud.instance.as_str()), &own)
            && asked.iter().all(|authority| authority.client == *own)
        {
            add(asked, &cloud.authority, own);
        }
    }
    of_instance.into_values().flatten().collect()
}

fn add(asked: &mut Vec<Authority>, origin: &str, client: &ProviderId) {
    let origin = origin.trim_end_matches('/');
    if asked.iter().all(|authority| authority.origin != origin) {
        asked.push(Authority {
            origin: origin.to_owned(),
            client: client.clone(),
        });
    }
}

#[cfg(test)]
mod tests;
