//! Journey 5. Mia belongs to Contoso; the handbook's link is for people like her.

use crate::report::Report;
use crate::world::World;
use crate::{Outcome, ensure};

const MIA: &str = "mia@contoso.example";
const HANDBOOK: &str = "/sites/projects/report.pdf";

pub(super) async fn play(world: &World, report: &mut Report<'_>) -> Outcome {
    report
        .step(
            "Mia signs in at her own directory and reads what is not shared with guests",
            async {
                let minutes = world.url("contoso", "/sites/internal/minutes.txt");
                let mut mia = world.browser();
                let page = mia.open(&minutes).await?;
                let page = world
                    .authenticate(&mut mia, &page, MIA, MIA)
                    .await?
                    .expect(200)?;
                ensure!(
                    page.url.as_str() == minutes,
                    "no consent is asked of members, but she is at {}",
                    page.url
                );
                Ok(())
            },
        )
        .await?;
    report
        .step(
            "the link for members asks a stranger to sign in and takes Mia to the file",
            async {
                let mut mia = world.browser();
                let page = world
                    .short_of_upstream(mia.open(&world.link("handbook")?))
                    .await?;
                ensure!(
                    page.offers("address"),
                    "expected the form for the address, found {page}"
                );
                let page = world
                    .authenticate(&mut mia, &page, MIA, MIA)
                    .await?
                    .expect(200)?;
                ensure!(
                    page.url.path() == HANDBOOK,
                    "the link leads to {}",
                    page.url
                );
                Ok(())
            },
        )
        .await?;
    report
        .step("the same link is refused to a guest", async {
            let shared = world.url("contoso", "/sites/projects/Shared/notes.txt");
            let mut bob = world.signed_in("bob@fabrikam.example", &shared).await?;
            let page = world
                .short_of_upstream(bob.open(&world.link("handbook")?))
                .await?;
            page.expect_refusal(403, "link-members-only")?;
            let page = world
                .short_of_upstream(bob.open(&world.url("contoso", HANDBOOK)))
                .await?;
            page.expect_refusal(403, "permission-missing")
        })
        .await
}
