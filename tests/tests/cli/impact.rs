//! `impact`, for people who are about to change something.

use serde_json::Value;
use tests::{Outcome, ensure, says};

use crate::operator::{Ended, Operator, TAILWIND};

async fn impact(operator: &Operator, change: &[&str]) -> Outcome<Ended> {
    operator.run(&[&["impact"], change].concat()).await
}

async fn json(operator: &Operator, change: &[&str]) -> Outcome<Value> {
    let ended = impact(operator, &[change, &["--json"]].concat())
        .await?
        .with(0)?;
    Ok(serde_json::from_str(&ended.out)?)
}

/// Shares and codes of a list of changes, as `share code`.
fn listed(impact: &Value, list: &str) -> Vec<String> {
    let rows = impact.get(list).and_then(Value::as_array);
    let line = |row: &Value| {
        let share = row.get("share").cloned().unwrap_or_default();
        let id = [says(&share, "permission"), says(&share, "link")].concat();
        let code = if list == "lose" { "after" } else { "before" };
        format!("{id} {}", says(row, code))
    };
    rows.into_iter().flatten().map(line).collect()
}

#[tokio::test]
async fn who_would_lose_what_is_counted_and_listed() -> Outcome {
    let operator = Operator::new()?;
    let change = ["--set", "SharingCapability=Disabled"];
    let text = impact(&operator, &change).await?.with(0)?;
    text.says(&["lose: 1 guest, 1 permission, 1 link"])?;
    text.says(&["gain: 0 guests, 0 permissions, 0 links"])?;
    text.says(&[
        "permission `ada`",
        "ada@fabrikam.example",
        "sharing-disabled",
    ])?;
    text.says(&["link `flyer`", "whoever has it", "anyone-links-disabled"])?;
    let json = json(&operator, &change).await?;
    ensure!(
        listed(&json, "lose") == ["ada sharing-disabled", "flyer anyone-links-disabled"],
        "{json}"
    );
    ensure!(json.get("guests_losing") == Some(&Value::from(1)), "{json}");
    Ok(())
}

#[tokio::test]
async fn what_a_site_would_open_is_told_as_well() -> Outcome {
    let operator = Operator::new()?;
    let json = json(
        &operator,
        &[
            "--set",
            "sites.closed.SharingCapability=ExternalUserSharingOnly",
        ],
    )
    .await?;
    ensure!(
        listed(&json, "gain") == ["ada-closed sharing-disabled"],
        "{json}"
    );
    ensure!(listed(&json, "lose").is_empty(), "{json}");
    Ok(())
}

#[tokio::test]
async fn the_end_of_the_integration_names_who_is_shared_with_again() -> Outcome {
    let mut operator = Operator::new()?;
    operator
        .overlay
        .set(TAILWIND, "sharing.EnableAzureADB2BIntegration", true);
    let change = ["--set", "EnableAzureADB2BIntegration=false"];
    let text = impact(&operator, &change).await?.with(0)?;
    text.says(&["to be shared again:"])?;
    text.says(&["permission `ada`", "reshare-required"])?;
    let json = json(&operator, &change).await?;
    let again = json.get("share_again").and_then(Value::as_array);
    ensure!(again.is_some_and(|again| !again.is_empty()), "{json}");
    Ok(())
}

#[tokio::test]
async fn lists_are_to_be_reviewed_when_the_integration_goes_on() -> Outcome {
    let mut operator = Operator::new()?;
    operator.overlay.set(
        TAILWIND,
        "sharing.SharingDomainRestrictionMode",
        "BlockList",
    );
    operator.overlay.set(
        TAILWIND,
        "sharing.SharingBlockedDomainList",
        "mallory.example",
    );
    let text = impact(&operator, &["--set", "EnableAzureADB2BIntegration=true"])
        .await?
        .with(0)?;
    text.says(&["review:", "BlockList", "mallory.example"])?;
    Ok(())
}

#[tokio::test]
async fn a_change_that_cannot_be_made_is_refused_with_its_rule() -> Outcome {
    let operator = Operator::new()?;
    for (change, words) in [
        (
            &["--set", "SharingCapability=Everybody"][..],
            "must be one of Disabled",
        ),
        (
            &["--set", "RequireAnonymousLinksExpireInDays=731"],
            "from 1 to 730",
        ),
        (
            &["--set", "sites.nowhere.SharingCapability=Disabled"],
            "nowhere",
        ),
        (&[], "say what would change"),
        (
            &["--tenant", "nobody", "--set", "SharingCapability=Disabled"],
            "there is no tenant `nobody`",
        ),
    ] {
        impact(&operator, change)
            .await?
            .with(1)?
            .says(&["error:", words])?;
    }
    for (change, words) in [
        (["--set", "Colour=red"], "`Colour` is no setting there"),
        (["--set", "SharingCapability"], "NAME=VALUE"),
        (["--profile", "P2"], "one of separate-managers"),
    ] {
        impact(&operator, &change).await?.with(2)?.says(&[words])?;
    }
    Ok(())
}
