//! The provider `saml` against identity providers that nobody here wrote: SimpleSAMLphp and pysaml2.

use tempfile::TempDir;
use tests::browser::{Browser, Page};
use tests::certificates::write_private;
use tests::overlay::Overlay;
use tests::people::accept;
use tests::pysaml2::PySaml2;
use tests::saml::{self, Manner, Partner, carry};
use tests::simplesamlphp::SimpleSamlPhp;
use tests::world::{Options, World};
use tests::{Outcome, ensure};
use url::Url;

const README: &str = "/sites/projects/readme.txt";
const NAME: &str = "partner";
const DOMAIN: &str = "partner.example";
const OTTO: &str = "otto@partner.example";
const PETRA: &str = "petra@partner.example";

/// What is signed, in the four ways that there are.
const SIGNED: [(bool, bool); 3] = [(true, false), (false, true), (true, true)];

fn manner(sign_response: bool, sign_assertion: bool, encrypt: bool) -> Manner {
    Manner {
        sign_response,
        sign_assertion,
        encrypt,
    }
}

/// A world that has the partner in it, and shares the read-me with its people.
async fn federated(
    origin: &str,
    entity_id: &str,
    metadata: &str,
    settings: &str,
) -> Outcome<World> {
    let url = Url::parse(origin)?;
    let host = tests::network::authority(&url)?;
    World::start_with(Options::default(), |overlay, _| {
        saml::federate(
            overlay,
            &Partner {
                name: NAME,
                entity_id,
                metadata,
                host: &host,
                domain: DOMAIN,
                settings,
            },
        )?;
        share(overlay)
    })
    .await
}

fn share(overlay: &mut Overlay) -> Outcome {
    for (name, address) in [("otto", OTTO), ("petra", PETRA)] {
        overlay.add(
            "tenants/contoso.toml",
            &format!(
                "[permissions.{name}-readme]\nsite = \"projects\"\nitem = \"{README}\"\nto = \"{address}\"\n\
                 role = \"read\"\ncreated_by = \"mia@contoso.example\""
            ),
        )?;
    }
    Ok(())
}

fn folder() -> Outcome<TempDir> {
    let worlds = tests::built::target_folder()?.join("worlds");
    std::fs::create_dir_all(&worlds)?;
    Ok(TempDir::new_in(worlds)?)
}

/// Consents where that is asked, and fails unless the file is there.
async fn reads(world: &World, browser: &mut Browser, page: Page) -> Outcome {
    let page = if page.offers("consent") {
        accept(browser, &page).await?
    } else {
        page
    };
    let log = || world.gateway.process().log();
    ensure!(page.status == 200, "{page}\n{}", log());
    ensure!(page.text().starts_with("Read me"), "read {}", page.text());
    Ok(())
}

async fn simplesamlphp(settings: &str) -> Outcome<(World, SimpleSamlPhp, TempDir)> {
    let folder = folder()?;
    let idp = SimpleSamlPhp::start(folder.path()).await?;
    let id = idp.entity_id();
    let metadata = format!("metadata_url = \"{id}\"");
    let world = federated(&idp.origin, &id, &metadata, settings).await?;
    idp.know(&world.saml_metadata("contoso", NAME).await?)?;
    Ok((world, idp, folder))
}

/// Otto, or somebody else with a password there, as far as the page behind the response.
async fn comes_from_simplesamlphp(
    world: &World,
    idp: &SimpleSamlPhp,
    user: &str,
) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = saml::begin(&mut browser, &world.url("contoso", README), OTTO).await?;
    ensure!(page.offers("password"), "{page}: {}", page.text());
    let page = idp.sign_in(&mut browser, &page, user).await?;
    Ok((browser, page))
}

#[tokio::test]
async fn a_guest_signs_in_at_simplesamlphp_however_it_signs() -> Outcome {
    let (world, idp, _folder) = simplesamlphp("").await?;
    for (response, assertion) in SIGNED {
        idp.behave(manner(response, assertion, false))?;
        let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "otto").await?;
        reads(&world, &mut browser, page)
            .await
            .map_err(|why| format!("response {response}, assertion {assertion}: {why}"))?;
        saml::is_in(&world, &mut browser, OTTO, "otto-1").await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_simplesamlphp_does_not_sign_or_may_not_say_is_refused() -> Outcome {
    let (world, idp, _folder) = simplesamlphp("").await?;
    idp.behave(manner(false, false, false))?;
    let tried = world
        .short_of_upstream(comes_from_simplesamlphp(&world, &idp, "otto"))
        .await?;
    let (mut browser, page) = tried;
    ensure!(page.status.is_client_error(), "unsigned: {page}");
    world.is_nobody(&mut browser).await?;
    idp.behave(manner(true, true, false))?;
    let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "stranger").await?;
    ensure!(page.status.is_client_error(), "another domain: {page}");
    world.is_nobody(&mut browser).await
}

#[tokio::test]
async fn simplesamlphp_encrypts_by_cbc_which_is_taken_only_where_allowed_and_signed() -> Outcome {
    let (world, idp, _folder) = simplesamlphp("").await?;
    idp.behave(manner(true, true, true))?;
    let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "otto").await?;
    ensure!(page.status.is_client_error(), "CBC by default: {page}");
    world.is_nobody(&mut browser).await?;

    let (world, idp, _folder) = simplesamlphp("allow_cbc = true").await?;
    idp.behave(manner(false, true, true))?;
    let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "otto").await?;
    ensure!(
        page.status.is_client_error(),
        "CBC in an unsigned response: {page}"
    );
    world.is_nobody(&mut browser).await?;
    for assertion in [false, true] {
        idp.behave(manner(true, assertion, true))?;
        let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "otto").await?;
        reads(&world, &mut browser, page).await?;
    }
    Ok(())
}

async fn pysaml2(settings: &str) -> Outcome<(World, PySaml2, TempDir)> {
    let folder = folder()?;
    let idp = PySaml2::start(folder.path()).await?;
    let id = idp.entity_id();
    // As a file, as one gets it by mail.
    let file = folder.path().join("partner.xml");
    write_private(&file, idp.metadata().await?.as_bytes())?;
    let metadata = format!("metadata = {{ file = \"{}\" }}", file.display());
    let world = federated(&idp.origin, &id, &metadata, settings).await?;
    idp.know(&world.saml_metadata("contoso", NAME).await?)?;
    Ok((world, idp, folder))
}

async fn comes_from_pysaml2(world: &World) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = saml::begin(&mut browser, &world.url("contoso", README), PETRA).await?;
    let page = carry(&mut browser, page).await?;
    Ok((browser, page))
}

#[tokio::test]
async fn a_guest_signs_in_at_pysaml2_however_it_signs_and_encrypts() -> Outcome {
    for settings in ["", "sign_on_binding = \"post\""] {
        let (world, idp, _folder) = pysaml2(settings).await?;
        for (response, assertion) in SIGNED {
            for encrypt in [false, true] {
                idp.behave(manner(response, assertion, encrypt))?;
                let (mut browser, page) = comes_from_pysaml2(&world).await?;
                reads(&world, &mut browser, page).await.map_err(|why| {
                    format!(
                        "response {response}, assertion {assertion}, encrypted {encrypt}: {why}"
                    )
                })?;
                saml::is_in(&world, &mut browser, PETRA, "petra-1").await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_pysaml2_does_not_sign_is_refused() -> Outcome {
    let (world, idp, _folder) = pysaml2("").await?;
    for encrypt in [false, true] {
        idp.behave(manner(false, false, encrypt))?;
        let (mut browser, page) = world.short_of_upstream(comes_from_pysaml2(&world)).await?;
        ensure!(page.status.is_client_error(), "encrypted {encrypt}: {page}");
        world.is_nobody(&mut browser).await?;
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_goes_both_ways_with_simplesamlphp() -> Outcome {
    let (world, idp, _folder) = simplesamlphp("").await?;
    // Begun here: its own session ends as well, so it asks for the password again.
    let (mut browser, page) = comes_from_simplesamlphp(&world, &idp, "otto").await?;
    reads(&world, &mut browser, page).await?;
    let page = browser
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    let page = browser.submit(&page, &[]).await?;
    let page = carry(&mut browser, page).await?;
    let log = || world.gateway.process().log();
    ensure!(
        page.status == 200 && page.url.host_str() == Some("contoso.localhost"),
        "{page}\n{}",
        log()
    );
    let page = saml::begin(&mut browser, &world.url("contoso", README), OTTO).await?;
    ensure!(page.offers("password"), "still signed in there: {page}");
    // Begun there.
    let page = idp.sign_in(&mut browser, &page, "otto").await?;
    reads(&world, &mut browser, page).await?;
    let page = browser.open(&idp.sign_out_page()).await?;
    let page = carry(&mut browser, page).await?;
    ensure!(page.status == 200, "{page}\n{}", log());
    let who = world.url("contoso", "/_vestibule/whoami");
    let answer = browser
        .fetch("GET", &who, &[("accept", "application/json")], "")
        .await?;
    answer.expect_refusal(401, "sign-in-required")
}

#[tokio::test]
async fn signing_out_here_is_answered_by_pysaml2() -> Outcome {
    let (world, _idp, _folder) = pysaml2("").await?;
    let (mut browser, page) = comes_from_pysaml2(&world).await?;
    reads(&world, &mut browser, page).await?;
    let page = browser
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    let page = browser.submit(&page, &[]).await?;
    let page = carry(&mut browser, page).await?;
    ensure!(
        page.status == 200 && page.url.host_str() == Some("contoso.localhost"),
        "{page} {}\n{}",
        page.text(),
        world.gateway.process().log()
    );
    world.is_nobody(&mut browser).await
}
