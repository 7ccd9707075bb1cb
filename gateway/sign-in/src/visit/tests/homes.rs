//! Where a domain is at home, as the clouds say it, and who is let in by that.

use std::sync::Arc;

use gateway_config::model::Configuration;
use gateway_core::id::CloudName;

use super::browser::{Browser, Seen};
use super::world::{Clouded, World, address, tenant_id};
use crate::Endpoint;

fn asking(configuration: &mut Configuration) {
    configuration.gateway.home_discovery = true;
}

/// The clouds are restricted ones.
fn restricted(configuration: &mut Configuration) {
    asking(configuration);
    let mut clouds = (*configuration.clouds).clone();
    clouds
        .0
        .values_mut()
        .for_each(|cloud| cloud.restricted = true);
    configuration.clouds = Arc::new(clouds);
    for tenant in configuration.tenants.values_mut() {
        tenant.settings.sharing.integration = Some(false);
    }
}

async fn typed(world: &World, who: &str) -> Seen {
    Browser::new(world).type_address(who).await
}

#[tokio::test]
async fn a_domain_that_a_cloud_knows_signs_in_there() {
    let network = Arc::new(Clouded::new(&["nowhere.example"], &[]));
    let world = World::on(&network, asking).await;
    let seen = typed(&world, "pat@nowhere.example")
        .await
        .expect(303, "provider-asked");
    assert!(
        seen.location
            .unwrap()
            .starts_with("https://login.worldwide.example/")
    );
    typed(&world, "pat@elsewhere.example")
        .await
        .expect(200, "form-shown");
    // Not asked for, a code is neither mailed nor good for redeeming.
    let mut browser = Browser::new(&world);
    let asked = [("address", "pat@nowhere.example"), ("provider", "passcode")];
    let attempt = browser.post(Endpoint::SignIn, &asked).await.attempt();
    assert!(world.mailed().is_empty());
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(403, "provider-not-offered");
}

#[tokio::test]
async fn what_signs_in_for_one_cloud_of_an_authority_does_for_the_other() {
    let network = Arc::new(Clouded::new(&[], &[]));
    let world = World::on(&network, |configuration| {
        asking(configuration);
        let mut clouds = (*configuration.clouds).clone();
        let name = |text| CloudName::parse(text).unwrap();
        let mut gcc = clouds.0[&name("worldwide")].clone();
        gcc.tenants.sub_scope = Some("GCC".to_owned());
        clouds.0.insert(name("gcc"), gcc);
        configuration.clouds = Arc::new(clouds);
        let tenant = configuration.tenants.get_mut(&tenant_id("contoso"));
        let homes = &mut tenant.unwrap().settings.directory.domain_homes;
        let domain = address("pat@nowhere.example").domain().clone();
        homes.insert(domain, [name("gcc")].into());
    })
    .await;
    let seen = typed(&world, "pat@nowhere.example").await;
    seen.expect(303, "provider-asked");
}

#[tokio::test]
async fn who_redeemed_by_code_goes_on_by_code() {
    let network = Arc::new(Clouded::new(&[], &[]));
    let world = World::on(&network, asking).await;
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    let attempt = browser.enter_code(&attempt, "12345678").await.attempt();
    let accepted = [("attempt", attempt.as_str()), ("consent", "accept")];
    browser
        .post(Endpoint::SignIn, &accepted)
        .await
        .expect(303, "signed-in");
    network.say("login.worldwide.example", 200, "nowhere.example");
    let mut later = Browser::new(&world);
    later.now = later.now.plus(7_200);
    let asked = [("address", "pat@nowhere.example"), ("provider", "passcode")];
    let attempt = later.post(Endpoint::SignIn, &asked).await.attempt();
    later
        .enter_code(&attempt, "12345678")
        .await
        .expect(303, "signed-in");
    assert_eq!(world.mailed().len(), 2);
}

/// What an answer looks like with the handle and the domain taken out.
fn shape(seen: &Seen, domain: &str) -> (u16, &'static str, String) {
    let body = seen.body.replace(&seen.attempt(), "HANDLE");
    (seen.status, seen.code, body.replace(domain, "DOMAIN"))
}

#[tokio::test]
async fn a_domain_of_a_forbidden_cloud_sees_what_everybody_sees_and_no_way_leads_in() {
    let network = Arc::new(Clouded::new(&[], &["nowhere.example"]));
    let world = World::on(&network, asking).await;
    let forbidden = typed(&world, "pat@nowhere.example").await;
    let other = typed(&world, "pat@elsewhere.example").await;
    assert_eq!(
        shape(&forbidden, "nowhere.example"),
        shape(&other, "elsewhere.example")
    );
    assert!(world.mailed().is_empty(), "no code is mailed");
    let mut browser = Browser::new(&world);
    let attempt = browser.ask_code("pat@nowhere.example").await;
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(403, "cloud-not-allowed");
    assert!(browser.session().is_none());
}

#[tokio::test]
async fn a_domain_of_several_clouds_must_be_admitted_from_all() {
    let network = Arc::new(Clouded::new(&["nowhere.example"], &["nowhere.example"]));
    let world = World::on(&network, asking).await;
    typed(&world, "pat@nowhere.example")
        .await
        .expect(200, "form-shown");
    assert!(world.mailed().is_empty());
    let ticked = |configuration: &mut Configuration| {
        asking(configuration);
        let (here, there) = ("worldwide", "gcc-high");
        let name = |text| CloudName::parse(text).unwrap();
        let mut clouds = (*configuration.clouds).clone();
        for (one, other) in [(here, there), (there, here)] {
            let cloud = clouds.0.get_mut(&name(one)).unwrap();
            cloud.partner_clouds.insert(name(other));
        }
        configuration.clouds = Arc::new(clouds);
        for tenant in configuration.tenants.values_mut() {
            let access = &mut tenant.settings.directory.cross_tenant;
            access.clouds.insert(name(there));
        }
    };
    let world = World::on(&network, ticked).await;
    typed(&world, "pat@nowhere.example")
        .await
        .expect(303, "provider-asked");
}

#[tokio::test]
async fn a_home_that_is_not_known_is_none_in_a_restricted_cloud() {
    let network = Arc::new(Clouded::new(&[], &[]));
    network
        .answers
        .lock()
        .unwrap()
        .remove("login.gcc-high.example");
    let world = World::on(&network, restricted).await;
    let seen = typed(&world, "pat@nowhere.example")
        .await
        .expect(503, "home-unknown");
    assert_eq!(seen.answer.response.headers()["retry-after"], "60");
    assert!(seen.body.contains("Try again in a minute"), "{}", seen.body);
    // Neither by asking for a code.
    let mut browser = Browser::new(&world);
    let asked = [("address", "pat@nowhere.example"), ("provider", "passcode")];
    let attempt = browser.post(Endpoint::SignIn, &asked).await.attempt();
    browser
        .enter_code(&attempt, "12345678")
        .await
        .expect(503, "home-unknown");
    assert!(world.mailed().is_empty());
    // What the configuration knows is known.
    typed(&world, "ada@fabrikam.example")
        .await
        .expect(303, "provider-asked");
}

#[tokio::test]
async fn a_home_that_is_not_known_leaves_other_clouds_as_they_were() {
    let network = Arc::new(Clouded::default());
    let world = World::on(&network, asking).await;
    Browser::new(&world).ask_code("pat@nowhere.example").await;
    assert_eq!(world.mailed(), ["pat@nowhere.example"]);
    // But what one cloud says counts.
    network.say("login.gcc-high.example", 200, "nowhere.example");
    let mut later = Browser::new(&world);
    later.now = later.now.plus(60);
    later.ask_code("pat@nowhere.example").await;
    assert_eq!(world.mailed().len(), 1);
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_configured() {
    let network = Arc::new(Clouded::new(&[], &[]));
    let world = World::on(&network, |configuration| {
        asking(configuration);
        let tenant = configuration
            .tenants
            .get_mut(&tenant_id("contoso"))
            .unwrap();
        let domain = address("x@declared.example").domain().clone();
        let homes = &mut tenant.settings.directory.domain_homes;
        homes.insert(domain, [tenant.settings.cloud.clone()].into());
    })
    .await;
    for who in [
        "ada@fabrikam.example",
        "mia@contoso.example",
        "x@declared.example",
    ] {
        typed(&world, who).await.expect(303, "provider-asked");
    }
    assert!(network.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn sec_114_what_an_unverified_address_says_is_not_looked_up() {
    let network = Arc::new(Clouded::new(&[], &[]));
    let world = World::on(&network, asking).await;
    let mut browser = Browser::new(&world);
    // An account that says to be max, and proves nothing; nor does a foreign issuer.
    for who in ["eve", "foreign-issuer"] {
        browser
            .sign_in_by("pat@typed.example", "work-school", who)
            .await;
    }
    let asked = network.asked.lock().unwrap().clone();
    let others: Vec<&String> = asked
        .iter()
        .filter(|url| !url.contains("/typed.example/"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn only_the_domain_is_sent() {
    let network = Arc::new(Clouded::new(&[], &[]));
    let world = World::on(&network, asking).await;
    Browser::new(&world).ask_code("pat@nowhere.example").await;
    let mut asked = network.asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(
        asked,
        ["gcc-high", "worldwide"].map(|cloud| format!(
            "https://login.{cloud}.example/nowhere.example/v2.0/.well-known/openid-configuration"
        ))
    );
}
