//! What clouds say of a domain, and for how long it counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gateway_core::cloud::{Cloud, Clouds, Described};
use gateway_core::id::ProviderKind;
use gateway_core::settings::words::AllowInvitesFrom;
use tokio::sync::Semaphore as Gate;

use super::*;
use crate::fetch::{BoxFuture, FetchFailed, Fetched};

const NOW: UnixTime = UnixTime(1_800_000_000);
const TENANT: &str = "33333333-3333-4333-8333-333333333333";

/// Clouds that answer as a test says.
#[derive(Default)]
struct Network {
    answers: Mutex<HashMap<String, Fetched>>,
    asked: Mutex<Vec<(String, String)>>,
    hangs: AtomicBool,
    held: Option<Gate>,
}

impl Fetch for Network {
    fn fetch<'a>(
        &'a self,
        provider: &'a ProviderId,
        url: &'a Url,
        request: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        assert_eq!(request.method, FetchMethod::Get);
        assert_eq!((url.as_str(), request.body.as_ref()), (&*request.url, None));
        let asked = (provider.to_string(), url.to_string());
        self.asked.lock().unwrap().push(asked);
        Box::pin(async move {
            if let Some(held) = &self.held {
                held.acquire().await.unwrap().forget();
            }
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let answers = self.answers.lock().unwrap();
            let host = url.host_str().unwrap_or_default().to_owned();
            answers
                .get(&host)
                .cloned()
                .ok_or(FetchFailed::TooSlow(host))
        })
    }
}

fn fetched(status: u16, media_type: &str, body: String) -> Fetched {
    Fetched {
        status,
        headers: Fields::from([("content-type".to_owned(), media_type.to_owned())]),
        body,
    }
}

fn nowhere() -> Fetched {
    let body = r#"{"error":"invalid_tenant","error_codes":[90002]}"#;
    fetched(400, "application/json; charset=utf-8", body.to_owned())
}

fn document(issuer: &str, instance: &str, scope: &str, sub_scope: &str) -> Fetched {
    let body = serde_json::json!({
        "issuer": issuer,
        "cloud_instance_name": instance,
        "tenant_region_scope": scope,
        "tenant_region_sub_scope": sub_scope,
        "token_endpoint": "https://evil.example/",
    });
    fetched(200, "application/json", body.to_string())
}

fn tenant_at(host: &str) -> String {
    format!("https://{host}/{TENANT}/v2.0")
}

fn cloud(name: &str) -> CloudName {
    CloudName::parse(name).unwrap()
}

fn names(list: &[&str]) -> BTreeSet<CloudName> {
    list.iter().map(|name| cloud(name)).collect()
}

fn clouds() -> Clouds {
    let record = |instance: &str, sub_scope: Option<&str>| {
        let government = instance == "us.example";
        let scopes = |list: &[&str]| list.iter().map(|&scope| scope.to_owned()).collect();
        Cloud {
            instance: instance.to_owned(),
            authority: format!("https://login.{instance}"),
            identity_providers: [ProviderKind::parse("work-school").unwrap()].into(),
            integration_supported: true,
            restricted: false,
            partner_clouds: BTreeSet::new(),
            tenants: Described {
                region_scopes: scopes(if government { &["USGOV", "USG"] } else { &[] }),
                closed_scopes: scopes(if government { &["USG"] } else { &[] }),
                sub_scope: sub_scope.map(str::to_owned),
            },
            consumers: false,
            file_requests: true,
            allow_invites_from: AllowInvitesFrom::Everyone,
        }
    };
    Clouds(BTreeMap::from([
        (cloud("worldwide"), record("com.example", None)),
        (cloud("gcc"), record("com.example", Some("GCC"))),
        (cloud("gcc-high"), record("us.example", Some("DODCON"))),
        (cloud("dod"), record("us.example", Some("DOD"))),
        (cloud("china"), record("cn.example", None)),
    ]))
}

const HOSTS: [&str; 3] = ["login.cn.example", "login.com.example", "login.us.example"];

fn homes(network: Network) -> (Homes, Arc<Network>) {
    let network = Arc::new(network);
    let clouds = Arc::new(clouds());
    let authority = |host: &&str| Authority {
        origin: format!("https://{host}"),
        client: ProviderId::parse(&host.replace('.', "-")).unwrap(),
    };
    let shared = Shared {
        network: Arc::clone(&network) as Arc<dyn Fetch>,
        clouds,
        authorities: HOSTS.iter().map(authority).collect(),
        slots: Slots::default(),
        free: Semaphore::new(AT_ONCE),
    };
    (Homes(Some(Arc::new(shared))), network)
}

fn domain(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn answering(answers: [Fetched; 3]) -> Network {
    let hosts = HOSTS.map(str::to_owned);
    Network {
        answers: Mutex::new(hosts.into_iter().zip(answers).collect()),
        ..Network::default()
    }
}

async fn check(answers: [Fetched; 3], want: Found) {
    let (homes, _) = homes(answering(answers.clone()));
    let found = homes.find(&domain("fabrikam.example"), NOW).await;
    assert_eq!(found, want, "{answers:?}");
}

fn found(clouds: &[&str], asked: Asked) -> Found {
    Found {
        clouds: names(clouds),
        refused: None,
        asked,
    }
}

#[tokio::test]
async fn every_cloud_is_asked_for_the_domain_and_for_nothing_else() {
    let (homes, network) = homes(answering([nowhere(), nowhere(), nowhere()]));
    homes.find(&domain("Bücher.Example"), NOW).await;
    let mut asked = network.asked.lock().unwrap().clone();
    asked.sort();
    let path = "xn--bcher-kva.example/v2.0/.well-known/openid-configuration";
    let want = HOSTS.map(|host| (host.replace('.', "-"), format!("https://{host}/{path}")));
    assert_eq!(asked, want);
}

#[tokio::test]
async fn a_domain_is_at_home_where_its_document_says() {
    let com = |scope, sub_scope| {
        document(
            &tenant_at("login.com.example"),
            "COM.example",
            scope,
            sub_scope,
        )
    };
    check(
        [nowhere(), com("EU", ""), nowhere()],
        found(&["worldwide"], Asked::All),
    )
    .await;
    check(
        [nowhere(), com("NA", "gcc"), nowhere()],
        found(&["gcc"], Asked::All),
    )
    .await;
    check([nowhere(), nowhere(), nowhere()], found(&[], Asked::All)).await;
}

#[tokio::test]
async fn an_answer_of_the_global_host_may_be_a_sovereign_tenants() {
    let sovereign = |scope| {
        document(
            &tenant_at("login.us.example"),
            "us.example",
            scope,
            "DODCON",
        )
    };
    check(
        [nowhere(), sovereign("USGov"), sovereign("USGOV")],
        found(&["gcc-high"], Asked::All),
    )
    .await;
    // Even where it keeps silent about the instance that its region belongs to.
    let silent = document(
        &tenant_at("login.com.example"),
        "com.example",
        "USGOV",
        "DOD",
    );
    check(
        [nowhere(), silent, nowhere()],
        found(&["dod", "gcc", "worldwide"], Asked::All),
    )
    .await;
    let issuing = document(&tenant_at("login.cn.example"), "com.example", "", "");
    check(
        [nowhere(), issuing, nowhere()],
        found(&["china", "worldwide"], Asked::All),
    )
    .await;
}

#[tokio::test]
async fn a_domain_of_several_clouds_has_them_all() {
    let china = document(&tenant_at("login.cn.example"), "cn.example", "", "");
    let com = document(&tenant_at("login.com.example"), "com.example", "EU", "");
    check(
        [china, com, nowhere()],
        found(&["china", "worldwide"], Asked::All),
    )
    .await;
}

#[tokio::test]
async fn who_is_in_a_cloud_that_is_not_configured_or_closed_is_let_in_nowhere() {
    let refused = |denial| Found {
        refused: Some(denial),
        ..found(&[], Asked::All)
    };
    let new = document(&tenant_at("login.fr.example"), "fr.example", "", "");
    check([nowhere(), new, nowhere()], refused(Denial::CloudUnknown)).await;
    let closed = document(&tenant_at("login.us.example"), "us.example", "usg", "");
    check(
        [nowhere(), nowhere(), closed],
        refused(Denial::CloudNotAllowed),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_such_document_says_nothing_at_all() {
    let good = document(&tenant_at("login.com.example"), "com.example", "EU", "");
    let spoilt =
        |status: u16, media_type: &str, body: &str| fetched(status, media_type, body.to_owned());
    let json = "application/json";
    for bad in [
        spoilt(500, json, r#"{"error":"invalid_tenant"}"#),
        spoilt(302, json, ""),
        spoilt(404, "text/html", r#"{"error":"invalid_tenant"}"#),
        spoilt(404, json, r#"{"error":"not_found"}"#),
        spoilt(400, json, "[]"),
        spoilt(200, "text/html", &good.body),
        spoilt(200, json, ""),
        spoilt(200, json, "{}"),
        spoilt(200, json, &good.body.replace("cloud_instance_name", "x")),
        document(
            "https://login.com.example/{tenantid}/v2.0",
            "com.example",
            "",
            "",
        ),
        document(
            "https://login.com.example/common/v2.0",
            "com.example",
            "",
            "",
        ),
        document(
            &format!("https://login.com.example/{TENANT}/"),
            "com.example",
            "",
            "",
        ),
        document("not a url", "com.example", "", ""),
    ] {
        check([nowhere(), bad, nowhere()], found(&[], Asked::Some)).await;
    }
    // The tenant of all consumers is nobody's organisation.
    let consumers = "https://login.com.example/9188040D-6c67-4c5b-b112-36a304b66dad/v2.0";
    let consumers = document(consumers, "com.example", "", "");
    check([nowhere(), consumers, nowhere()], found(&[], Asked::All)).await;
}

#[tokio::test]
async fn answers_count_for_as_long_as_they_are_worth() {
    let com = document(&tenant_at("login.com.example"), "com.example", "EU", "");
    let (homes, network) = homes(answering([nowhere(), com, nowhere()]));
    network.answers.lock().unwrap().remove("login.us.example");
    let fabrikam = domain("fabrikam.example");
    let asked = async |at: i64| {
        network.asked.lock().unwrap().clear();
        homes.find(&fabrikam, NOW.plus(at)).await;
        let mut asked: Vec<String> = network
            .asked
            .lock()
            .unwrap()
            .iter()
            .map(|(by, _)| by.clone())
            .collect();
        asked.sort();
        asked.join(" ")
    };
    assert_eq!(
        asked(0).await,
        "login-cn-example login-com-example login-us-example"
    );
    assert_eq!(asked(59).await, "");
    assert_eq!(asked(60).await, "login-us-example");
    assert_eq!(asked(3_600).await, "login-cn-example login-us-example");
    assert_eq!(asked(86_399).await, "login-cn-example login-us-example");
    assert_eq!(asked(86_400).await, "login-com-example");
}

#[tokio::test]
async fn a_known_home_outlives_its_cloud_by_two_days() {
    let china = document(&tenant_at("login.cn.example"), "cn.example", "", "");
    let (homes, network) = homes(answering([china, nowhere(), nowhere()]));
    let lanhua = domain("lanhua.example");
    let day = 86_400;
    homes.find(&lanhua, NOW).await;
    network.answers.lock().unwrap().remove("login.cn.example");
    let later = homes.find(&lanhua, NOW.plus(2 * day - 1)).await;
    assert_eq!(later, found(&["china"], Asked::All));
    let later = homes.find(&lanhua, NOW.plus(2 * day + 59)).await;
    assert_eq!(later, found(&[], Asked::Some));
}

#[tokio::test]
async fn a_hundred_at_once_ask_each_cloud_once() {
    let network = Network {
        held: Some(Gate::new(0)),
        ..answering([nowhere(), nowhere(), nowhere()])
    };
    let (homes, network) = homes(network);
    let homes = Arc::new(homes);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let homes = Arc::clone(&homes);
            tokio::spawn(async move { homes.find(&domain("fabrikam.example"), NOW).await })
        })
        .collect();
    tokio::task::yield_now().await;
    network.held.as_ref().unwrap().add_permits(100);
    for task in tasks {
        assert_eq!(task.await.unwrap(), found(&[], Asked::All));
    }
    assert_eq!(network.asked.lock().unwrap().len(), HOSTS.len());
}

#[tokio::test(start_paused = true)]
async fn clouds_that_hang_are_waited_for_three_seconds_at_most() {
    let (homes, network) = homes(answering([nowhere(), nowhere(), nowhere()]));
    network.hangs.store(true, Ordering::Relaxed);
    let homes = Arc::new(homes);
    let started = tokio::time::Instant::now();
    let second = {
        let homes = Arc::clone(&homes);
        tokio::spawn(async move { homes.find(&domain("fabrikam.example"), NOW).await })
    };
    let first = homes.find(&domain("fabrikam.example"), NOW).await;
    assert_eq!(first, found(&[], Asked::Some));
    assert_eq!(second.await.unwrap(), first);
    let again = homes.find(&domain("fabrikam.example"), NOW.plus(59)).await;
    assert_eq!(again, first);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(network.asked.lock().unwrap().len(), HOSTS.len());
}

#[tokio::test]
async fn strangers_do_not_fill_the_memory() {
    let slots = Slots::default();
    for number in 0..30_000 {
        let slot = slots.slot(0, &domain(&format!("d{number}.example")), NOW);
        slot.keep(Answer::Nowhere, NOW);
    }
    assert!(slots.len() <= 20_000, "{}", slots.len());
}

#[test]
fn nobody_is_asked_where_it_is_not_switched_on() {
    let found = futures_free(async {
        let homes = Homes(None);
        homes.find(&domain("fabrikam.example"), NOW).await
    });
    assert_eq!(found, Found::default());
    assert_eq!(found.asked, Asked::Nobody);
}

/// Runs what does not wait, without a runtime.
fn futures_free<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match work.as_mut().poll(&mut context) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("it waits"),
    }
}
