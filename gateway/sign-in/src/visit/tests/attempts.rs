//! What binds an attempt, and what a callback must not be.

use http::{HeaderName, HeaderValue, Method, header};

use super::browser::{Browser, Seen, with_form};
use super::world::{NOW, World, provider_id};
use crate::Endpoint;

const ADA: &str = "ada@fabrikam.example";

#[tokio::test]
async fn sec_069_straying_requests_leave_nothing_behind() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for _ in 0..500 {
        let seen = browser
            .get(Endpoint::SignIn, "return_to=%2Fsites%2Fprojects")
            .await
            .expect(200, "address-asked");
        assert!(seen.body.contains("value=\"/sites/projects\""));
    }
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn sec_001_sec_011_return_addresses_are_checked_at_every_entrance() {
    let world = World::new().await;
    let evil = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "/.//evil.example",
    ];
    for evil in evil {
        let mut browser = Browser::new(&world);
        let encoded: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let page = browser
            .get(Endpoint::SignIn, &format!("return_to={encoded}"))
            .await;
        assert!(
            page.body.contains("name=\"return_to\" value=\"/\""),
            "{}",
            page.body
        );
        let sent = browser
            .post(
                Endpoint::SignIn,
                &[("address", "mia@contoso.example"), ("return_to", evil)],
            )
            .await;
        let state = sent.state();
        let seen = browser
            .come_back("work-school", &format!("code=mia&state={state}"))
            .await;
        assert_eq!(
            seen.expect(303, "signed-in").location.as_deref(),
            Some("/"),
            "{evil}"
        );
    }
}

#[tokio::test]
async fn sec_016_headers_are_never_where_to_return_to() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let mut visit = browser.posting(Endpoint::SignIn, &[("address", "mia@contoso.example")]);
    visit.headers.insert(
        header::REFERER,
        HeaderValue::from_static("https://contoso.localhost:8443/elsewhere"),
    );
    let state = browser.send(visit).await.state();
    let mut back = browser.visit(Endpoint::Callback(provider_id("work-school")), Method::GET);
    back.query = Some(format!("code=mia&state={state}"));
    back.headers.insert(
        header::REFERER,
        HeaderValue::from_static("https://evil.example/"),
    );
    assert_eq!(browser.send(back).await.location.as_deref(), Some("/"));
}

#[tokio::test]
async fn sec_050_a_callback_without_the_browsers_cookie_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let query = format!("code=ada&state={state}");
    let mut bare = Browser::new(&world);
    bare.come_back("work-school", &query)
        .await
        .expect(400, "attempt-other-browser");
    let mut other = Browser::new(&world);
    other.begin(ADA).await;
    other
        .come_back("work-school", &query)
        .await
        .expect(400, "attempt-other-browser");
    assert!(bare.session().is_none() && other.session().is_none());
    assert_eq!(
        world.providers["work-school"].count("callback"),
        0,
        "the provider never saw it"
    );
    browser
        .come_back("work-school", &query)
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn a_forged_state_is_unknown() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.begin(ADA).await;
    for state in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "", "%00", "../../etc"] {
        browser
            .come_back("work-school", &format!("code=ada&state={state}"))
            .await
            .expect(400, "attempt-unknown");
    }
    browser
        .come_back("work-school", "code=ada")
        .await
        .expect(400, "attempt-unknown");
}

#[tokio::test]
async fn sec_107_a_callback_counts_once() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin("mia@contoso.example").await;
    let query = format!("code=mia&state={state}");
    browser
        .come_back("work-school", &query)
        .await
        .expect(303, "signed-in");
    browser
        .come_back("work-school", &query)
        .await
        .expect(400, "attempt-unknown");
    assert_eq!(world.providers["work-school"].count("callback"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_107_of_many_callbacks_at_once_one_is_answered() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin("mia@contoso.example").await;
    let mut visit = browser.visit(Endpoint::Callback(provider_id("work-school")), Method::GET);
    visit.query = Some(format!("code=mia&state={state}"));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (sign_in, visit) = (world.sign_in.clone(), visit.clone());
            tokio::spawn(async move { sign_in.visit(&visit).await.outcome.reason })
        })
        .collect();
    let mut let_in = 0;
    for task in tasks {
        let_in += usize::from(task.await.unwrap() == "signed-in");
    }
    assert_eq!(let_in, 1);
    assert_eq!(world.providers["work-school"].count("callback"), 1);
}

#[tokio::test]
async fn sec_107_sec_161_an_assertion_that_was_used_before_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin("mia@contoso.example").await;
    let query = format!("code=mia&assertion=a-1&state={state}");
    browser
        .come_back("work-school", &query)
        .await
        .expect(303, "signed-in");
    let mut again = Browser::new(&world);
    let state = again.begin("mia@contoso.example").await;
    let query = format!("code=mia&assertion=a-1&state={state}");
    again
        .come_back("work-school", &query)
        .await
        .expect(400, "assertion-replayed");
    assert!(again.session().is_none());
}

#[tokio::test]
async fn sec_112_an_answer_of_another_provider_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let query = format!("code=ada&state={state}");
    browser
        .come_back("us-gov", &query)
        .await
        .expect(400, "attempt-other-provider");
    assert_eq!(world.providers["us-gov"].count("callback"), 0);
    browser
        .come_back("work-school", &query)
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn an_attempt_of_one_tenant_is_none_of_another() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    browser.tenant = "woodgrove";
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(400, "attempt-other-provider");
}

#[tokio::test]
async fn sec_111_a_doubled_parameter_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    for query in [
        format!("code=ada&code=bob&state={state}"),
        format!("code=ada&state={state}&state=x"),
        format!("code=ada&state={state}&RelayState={state}"),
    ] {
        browser
            .come_back("work-school", &query)
            .await
            .expect(400, "duplicate-parameter");
    }
    let callback = Endpoint::Callback(provider_id("work-school"));
    let mut both = with_form(
        browser.visit(callback, Method::POST),
        &[("state", &state), ("code", "ada")],
    );
    both.query = Some(format!("state={state}"));
    browser.send(both).await.expect(400, "duplicate-parameter");
    assert_eq!(world.providers["work-school"].count("callback"), 0);
}

#[tokio::test]
async fn a_provider_may_let_the_browser_post_its_answer() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin("mia@contoso.example").await;
    let callback = Endpoint::Callback(provider_id("work-school"));
    let mut posted = with_form(
        browser.visit(callback, Method::POST),
        &[("state", &state), ("code", "mia")],
    );
    posted.headers.insert(
        header::ORIGIN,
        HeaderValue::from_static("https://login.worldwide.example"),
    );
    posted.headers.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static("cross-site"),
    );
    browser.send(posted).await.expect(303, "signed-in");
}

#[tokio::test]
async fn sec_051_our_forms_are_not_posted_by_others() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let fields = [("address", ADA)];
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut visit = browser.posting(Endpoint::SignIn, &fields);
        visit.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        browser.send(visit).await.expect(403, "cross-site-request");
    }
    let bare = with_form(browser.visit(Endpoint::SignIn, Method::POST), &fields);
    browser.send(bare).await.expect(403, "cross-site-request");
    assert!(browser.cookies.is_empty());
    assert_eq!(world.providers["work-school"].count("start"), 0);
}

#[tokio::test]
async fn an_attempt_is_dead_at_its_end_and_when_the_configuration_changed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let query = format!("code=ada&state={state}");
    browser.now = NOW.plus(1800);
    browser
        .come_back("work-school", &query)
        .await
        .expect(400, "attempt-unknown");
    let cookies = browser.cookies.clone();

    let world = world
        .restarted(|configuration| configuration.generation = "generation-2".to_owned())
        .await;
    let mut browser = Browser::new(&world);
    browser.cookies = cookies;
    browser
        .come_back("work-school", &query)
        .await
        .expect(400, "attempt-stale");
}

#[tokio::test]
async fn an_attempt_survives_a_restart() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let cookies = browser.cookies.clone();
    let world = world.restarted(|_| {}).await;
    let mut browser = Browser::new(&world);
    browser.cookies = cookies;
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn several_tabs_sign_in_at_once() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let first = browser.begin(ADA).await;
    let cookie = browser.cookies.clone();
    let second = browser.begin("bob@fabrikam.example").await;
    assert_eq!(browser.cookies, cookie, "one cookie for all tabs");
    browser
        .come_back("work-school", &format!("code=ada&state={first}"))
        .await
        .expect(200, "consent-asked");
    browser
        .come_back("work-school", &format!("code=bob&state={second}"))
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn sec_069_a_browser_has_sixteen_attempts_and_the_oldest_goes() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let mut states = Vec::new();
    for number in 0..17 {
        browser.now = NOW.plus(number);
        states.push(browser.begin(ADA).await);
    }
    browser
        .come_back("work-school", &format!("code=x&state={}", states[0]))
        .await
        .expect(400, "attempt-unknown");
    let kept = browser
        .come_back("work-school", &format!("state={}", states[1]))
        .await;
    kept.expect(403, "cancelled");
}

#[tokio::test]
async fn attempts_are_limited_by_address_prefix() {
    let world =
        World::changed(|configuration| configuration.gateway.limits.attempts_per_prefix = 3).await;
    for suffix in 1..=3 {
        let mut browser = Browser::new(&world);
        browser.from = format!("2001:db8::{suffix}").parse().unwrap();
        browser.begin(ADA).await;
    }
    let mut browser = Browser::new(&world);
    browser.from = "2001:db8::ffff".parse().unwrap();
    browser
        .type_address(ADA)
        .await
        .expect(429, "too-many-attempts");
    browser.from = "2001:db8:0:1::1".parse().unwrap();
    browser.begin(ADA).await;
}

#[tokio::test]
async fn a_provider_that_fails_fails_one_sign_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .sign_in_as(ADA, "work-school", "panic")
        .await
        .expect(502, "provider-failed");
    browser
        .sign_in_as(ADA, "work-school", "ada")
        .await
        .expect(200, "consent-asked");
    let endless = [("address", "pat@nowhere.example"), ("provider", "other")];
    browser
        .post(Endpoint::SignIn, &endless)
        .await
        .expect(502, "provider-failed");
    assert_eq!(
        world.providers["other"].count("response"),
        11,
        "twelve steps, and no more"
    );
}

#[tokio::test]
async fn a_provider_sends_the_browser_to_safe_addresses_only() {
    let world = World::new().await;
    for who in ["http", "script", "user"] {
        let mut browser = Browser::new(&world);
        let seen = browser
            .type_address(&format!("{who}@fabrikam.example"))
            .await;
        assert!(seen.expect(502, "provider-failed").location.is_none());
    }
}

#[tokio::test]
async fn sec_079_a_provider_that_is_gone_refuses_everywhere() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let cookies = browser.cookies.clone();
    let world = world
        .restarted(|configuration| {
            let elsewhere = super::world::tenant_id("woodgrove");
            configuration
                .providers
                .get_mut(&provider_id("work-school"))
                .unwrap()
                .tenants = Some([elsewhere].into());
        })
        .await;
    let mut browser = Browser::new(&world);
    browser.cookies = cookies;
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(404, "not-found");
    let id = || provider_id("work-school");
    browser
        .get(Endpoint::Metadata(id()), "")
        .await
        .expect(404, "not-found");
    browser
        .get(Endpoint::Logout(id()), "sid=x")
        .await
        .expect(404, "not-found");
    browser
        .get(Endpoint::Callback(provider_id("never-there")), "")
        .await
        .expect(404, "not-found");
    let asked = [("address", ADA), ("provider", "work-school")];
    browser
        .post(Endpoint::SignIn, &asked)
        .await
        .expect(404, "not-found");
    let tenant = super::world::tenant_id("contoso");
    assert!(
        !world.sign_in.serves(&id(), &tenant)
            && world.sign_in.serves(&provider_id("passcode"), &tenant)
    );
}

/// The list of a tenant's providers holds at every way in, for what was begun where the provider is offered as well.
#[tokio::test]
async fn sec_089_a_provider_is_one_of_the_tenants_at_every_way_in() {
    let world = World::changed(|configuration| {
        for id in ["work-school", "passcode"] {
            let provider = configuration.providers.get_mut(&provider_id(id)).unwrap();
            provider.tenants = Some([super::world::tenant_id("woodgrove")].into());
        }
    })
    .await;
    let mut browser = Browser::new(&world);
    // Asked for by name, with every kind of answer to an address.
    for id in ["work-school", "passcode"] {
        let asked = [("address", ADA), ("provider", id)];
        let seen = browser.post(Endpoint::SignIn, &asked).await;
        seen.expect(404, "not-found");
    }
    // By the home of the address, which is that provider's.
    let seen = browser.type_address(ADA).await;
    assert_ne!(seen.status, 303, "{seen:?}");
    // Begun at the tenant that has it, and brought to the one that has not: callback, form, consent, second callback.
    for who in ["ada", "bob"] {
        let mut browser = Browser::new(&world);
        browser.tenant = "woodgrove";
        let state = browser.begin(&format!("{who}@fabrikam.example")).await;
        browser.tenant = "contoso";
        let query = format!("code={who}&state={state}");
        let seen = browser.come_back("work-school", &query).await;
        seen.expect(404, "not-found");
        // Another provider that this tenant does have is not the one that was asked.
        let seen = browser.come_back("google", &query).await;
        assert!(seen.status >= 400, "{seen:?}");
        assert!(browser.session().is_none());
    }
    let mut browser = Browser::new(&world);
    browser.tenant = "woodgrove";
    let attempt = browser.ask_code("pat@nowhere.example").await;
    browser.tenant = "contoso";
    let seen = browser.enter_code(&attempt, "12345678").await;
    assert!(seen.status >= 400, "{seen:?}");
    let mut browser = Browser::new(&world);
    browser.tenant = "woodgrove";
    let consent = browser.sign_in_as(ADA, "work-school", "ada").await;
    let attempt = consent.expect(200, "consent-asked").attempt();
    browser.tenant = "contoso";
    let fields = [("attempt", attempt.as_str()), ("consent", "accept")];
    let seen = browser.post(Endpoint::SignIn, &fields).await;
    assert!(seen.status >= 400, "{seen:?}");
    for id in ["work-school", "passcode"] {
        let id = || provider_id(id);
        for endpoint in [Endpoint::Metadata(id()), Endpoint::Logout(id())] {
            browser
                .get(endpoint, "sid=x")
                .await
                .expect(404, "not-found");
        }
    }
    assert!(browser.session().is_none());
    // Where it is offered it works.
    browser.tenant = "woodgrove";
    let seen = browser.post(Endpoint::SignIn, &fields).await;
    seen.expect(303, "signed-in");
}

#[tokio::test]
async fn methods_that_an_endpoint_does_not_have_are_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin(ADA).await;
    let callback = || Endpoint::Callback(provider_id("work-school"));
    for (endpoint, method) in [
        (callback(), Method::HEAD),
        (callback(), Method::PUT),
        (Endpoint::SignIn, Method::DELETE),
        (Endpoint::SignOut, Method::OPTIONS),
        (Endpoint::Metadata(provider_id("work-school")), Method::POST),
    ] {
        let mut visit = browser.visit(endpoint, method);
        visit.query = Some(format!("code=ada&state={state}"));
        browser.send(visit).await.expect(405, "method-not-allowed");
    }
    browser
        .come_back("work-school", &format!("code=ada&state={state}"))
        .await
        .expect(200, "consent-asked");
}

#[tokio::test]
async fn programs_are_refused_in_json() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let mut visit = browser.visit(Endpoint::Callback(provider_id("work-school")), Method::GET);
    visit.headers.remove("sec-fetch-mode");
    visit
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    let seen = browser.send(visit).await.expect(400, "attempt-unknown");
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(
        (body["code"].as_str(), body["request_id"].as_str()),
        (Some("attempt-unknown"), Some("request-1"))
    );
    assert_eq!(
        seen.answer.response.headers()["content-type"],
        "application/json"
    );
}

#[tokio::test]
async fn the_address_page_says_what_is_wrong_with_an_address() {
    let world = World::changed(|configuration| {
        configuration
            .providers
            .retain(|id, _| id.as_str() == "work-school");
    })
    .await;
    let mut browser = Browser::new(&world);
    for bad in [
        "",
        "ada",
        "a@evil.com@contoso.com",
        "\"<script>\"@contoso.com",
    ] {
        let seen = browser
            .type_address(bad)
            .await
            .expect(400, "not-an-address");
        assert!(seen.body.contains("role=\"alert\"") && !seen.body.contains("<script"));
    }
    let seen = browser
        .type_address("pat@nowhere.example")
        .await
        .expect(400, "no-provider");
    assert!(seen.body.contains("value=\"pat@nowhere.example\""));
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn sec_055_sec_161_a_store_that_fails_lets_nobody_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let state = browser.begin("mia@contoso.example").await;
    world.directory.store().close().await;
    let query = format!("code=mia&state={state}");
    let seen = browser
        .come_back("work-school", &query)
        .await
        .expect(503, "unavailable");
    assert!(seen.answer.response.headers().contains_key("retry-after"));
    browser.type_address(ADA).await.expect(503, "unavailable");
    assert!(browser.session().is_none());
}

/// Chromium applies `form-action` to the redirects that follow a post.
#[tokio::test]
async fn forms_that_lead_away_are_not_held_back() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let policy = |seen: &Seen| {
        seen.answer.response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let address_page = browser.get(Endpoint::SignIn, "").await;
    let code_page = browser.type_address("pat@nowhere.example").await;
    let consent_page = browser
        .sign_in_as(ADA, "work-school", "ada")
        .await
        .expect(200, "consent-asked");
    for page in [&address_page, &code_page, &consent_page] {
        assert!(!policy(page).contains("form-action"), "{}", page.body);
    }
    browser
        .sign_in_as("mia@contoso.example", "work-school", "mia")
        .await
        .expect(303, "signed-in");
    let sign_out = browser.get(Endpoint::SignOut, "").await;
    assert!(!policy(&sign_out).contains("form-action"));
}

#[tokio::test]
async fn a_provider_is_told_the_address_that_was_typed() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.begin(" Ada@Fabrikam.Example").await;
    let seen = world.providers["work-school"].seen.lock().unwrap().clone();
    let plugins_sdk::message::Event::Start { address, .. } = &seen[0] else {
        panic!("{seen:?}")
    };
    assert_eq!(address.as_deref(), Some(ADA));
}

#[tokio::test]
async fn a_sign_in_that_must_be_fresh_is_asked_for_so() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser
        .get(Endpoint::SignIn, "return_to=%2Fa&fresh=1")
        .await;
    assert!(page.body.contains("name=\"fresh\" value=\"1\""));
    let page = browser.get(Endpoint::SignIn, "return_to=%2Fa").await;
    assert!(!page.body.contains("name=\"fresh\""));
    for fields in [&[("address", ADA), ("fresh", "1")][..], &[("address", ADA)]] {
        browser.post(Endpoint::SignIn, fields).await;
    }
    let seen = world.providers["work-school"].seen.lock().unwrap().clone();
    let fresh = |event: &plugins_sdk::message::Event| match event {
        plugins_sdk::message::Event::Start { fresh, .. } => *fresh,
        other => panic!("{other:?}"),
    };
    assert_eq!(seen.iter().map(fresh).collect::<Vec<_>>(), [true, false]);
}
