//! The management API from the command line, as an administrator types it on the gateway's machine.

use std::time::Instant;

use serde_json::Value;
use tests::process::PATIENCE;
use tests::world::{Options, World};
use tests::{Outcome, built, ensure, says};

const NEL: &str = "nel@fabrikam.example";
const PLAN: &str = "/sites/projects/Plan.docx";

/// What a verb prints; it must succeed.
async fn says_of(world: &World, arguments: &[&str]) -> Outcome<String> {
    let ca = world.ca.display().to_string();
    let mut all = arguments.to_vec();
    all.extend(["--ca", &ca, "--tenant", "contoso"]);
    let output = world.gateway.call().run(&all).await?;
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    ensure!(
        output.status.success(),
        "{arguments:?}: {}\n{out}\n{err}",
        output.status
    );
    Ok(out)
}

async fn json_of(world: &World, arguments: &[&str]) -> Outcome<Value> {
    let mut all = arguments.to_vec();
    all.push("--json");
    let said = says_of(world, &all).await?;
    serde_json::from_str(&said).map_err(|why| format!("{arguments:?}: {why}: {said}").into())
}

/// The one of a listing that `member` says of.
fn find<'a>(listing: &'a Value, member: &str, value: &str) -> Outcome<&'a Value> {
    let list = listing
        .as_array()
        .or_else(|| listing.get("value")?.as_array());
    let mut all = list.into_iter().flatten();
    all.find(|one| says(one, member) == value)
        .ok_or_else(|| format!("nothing with {member} {value}: {listing}").into())
}

#[tokio::test]
async fn guests_are_invited_shared_with_blocked_deleted_and_restored() -> Outcome {
    let world = World::start(Options::default()).await?;
    let plan = world.url("contoso", PLAN);
    let said = says_of(
        &world,
        &["guest", "invite", NEL, "--name", "Nel", "--no-mail"],
    )
    .await?;
    ensure!(
        said.contains("/_vestibule/invitation/"),
        "no address: {said}"
    );
    let listed = says_of(&world, &["guest", "list"]).await?;
    ensure!(listed.contains(NEL), "{listed}");
    let share = [
        "share",
        "add",
        "--site",
        "projects",
        "--item",
        PLAN,
        "--to",
        NEL,
        "--role",
        "read",
        "--no-mail",
    ];
    says_of(&world, &share).await?;
    let mut nel = world.signed_in(NEL, &plan).await?;
    let shares = json_of(&world, &["share", "list", "--person", NEL]).await?;
    let id = says(find(&shares, "item", PLAN)?, "id").to_owned();
    says_of(&world, &["share", "remove", &id]).await?;
    let json = [("accept", "application/json")];
    let page = nel.fetch("GET", &plan, &json, "").await?;
    page.expect_refusal(403, "permission-missing")?;
    says_of(&world, &share).await?;
    nel.open(&plan).await?.expect(200)?;
    says_of(&world, &["guest", "block", NEL]).await?;
    let page = nel.fetch("GET", &plan, &json, "").await?;
    ensure!(page.status.is_client_error(), "{page}");
    says_of(&world, &["guest", "unblock", NEL]).await?;
    let shown = says_of(&world, &["guest", "show", NEL]).await?;
    ensure!(shown.contains(NEL), "{shown}");
    says_of(&world, &["guest", "delete", NEL]).await?;
    says_of(&world, &["guest", "restore", NEL]).await?;
    // What was revoked with the entry holds for sessions that begin in the same second.
    let begun = Instant::now();
    while let Err(why) = world.signed_in(NEL, &plan).await {
        ensure!(begun.elapsed() < PATIENCE, "she does not come back: {why}");
    }
    let told = says_of(&world, &["audit", "query", "--person", NEL]).await?;
    for operation in ["SharingSet", "SharingRevoked", "SharingInvitationAccepted"] {
        ensure!(told.contains(operation), "no {operation}: {told}");
    }
    let verified = world.gateway.call().run(&["audit", "verify"]).await?;
    ensure!(verified.status.success(), "the audit does not verify");
    let exported = world
        .gateway
        .call()
        .run(&["audit", "export", "--tenant", "contoso"])
        .await?;
    let lines = String::from_utf8(exported.stdout)?;
    for line in lines.lines() {
        serde_json::from_str::<Value>(line)?;
    }
    ensure!(lines.contains(NEL), "nothing is exported: {lines}");
    Ok(())
}

#[tokio::test]
async fn links_are_made_listed_and_revoked() -> Outcome {
    let world = World::start(Options::default()).await?;
    let made = json_of(
        &world,
        &[
            "link",
            "create",
            "--site",
            "projects",
            "--item",
            PLAN,
            "--type",
            "view",
            "--scope",
            "anonymous",
        ],
    )
    .await?;
    let url = made.pointer("/link/webUrl").or_else(|| made.get("webUrl"));
    let url = url
        .and_then(Value::as_str)
        .ok_or_else(|| format!("no address: {made}"))?;
    world.browser().open(url).await?.expect(200)?;
    let id = says(&made, "id").to_owned();
    let listed = json_of(&world, &["link", "list", "--site", "projects"]).await?;
    find(&listed, "id", &id)?;
    says_of(&world, &["link", "revoke", &id]).await?;
    let page = world.browser().open(url).await?;
    page.expect_refusal(404, "link-not-found")
}

#[tokio::test]
async fn settings_are_shown_set_and_imported() -> Outcome {
    let world = World::start(Options::default()).await?;
    let set = ["tenant", "set", "PreventExternalUsersFromResharing=true"];
    says_of(&world, &set).await?;
    let shown = says_of(&world, &["tenant", "show"]).await?;
    ensure!(
        shown.contains("PreventExternalUsersFromResharing"),
        "{shown}"
    );
    let sites = says_of(&world, &["site", "list"]).await?;
    ensure!(sites.contains("projects"), "{sites}");
    says_of(&world, &["site", "show", "projects"]).await?;
    let export = built::workspace().join("gateway/server/src/cli/tenant/import/get-spotenant.json");
    let export = export.display().to_string();
    let ca = world.ca.display().to_string();
    let import = [
        "tenant", "import", &export, "--ca", &ca, "--tenant", "contoso",
    ];
    let output = world.gateway.call().run(&import).await?;
    let said = String::from_utf8(output.stdout)?;
    for part in [
        "taken",
        "weaker than they look",
        "refused",
        "without meaning here",
    ] {
        ensure!(said.contains(part), "nothing is {part}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn whoever_is_refused_is_told_in_a_sentence() -> Outcome {
    let world = World::start(Options::default()).await?;
    let ca = world.ca.display().to_string();
    let ask = |verb: Vec<&'static str>, token: &'static str| {
        let (mut call, ca) = (world.gateway.call().clone(), ca.clone());
        call.variables
            .push(("VESTIBULE_TOKEN".to_owned(), token.to_owned()));
        async move {
            let mut all = verb;
            all.extend(["--ca", ca.as_str()]);
            call.run(&all).await
        }
    };
    let output = ask(vec!["guest", "list"], "not.a.token").await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.code() == Some(1), "{}: {said}", output.status);
    ensure!(
        said.starts_with("error: ") && said.contains("token"),
        "{said}"
    );
    let usage = world.gateway.call().run(&["guest", "lst"]).await?;
    ensure!(usage.status.code() == Some(2), "{}", usage.status);
    for shell in ["bash", "zsh", "fish"] {
        let completions = world.gateway.call().run(&["completions", shell]).await?;
        ensure!(
            completions.stdout.len() > 1000,
            "no completions for {shell}"
        );
    }
    Ok(())
}
