//! Journey 3. Somebody was sent the link to the brochure.

use super::PROGRAM;
use crate::report::Report;
use crate::world::{BROCHURE, World};
use crate::{Outcome, ensure};

const TENANT: &str = "tenants/contoso.toml";
const LEVEL: &str = "sharing.SharingCapability";

pub(super) async fn play(world: &mut World, report: &mut Report<'_>) -> Outcome {
    let brochure = world.url("contoso", BROCHURE);
    let mut bearer = world.browser();
    report
        .step("the link opens the file, and nobody signs in", async {
            let page = bearer.open(&world.link("brochure")?).await?.expect(200)?;
            ensure!(
                page.url.as_str() == brochure,
                "the link leads to {}",
                page.url
            );
            ensure!(page.text().contains("%PDF"), "read `{}`", page.text());
            world.is_nobody(&mut bearer).await
        })
        .await?;
    report
        .step(
            "it opens nothing else and does not let anybody write",
            async {
                let other = world.url("contoso", "/sites/projects/readme.txt");
                let answer = world
                    .short_of_upstream(bearer.fetch("GET", &other, PROGRAM, ""))
                    .await?;
                ensure!(
                    answer.status.is_client_error(),
                    "the link opens {other}: {answer}"
                );
                let answer = world
                    .short_of_upstream(bearer.fetch("PUT", &brochure, PROGRAM, "x"))
                    .await?;
                ensure!(answer.status.is_client_error(), "the link writes: {answer}");
                Ok(())
            },
        )
        .await?;
    report
        .step("a wrong token is 404", async {
            let wrong = world.url("contoso", "/_vestibule/s/demo-brochure-token-0123456789ac");
            let page = world
                .short_of_upstream(world.browser().open(&wrong))
                .await?;
            page.expect_refusal(404, "link-not-found")
        })
        .await?;
    report
        .step("an expired link is refused", async {
            let page = world
                .short_of_upstream(world.browser().open(&world.link("expired")?))
                .await?;
            page.expect_refusal(403, "link-expired")
        })
        .await?;
    let shared = world.url("contoso", "/sites/projects/Shared/notes.txt");
    let mut bob = world.signed_in("bob@fabrikam.example", &shared).await?;
    let before = world.overlay.clone();
    report
        .step("the tenant is lowered to ExternalUserSharingOnly", async {
            world
                .reconfigure(|overlay| {
                    overlay.set(TENANT, LEVEL, "ExternalUserSharingOnly");
                    Ok(())
                })
                .await
        })
        .await?;
    let lowered = async {
        report
            .step(
                "the link stops, for who holds it and for who comes with it",
                async {
                    let page = world.short_of_upstream(bearer.open(&brochure)).await?;
                    page.expect_refusal(403, "anyone-links-disabled")?;
                    let page = world
                        .short_of_upstream(world.browser().open(&world.link("brochure")?))
                        .await?;
                    page.expect_refusal(403, "anyone-links-disabled")
                },
            )
            .await?;
        report
            .step("the guest goes on", async {
                bob.open(&shared).await?.expect(200)?;
                Ok(())
            })
            .await
    }
    .await;
    world.restore(before).await?;
    lowered
}
