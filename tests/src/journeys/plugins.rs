//! Journey 6. What is loaded is not always good, and the gateway is not the worse for it.

use toml::Value;

use crate::report::Report;
use crate::says;
use crate::world::World;
use crate::{Outcome, ensure, plugins};

const README: &str = "/sites/projects/readme.txt";

pub(super) async fn play(world: &mut World, report: &mut Report<'_>) -> Outcome {
    report
        .step(
            "the provider in plain C signs Kim in with a badge and a PIN",
            badge(world),
        )
        .await?;
    let before = world.overlay.clone();
    add_bad_ones(world).await?;
    let told = async {
        report
            .step(
                "the one of another ABI version is refused at the start, and the log says why",
                refused(world),
            )
            .await?;
        report
            .step(
                "the one that panics ends its own sign-in and nothing else",
                panics(world),
            )
            .await
    }
    .await;
    world.restore(before).await?;
    told
}

async fn badge(world: &World) -> Outcome {
    let mut kim = world.browser();
    let readme = world.url("contoso", README);
    let page = world.begin(&mut kim, &readme, "kim@badge.example").await?;
    let wrong = kim
        .submit(&page, &[("badge", "B-100"), ("pin", "0000")])
        .await?;
    ensure!(!wrong.offers("consent"), "a wrong PIN was taken");
    let mut kim = world.browser();
    let page = world.begin(&mut kim, &readme, "kim@badge.example").await?;
    let page = kim
        .submit(&page, &[("badge", "B-100"), ("pin", "4711")])
        .await?;
    let page = if page.offers("consent") {
        crate::people::accept(&mut kim, &page).await?
    } else {
        page
    };
    ensure!(
        page.expect(200)?.url.as_str() == readme,
        "signed in, and not at the file"
    );
    let who = world.who(&mut kim).await?;
    ensure!(says(&who, "kind") == "badge", "signed in as {who}");
    Ok(())
}

/// One library that panics whenever it is asked something, one of a version that nobody speaks.
async fn add_bad_ones(world: &mut World) -> Outcome {
    let folder = world.folder().join("plugins");
    let panics = plugins::copy("bad-plugins-panics", &folder, "panics.so")?;
    let newer = folder.join("newer.so");
    plugins::compile("tests/bad-plugins/c/bad.c", &["-DABI_MAJOR=9"], &newer)?;
    let of = |path: &std::path::Path| plugins::sha256(path).map(Value::from);
    let (panics, newer) = (of(&panics)?, of(&newer)?);
    world
        .reconfigure(|overlay| {
            for (name, kind, hash) in [("panics", "panics", panics), ("newer", "bad", newer)] {
                let file = format!("providers/{name}.toml");
                overlay.add(
                    &file,
                    &format!(
                        "plugin = \"{name}.so\"\nkind = \"{kind}\"\nissuers = [\"urn:test:{name}\"]\n\
                         domains = [\"{name}.example\"]\nhome_domains = [\"{name}.example\"]"
                    ),
                )?;
                overlay.set(&file, "sha256", hash);
            }
            Ok(())
        })
        .await
}

async fn refused(world: &World) -> Outcome {
    let log = world.gateway.process().log();
    let line = log
        .lines()
        .find(|line| line.contains("newer") && line.contains("ABI"));
    ensure!(
        line.is_some_and(|line| line.contains('9')),
        "the log does not say why `newer` is missing:\n{log}"
    );
    Ok(())
}

async fn panics(world: &World) -> Outcome {
    let mut browser = world.browser();
    let page = world
        .begin(
            &mut browser,
            &world.url("contoso", README),
            "somebody@panics.example",
        )
        .await?;
    page.expect_refusal(502, "provider-failed")?;
    badge(world).await
}
