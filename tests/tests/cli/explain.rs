//! `explain`, for people who have never been here.

use serde_json::Value;
use tests::{Outcome, ensure, says};

use crate::operator::{Ended, Operator, TAILWIND};

const ADA: &str = "ada@fabrikam.example";
const LEA: &str = "lea@tailwind.example";
const PLAN: &str = "/sites/team/plan.txt";

async fn explain(operator: &Operator, path: &str, more: &[&str]) -> Outcome<Ended> {
    let url = format!("https://tailwind.localhost{path}");
    operator
        .run(&[&["explain", "--url", &url], more].concat())
        .await
}

/// Asks to view `path` and expects this decision, in text and in JSON.
async fn check(
    operator: &Operator,
    path: &str,
    more: &[&str],
    want: (&str, &str),
) -> Outcome<Value> {
    let more = [&["--action", "view"], more].concat();
    let text = explain(operator, path, &more).await?.with(0)?;
    let first = text.out.lines().next().unwrap_or_default();
    ensure!(
        first == format!("{}  {}", want.0, want.1),
        "expected {want:?}: {}",
        text.out
    );
    let json = explain(operator, path, &[&more[..], &["--json"]].concat())
        .await?
        .with(0)?;
    let json: Value = serde_json::from_str(&json.out)?;
    ensure!(
        (says(&json, "decision"), says(&json, "reason")) == want,
        "{json}"
    );
    Ok(json)
}

#[tokio::test]
async fn nobody_is_asked_to_sign_in() -> Outcome {
    let operator = Operator::new()?;
    check(&operator, PLAN, &[], ("challenge", "sign-in-required")).await?;
    Ok(())
}

#[tokio::test]
async fn members_come_in_with_a_permission_until_it_ends() -> Outcome {
    let operator = Operator::new()?;
    let lea = ["--person", LEA];
    let json = check(&operator, PLAN, &lea, ("allow", "permission `lea`")).await?;
    ensure!(says(&json, "who").ends_with("a member"), "{json}");
    check(
        &operator,
        "/sites/team/x",
        &lea,
        ("deny", "permission-missing"),
    )
    .await?;
    let at = |moment| ["--person", LEA, "--at", moment];
    check(
        &operator,
        PLAN,
        &at("2039-12-31T23:59:59Z"),
        ("allow", "permission `lea`"),
    )
    .await?;
    let json = check(
        &operator,
        PLAN,
        &at("2040-01-01T00:00:00Z"),
        ("deny", "permission-expired"),
    )
    .await?;
    ensure!(says(&json, "at") == "2040-01-01T00:00:00Z", "{json}");
    Ok(())
}

#[tokio::test]
async fn an_address_alone_makes_nobody_a_member() -> Outcome {
    let mut operator = Operator::new()?;
    operator.overlay.remove("providers/members.toml");
    let json = check(
        &operator,
        PLAN,
        &["--person", LEA],
        ("challenge", "sign-in-required"),
    )
    .await?;
    ensure!(
        says(&json, "who").contains("no provider signs in members"),
        "{json}"
    );
    Ok(())
}

#[tokio::test]
async fn strangers_are_not_in_the_directory() -> Outcome {
    let operator = Operator::new()?;
    let eve = ["--person", "eve@mallory.example"];
    let json = check(&operator, PLAN, &eve, ("deny", "not-in-directory")).await?;
    ensure!(says(&json, "who").contains("does not know"), "{json}");
    Ok(())
}

#[tokio::test]
async fn invited_guests_are_told_what_comes_of_the_invitation() -> Outcome {
    let mut operator = Operator::new()?;
    let ada = ["--person", ADA];
    let redemption = async |operator: &Operator| -> Outcome<(String, String)> {
        let json = check(operator, PLAN, &ada, ("deny", "invitation-not-redeemed")).await?;
        let redemption = json.get("redemption").cloned().unwrap_or_default();
        Ok((
            says(&redemption, "reason").to_owned(),
            says(&redemption, "setting").to_owned(),
        ))
    };
    ensure!(
        redemption(&operator).await? == (String::new(), String::new()),
        "not possible"
    );
    operator.overlay.set(
        TAILWIND,
        "sharing.SharingCapability",
        "ExistingExternalUserSharingOnly",
    );
    let (reason, setting) = redemption(&operator).await?;
    ensure!(
        reason == "new-guests-not-allowed" && setting == "tenant SharingCapability",
        "{reason}: {setting}"
    );
    let text = explain(&operator, PLAN, &["--action", "view", "--person", ADA]).await?;
    text.says(&[
        "cannot be redeemed",
        "new-guests-not-allowed",
        "tenant SharingCapability",
    ])?;
    Ok(())
}

#[tokio::test]
async fn the_setting_that_decides_is_named() -> Outcome {
    let mut operator = Operator::new()?;
    let ada = ["--person", ADA];
    let named = async |operator: &Operator, want: (&str, &str), setting: &str| -> Outcome {
        let path = if want.1 == "sharing-disabled" {
            "/sites/closed/x"
        } else {
            PLAN
        };
        let json = check(operator, path, &ada, want).await?;
        ensure!(says(&json, "setting") == setting, "{json}");
        let text = explain(operator, path, &["--action", "view", "--person", ADA]).await?;
        if !setting.is_empty() {
            text.says(&["decided by", setting])?;
        }
        Ok(())
    };
    named(
        &operator,
        ("deny", "sharing-disabled"),
        "site SharingCapability",
    )
    .await?;
    operator
        .overlay
        .set(TAILWIND, "sharing.SharingCapability", "Disabled");
    named(
        &operator,
        ("deny", "sharing-disabled"),
        "tenant SharingCapability",
    )
    .await?;
    let mut operator = Operator::new()?;
    operator.overlay.add(
        TAILWIND,
        "[guests.ada]\naddress = \"ada@fabrikam.example\"\nblocked = true",
    )?;
    named(&operator, ("deny", "guest-blocked"), "").await
}

#[tokio::test]
async fn an_anyone_link_opens_its_item_until_it_ends() -> Outcome {
    let operator = Operator::new()?;
    let (flyer, link) = ("/sites/team/flyer.pdf", ["--link", "flyer"]);
    check(&operator, flyer, &link, ("allow", "link `flyer`")).await?;
    check(&operator, flyer, &[], ("challenge", "sign-in-required")).await?;
    check(&operator, PLAN, &link, ("challenge", "sign-in-required")).await?;
    let late = ["--link", "flyer", "--at", "2040-01-01T00:00:00Z"];
    check(&operator, flyer, &late, ("deny", "link-expired")).await?;
    let edit = explain(&operator, flyer, &["--action", "edit", "--link", "flyer"])
        .await?
        .with(0)?;
    edit.says(&["deny", "link-action-not-allowed"])?;
    let unknown = explain(
        &operator,
        flyer,
        &["--action", "view", "--link", "brochure"],
    )
    .await?
    .with(1)?;
    unknown.says(&["tailwind", "has no link `brochure`"])?;
    Ok(())
}

#[tokio::test]
async fn paths_for_members_are_closed_to_everybody_else() -> Outcome {
    let operator = Operator::new()?;
    let page = "/sites/team/_layouts/15/settings.aspx";
    check(
        &operator,
        page,
        &[],
        ("challenge", "member-sign-in-required"),
    )
    .await?;
    check(
        &operator,
        page,
        &["--person", ADA],
        ("deny", "members-only"),
    )
    .await?;
    check(
        &operator,
        page,
        &["--link", "flyer"],
        ("deny", "members-only"),
    )
    .await?;
    check(
        &operator,
        page,
        &["--person", LEA],
        ("deny", "permission-missing"),
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn requests_that_no_rule_sees_are_said_to_be_so() -> Outcome {
    let operator = Operator::new()?;
    let check = async |url: &str, parts: &[&str]| -> Outcome {
        let nothing = operator
            .run(&["explain", "--action", "view", "--json", "--url", url])
            .await?
            .with(1)?;
        nothing.says(parts)?;
        ensure!(nothing.out.is_empty(), "{}", nothing.out);
        Ok(())
    };
    check(
        "https://other.localhost/x",
        &["no tenant answers", "other.localhost"],
    )
    .await?;
    check(
        "https://tailwind.localhost/x",
        &["no site", "tailwind", "`/x`"],
    )
    .await?;
    check(
        "https://tailwind.localhost/sites/team/../x",
        &["refused", "dot segment"],
    )
    .await?;
    check(
        "https://tailwind.localhost/sites/team/a%2fb",
        &["refused", "slash is encoded"],
    )
    .await?;
    check(
        "https://u:p@tailwind.localhost/sites/team",
        &["refused", "host is malformed"],
    )
    .await?;
    check(
        "https://tailwind.localhost/_vestibule/whoami",
        &["address of the gateway itself"],
    )
    .await
}

#[tokio::test]
async fn a_host_is_read_as_the_gateway_reads_it() -> Outcome {
    let operator = Operator::new()?;
    let url = "http://TAILWIND.localhost.:8080/sites/team/plan.txt?web=1";
    let explained = operator
        .run(&["explain", "--action", "view", "--url", url])
        .await?
        .with(0)?;
    explained.says(&["tenant `tailwind`, site `team`, /sites/team/plan.txt"])?;
    Ok(())
}

#[tokio::test]
async fn sec_200_no_plugin_is_asked() -> Outcome {
    let operator = Operator::new()?;
    for library in std::fs::read_dir(operator.path("plugins"))? {
        // Were it loaded, this would end the program.
        std::fs::write(library?.path(), "no library")?;
    }
    let lea = ["--person", LEA];
    check(&operator, PLAN, &lea, ("allow", "permission `lea`")).await?;
    Ok(())
}
