//! Journey 4. Invited or not, these do not come in, and nothing of theirs reaches the documents.

use super::PROGRAM;
use crate::browser::{Browser, Page};
use crate::report::Report;
use crate::world::World;
use crate::{Outcome, ensure};

const README: &str = "/sites/projects/readme.txt";

pub(super) async fn play(world: &World, report: &mut Report<'_>) -> Outcome {
    report
        .step(
            "a guest of a domain that the tenant blocks: domain-blocked",
            blocked_domain(world),
        )
        .await?;
    for (guest, cloud) in [
        ("sam@agency.example", "US Government"),
        ("lin@lanhua.example", "China"),
    ] {
        let step = format!("a guest whose home is in the {cloud} cloud: cloud-not-allowed");
        report
            .step(&step, refused(world, guest, guest, "cloud-not-allowed"))
            .await?;
    }
    let step = "an account with somebody else's address in an unverified claim: address-not-proven";
    report
        .step(
            step,
            refused(
                world,
                "ada@fabrikam.example",
                "eve@mallory.example",
                "address-not-proven",
            ),
        )
        .await
}

/// `typed` at the gateway, `account` at the provider.
async fn refused(world: &World, typed: &str, account: &str, code: &str) -> Outcome {
    let mut browser = world.browser();
    let page = browser.open(&world.url("contoso", README)).await?;
    let page = world
        .short_of_upstream(world.authenticate(&mut browser, &page, typed, account))
        .await?;
    outside(world, &mut browser, &page, code).await
}

/// Zoe has a badge, which the example provider in C takes.
async fn blocked_domain(world: &World) -> Outcome {
    let mut browser = world.browser();
    let page = world
        .begin(
            &mut browser,
            &world.url("contoso", README),
            "zoe@blocked.example",
        )
        .await?;
    let badge = browser.submit(&page, &[("badge", "B-200"), ("pin", "0815")]);
    let page = world.short_of_upstream(badge).await?;
    outside(world, &mut browser, &page, "domain-blocked").await
}

async fn outside(world: &World, browser: &mut Browser, page: &Page, code: &str) -> Outcome {
    page.expect_refusal(403, code)?;
    let readme = world.url("contoso", README);
    let again = browser.fetch("GET", &readme, PROGRAM, "");
    let answer = world.short_of_upstream(again).await?;
    ensure!(answer.status == 401, "refused, and then {answer}");
    Ok(())
}
