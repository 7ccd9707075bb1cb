//! Journey 2. Pat has no account anywhere, Gina has one at Google, Oli has a Microsoft account, Nora's employer is
//! federated by SAML.

use crate::browser::{Browser, Page};
use crate::people::{accept, wrong};
use crate::report::Report;
use crate::saml;
use crate::says;
use crate::world::World;
use crate::{Outcome, ensure};

const README: &str = "/sites/projects/readme.txt";
const PAT: &str = "pat@nowhere.example";
/// As long as Pat's, so that the pages can be compared byte by byte.
const UNINVITED: &str = "pit@nowhere.example";
const NORA: &str = "nora@northwind.example";
const TRIES: usize = 5;

pub(super) async fn play(world: &World, report: &mut Report<'_>) -> Outcome {
    report
        .step(
            "an address that was not invited gets the same page and no mail",
            uninvited(world),
        )
        .await?;
    report
        .step("five wrong codes burn the right one", burned(world))
        .await?;
    report
        .step(
            "Pat copies the code out of the mail, consents and reads the file",
            pat(world),
        )
        .await?;
    for (guest, kind) in [
        ("gina@gmail.com", "google"),
        ("oli@outlook.com", "microsoft-account"),
    ] {
        report
            .step(
                &format!("{guest} comes in through {kind}"),
                account(world, guest, kind),
            )
            .await?;
    }
    report
        .step(
            "nora@northwind.example comes in through her employer's SAML",
            nora(world),
        )
        .await?;
    Ok(())
}

async fn uninvited(world: &World) -> Outcome {
    let mailbox = world.mocks.mailbox();
    let (before, last) = (mailbox.messages().len(), world.newest_mail());
    let (_, stranger) = code_page(world, UNINVITED).await?;
    let (_, guest) = code_page(world, PAT).await?;
    ensure!(
        stranger.status == guest.status,
        "{} and {}",
        stranger.status,
        guest.status
    );
    let (stranger, guest) = (masked(&stranger, UNINVITED)?, masked(&guest, PAT)?);
    ensure!(stranger == guest, "the pages differ:\n{stranger}\n{guest}");
    // The guest's mail was asked for last: once it is there, the stranger's would be.
    world.passcode(PAT, last).await?;
    let mails = mailbox.messages().split_off(before);
    ensure!(
        mails.iter().all(|mail| mail.to == [PAT]),
        "mail went to {:?}",
        mails.iter().map(|mail| &mail.to).collect::<Vec<_>>()
    );
    Ok(())
}

async fn burned(world: &World) -> Outcome {
    let last = world.newest_mail();
    let (mut browser, mut page) = code_page(world, PAT).await?;
    let first = page.clone();
    let (code, _) = world.passcode(PAT, last).await?;
    for _ in 0..TRIES {
        ensure!(page.offers("code"), "no more tries: {page}");
        page = browser.submit(&page, &[("code", &wrong(&code))]).await?;
    }
    page.expect_refusal(403, "credential-invalid")?;
    let page = browser.submit(&first, &[("code", &code)]).await?;
    ensure!(
        page.status.is_client_error(),
        "the burned code was taken: {page}"
    );
    world.is_nobody(&mut browser).await
}

async fn pat(world: &World) -> Outcome {
    let mut browser = world.browser();
    let readme = world.url("contoso", README);
    let page = browser.open(&readme).await?;
    let page = world
        .short_of_upstream(world.sign_in_by_passcode(&mut browser, &page, PAT))
        .await?;
    let page = accept(&mut browser, &page).await?.expect(200)?;
    ensure!(page.url.as_str() == readme, "back at {}", page.url);
    ensure!(page.text().starts_with("Read me"), "read `{}`", page.text());
    let who = world.who(&mut browser).await?;
    ensure!(
        says(&who, "kind") == "email-otp" && says(&who, "proof") == "mailbox",
        "signed in as {who}"
    );
    Ok(())
}

async fn account(world: &World, guest: &str, kind: &str) -> Outcome {
    let mut browser = world
        .signed_in(guest, &world.url("contoso", README))
        .await?;
    let who = world.who(&mut browser).await?;
    ensure!(
        says(&who, "kind") == kind && says(&who, "address") == guest,
        "signed in as {who}"
    );
    Ok(())
}

async fn nora(world: &World) -> Outcome {
    let mut browser = world.browser();
    let readme = world.url("contoso", README);
    let page = saml::begin(&mut browser, &readme, NORA).await?;
    let page = world.pick_account(&mut browser, &page, NORA).await?;
    let page = world
        .short_of_upstream(saml::carry(&mut browser, page))
        .await?;
    let page = accept(&mut browser, &page).await?.expect(200)?;
    ensure!(page.url.as_str() == readme, "back at {}", page.url);
    saml::is_in(world, &mut browser, NORA, "").await
}

/// A new browser at the page that asks for the code.
async fn code_page(world: &World, address: &str) -> Outcome<(Browser, Page)> {
    let mut browser = world.browser();
    let page = world
        .begin(&mut browser, &world.url("contoso", README), address)
        .await?;
    ensure!(
        page.offers("code"),
        "expected the page for a code, found {page}: {}",
        page.text()
    );
    Ok((browser, page))
}

/// The page without what differs between any two attempts.
fn masked(page: &Page, address: &str) -> Outcome<String> {
    let form = page.form(&[("code", "")])?;
    let attempt = form.value("attempt").ok_or("the form names no attempt")?;
    Ok(page
        .text()
        .replace(attempt, "ATTEMPT")
        .replace(address, "ADDRESS"))
}
