//! Fetching for providers: from the hosts they declared, within bounds, cached where they allow it.

mod breaker;
mod cache;
mod http1;
mod issuers;
mod roots;

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::Arc;

use gateway_config::model::Provider as ConfiguredProvider;
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use plugins_sdk::message::{Event, FetchMethod, FetchRequest, Fields, Freshness};
use url::Url;

pub use http1::HttpFetcher;
pub use issuers::{IssuerKeys, NoKeys};
pub use roots::RootsUnusable;

use breaker::Breaker;
use cache::{Cache, Lookup};

use crate::ending::{self, Ending};

/// Under which name the gateway itself fetches, where no provider's certificate authorities are the ones to trust.
pub const HOME_DISCOVERY: &str = "home-discovery";

/// A future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An answer from the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// Selected headers, lower-case names.
    pub headers: Fields,
    /// The body.
    pub body: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailed {
    /// The URL is none that may be fetched from.
    #[error(
        "`{0}` may not be fetched: https only, or http on loopback, without user, to a declared host"
    )]
    NotAllowed(String),
    /// The host could not be reached, or broke off.
    #[error("`{host}` could not be reached: {problem}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        problem: String,
    },
    /// It took too long.
    #[error("`{0}` took too long")]
    TooSlow(String),
    /// The host did not answer lately, and is not asked for a while.
    #[error("`{0}` did not answer lately, and is left alone for a while")]
    Resting(String),
    /// The answer is too large.
    #[error("the answer of `{0}` is too large")]
    TooLarge(String),
    /// The answer is not UTF-8.
    #[error("the answer of `{0}` is not UTF-8")]
    NotText(String),
}

/// The network, as a provider's fetches see it.
pub trait Fetch: Send + Sync {
    /// Makes the request: no redirect is followed, and size and time are bounded.
    ///
    /// - `url`: the parsed URL of `request`, already found allowed.
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderId,
        url: &'a Url,
        request: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>>;
}

/// Fetches for all providers, with their caches.
pub(crate) struct Fetcher {
    network: Arc<dyn Fetch>,
    allowed: HashMap<ProviderId, BTreeSet<String>>,
    cache: Cache,
    breaker: Breaker,
}

impl Fetcher {
    /// - `declared`: for each provider what its configuration says, and the hosts its instance asked for.
    pub(crate) fn new<'a>(
        network: Arc<dyn Fetch>,
        declared: impl Iterator<Item = (&'a ConfiguredProvider, &'a [String])>,
    ) -> Self {
        Self {
            network,
            allowed: declared
                .map(|(configured, asked)| {
                    (configured.id.clone(), allowed_hosts(configured, asked))
                })
                .collect(),
            cache: Cache::default(),
            breaker: Breaker::default(),
        }
    }

    /// Takes over what `earlier` has cached for the providers that `same` says are the same still.
    pub(crate) fn resume(&mut self, earlier: &Self, same: impl Fn(&ProviderId) -> bool) {
        self.cache = earlier.cache.of(same);
    }

    /// When what is kept ends.
    ///
    /// - `issuers`: those of a provider.
    pub(crate) fn endings<'a>(
        &self,
        issuers: impl Fn(&ProviderId) -> &'a [String],
    ) -> Vec<(ProviderId, Ending)> {
        let kept = self.cache.documents().into_iter();
        kept.flat_map(|((provider, url), body)| {
            let endings = ending::in_document(&url, &body, issuers(&provider));
            endings
                .into_iter()
                .map(move |ending| (provider.clone(), ending))
        })
        .collect()
    }

    /// Answers a fetch of `provider` with an [`Event::Response`]; what fails is status 0.
    pub(crate) async fn respond(
        &self,
        provider: &ProviderId,
        request: &FetchRequest,
        freshness: Freshness,
        now: UnixTime,
    ) -> Event {
        let outcome = match self.check(provider, &request.url) {
            Ok(url) => self.answer(provider, &url, request, freshness, now).await,
            Err(refused) => Err(refused),
        };
        match outcome {
            Ok((fetched, fetched_at)) => Event::Response {
                status: fetched.status,
                headers: fetched.headers,
                body: fetched.body,
                fetched_at: fetched_at.0,
            },
            Err(failed) => {
                tracing::warn!(provider.id = %provider, error = %failed, "Fetch failed");
                Event::Response {
                    status: 0,
                    headers: Fields::new(),
                    body: failed.to_string(),
                    fetched_at: now.0,
                }
            }
        }
    }

    fn check(&self, provider: &ProviderId, text: &str) -> Result<Url, FetchFailed> {
        let refused = || FetchFailed::NotAllowed(text.chars().take(200).collect());
        let url = Url::parse(text).map_err(|_| refused())?;
        let declared = self
            .allowed
            .get(provider)
            .is_some_and(|hosts| hosts.contains(&host_of(&url)));
        if declared && is_fetchable(&url) {
            Ok(url)
        } else {
            Err(refused())
        }
    }

    async fn answer(
        &self,
        provider: &ProviderId,
        url: &Url,
        request: &FetchRequest,
        freshness: Freshness,
        now: UnixTime,
    ) -> Result<(Fetched, UnixTime), FetchFailed> {
        if request.method == FetchMethod::Post || freshness == Freshness::Never {
            return Ok((self.ask(provider, url, request, now).await?, now));
        }
        let slot = self.cache.slot(provider, url.as_str());
        match slot.look_up(freshness == Freshness::Revalidate, now) {
            Lookup::Serve(fetched, at) => Ok((fetched, at)),
            Lookup::Fetch => {
                let outcome = self.ask(provider, url, request, now).await;
                slot.settle(outcome, now)
            }
        }
    }

    async fn ask(
        &self,
        provider: &ProviderId,
        url: &Url,
        request: &FetchRequest,
        now: UnixTime,
    ) -> Result<Fetched, FetchFailed> {
        let host = host_of(url);
        if !self.breaker.admits(provider, &host, now) {
            return Err(FetchFailed::Resting(host));
        }
        let outcome = self.network.fetch(provider, url, request).await;
        self.breaker.ended(provider, &host, &outcome, now);
        outcome
    }
}

/// What the instance declared, narrowed by the configuration.
fn allowed_hosts(configured: &ConfiguredProvider, asked: &[String]) -> BTreeSet<String> {
    asked
        .iter()
        .filter(|host| {
            configured
                .fetch_hosts
                .as_ref()
                .is_none_or(|list| list.contains(host))
        })
        .cloned()
        .collect()
}

/// `host`, or `host:port` where the port is not the scheme's own.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// https, or http to this machine; nobody's name and password in it.
pub(crate) fn is_fetchable(url: &Url) -> bool {
    let transport = match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    };
    transport && url.username().is_empty() && url.password().is_none()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::network::configured as configured_for_tests;
