//! nginx from Debian as the document resource: nothing of the gateway leans on a server of ours.

use std::fs;

use tests::nginx::Nginx;
use tests::world::{Options, World};
use tests::{Outcome, built, ensure};

const ADA: &str = "ada@fabrikam.example";
const FILE: &str = "/sites/projects/Shared/from-nginx.txt";
const CONTENT: &str = "0123456789, served by nginx\n";

/// Files below a root; says what it heard of the person; tries to set a cookie of the gateway's; redirects to itself.
const SERVER: &str = "
    listen 127.0.0.1:PORT;
    root files;
    location / {
        dav_methods PUT DELETE MKCOL COPY MOVE;
        create_full_put_path on;
        add_header X-Heard $http_x_vestibule_assertion always;
        add_header X-Cookies \"<$http_cookie>\" always;
        add_header Set-Cookie \"__Host-vestibule=stolen; Path=/; Secure\" always;
        add_header Set-Cookie \"of-the-site=1; Path=/\" always;
    }
    location = /sites/projects/Shared/moved.txt {
        return 302 http://127.0.0.1:PORT/sites/projects/Shared/from-nginx.txt;
    }
";

async fn world() -> Outcome<(World, Nginx, tempfile::TempDir)> {
    let folders = built::target_folder()?.join("worlds");
    fs::create_dir_all(&folders)?;
    let folder = tempfile::TempDir::new_in(folders)?;
    let files = folder.path().join("files/sites/projects/Shared");
    fs::create_dir_all(&files)?;
    fs::write(files.join("from-nginx.txt"), CONTENT)?;
    let nginx = Nginx::start(folder.path(), SERVER).await?;
    let origin = format!("http://127.0.0.1:{}", nginx.port);
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("tenants/contoso.toml", "sites.projects.upstream", origin);
        Ok(())
    })
    .await?;
    Ok((world, nginx, folder))
}

#[tokio::test]
async fn a_guest_reads_parts_conditionally_and_writes() -> Outcome {
    let (world, _nginx, folder) = world().await?;
    let url = world.url("contoso", FILE);
    let mut ada = world.signed_in(ADA, &url).await?;
    let page = ada.fetch("GET", &url, &[], "").await?.expect(200)?;
    ensure!(page.text() == CONTENT, "read `{}`", page.text());
    ensure!(
        !page.header("x-heard").unwrap_or_default().is_empty(),
        "nginx heard of nobody"
    );
    let etag = page.header("etag").ok_or("no ETag")?.to_owned();

    let part = ada
        .fetch("GET", &url, &[("range", "bytes=2-5")], "")
        .await?
        .expect(206)?;
    ensure!(part.text() == "2345", "read `{}`", part.text());
    ada.fetch("GET", &url, &[("if-none-match", &etag)], "")
        .await?
        .expect(304)?;
    ada.fetch("GET", &url, &[("range", "bytes=999-")], "")
        .await?
        .expect(416)?;
    let head = ada.fetch("HEAD", &url, &[], "").await?.expect(200)?;
    ensure!(
        head.header("content-length") == Some(&CONTENT.len().to_string()),
        "{head}"
    );

    let new = world.url("contoso", "/sites/projects/Shared/new/from-ada.txt");
    ada.fetch("PUT", &new, &[], "written through")
        .await?
        .expect(201)?;
    let written = fs::read_to_string(
        folder
            .path()
            .join("files/sites/projects/Shared/new/from-ada.txt"),
    )?;
    ensure!(written == "written through", "nginx has `{written}`");
    let there = world.url("contoso", "/sites/projects/Shared/new/moved.txt");
    let moved = ada
        .fetch("MOVE", &new, &[("destination", &there)], "")
        .await?;
    ensure!(moved.status.is_success(), "MOVE: {moved}");
    ada.fetch("GET", &there, &[], "").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn sec_049_the_upstream_neither_sees_nor_sets_the_gateways_cookies() -> Outcome {
    let (world, _nginx, _folder) = world().await?;
    let url = world.url("contoso", FILE);
    let mut ada = world.signed_in(ADA, &url).await?;
    let page = ada.fetch("GET", &url, &[], "").await?.expect(200)?;
    let heard = page.header("x-cookies").unwrap_or_default();
    ensure!(!heard.contains("vestibule"), "nginx saw {heard}");
    let session = ada.session("contoso")?;
    ensure!(
        session.value != "stolen",
        "nginx has set the session cookie"
    );
    ensure!(
        ada.jar.find("contoso.localhost", "of-the-site").is_some(),
        "the site's own cookie is lost"
    );
    Ok(())
}

#[tokio::test]
async fn redirects_of_the_upstream_stay_in_front_of_it() -> Outcome {
    let (world, nginx, _folder) = world().await?;
    let mut ada = world.signed_in(ADA, &world.url("contoso", FILE)).await?;
    let page = ada
        .visit(&world.url("contoso", "/sites/projects/Shared/moved.txt"))
        .await?;
    let location = page.header("location").unwrap_or_default();
    ensure!(
        !location.contains(&nginx.port.to_string()),
        "sent to the upstream itself: {location}"
    );
    let page = ada.follow(page).await?.expect(200)?;
    ensure!(
        page.url.as_str() == world.url("contoso", FILE),
        "at {}",
        page.url
    );
    Ok(())
}

#[tokio::test]
async fn nothing_reaches_it_that_was_not_allowed() -> Outcome {
    let (world, nginx, _folder) = world().await?;
    let secret = world.url("contoso", "/sites/projects/Secret.docx");
    let mut ada = world.signed_in(ADA, &world.url("contoso", FILE)).await?;
    ada.open(&secret)
        .await?
        .expect_refusal(403, "permission-missing")?;
    ensure!(
        !nginx.process().log().contains("Secret"),
        "nginx looked for it: {}",
        nginx.process().log()
    );
    Ok(())
}
