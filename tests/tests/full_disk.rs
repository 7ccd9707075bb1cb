//! The store's disk is full: what writes is refused, what reads goes on, and nothing is half written.

#![expect(clippy::print_stderr, reason = "what was not tried is said")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use http::{Method, StatusCode};
use serde_json::json;
use tests::api::{Answer, Api};
use tests::world::{Options, World};
use tests::{Outcome, ensure, says};

const ADA: &str = "ada@fabrikam.example";
const NOTES: &str = "/sites/projects/Shared/notes.txt";

/// A disk of a few megabytes.
struct Disk {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Disk {
    /// None where nothing can be mounted, which has been said then.
    fn small() -> Outcome<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_owned();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs"])
            .arg(&path)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Ok(Some(Self {
                _folder: folder,
                path,
            })),
            other => {
                eprintln!("NOTHING CAN BE MOUNTED: a full disk was not tried ({other:?})");
                Ok(None)
            }
        }
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// Leaves no free block.
    fn fill(&self) -> Outcome {
        let full = fs::write(self.ballast(), vec![0_u8; 16 << 20]);
        ensure!(full.is_err(), "the disk takes more than it is large");
        Ok(())
    }

    fn free(&self) -> Outcome {
        Ok(fs::remove_file(self.ballast())?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(&self.path)
            .status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} stays mounted", self.path.display());
        }
    }
}

async fn invite(api: &Api, address: &str) -> Outcome<Answer> {
    let wish = json!({
        "invitedUserEmailAddress": address,
        "inviteRedirectUrl": "https://contoso.localhost/",
    });
    api.call(Method::POST, "/v1.0/invitations", Some(&wish))
        .await
}

/// How many guests the directory has.
async fn guests(api: &Api) -> Outcome<usize> {
    let page = api
        .get("/v1.0/users?$top=999&$select=mail&$filter=userType%20eq%20'Guest'")
        .await?;
    let list = page.get("value").and_then(serde_json::Value::as_array);
    Ok(list.map_or(0, Vec::len))
}

async fn store_on(disk: &Path) -> Outcome<World> {
    let file = disk.join("vestibule.db");
    let file = file.to_str().ok_or("a folder that is no text")?.to_owned();
    World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "store.path", file.as_str());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn on_a_full_disk_writes_are_refused_and_reading_goes_on() -> Outcome {
    let Some(disk) = Disk::small()? else {
        return Ok(());
    };
    let world = store_on(&disk.path).await?;
    let notes = world.url("contoso", NOTES);
    let mut ada = world.signed_in(ADA, &notes).await?;
    let api = world.api_for_operator("contoso", &[]).await?;
    let before = guests(&api).await?;

    disk.fill()?;
    let mut written = 0;
    // What the store's files have room for inside is taken still.
    let refused = loop {
        let answer = invite(&api, &format!("guest-{written}@fabrikam.example")).await?;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        written += 1;
        ensure!(written < 100_000, "it never fills");
    };
    ensure!(
        refused.status == StatusCode::INSUFFICIENT_STORAGE,
        "{refused:?}"
    );
    let error = refused.body.get("error").ok_or("no Graph error")?;
    ensure!(!says(error, "code").is_empty(), "{error}");
    ensure!(says(error, "message").contains("full"), "{error}");
    ensure!(
        guests(&api).await? == before + written,
        "half an invitation"
    );
    ada.open(&notes).await?.expect(200)?;

    disk.free()?;
    let answer = invite(&api, "afterwards@fabrikam.example").await?;
    ensure!(answer.status == StatusCode::CREATED, "{answer:?}");
    ensure!(guests(&api).await? == before + written + 1, "one more");
    ada.open(&notes).await?.expect(200)?;
    let verified = world.gateway.call().run(&["audit", "verify"]).await?;
    ensure!(
        verified.status.success(),
        "the audit does not verify: {}",
        String::from_utf8_lossy(&verified.stderr)
    );
    Ok(())
}
