//! How long a provider may take.

use std::sync::Arc;

use gateway_config::model::{Isolation, Provider as ConfiguredProvider, SecretSettings};
use gateway_core::assertion::{DomainScope, ProviderTrust};
use gateway_core::home::Offer;
use gateway_core::id::ProviderKind;
use plugins_sdk::message::{Description, FetchMethod, FetchRequest, Freshness};
use tokio::time::{Instant, sleep};

use super::*;
use crate::fetch::{BoxFuture, Fetch, FetchFailed, Fetched};
use crate::home;

/// Answers after a while, and never so late that the fetch itself would end.
struct Slow(Duration);

impl Fetch for Slow {
    fn fetch<'a>(
        &'a self,
        _: &'a ProviderId,
        _: &'a Url,
        _: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        Box::pin(async move {
            sleep(self.0).await;
            Ok(Fetched {
                status: 200,
                headers: Fields::new(),
                body: "{}".to_owned(),
            })
        })
    }
}

/// Wants one document after the other.
struct Curious(Description);

impl Provider for Curious {
    fn description(&self) -> &Description {
        &self.0
    }

    fn fetch_hosts(&self) -> &[String] {
        const { &[] }
    }

    fn step(&self, _: Input) -> BoxFuture<'_, Result<Step, StepFailed>> {
        Box::pin(async {
            Ok(Step::Fetch {
                request: FetchRequest {
                    method: FetchMethod::Get,
                    url: "https://login.example/document".to_owned(),
                    headers: Fields::new(),
                    body: None,
                },
                freshness: Freshness::Never,
                state: String::new(),
            })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_a_provider_does_there_is_a_page_within_ten_seconds() {
    let id = ProviderId::parse("curious").unwrap();
    let configured = ConfiguredProvider {
        id: id.clone(),
        plugin: "plugin".into(),
        sha256: [0; 32],
        display_name: None,
        tenants: None,
        trust: ProviderTrust {
            id: id.clone(),
            kind: ProviderKind::parse("openid").unwrap(),
            issuers: Vec::new(),
            cloud: None,
            domains: DomainScope::Any,
        },
        offer: Offer {
            id: id.clone(),
            home_domains: [].into(),
            any_domain: false,
            order: 0,
        },
        home_domains_given: false,
        fetch_hosts: None,
        ca: None,
        settings: SecretSettings(serde_json::Value::Null),
        isolation: Isolation::None,
        generation: String::new(),
    };
    let hosts = ["login.example".to_owned()];
    for slow in [4_000, 900] {
        let network = Arc::new(Slow(Duration::from_millis(slow)));
        let declared = [(&configured, hosts.as_slice())].into_iter();
        let fetcher = Fetcher::new(network, declared);
        let provider = Curious(Description {
            kind: "openid".to_owned(),
            display_name: "Curious".to_owned(),
            version: "1".to_owned(),
            home_domains: Vec::new(),
            capabilities: Vec::new(),
            settings_schema: None,
        });
        let drive = Drive {
            id: &id,
            provider: &provider,
            fetcher: &fetcher,
            mail: None,
            redirect_uri: String::new(),
            attempt: String::new(),
            now: UnixTime(1_800_000_000),
        };
        let started = Instant::now();
        let outcome = drive.run(Event::Sent, None).await;
        assert!(matches!(outcome, Err(DriveFailed::TooSlow)), "{outcome:?}");
        // A home may be looked up before it, and another one afterwards.
        let all = started.elapsed() + home::TIME + Duration::from_secs(1);
        assert!(all < Duration::from_secs(10), "{all:?}");
    }
}
