//! Signing out by SAML, begun on either side.

use idp_mocks::{Binding, SamlFault, Service};
use tests::browser::{Browser, Page};
use tests::people::accept;
use tests::saml::{self, carry};
use tests::world::{Options, World};
use tests::{Outcome, ensure};

const NORA: &str = "nora@northwind.example";
const README: &str = "/sites/projects/readme.txt";

/// Nora, reading.
async fn nora(world: &World) -> Outcome<Browser> {
    let mut browser = world.browser();
    let readme = world.url("contoso", README);
    let page = saml::begin(&mut browser, &readme, NORA).await?;
    let page = world.pick_account(&mut browser, &page, NORA).await?;
    let page = carry(&mut browser, page).await?;
    let page = if page.offers("consent") {
        accept(&mut browser, &page).await?
    } else {
        page
    };
    page.expect(200)?;
    Ok(browser)
}

/// Presses the gateway's button and goes wherever that leads.
async fn signs_out_here(world: &World, browser: &mut Browser) -> Outcome<Page> {
    let page = browser
        .open(&world.url("contoso", "/_vestibule/sign-out"))
        .await?;
    let page = browser.submit(&page, &[]).await?;
    carry(browser, page).await
}

/// Signs out at the partner, which tells the gateway.
async fn signs_out_there(world: &World, browser: &mut Browser) -> Outcome<Page> {
    let origin = &world.mocks.urls().saml.origin;
    let page = browser
        .open(&format!("{origin}/saml/sign-out?user={NORA}"))
        .await?;
    carry(browser, page).await
}

#[tokio::test]
async fn signing_out_at_the_gateway_signs_out_at_the_partner() -> Outcome {
    let world = World::start(Options::default()).await?;
    for binding in [Binding::Redirect, Binding::Post] {
        world.mocks.change_saml(|manner| manner.logout_by = binding);
        let mut browser = nora(&world).await?;
        let page = signs_out_here(&world, &mut browser).await?;
        let log = || world.gateway.process().log();
        ensure!(page.status == 200, "{binding:?}: {page}\n{}", log());
        ensure!(
            page.url.host_str() == Some("contoso.localhost"),
            "ended at {}",
            page.url
        );
        world.is_nobody(&mut browser).await?;
        // The partner has nobody to tell about any more.
        let page = signs_out_there(&world, &mut browser).await?;
        ensure!(
            page.via.is_empty() && page.text().contains("signed out"),
            "{binding:?}: the partner still knew the session: {page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn signing_out_at_the_partner_ends_the_session_here_and_is_answered() -> Outcome {
    let world = World::start(Options::default()).await?;
    for binding in [Binding::Redirect, Binding::Post] {
        world.mocks.change_saml(|manner| manner.logout_by = binding);
        let mut browser = nora(&world).await?;
        let page = signs_out_there(&world, &mut browser).await?;
        let log = || world.gateway.process().log();
        ensure!(
            page.status == 200 && page.text().contains("You are signed out"),
            "{binding:?}: {page} {}\n{}",
            page.text(),
            log()
        );
        world.is_nobody(&mut browser).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_166_sign_outs_that_are_not_the_partners_end_nothing() -> Outcome {
    let world = World::start(Options::default()).await?;
    let faults = [
        SamlFault::UnsignedLogout,
        SamlFault::ForeignKeyLogout,
        SamlFault::WrongIssuerLogout,
        SamlFault::WrongDestinationLogout,
        SamlFault::ExpiredLogout,
    ];
    for binding in [Binding::Redirect, Binding::Post] {
        world.mocks.change_saml(|manner| manner.logout_by = binding);
        for fault in faults {
            let mut browser = nora(&world).await?;
            world.mocks.misbehave(Service::Saml, fault)?;
            let page = signs_out_there(&world, &mut browser).await;
            world.mocks.behave(Service::Saml);
            let page = page?;
            ensure!(
                page.status.is_client_error(),
                "{} by {binding:?}: {page}",
                fault.name()
            );
            world
                .who(&mut browser)
                .await
                .map_err(|why| format!("{} by {binding:?}: {why}", fault.name()))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn sec_137_a_message_that_inflates_without_end_is_refused_small() -> Outcome {
    let world = World::start(Options::default()).await?;
    let mut browser = nora(&world).await?;
    let before = world.gateway.process().memory()?.peak;
    world
        .mocks
        .misbehave(Service::Saml, SamlFault::DeflateBomb)?;
    let page = signs_out_there(&world, &mut browser).await?;
    ensure!(page.status.is_client_error(), "{page}");
    let grown = world.gateway.process().memory()?.peak - before;
    // 8 MiB were promised; a connection and its buffers are far below this.
    ensure!(grown < 4 << 20, "the peak grew by {grown} bytes");
    world.who(&mut browser).await?;
    Ok(())
}

#[tokio::test]
async fn answers_to_sign_outs_that_are_not_the_partners_are_not_believed() -> Outcome {
    let world = World::start(Options::default()).await?;
    for fault in [
        SamlFault::UnsignedLogout,
        SamlFault::ForeignKeyLogout,
        SamlFault::WrongIssuerLogout,
        SamlFault::WrongDestinationLogout,
        SamlFault::WrongRequestLogout,
    ] {
        let mut browser = nora(&world).await?;
        world.mocks.misbehave(Service::Saml, fault)?;
        let page = signs_out_here(&world, &mut browser).await;
        world.mocks.behave(Service::Saml);
        let page = page?;
        ensure!(
            page.status.is_client_error(),
            "{}: {page} {}",
            fault.name(),
            page.text()
        );
        // Whatever the partner says, the session here is over.
        world.is_nobody(&mut browser).await?;
    }
    Ok(())
}
