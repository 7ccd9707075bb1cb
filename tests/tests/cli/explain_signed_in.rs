//! `explain` beside the gateway itself: what it says of people who have signed in is what they meet.

use serde_json::Value;
use tests::browser::Browser;
use tests::world::{Options, World};
use tests::{Outcome, ensure, says};

use crate::operator::Ended;

const ADA: &str = "ada@fabrikam.example";
const MIA: &str = "mia@contoso.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";

async fn explained(world: &World, person: &str, path: &str) -> Outcome<Value> {
    let url = world.url("contoso", path);
    let arguments = [
        "explain", "--json", "--person", person, "--url", &url, "--action", "view",
    ];
    let ended = Ended::from(world.gateway.call().run(&arguments).await?).with(0)?;
    Ok(serde_json::from_str(&ended.out)?)
}

/// Expects the decision of both, and returns the explanation.
async fn check(
    world: &World,
    browser: &mut Browser,
    person: &str,
    path: &str,
    reason: &str,
) -> Outcome<Value> {
    let answer = browser
        .fetch("GET", &world.url("contoso", path), &[], "")
        .await?;
    let explained = explained(world, person, path).await?;
    ensure!(
        says(&explained, "reason") == reason,
        "{person} {path}: {explained}"
    );
    let met = answer.code();
    match says(&explained, "decision") {
        "allow" => ensure!(answer.status == 200, "{person} {path}: {answer}"),
        _ => ensure!(
            met.as_deref() == Some(reason),
            "{person} {path}: {met:?}, {explained}"
        ),
    }
    Ok(explained)
}

#[tokio::test]
async fn what_is_explained_is_what_happens() -> Outcome {
    let world = World::shared().await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    check(&world, &mut ada, ADA, NOTES, "permission `ada-shared`").await?;
    check(
        &world,
        &mut ada,
        ADA,
        "/sites/projects/report.pdf",
        "permission-missing",
    )
    .await?;
    check(
        &world,
        &mut ada,
        ADA,
        "/sites/projects/_layouts/x",
        "members-only",
    )
    .await?;
    let internal = check(
        &world,
        &mut ada,
        ADA,
        "/sites/internal/minutes.txt",
        "sharing-disabled",
    )
    .await?;
    ensure!(
        says(&internal, "setting") == "site SharingCapability",
        "{internal}"
    );
    let mut mia = world.signed_in(MIA, &notes).await?;
    check(
        &world,
        &mut mia,
        MIA,
        NOTES,
        "permission `members-projects`",
    )
    .await?;
    check(
        &world,
        &mut mia,
        MIA,
        "/personal/mia/Documents/letter.txt",
        "permission `mia-personal`",
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_guest_whose_provider_is_gone_has_to_sign_in_anew() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let readme = world.url("contoso", "/sites/projects/readme.txt");
    let mut pat = world.browser();
    let page = pat.open(&readme).await?;
    let page = world
        .sign_in_by_passcode(&mut pat, &page, "pat@nowhere.example")
        .await?;
    tests::people::accept(&mut pat, &page).await?.expect(200)?;
    let pat_is = "pat@nowhere.example";
    check(
        &world,
        &mut pat,
        pat_is,
        "/sites/projects/readme.txt",
        "permission `pat-readme`",
    )
    .await?;
    world
        .reconfigure(|overlay| {
            overlay.set(
                "providers/email-otp.toml",
                "tenants",
                vec![toml::Value::from("woodgrove")],
            );
            Ok(())
        })
        .await?;
    let explained = check(
        &world,
        &mut pat,
        pat_is,
        "/sites/projects/readme.txt",
        "sign-in-required",
    )
    .await?;
    ensure!(
        says(&explained, "who").contains("signs nobody in here now"),
        "{explained}"
    );
    Ok(())
}
