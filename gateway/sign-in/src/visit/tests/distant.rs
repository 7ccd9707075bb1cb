//! A provider that cannot be reached, or answers what it should not.

use std::sync::Arc;

use super::browser::Browser;
use super::world::{Clouded, World, provider_id};

const HOST: &str = "login.distant.example";

fn asked(network: &Clouded) -> usize {
    network.asked.lock().unwrap().len()
}

#[tokio::test]
async fn a_provider_that_answers_wrongly_ends_on_a_page_that_says_so() {
    let network = Arc::new(Clouded::default());
    let world = World::on(&network, |_| {}).await;
    for (status, body) in [
        (500, "{}"),
        (302, "{}"),
        (404, "{}"),
        (200, "<html>"),
        (200, ""),
    ] {
        network.say(HOST, status, body);
        let seen = Browser::new(&world)
            .type_address("kim@distant.example")
            .await;
        let seen = seen.expect(502, "provider-unavailable");
        for told in ["cannot be reached", "Try again later", "Start over"] {
            assert!(seen.body.contains(told), "{told}: {}", seen.body);
        }
        assert!(
            !seen.body.contains("Another way to sign in"),
            "nobody of the domain may come in otherwise: {}",
            seen.body
        );
    }
    network.say(HOST, 200, "{}");
    Browser::new(&world)
        .type_address("kim@distant.example")
        .await
        .expect(303, "provider-asked");
}

#[tokio::test]
async fn with_a_provider_down_what_else_everybody_may_use_is_offered() {
    let network = Arc::new(Clouded::default());
    let world = World::on(&network, |configuration| {
        let distant = configuration.providers.get_mut(&provider_id("distant"));
        let offer = &mut distant.unwrap().offer;
        (offer.any_domain, offer.order) = (true, 1);
    })
    .await;
    for who in ["pat", "xyz"] {
        let seen = Browser::new(&world)
            .type_address(&format!("{who}@nowhere.example"))
            .await;
        let seen = seen.expect(502, "provider-unavailable");
        assert!(seen.body.contains("value=\"passcode\""), "{}", seen.body);
        assert!(
            !seen.body.contains("value=\"work-school\""),
            "{}",
            seen.body
        );
    }
}

#[tokio::test]
async fn a_host_that_is_silent_is_left_alone_and_others_never_notice() {
    let network = Arc::new(Clouded::default());
    let world = World::on(&network, |_| {}).await;
    let mut browser = Browser::new(&world);
    for _ in 0..10 {
        browser
            .type_address("kim@distant.example")
            .await
            .expect(502, "provider-unavailable");
    }
    assert_eq!(asked(&network), 3);
    browser.ask_code("pat@nowhere.example").await;
    browser
        .type_address("ada@fabrikam.example")
        .await
        .expect(303, "provider-asked");
    network.say(HOST, 200, "{}");
    browser.now = browser.now.plus(15);
    browser
        .type_address("kim@distant.example")
        .await
        .expect(303, "provider-asked");
}
