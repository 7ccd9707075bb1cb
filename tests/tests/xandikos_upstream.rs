//! Xandikos as the document resource: what changed, as software says it that is not ours.

use std::fs;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::api::Api;
use tests::world::{Options, World};
use tests::xandikos::Xandikos;
use tests::{Outcome, built, ensure, says};

async fn world() -> Outcome<(World, Xandikos, tempfile::TempDir)> {
    let folders = built::target_folder()?.join("worlds");
    fs::create_dir_all(&folders)?;
    let folder = tempfile::TempDir::new_in(folders)?;
    let xandikos = Xandikos::start(folder.path()).await?;
    for path in ["/sites/", "/sites/projects/", "/sites/projects/Shared/"] {
        xandikos.ask("MKCOL", path).await?;
    }
    let origin = format!("http://127.0.0.1:{}", xandikos.port);
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("tenants/contoso.toml", "sites.projects.upstream", origin);
        Ok(())
    })
    .await?;
    Ok((world, xandikos, folder))
}

/// The names that are told from there on, `-` for what is gone, and where to ask next.
async fn round(api: &Api, from: &str) -> Outcome<(Vec<String>, String)> {
    let mut told = Vec::new();
    let mut link = from.to_owned();
    loop {
        let page = api.get(&link).await?;
        let items = page.get("value").and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            told.push(match item.get("deleted") {
                Some(_) => "-".to_owned(),
                None => says(item, "name").to_owned(),
            });
        }
        match page.get("@odata.nextLink").and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut link),
            None => {
                told.sort();
                return Ok((told, says(&page, "@odata.deltaLink").to_owned()));
            }
        }
    }
}

#[tokio::test]
async fn what_changed_is_told_from_one_token_to_the_next() -> Outcome {
    let (world, xandikos, _folder) = world().await?;
    let api = world.api_for("gus@contoso.example").await?;
    let drive = "/v1.0/sites/contoso.localhost:/sites/projects:/drive";
    let drive = format!("/v1.0/drives/{}", says(&api.get(drive).await?, "id"));
    let put = async |name: &str, content: &str| {
        let path = format!("{drive}/root:/Shared/{name}:/content");
        api.done(Method::PUT, &path, Some(&json!(content))).await
    };
    put("one.txt", "1").await?;
    put("two.txt", "2").await?;
    let (told, link) = round(&api, &format!("{drive}/root/delta")).await?;
    ensure!(told == ["Shared", "one.txt", "root", "two.txt"], "{told:?}");
    let (told, link) = round(&api, &link).await?;
    ensure!(told.is_empty(), "{told:?}");

    put("two.txt", "changed").await?;
    api.delete(&format!("{drive}/root:/Shared/one.txt")).await?;
    let deep = json!({ "name": "Deep", "folder": {} });
    api.post(&format!("{drive}/root:/Shared:/children"), &deep)
        .await?;
    let (told, link) = round(&api, &link).await?;
    ensure!(told == ["-", "Deep", "two.txt"], "{told:?}");
    let (told, link) = round(&api, &link).await?;
    ensure!(told.is_empty(), "{told:?}");

    // Another folder has taken the place of the one that was asked.
    xandikos.ask("DELETE", "/sites/projects/Shared/").await?;
    xandikos.ask("MKCOL", "/sites/projects/Shared/").await?;
    let stale = api.call(Method::GET, &link, None).await?;
    ensure!(stale.status == StatusCode::GONE, "{stale:?}");
    let code = says(&stale.body["error"], "code");
    ensure!(code == "resyncChangesApplyDifferences", "{stale:?}");
    let again = stale.headers.get("location").ok_or("no Location")?;
    let (told, _) = round(&api, again.to_str()?).await?;
    ensure!(told == ["Shared", "root"], "{told:?}");
    Ok(())
}
