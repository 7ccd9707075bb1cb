//! Journey 9. Gus, who administers Contoso, uses a program of his: it speaks Microsoft Graph to the management API.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::PROGRAM;
use crate::report::Report;
use crate::world::World;
use crate::{Outcome, ensure, says};

const GUS: &str = "gus@contoso.example";
const NEL: &str = "nel@fabrikam.example";
const HOST: &str = "contoso.localhost";
const PLAN: &str = "/sites/projects/Plan.docx";

pub(super) async fn play(world: &mut World, report: &mut Report<'_>) -> Outcome {
    let plan = world.url("contoso", PLAN);
    let api = report
        .step("his program gets a token from Contoso's Entra", async {
            world.api_for(GUS).await
        })
        .await?;
    let nel = report
        .step("it invites Nel, who is in the directory at once", async {
            let wish = json!({ "invitedUserEmailAddress": NEL, "inviteRedirectUrl": plan });
            let invited = api.post("/v1.0/invitations", &wish).await?;
            let id = invited
                .pointer("/invitedUser/id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let nel = api
                .get(&format!("/v1.0/users/{id}?$select=mail,externalUserState"))
                .await?;
            ensure!(
                says(&nel, "externalUserState") == "PendingAcceptance",
                "{nel}"
            );
            Ok(id.to_owned())
        })
        .await?;
    let item = api.item(HOST, PLAN).await?;
    let (mut browser, permission) = report
        .step(
            "it shares the plan with her; she redeems and reads it",
            async {
                let permission = api.share(&item, NEL, "read").await?;
                let browser = world.signed_in(NEL, &plan).await?;
                let user = api
                    .get(&format!("/v1.0/users/{nel}?$select=externalUserState"))
                    .await?;
                ensure!(says(&user, "externalUserState") == "Accepted", "{user}");
                Ok((browser, permission))
            },
        )
        .await?;
    report
        .step(
            "it takes that back, and her next request is refused",
            async {
                api.unshare(&item, &permission).await?;
                let page = world
                    .short_of_upstream(browser.fetch("GET", &plan, PROGRAM, ""))
                    .await?;
                page.expect_refusal(403, "permission-missing")
            },
        )
        .await?;
    report
        .step("a link for anyone opens until it is deleted", async {
            let wish = json!({ "type": "view", "scope": "anonymous" });
            let (link, url) = api.link(&item, &wish).await?;
            let mut bearer = world.browser();
            bearer.open(&url).await?.expect(200)?;
            api.unshare(&item, &link).await?;
            let page = world
                .short_of_upstream(bearer.fetch("GET", &plan, PROGRAM, ""))
                .await?;
            page.expect_refusal(403, "link-deleted")?;
            world
                .browser()
                .open(&url)
                .await?
                .expect_refusal(404, "link-not-found")
        })
        .await?;
    report
        .step(
            "what the tenant's file declares stays as it is: 409",
            async {
                let wish = json!({ "sharingBlockedDomainList": [] });
                let answer = api
                    .call(
                        Method::PATCH,
                        "/v1.0/admin/sharepoint/settings",
                        Some(&wish),
                    )
                    .await?;
                ensure!(
                    answer.status == StatusCode::CONFLICT,
                    "{} {}",
                    answer.status,
                    answer.body
                );
                Ok(())
            },
        )
        .await?;
    report
        .step("he blocks Nel, and her session ends", async {
            let _shared = api.share(&item, NEL, "read").await?;
            browser.open(&plan).await?.expect(200)?;
            let blocked = json!({ "accountEnabled": false });
            api.patch(&format!("/v1.0/users/{nel}"), &blocked).await?;
            let page = world
                .short_of_upstream(browser.fetch("GET", &plan, PROGRAM, ""))
                .await?;
            ensure!(page.status.is_client_error(), "she still reads: {page}");
            Ok(())
        })
        .await?;
    report
        .step("the audit knows all of it, and verifies", async {
            let about = format!("/vestibule/v1/audit?person={NEL}&top=100");
            let records = api.get(&about).await?.to_string();
            for operation in ["SharingSet", "SharingInvitationAccepted", "SharingRevoked"] {
                ensure!(records.contains(operation), "no {operation}: {records}");
            }
            let verified = world.gateway.call().run(&["audit", "verify"]).await?;
            let said = String::from_utf8_lossy(&verified.stdout).into_owned();
            ensure!(verified.status.success(), "it does not verify: {said}");
            Ok(())
        })
        .await?;
    // The world is left as it was, for whoever tells this again.
    api.delete(&format!("/v1.0/users/{nel}")).await.map(drop)
}
