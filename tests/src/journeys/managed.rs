//! Journey 7. The founding documents: Woodgrove shares only with guests whom an administrator added; Contoso's internal
//! site does not share at all, and the integration does not change that.

use toml::Value;

use crate::report::Report;
use crate::world::World;
use crate::{Outcome, ensure};

const ADA: &str = "ada@fabrikam.example";
const NEW: &str = "bob@fabrikam.example";

pub(super) async fn play(world: &mut World, report: &mut Report<'_>) -> Outcome {
    let readme = world.url("woodgrove", "/sites/projects/readme.txt");
    report
        .step(
            "a guest whom the administrator added reads what was shared with her",
            async {
                world.signed_in(ADA, &readme).await?;
                Ok(())
            },
        )
        .await?;
    let before = world.overlay.clone();
    world
        .reconfigure(|overlay| {
            // The demo shares with an address that has no account; a real person is needed to be refused.
            overlay.set("tenants/woodgrove.toml", "permissions.new-readme.to", NEW);
            Ok(())
        })
        .await?;
    let new_address = report
        .step(
            "somebody new cannot come in by being shared with: new-guests-not-allowed",
            async {
                let mut browser = world.browser();
                let page = browser.open(&readme).await?;
                let page = world
                    .short_of_upstream(world.authenticate(&mut browser, &page, NEW, NEW))
                    .await?;
                page.expect_refusal(403, "new-guests-not-allowed")
            },
        )
        .await;
    world.restore(before).await?;
    new_address?;
    report
        .step(
            "a site with sharing off stays off though the integration is on: sharing-disabled",
            async {
                let integration = tenant_setting("contoso", "EnableAzureADB2BIntegration")?;
                ensure!(
                    integration == Value::Boolean(true),
                    "the integration is {integration}"
                );
                let letter = world.url("contoso", "/personal/mia/Documents/letter.txt");
                let mut ada = world.signed_in(ADA, &letter).await?;
                let minutes = world.url("contoso", "/sites/internal/minutes.txt");
                let page = world.short_of_upstream(ada.open(&minutes)).await?;
                page.expect_refusal(403, "sharing-disabled")
            },
        )
        .await
}

fn tenant_setting(tenant: &str, key: &str) -> Outcome<Value> {
    let file = crate::built::workspace().join(format!("config/demo/tenants/{tenant}.toml"));
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(file)?)?;
    let value = table.get("sharing").and_then(|sharing| sharing.get(key));
    value
        .cloned()
        .ok_or_else(|| format!("{tenant} does not set {key}").into())
}
