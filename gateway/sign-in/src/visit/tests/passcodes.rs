//! Codes by mail: who gets one, how often, and that nobody else can tell.

use std::sync::Arc;

use gateway_core::settings::words::EmailOtp;
use http::header;

use super::browser::{Browser, Seen};
use super::world::{NOW, World, address, tenant_id};
use crate::Endpoint;

#[tokio::test]
async fn a_guest_without_any_account_comes_in_by_code_for_a_day() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    assert_eq!(world.mailed(), ["pat@nowhere.example"]);
    let consent = browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(200, "consent-asked");
    let accepted = [
        ("attempt", consent.attempt()),
        ("consent", "accept".to_owned()),
    ];
    let accepted: Vec<(&str, &str)> = accepted
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser
        .post(Endpoint::SignIn, &accepted)
        .await
        .expect(303, "signed-in");
    assert_eq!(browser.session().unwrap().expires, NOW.plus(24 * 3600));
}

/// What an answer looks like with the handle taken out.
fn shape(seen: &Seen) -> (u16, String, Vec<(String, String)>) {
    let handle = seen.attempt();
    let mut headers: Vec<(String, String)> = seen
        .answer
        .response
        .headers()
        .iter()
        .filter(|(name, _)| *name != header::SET_COOKIE)
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (seen.status, seen.body.replace(&handle, "HANDLE"), headers)
}

#[tokio::test]
async fn sec_149_invited_or_not_the_answer_is_the_same() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_by_code("pat@nowhere.example")
        .await;
    let mut shapes = Vec::new();
    // Redeemed, invited without anything granted, named by a link, and never heard of. All of one length.
    for who in ["pat", "nil", "lou", "xyz"] {
        let mut browser = Browser::new(&world);
        let seen = browser
            .type_address(&format!("{who}@nowhere.example"))
            .await
            .expect(200, "form-shown");
        let (status, body, headers) = shape(&seen);
        shapes.push((status, body.replace(&format!("{who}@"), "WHO@"), headers));
    }
    for other in &shapes[1..] {
        assert_eq!(other, &shapes[0]);
    }
    assert_eq!(
        world.mailed(),
        ["pat@nowhere.example", "pat@nowhere.example"],
        "and only one of them got mail"
    );
}

#[tokio::test]
async fn sec_149_a_wrong_code_looks_the_same_for_both() {
    let world = World::new().await;
    let mut shapes = Vec::new();
    for who in ["pat", "xyz"] {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code(&format!("{who}@nowhere.example")).await;
        let (status, body, headers) = shape(&browser.enter_code(&attempt, "00000000").await);
        shapes.push((status, body.replace(&format!("{who}@"), "WHO@"), headers));
    }
    assert_eq!(shapes[0], shapes[1]);
}

#[tokio::test]
async fn mail_goes_to_guests_who_hold_something_alive() {
    let check = async |change: super::world::Change, want: &[&str]| {
        let world = World::changed(change).await;
        for who in ["pat", "nil", "lou", "xyz"] {
            Browser::new(&world)
                .ask_code(&format!("{who}@nowhere.example"))
                .await;
        }
        assert_eq!(world.mailed(), want);
    };
    check(|_| {}, &["pat@nowhere.example"]).await;
    check(
        |configuration| {
            let tenant = configuration
                .tenants
                .get_mut(&tenant_id("contoso"))
                .unwrap();
            tenant
                .guests
                .push(super::world::guest("lou@nowhere.example"));
        },
        &["pat@nowhere.example", "lou@nowhere.example"],
    )
    .await;
    check(
        |configuration| {
            let tenant = configuration
                .tenants
                .get_mut(&tenant_id("contoso"))
                .unwrap();
            tenant
                .permissions
                .iter_mut()
                .for_each(|permission| permission.expires = Some(NOW));
        },
        &[],
    )
    .await;
    check(
        |configuration| {
            let tenant = configuration
                .tenants
                .get_mut(&tenant_id("contoso"))
                .unwrap();
            let home = gateway_core::id::CloudName::parse("gcc-high").unwrap();
            let domain = address("pat@nowhere.example").domain().clone();
            tenant
                .settings
                .directory
                .domain_homes
                .insert(domain, [home].into());
        },
        &[],
    )
    .await;
}

#[tokio::test]
async fn a_provider_writes_to_nobody_but_who_asked() {
    let world = World::new().await;
    // The scripted provider writes to pat when mis asks.
    Browser::new(&world).ask_code("mis@nowhere.example").await;
    assert!(world.mailed().is_empty());
}

#[tokio::test]
async fn sec_153_a_mailbox_is_not_flooded_and_nobody_sees_where_it_stops() {
    let world = World::new().await;
    let mut shapes = Vec::new();
    for number in 0..15 {
        let mut browser = Browser::new(&world);
        browser.from = format!("192.0.2.{number}").parse().unwrap();
        shapes.push(shape(&browser.type_address("pat@nowhere.example").await));
    }
    assert_eq!(world.mailed().len(), 12);
    assert!(shapes.iter().all(|shape| *shape == shapes[0]));
    let mut later = Browser::new(&world);
    later.now = NOW.plus(2 * 3600);
    later.ask_code("pat@nowhere.example").await;
    assert_eq!(
        world.mailed().len(),
        13,
        "an hour later there is mail again"
    );
}

#[tokio::test]
async fn sec_153_a_stranger_does_not_use_up_a_guests_mail() {
    let world = World::new().await;
    for _ in 0..5 {
        Browser::new(&world).ask_code("pat@nowhere.example").await;
    }
    assert_eq!(world.mailed().len(), 3);
    let mut guest = Browser::new(&world);
    guest.from = "192.0.2.99".parse().unwrap();
    guest.ask_code("pat@nowhere.example").await;
    assert_eq!(world.mailed().len(), 4);
}

#[tokio::test]
async fn sec_148_spellings_of_one_address_share_its_limits() {
    let world = World::new().await;
    for spelling in [
        "pat@nowhere.example",
        "PAT@nowhere.example",
        "Pat@NoWhere.Example",
        " pat@nowhere.example ",
    ] {
        Browser::new(&world).ask_code(spelling).await;
    }
    assert_eq!(world.mailed().len(), 3);
}

#[tokio::test]
async fn sec_144_five_submissions_and_the_attempt_is_over() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    for _ in 0..5 {
        browser
            .enter_code(&attempt, "00000000")
            .await
            .expect(200, "form-shown");
    }
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(429, "too-many-submissions");
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(400, "attempt-unknown");
    assert_eq!(world.providers["passcode"].count("submit"), 5);
    assert!(browser.session().is_none());
}

#[tokio::test]
async fn sec_145_tries_are_counted_for_the_address_over_all_attempts_and_origins() {
    let world = World::new().await;
    let mut evaluated = 0;
    for number in 0..20 {
        let mut browser = Browser::new(&world);
        browser.from = format!("2001:db8:{number}::1").parse().unwrap();
        let attempt = browser.ask_code("pat@nowhere.example").await;
        for _ in 0..4 {
            evaluated +=
                usize::from(browser.enter_code(&attempt, "00000000").await.code == "form-shown");
        }
    }
    assert_eq!(evaluated, 48);
    assert_eq!(world.providers["passcode"].count("submit"), 48);
}

/// Wrong codes for pat from the network of a stranger, until no more are evaluated.
async fn lock_out(world: &World) {
    for _ in 0..4 {
        let mut stranger = Browser::new(world);
        let attempt = stranger.ask_code("pat@nowhere.example").await;
        for _ in 0..4 {
            stranger.enter_code(&attempt, "00000000").await;
        }
    }
    assert_eq!(world.providers["passcode"].count("submit"), 12);
}

#[tokio::test]
async fn sec_145_a_stranger_does_not_lock_a_guest_out() {
    let world = World::new().await;
    lock_out(&world).await;
    let mut guest = Browser::new(&world);
    guest.from = "192.0.2.99".parse().unwrap();
    guest.let_in_by_code("pat@nowhere.example").await;
}

#[tokio::test]
async fn what_was_right_and_asking_for_another_code_are_no_failures() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_by_code("pat@nowhere.example")
        .await;
    for _ in 0..15 {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code("pat@nowhere.example").await;
        let again = [("attempt", attempt.as_str()), ("code", ""), ("resend", "1")];
        browser
            .post(Endpoint::SignIn, &again)
            .await
            .expect(200, "form-shown");
        let seen = browser.enter_code(&attempt, "12345678").await;
        assert!(
            ["signed-in", "sign-in-loop"].contains(&seen.code),
            "{}",
            seen.code
        );
    }
}

#[tokio::test]
async fn a_code_sent_along_with_another_button_is_a_try() {
    let world = World::new().await;
    let mut refused = 0;
    for _ in 0..5 {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code("pat@nowhere.example").await;
        for _ in 0..4 {
            let fields = [
                ("attempt", attempt.as_str()),
                ("code", "1"),
                ("resend", "1"),
            ];
            let seen = browser.post(Endpoint::SignIn, &fields).await;
            refused += usize::from(seen.code == "too-many-submissions");
        }
    }
    assert_eq!(refused, 8);
}

/// Those that are overtaken by others of the same attempt are evaluated too.
#[tokio::test(flavor = "multi_thread")]
async fn sec_146_parallel_tries_of_many_attempts_are_all_counted() {
    let world = World::new().await;
    for _ in 0..4 {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code("pat@nowhere.example").await;
        let fields = [("attempt", attempt.as_str()), ("code", "00000000")];
        let visit = browser.posting(Endpoint::SignIn, &fields);
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (sign_in, visit) = (world.sign_in.clone(), visit.clone());
                tokio::spawn(async move { sign_in.visit(&visit).await.outcome.reason })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
    assert_eq!(world.providers["passcode"].count("submit"), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_146_of_a_hundred_parallel_tries_exactly_five_are_evaluated() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    let visit = browser.posting(
        Endpoint::SignIn,
        &[("attempt", &attempt), ("code", "00000000")],
    );
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (sign_in, visit) = (world.sign_in.clone(), visit.clone());
            tokio::spawn(async move { sign_in.visit(&visit).await.outcome.reason })
        })
        .collect();
    for task in tasks {
        let reason = task.await.unwrap();
        assert!(
            [
                "form-shown",
                "too-many-submissions",
                "attempt-replayed",
                "attempt-unknown"
            ]
            .contains(&reason),
            "{reason}"
        );
    }
    assert_eq!(world.providers["passcode"].count("submit"), 5);
    assert!(browser.enter_code(&attempt, "12345678").await.code != "consent-asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_146_two_gateways_on_one_store_count_a_hundred_parallel_tries_together() {
    let world = World::new().await;
    let gateways = [Arc::clone(&world.sign_in), world.beside(|_| {}).await];
    // Ten networks with ten tries each, in attempts of their own: the address's limit is all that holds them.
    let mut visits = Vec::new();
    for number in 0..50 {
        let mut browser = Browser::new(&world);
        browser.from = format!("192.0.2.{}", number % 10).parse().unwrap();
        let attempt = browser.ask_code("pat@nowhere.example").await;
        let fields = [("attempt", attempt.as_str()), ("code", "00000000")];
        let visit = browser.posting(Endpoint::SignIn, &fields);
        visits.extend([visit.clone(), visit]);
    }
    let tasks: Vec<_> = visits
        .into_iter()
        .enumerate()
        .map(|(number, visit)| {
            let gateway = Arc::clone(&gateways[number % 2]);
            tokio::spawn(async move { gateway.visit(&visit).await.outcome.reason })
        })
        .collect();
    for task in tasks {
        let reason = task.await.unwrap();
        assert!(
            ["form-shown", "too-many-submissions", "attempt-replayed"].contains(&reason),
            "{reason}"
        );
    }
    assert_eq!(world.providers["passcode"].count("submit"), 48);
}

#[tokio::test]
async fn what_was_right_at_one_gateway_is_no_failure_at_another() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_by_code("pat@nowhere.example")
        .await;
    for _ in 0..15 {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code("pat@nowhere.example").await;
        let fields = [("attempt", attempt.as_str()), ("code", "12345678")];
        let visit = browser.posting(Endpoint::SignIn, &fields);
        let elsewhere = world.beside(|_| {}).await;
        let reason = elsewhere.visit(&visit).await.outcome.reason;
        assert!(["signed-in", "sign-in-loop"].contains(&reason), "{reason}");
    }
    // And what is wrong counts everywhere.
    let mut evaluated = 0;
    for _ in 0..4 {
        let mut browser = Browser::new(&world);
        let attempt = browser.ask_code("pat@nowhere.example").await;
        for _ in 0..4 {
            let fields = [("attempt", attempt.as_str()), ("code", "00000000")];
            let visit = browser.posting(Endpoint::SignIn, &fields);
            let elsewhere = world.beside(|_| {}).await;
            let reason = elsewhere.visit(&visit).await.outcome.reason;
            evaluated += usize::from(reason == "form-shown");
        }
    }
    assert_eq!(evaluated, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_right_codes_at_once_one_counts() {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_by_code("pat@nowhere.example")
        .await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    let visit = browser.posting(
        Endpoint::SignIn,
        &[("attempt", &attempt), ("code", "12345678")],
    );
    let tasks: Vec<_> = (0..5)
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
}

#[tokio::test]
async fn sec_151_a_code_works_in_the_browser_that_asked_for_it() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    let mut phisher = Browser::new(&world);
    phisher.ask_code("pat@nowhere.example").await;
    phisher
        .enter_code(&attempt, "12345678")
        .await
        .expect(400, "attempt-other-browser");
    assert_eq!(world.providers["passcode"].count("submit"), 0);
}

#[tokio::test]
async fn sec_208_a_code_proves_the_address_it_was_sent_to() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let for_pat = browser.ask_code("pat@nowhere.example").await;
    let fields = [
        ("attempt", for_pat.as_str()),
        ("code", "12345678"),
        ("address", "nil@nowhere.example"),
    ];
    let seen = browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(200, "consent-asked");
    assert!(
        seen.body.contains("pat@nowhere.example") && !seen.body.contains("nil@nowhere.example")
    );
}

#[tokio::test]
async fn a_form_takes_what_it_declared() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    browser
        .enter_code(&attempt, "123456789")
        .await
        .expect(400, "bad-request");
    let fields = [
        ("attempt", attempt.as_str()),
        ("code", "1"),
        ("role", "owner"),
        ("resend", "anything"),
    ];
    browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(200, "form-shown");
    let seen = world.providers["passcode"].seen.lock().unwrap().clone();
    let submitted = seen
        .iter()
        .rev()
        .find(|event| event.kind() == "submit")
        .unwrap();
    let plugins_sdk::message::Event::Submit { fields } = submitted else {
        panic!()
    };
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(fields, [("code", "1"), ("resend", "1")]);
}

#[tokio::test]
async fn other_ways_to_sign_in_are_those_of_the_domain() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let seen = browser.type_address("pat@nowhere.example").await;
    assert!(
        seen.body.contains("Another way to sign in") && seen.body.contains("value=\"other\""),
        "{}",
        seen.body
    );
    assert!(
        !seen.body.contains("value=\"work-school\""),
        "not those of other domains"
    );
    let fields = [
        ("address", "pat@nowhere.example"),
        ("provider", "work-school"),
    ];
    browser
        .post(Endpoint::SignIn, &fields)
        .await
        .expect(303, "provider-asked");
    let unknown = [("address", "pat@nowhere.example"), ("provider", "nobodys")];
    browser
        .post(Endpoint::SignIn, &unknown)
        .await
        .expect(404, "not-found");
}

/// The domain has another home since the guest redeemed.
async fn moved() -> World {
    let world = World::new().await;
    Browser::new(&world)
        .let_in_by_code("pat@nowhere.example")
        .await;
    world
        .restarted(|configuration| {
            let id = super::world::provider_id("work-school");
            let home = address("pat@nowhere.example").domain().clone();
            let provider = configuration.providers.get_mut(&id).unwrap();
            provider.offer.home_domains.insert(home);
        })
        .await
}

#[tokio::test]
async fn sec_149_where_somebody_is_sent_does_not_tell_who_redeemed() {
    let world = moved().await;
    for who in ["pat", "nil", "xyz"] {
        let mut browser = Browser::new(&world);
        let seen = browser
            .type_address(&format!("{who}@nowhere.example"))
            .await
            .expect(303, "provider-asked");
        let location = seen.location.unwrap();
        assert!(
            location.starts_with("https://login.worldwide.example/"),
            "{who}: {location}"
        );
    }
}

#[tokio::test]
async fn the_first_redemption_sticks_for_whoever_chooses_its_provider() {
    let world = moved().await;
    let mut browser = Browser::new(&world);
    let page = browser.get(Endpoint::SignIn, "return_to=%2F").await;
    for offered in ["passcode", "other"] {
        let button = format!("name=\"provider\" value=\"{offered}\"");
        assert!(page.body.contains(&button), "{}", page.body);
    }
    let chosen = [("address", "pat@nowhere.example"), ("provider", "passcode")];
    let attempt = browser.post(Endpoint::SignIn, &chosen).await.attempt();
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(303, "signed-in");
}

#[tokio::test]
async fn nobody_redeems_by_choosing_past_the_home_of_the_domain() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let chosen = [
        ("address", "ada@fabrikam.example"),
        ("provider", "passcode"),
    ];
    let attempt = browser.post(Endpoint::SignIn, &chosen).await.attempt();
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(403, "provider-not-offered");
    assert!(browser.session().is_none());
    assert!(world.mailed().is_empty(), "and no code was mailed");
}

#[tokio::test]
async fn a_tenant_without_passcodes_offers_none() {
    let world = World::changed(|configuration| {
        configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap()
            .settings
            .directory
            .policy
            .email_otp = EmailOtp::Disabled;
        configuration
            .providers
            .remove(&super::world::provider_id("other"));
    })
    .await;
    let mut browser = Browser::new(&world);
    browser
        .type_address("pat@nowhere.example")
        .await
        .expect(400, "no-provider");
}

#[tokio::test]
async fn home_domains_that_a_plugin_names_count_unless_the_configuration_lists_them() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let seen = browser
        .type_address("gina@gmail.com")
        .await
        .expect(303, "provider-asked");
    assert!(
        seen.location
            .unwrap()
            .starts_with("https://login.google.example/")
    );
    let world = World::changed(|configuration| {
        let google = configuration
            .providers
            .get_mut(&super::world::provider_id("google"))
            .unwrap();
        google.home_domains_given = true;
    })
    .await;
    Browser::new(&world)
        .type_address("gina@gmail.com")
        .await
        .expect(200, "form-shown");
}

impl Browser<'_> {
    async fn let_in_by_code(&mut self, address: &str) {
        let attempt = self.ask_code(address).await;
        let seen = self
            .enter_code(&attempt, "12345678")
            .await
            .expect(200, "consent-asked");
        let attempt = seen.attempt();
        self.post(
            Endpoint::SignIn,
            &[("attempt", &attempt), ("consent", "accept")],
        )
        .await
        .expect(303, "signed-in");
    }
}
