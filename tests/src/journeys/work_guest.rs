//! Journey 1. Ada of Fabrikam was invited to Contoso.

use super::{PROGRAM, only_request};
use crate::ensure;
use crate::people::accept;
use crate::report::Report;
use crate::says;
use crate::world::World;
use crate::{Outcome, assertion};

const ADA: &str = "ada@fabrikam.example";

pub(super) async fn play(world: &World, report: &mut Report<'_>) -> Outcome {
    let mut ada = world.browser();
    let asked = "/sites/projects/Plan.docx?web=1";
    let plan = world.url("contoso", asked);
    let secret = world.url("contoso", "/sites/projects/Secret.docx");
    let upload = world.url("contoso", "/sites/projects/Shared/from-ada.txt");

    let page = report
        .step(
            "Ada opens a shared file and is asked for her address",
            async {
                let page = world
                    .short_of_upstream(ada.open(&plan))
                    .await?
                    .expect(200)?;
                ensure!(
                    page.offers("address"),
                    "no form for the address: {}",
                    page.text()
                );
                Ok(page)
            },
        )
        .await?;
    report
        .step(
            "a program gets 401 with a code instead of a redirect",
            async {
                let answer = world
                    .short_of_upstream(world.browser().fetch("GET", &plan, PROGRAM, ""))
                    .await?;
                answer.expect_refusal(401, "sign-in-required")
            },
        )
        .await?;
    let page = report
        .step(
            "she signs in at her own organisation and is asked for consent",
            async {
                let page = world
                    .short_of_upstream(world.authenticate(&mut ada, &page, ADA, ADA))
                    .await?;
                ensure!(
                    page.offers("consent"),
                    "no question for consent: {page} {}",
                    page.text()
                );
                ensure!(
                    page.text().contains("Contoso"),
                    "the page does not say who invites"
                );
                Ok(page)
            },
        )
        .await?;
    report
        .step(
            "she accepts and is back at the very file, query included",
            async {
                let (page, seen) = world.reaching_upstream(accept(&mut ada, &page)).await?;
                let page = page.expect(200)?;
                ensure!(page.url.as_str() == plan, "back at {}", page.url);
                let request = only_request(&seen, "GET", asked)?;
                let claims = assertion::claims(world, "contoso", request).await?;
                ensure!(
                    says(&claims, "email") == ADA,
                    "the documents hear of {claims}"
                );
                ensure!(
                    request.header("cookie").is_none(),
                    "a cookie reached the documents"
                );
                Ok(())
            },
        )
        .await?;
    report
        .step(
            "another file of the site was not shared: 403, and nothing reaches the documents",
            async {
                let page = world.short_of_upstream(ada.open(&secret)).await?;
                page.expect_refusal(403, "permission-missing")
            },
        )
        .await?;
    report
        .step("she uploads where she may write", async {
            let put = ada.fetch("PUT", &upload, PROGRAM, "from Ada");
            let (answer, seen) = world.reaching_upstream(put).await?;
            ensure!(
                answer.status.is_success(),
                "expected success, found {answer}"
            );
            only_request(&seen, "PUT", "/sites/projects/Shared/from-ada.txt")?;
            let read = ada.open(&upload).await?.expect(200)?;
            ensure!(read.text() == "from Ada", "read back `{}`", read.text());
            Ok(())
        })
        .await?;
    report
        .step("she does not where she may only read", async {
            let put = ada.fetch("PUT", &plan, PROGRAM, "overwritten");
            let answer = world.short_of_upstream(put).await?;
            // The link that names her is asked first.
            answer.expect_refusal(403, "link-action-not-allowed")
        })
        .await
}
