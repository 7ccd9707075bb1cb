//! With which provider somebody signs in: where the clouds say a domain is at home, and what happens when one is down.

use std::time::{Duration, Instant};

use idp_mocks::{Cloud, Endpoint, Misbehaviour, Organisation, Service};
use tests::lateness::Lateness;
use tests::overlay::Overlay;
use tests::world::{Options, World};
use tests::{Outcome, ensure};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";
const README: &str = "/sites/projects/readme.txt";

/// Nobody says beforehand where fabrikam.example lives; and there is a guest of a domain in another cloud.
fn discovering(overlay: &mut Overlay) -> Outcome {
    overlay.set("default.toml", "home_discovery.enabled", true);
    let homes = ["contoso.example", "woodgrove.example", "mallory.example"];
    let homes: Vec<toml::Value> = homes.map(toml::Value::from).into();
    overlay.set("providers/work-school.toml", "home_domains", homes);
    overlay.add(
        "tenants/contoso.toml",
        r#"
        [guests.kai]
        address = "kai@sovereign.example"

        [permissions.kai-readme]
        site = "projects"
        item = "/sites/projects/readme.txt"
        to = "kai@sovereign.example"
        role = "read"
        created_by = "mia@contoso.example"
        "#,
    )
}

async fn world() -> Outcome<World> {
    let world = World::start_with(Options::default(), |overlay, _| discovering(overlay)).await?;
    world.mocks.add_organisation(Organisation {
        tenant_id: "77777777-7777-4777-8777-777777777777".to_owned(),
        name: "Sovereign".to_owned(),
        cloud: Cloud::UsGovernment,
        domains: vec!["sovereign.example".to_owned()],
        region_scope: Some("USGOV".to_owned()),
        region_sub_scope: Some("DODCON".to_owned()),
    });
    Ok(world)
}

#[tokio::test]
async fn a_guest_signs_in_in_the_cloud_that_knows_their_domain() -> Outcome {
    let world = world().await?;
    world.signed_in(ADA, &world.url("contoso", NOTES)).await?;
    let seen = world.mocks.requests(Service::EntraWorldwide);
    let asked = seen
        .iter()
        .filter(|request| request.target.starts_with("/fabrikam.example/"));
    ensure!(asked.count() == 1, "asked more than once");
    Ok(())
}

#[tokio::test]
async fn a_domain_of_a_forbidden_cloud_gets_the_page_of_everybody_and_no_code() -> Outcome {
    let world = world().await?;
    let url = world.url("contoso", README);
    let last = world.newest_mail();
    for address in ["kai@sovereign.example", "nobody@nowhere-else.example"] {
        let page = world.begin(&mut world.browser(), &url, address).await?;
        ensure!(page.offers("code"), "{address}: {page}: {}", page.text());
    }
    // Whoever is mailed after them is mailed alone.
    world
        .begin(&mut world.browser(), &url, "pat@nowhere.example")
        .await?;
    world.passcode("pat@nowhere.example", last).await?;
    let mailed = world.mocks.mailbox().messages();
    let others = mailed.iter().filter(|mail| mail.id > last);
    ensure!(others.count() == 1, "somebody else was mailed");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_down_ends_on_a_page_within_ten_seconds() -> Outcome {
    let world = World::start(Options::default()).await?;
    world.mocks.set_delay(Duration::from_secs(30));
    let url = world.url("contoso", NOTES);
    for what in [
        Misbehaviour::Slow,
        Misbehaviour::Http500,
        Misbehaviour::Truncated,
        Misbehaviour::Huge,
        Misbehaviour::RedirectDiscovery,
    ] {
        let place = (Service::EntraWorldwide, Endpoint::Discovery);
        world.mocks.misbehave_at(place.0, what, place.1)?;
        let (machine, started) = (Lateness::watch(), Instant::now());
        let page = world.begin(&mut world.browser(), &url, ADA).await?;
        let took = started.elapsed();
        ensure!(
            took < machine.allow(Duration::from_secs(10)),
            "{what:?} took {took:?}"
        );
        page.expect_refusal(502, "provider-unavailable")?;
        ensure!(page.text().contains("Try again later"), "{}", page.text());
        world.mocks.behave(place.0);
    }
    // Others never notice.
    let page = world
        .begin(&mut world.browser(), &url, "gina@gmail.com")
        .await?;
    ensure!(page.offers("user"), "Google does not work either: {page}");
    Ok(())
}
