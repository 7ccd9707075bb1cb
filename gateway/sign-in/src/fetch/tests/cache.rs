//! The cache and the allow-list, without a network.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::*;

const NOW: UnixTime = UnixTime(1_800_000_000);
const JWKS: &str = "https://login.example/keys";

/// Answers what a test put in, and counts.
#[derive(Default)]
struct Network {
    asked: AtomicUsize,
    answer: Mutex<Option<Fetched>>,
}

impl Network {
    fn answer(&self, body: &str, cache_control: Option<&str>) {
        *self.answer.lock().unwrap() = Some(Fetched {
            status: 200,
            headers: cache_control
                .map(|value| ("cache-control".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            body: body.to_owned(),
        });
    }

    fn fail(&self) {
        *self.answer.lock().unwrap() = None;
    }

    fn status(&self, status: u16) {
        *self.answer.lock().unwrap() = Some(Fetched {
            status,
            headers: Fields::new(),
            body: "error".to_owned(),
        });
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Fetch for Network {
    fn fetch<'a>(
        &'a self,
        _: &'a ProviderId,
        url: &'a Url,
        _: &'a FetchRequest,
    ) -> BoxFuture<'a, Result<Fetched, FetchFailed>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move { answer.ok_or_else(|| FetchFailed::TooSlow(host_of(url))) })
    }
}

fn id() -> ProviderId {
    ProviderId::parse("work-school").unwrap()
}

fn fetcher() -> (Arc<Network>, Fetcher) {
    let network = Arc::new(Network::default());
    let allowed = ["login.example", "localhost:8080", "[::1]:8080"].map(str::to_owned);
    let fetcher = Fetcher {
        breaker: Breaker::default(),
        network: Arc::clone(&network) as Arc<dyn Fetch>,
        allowed: HashMap::from([(id(), allowed.into())]),
        cache: Cache::default(),
    };
    (network, fetcher)
}

/// Status, body and age of the answer.
async fn ask(
    fetcher: &Fetcher,
    url: &str,
    method: FetchMethod,
    freshness: Freshness,
    now: UnixTime,
) -> (u16, String, i64) {
    let request = FetchRequest {
        method,
        url: url.to_owned(),
        headers: Fields::new(),
        body: None,
    };
    match fetcher.respond(&id(), &request, freshness, now).await {
        Event::Response {
            status,
            body,
            fetched_at,
            ..
        } => (status, body, now.0 - fetched_at),
        other => panic!("{other:?}"),
    }
}

async fn get(fetcher: &Fetcher, freshness: Freshness, now: UnixTime) -> (u16, String, i64) {
    ask(fetcher, JWKS, FetchMethod::Get, freshness, now).await
}

#[tokio::test]
async fn only_declared_hosts_are_asked_and_only_safely() {
    let (network, fetcher) = fetcher();
    network.answer("ok", None);
    let check = async |url: &str, allowed: bool| {
        let (status, ..) = ask(&fetcher, url, FetchMethod::Get, Freshness::Never, NOW).await;
        assert_eq!(status == 200, allowed, "{url}");
    };
    check("https://login.example/keys", true).await;
    check("https://LOGIN.example/keys", true).await;
    check("https://login.example:443/keys", true).await;
    check("http://localhost:8080/keys", true).await;
    check("http://[::1]:8080/keys", true).await;
    let before = network.asked();
    check("http://login.example/keys", false).await;
    check("https://login.example:8443/keys", false).await;
    check("https://login.example.evil.example/keys", false).await;
    check("https://login.example@evil.example/keys", false).await;
    check("https://user:pass@login.example/keys", false).await;
    check("https://169.254.169.254/latest/meta-data", false).await;
    check("file:///etc/passwd", false).await;
    check("not a url", false).await;
    assert_eq!(network.asked(), before, "nothing of it was asked for");
}

#[test]
fn the_configuration_narrows_what_a_provider_declares() {
    let asked = ["login.example".to_owned(), "other.example".to_owned()];
    let mut configured = super::network::configured(None);
    assert_eq!(allowed_hosts(&configured, &asked).len(), 2);
    configured.fetch_hosts = Some(vec![
        "login.example".to_owned(),
        "never-asked.example".to_owned(),
    ]);
    assert_eq!(
        allowed_hosts(&configured, &asked),
        ["login.example".to_owned()].into()
    );
}

#[tokio::test]
async fn a_document_is_kept_as_long_as_it_says_and_an_hour_if_it_does_not() {
    let check = async |cache_control: Option<&str>, life: i64| {
        let (network, fetcher) = fetcher();
        network.answer("keys", cache_control);
        get(&fetcher, Freshness::Cached, NOW).await;
        if life > 0 {
            assert_eq!(
                get(&fetcher, Freshness::Cached, NOW.plus(life - 1)).await.2,
                life - 1
            );
        }
        assert_eq!(network.asked(), 1, "{cache_control:?}");
        assert_eq!(get(&fetcher, Freshness::Cached, NOW.plus(life)).await.2, 0);
        assert_eq!(network.asked(), 2, "{cache_control:?}");
    };
    check(None, 3600).await;
    check(Some("public, max-age=600"), 600).await;
    check(Some("Max-Age=\"600\""), 600).await;
    check(Some("max-age=99999999999"), 24 * 3600).await;
    check(Some("max-age=nonsense"), 3600).await;
    check(Some("no-store, max-age=600"), 0).await;
}

#[tokio::test]
async fn the_last_good_document_stands_in_for_two_days() {
    let (network, fetcher) = fetcher();
    network.answer("good", None);
    get(&fetcher, Freshness::Cached, NOW).await;
    for broken in [Network::fail, |network: &Network| network.status(500)] {
        broken(&network);
        assert_eq!(
            get(&fetcher, Freshness::Cached, NOW.plus(4000)).await,
            (200, "good".to_owned(), 4000)
        );
    }
    assert_eq!(
        network.asked(),
        2,
        "and the network is left alone for a minute"
    );
    get(&fetcher, Freshness::Cached, NOW.plus(4060)).await;
    assert_eq!(network.asked(), 3);
    assert_eq!(
        get(&fetcher, Freshness::Cached, NOW.plus(2 * 86_400))
            .await
            .0,
        500
    );
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let (network, fetcher) = fetcher();
    network.fail();
    assert_eq!(get(&fetcher, Freshness::Cached, NOW).await.0, 0);
    network.answer("good", None);
    assert_eq!(get(&fetcher, Freshness::Cached, NOW).await.1, "good");
}

#[tokio::test]
async fn sec_113_ten_thousand_unknown_keys_cost_one_fetch_in_five_minutes() {
    let (network, fetcher) = fetcher();
    network.answer("old keys", None);
    get(&fetcher, Freshness::Cached, NOW).await;
    network.answer("new keys", None);
    for _ in 0..10_000 {
        assert_eq!(
            get(&fetcher, Freshness::Revalidate, NOW.plus(1)).await.1,
            "new keys"
        );
    }
    assert_eq!(network.asked(), 2);
    get(&fetcher, Freshness::Revalidate, NOW.plus(300)).await;
    assert_eq!(network.asked(), 2);
    get(&fetcher, Freshness::Revalidate, NOW.plus(301)).await;
    assert_eq!(network.asked(), 3);
}

#[tokio::test]
async fn sec_113_also_when_the_network_fails() {
    let (network, fetcher) = fetcher();
    network.answer("keys", None);
    get(&fetcher, Freshness::Cached, NOW).await;
    network.fail();
    for _ in 0..1000 {
        assert_eq!(
            get(&fetcher, Freshness::Revalidate, NOW.plus(1)).await.1,
            "keys"
        );
    }
    assert_eq!(network.asked(), 2);
}

#[tokio::test]
async fn a_post_is_never_kept_and_providers_share_nothing() {
    let (network, mut fetcher) = fetcher();
    network.answer("token", None);
    for freshness in [Freshness::Cached, Freshness::Never] {
        ask(&fetcher, JWKS, FetchMethod::Post, freshness, NOW).await;
    }
    assert_eq!(network.asked(), 2);
    get(&fetcher, Freshness::Cached, NOW).await;
    let other = ProviderId::parse("other").unwrap();
    fetcher
        .allowed
        .insert(other.clone(), ["login.example".to_owned()].into());
    let request = FetchRequest {
        method: FetchMethod::Get,
        url: JWKS.to_owned(),
        headers: Fields::new(),
        body: None,
    };
    fetcher
        .respond(&other, &request, Freshness::Cached, NOW)
        .await;
    assert_eq!(network.asked(), 4);
}

/// The document that is used stays, however many others a provider names beside it.
#[tokio::test]
async fn what_nobody_wanted_for_longest_makes_room() {
    let (network, fetcher) = fetcher();
    network.answer("document", None);
    let other = |number: usize| format!("https://login.example/{number}");
    let cached = async |url: &str| {
        ask(&fetcher, url, FetchMethod::Get, Freshness::Cached, NOW).await;
    };
    for number in 0..2_000 {
        cached(JWKS).await;
        cached(&other(number)).await;
    }
    assert_eq!(network.asked(), 2_001);
    // With the keys 511 more fit: the newest ones.
    for number in 1_489..2_000 {
        cached(&other(number)).await;
    }
    assert_eq!(network.asked(), 2_001);
    cached(&other(1_488)).await;
    assert_eq!(network.asked(), 2_002);
}

#[tokio::test]
async fn what_a_partner_publishes_tells_its_end() {
    let (network, fetcher) = fetcher();
    let metadata = "<md:EntityDescriptor entityID=\"https://a.example\" validUntil=\"2027-02-01T00:00:00Z\"></md:EntityDescriptor>";
    network.answer(metadata, None);
    let issuers = ["https://a.example".to_owned()];
    assert!(fetcher.endings(|_| &issuers).is_empty());
    get(&fetcher, Freshness::Cached, NOW).await;
    let found = fetcher.endings(|_| &issuers);
    let [(provider, ending)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!((provider, ending.place.as_str()), (&id(), JWKS));
    assert_eq!(ending.at, UnixTime(1_801_440_000));
    assert!(fetcher.endings(|_| &[]).is_empty(), "another entity's");
}
