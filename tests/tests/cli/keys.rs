//! `keys rotate`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use rustix::process::Signal;
use tests::process::eventually;
use tests::world::{Options, World};
use tests::{Outcome, ensure};

use crate::operator::{Ended, Operator};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";

async fn published(world: &World) -> Outcome<Vec<String>> {
    let url = world.url("contoso", "/_vestibule/jwks.json");
    let set = world.browser().fetch("GET", &url, &[], "").await?.json()?;
    let keys = set
        .get("keys")
        .and_then(|keys| keys.as_array())
        .cloned()
        .unwrap_or_default();
    Ok(keys
        .iter()
        .map(|key| tests::says(key, "kid").to_owned())
        .collect())
}

#[tokio::test]
async fn a_running_gateway_takes_new_keys_up_and_keeps_the_old_ones() -> Outcome {
    let world = World::start(Options::default()).await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    let before = published(&world).await?;
    let rotated = Ended::from(world.gateway.call().run(&["keys", "rotate"]).await?).with(0)?;
    rotated.says(&["ok: new keys", "SIGHUP"])?;
    ensure!(
        published(&world).await? == before,
        "taken up without being asked"
    );
    world.gateway.process().signal(Signal::HUP)?;
    let both = async || published(&world).await.ok().filter(|keys| keys.len() == 2);
    let after = eventually("the new key", both).await?;
    ensure!(
        before.iter().all(|old| after.contains(old)),
        "{before:?} → {after:?}"
    );
    ada.open(&notes).await?.expect(200)?;
    world.signed_in(ADA, &notes).await?;
    Ok(())
}

#[tokio::test]
async fn keys_that_the_gateway_could_not_read_are_not_made() -> Outcome {
    let mut operator = Operator::new()?;
    let keys = operator.path("keys");
    fs::create_dir(&keys)?;
    if fs::metadata(&keys)?.uid() == 0 {
        std::os::unix::fs::chown(&keys, Some(65_534), None)?;
    } else {
        operator.overlay.set("default.toml", "keys.directory", "/");
    }
    let refused = operator.run(&["keys", "rotate"]).await?.with(1)?;
    refused.says(&["belongs to user", "run this as that user"])?;
    ensure!(fs::read_dir(&keys)?.next().is_none(), "keys were made");
    Ok(())
}
