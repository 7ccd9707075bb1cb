//! Key sets of directories' issuers, for tokens that callers of the management API bring.
//!
//! The issuer is one that the configuration names; what an unverified token says leads nowhere.
//!
//! Source: OpenID Connect Discovery 1.0, sections 4.1 and 4.3.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use plugins_sdk::message::{FetchMethod, FetchRequest, Fields};
use serde_json::Value;
use tokio::sync::Mutex as Turn;
use url::Url;

use super::{Fetch, is_fetchable};

/// After so many seconds a key set is fetched anew: an hour. A key that was withdrawn counts no longer than that.
const FRESH: i64 = 60 * 60;
/// For so many seconds the keys known last count on where the issuer cannot be asked: a day.
const USABLE: i64 = 24 * 60 * 60;
/// An issuer is asked at most once in so many seconds: five minutes.
///
/// Source: specification, settled reading 9.
const PAUSE: i64 = 5 * 60;

/// Key sets, each fetched once and kept.
pub struct IssuerKeys {
    network: Arc<dyn Fetch>,
    slots: Mutex<BTreeMap<String, Arc<Turn<Slot>>>>,
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys of `{issuer}` cannot be had: {problem}")]
pub struct NoKeys {
    /// The issuer.
    pub issuer: String,
    /// Why.
    pub problem: String,
}

#[derive(Default)]
struct Slot {
    keys: Option<(Arc<Value>, UnixTime)>,
    /// When it was asked last, and what was wrong.
    asked: Option<(UnixTime, String)>,
}

impl IssuerKeys {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(network: Arc<dyn Fetch>) -> Self {
        Self {
            network,
            slots: Mutex::default(),
        }
    }

    /// The key set of `issuer`: from memory, or fetched. Whoever comes second waits for the answer to the first.
    ///
    /// - `client`: with whose certificate authorities it is reached.
    /// - `issuer`: without a slash at its end; one that the configuration names.
    /// - `fresh`: whether what is in memory was found wanting; asked for in vain within five minutes.
    ///
    /// # Errors
    /// [`NoKeys`].
    pub async fn keys(
        &self,
        client: &ProviderId,
        issuer: &str,
        fresh: bool,
        now: UnixTime,
    ) -> Result<Arc<Value>, NoKeys> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(issuer.to_owned()).or_default())
        };
        let mut slot = slot.lock().await;
        let wanted = fresh || !slot.is_younger(FRESH, now);
        if wanted && slot.may_ask(now) {
            match self.fetch(client, issuer).await {
                Ok(keys) => *slot = Slot::of(keys, now),
                Err(problem) => {
                    tracing::warn!(issuer, error = problem, "Keys of an issuer not fetched");
                    slot.asked = Some((now, problem));
                }
            }
        }
        slot.usable(now).ok_or_else(|| NoKeys {
            issuer: issuer.to_owned(),
            problem: slot.problem(),
        })
    }

    async fn fetch(&self, client: &ProviderId, issuer: &str) -> Result<Value, String> {
        let address = format!("{issuer}/.well-known/openid-configuration");
        let document = self.json(client, &address).await?;
        if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err("its discovery document is another issuer's".to_owned());
        }
        let keys = document.get("jwks_uri").and_then(Value::as_str);
        let keys = keys.ok_or("its discovery document names no keys")?;
        let set = self.json(client, keys).await?;
        if set.get("keys").is_some_and(Value::is_array) {
            Ok(set)
        } else {
            Err("its keys are no key set".to_owned())
        }
    }

    async fn json(&self, client: &ProviderId, address: &str) -> Result<Value, String> {
        let url = Url::parse(address).ok().filter(is_fetchable);
        let url = url.ok_or("an address that may not be fetched")?;
        let request = FetchRequest {
            method: FetchMethod::Get,
            url: address.to_owned(),
            headers: Fields::from([("accept".to_owned(), "application/json".to_owned())]),
            body: None,
        };
        let fetched = self.network.fetch(client, &url, &request).await;
        let fetched = fetched.map_err(|failed| failed.to_string())?;
        if fetched.status != 200 {
            return Err(format!("status {}", fetched.status));
        }
        serde_json::from_str(&fetched.body).map_err(|_| "no JSON".to_owned())
    }
}

impl Slot {
    fn of(keys: Value, now: UnixTime) -> Self {
        Self {
            keys: Some((Arc::new(keys), now)),
            asked: Some((now, String::new())),
        }
    }

    fn is_younger(&self, seconds: i64, now: UnixTime) -> bool {
        let at = self.keys.as_ref().map(|(_, at)| *at);
        at.is_some_and(|at| (0..seconds).contains(&now.since(at)))
    }

    fn may_ask(&self, now: UnixTime) -> bool {
        let asked = self.asked.as_ref().map(|(at, _)| *at);
        asked.is_none_or(|at| !(0..PAUSE).contains(&now.since(at)))
    }

    fn usable(&self, now: UnixTime) -> Option<Arc<Value>> {
        let (keys, _) = self
            .keys
            .as_ref()
            .filter(|_| self.is_younger(USABLE, now))?;
        Some(Arc::clone(keys))
    }

    fn problem(&self) -> String {
        let asked = self.asked.as_ref().map(|(_, problem)| problem.clone());
        asked.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::fetch::{BoxFuture, FetchFailed, Fetched};

    const ISSUER: &str = "https://login.example/tid/v2.0";

    /// A directory that answers until it is told not to, and counts how often it is asked for keys.
    #[derive(Default)]
    struct Directory {
        asked: AtomicUsize,
        away: Mutex<bool>,
        said: Mutex<String>,
    }

    impl Fetch for Directory {
        fn fetch<'a>(
            &'a self,
            _: &'a ProviderId,
            url: &'a Url,
            _: &'a FetchRequest,
        ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
            Box::pin(async move {
                if *self.away.lock().unwrap() {
                    return Err(FetchFailed::TooSlow("login.example".to_owned()));
                }
                let body = if url.path().ends_with("openid-configuration") {
                    self.said.lock().unwrap().clone()
                } else {
                    let count = self.asked.fetch_add(1, Ordering::SeqCst);
                    format!(r#"{{"keys":[{{"kid":"{count}"}}]}}"#)
                };
                Ok(Fetched {
                    status: 200,
                    headers: Fields::new(),
                    body,
                })
            })
        }
    }

    fn world() -> (Arc<Directory>, IssuerKeys) {
        let directory = Arc::new(Directory::default());
        *directory.said.lock().unwrap() =
            format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"https://login.example/keys"}}"#);
        (Arc::clone(&directory), IssuerKeys::new(directory))
    }

    async fn ask(keys: &IssuerKeys, fresh: bool, now: i64) -> Result<String, String> {
        let client = ProviderId::parse("entra").unwrap();
        let set = keys.keys(&client, ISSUER, fresh, UnixTime(now)).await;
        set.map(|set| set["keys"][0]["kid"].as_str().unwrap().to_owned())
            .map_err(|error| error.problem)
    }

    #[tokio::test]
    async fn keys_are_kept_for_an_hour_and_asked_for_anew_every_five_minutes_at_most() {
        let (_, keys) = world();
        let kept = |kid: &str| Ok(kid.to_owned());
        assert_eq!(ask(&keys, false, 0).await, kept("0"));
        assert_eq!(ask(&keys, true, 299).await, kept("0"), "too soon");
        assert_eq!(ask(&keys, true, 300).await, kept("1"));
        assert_eq!(ask(&keys, false, 3_899).await, kept("1"));
        assert_eq!(ask(&keys, false, 3_900).await, kept("2"), "an hour later");
    }

    #[tokio::test]
    async fn an_issuer_that_is_away_is_believed_for_a_day() {
        let (directory, keys) = world();
        assert!(ask(&keys, false, 0).await.is_ok());
        *directory.away.lock().unwrap() = true;
        assert!(ask(&keys, false, 86_399).await.is_ok());
        let refused = ask(&keys, false, 86_400).await.unwrap_err();
        assert!(refused.contains("too long"), "{refused}");
    }

    #[tokio::test]
    async fn sec_118_a_document_of_another_issuer_or_an_open_address_is_none() {
        let (directory, keys) = world();
        let wrong = [
            r#"{"issuer":"https://login.example/other/v2.0","jwks_uri":"https://login.example/keys"}"#.to_owned(),
            format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"http://login.example/keys"}}"#),
            format!(r#"{{"issuer":"{ISSUER}"}}"#),
            "<html>".to_owned(),
        ];
        for (index, said) in wrong.into_iter().enumerate() {
            *directory.said.lock().unwrap() = said.clone();
            let now = i64::try_from(index).unwrap() * 300;
            assert!(ask(&keys, false, now).await.is_err(), "{said}");
        }
        assert_eq!(directory.asked.load(Ordering::SeqCst), 0);
    }
}
