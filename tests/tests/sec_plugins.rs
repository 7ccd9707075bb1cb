//! Rows of the security list about providers' libraries, in a running gateway.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tests::overlay::Overlay;
use tests::world::{Options, World};
use tests::{Outcome, ensure, plugins};

const README: &str = "/sites/projects/readme.txt";
const BAD: &str = "tests/bad-plugins/c/bad.c";

/// Compiles `bad.c` with `flags` and configures it as the provider `name`, home of `NAME.example`.
fn add(overlay: &mut Overlay, name: &str, flags: &[&str]) -> Outcome<PathBuf> {
    let library = folder(overlay)?.join(format!("{name}.so"));
    plugins::compile(BAD, flags, &library)?;
    let file = format!("providers/{name}.toml");
    overlay.add(
        &file,
        &format!(
            "plugin = \"{name}.so\"\nkind = \"bad\"\nissuers = [\"urn:test:{name}\"]\n\
             domains = [\"{name}.example\"]\nhome_domains = [\"{name}.example\"]"
        ),
    )?;
    overlay.set(&file, "sha256", plugins::sha256(&library)?);
    Ok(library)
}

fn folder(overlay: &Overlay) -> Outcome<PathBuf> {
    Ok(overlay
        .folder()
        .parent()
        .ok_or("the overlay is in no folder")?
        .join("plugins"))
}

/// The log has a line about the provider `name` with `word` in it.
fn told(world: &World, name: &str, word: &str) -> Outcome {
    let log = world.gateway.process().log();
    let line = log
        .lines()
        .find(|line| line.contains(&format!("\"{name}\"")) && line.contains(word));
    ensure!(
        line.is_some(),
        "nothing about `{name}` and `{word}` in the log:\n{log}"
    );
    Ok(())
}

/// The others go on.
async fn works(world: &World) -> Outcome {
    world
        .signed_in("gina@gmail.com", &world.url("contoso", README))
        .await?;
    Ok(())
}

#[tokio::test]
async fn sec_194_a_library_is_named_and_not_pointed_at() -> Outcome {
    let world = World::shared().await?;
    for name in [
        "../badge.so",
        "/etc/passwd",
        "sub/badge.so",
        "badge.so\u{0}",
    ] {
        let named = |overlay: &mut Overlay| overlay.set("providers/badge.toml", "plugin", name);
        let output = world.run_with(named, &["check"]).await?;
        ensure!(output.status.code() == Some(1), "`{name}` passes the check");
    }
    Ok(())
}

#[tokio::test]
async fn sec_195_what_others_can_write_is_not_loaded() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        let writable = add(overlay, "writable", &[])?;
        fs::set_permissions(&writable, fs::Permissions::from_mode(0o666))?;
        let linked = add(overlay, "linked", &[])?;
        let target = linked.with_extension("target");
        fs::rename(&linked, &target)?;
        std::os::unix::fs::symlink(&target, &linked)?;
        Ok(())
    })
    .await?;
    told(&world, "writable", "write")?;
    told(&world, "linked", "link")?;
    works(&world).await
}

#[tokio::test]
async fn sec_196_nothing_of_a_library_runs_before_it_is_known() -> Outcome {
    let mut marker = PathBuf::new();
    let world = World::start_with(Options::default(), |overlay, _| {
        marker = folder(overlay)?.with_file_name("it-ran");
        add(
            overlay,
            "stranger",
            &[&format!("-DMARKER=\"{}\"", marker.display())],
        )?;
        overlay.set("providers/stranger.toml", "sha256", "0".repeat(64));
        Ok(())
    })
    .await?;
    told(&world, "stranger", "SHA-256")?;
    ensure!(!marker.exists(), "a constructor of the library ran");
    works(&world).await
}

#[tokio::test]
async fn sec_197_tables_of_another_time_are_refused_with_both_versions() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        add(overlay, "newer", &["-DABI_MAJOR=9"])?;
        add(overlay, "minor", &["-DABI_MINOR=99"])?;
        add(overlay, "short", &["-DSTRUCT_SIZE=8"])?;
        add(overlay, "no-symbol", &["-DNO_SYMBOL"])?;
        Ok(())
    })
    .await?;
    told(&world, "newer", "ABI 9.")?;
    told(&world, "minor", "99")?;
    told(&world, "short", "8")?;
    told(&world, "no-symbol", "vestibule_plugin")?;
    works(&world).await
}

#[tokio::test]
async fn sec_199_a_provider_that_misbehaves_fails_its_own_sign_in_only() -> Outcome {
    let behaviours = [
        ("hangs", "HANG"),
        ("garbage", "GARBAGE"),
        ("silent", "NOTHING"),
        ("huge", "OVERSIZED"),
        ("deep", "DEEP"),
        ("odd", "UNKNOWN_STATUS"),
    ];
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("default.toml", "plugins.step_deadline", "300ms");
        for (name, behaviour) in behaviours {
            add(overlay, name, &[&format!("-DSTEP={behaviour}")])?;
        }
        Ok(())
    })
    .await?;
    for (name, _) in behaviours {
        let mut browser = world.browser();
        let page = browser.open(&world.url("contoso", README)).await?;
        let submit = browser
            .submit(&page, &[("address", &format!("somebody@{name}.example"))])
            .await?;
        submit
            .expect_refusal(502, "provider-failed")
            .map_err(|why| format!("{name}: {why}"))?;
        works(&world).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sec_201_health_and_metrics_listen_on_loopback_only() -> Outcome {
    let world = World::shared().await?;
    let everywhere = |overlay: &mut Overlay| {
        overlay.set("default.toml", "listen.operations.address", "0.0.0.0:9464");
    };
    let output = world.run_with(everywhere, &["check"]).await?;
    ensure!(
        output.status.code() == Some(1),
        "an operations listener for everybody passes the check"
    );
    Ok(())
}

#[tokio::test]
async fn sec_079_sessions_end_with_the_provider_that_vouched() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let readme = world.url("contoso", README);
    let mut gina = world.signed_in("gina@gmail.com", &readme).await?;
    let mut oli = world.signed_in("oli@outlook.com", &readme).await?;
    world
        .reconfigure(|overlay| {
            overlay.set(
                "providers/google.toml",
                "tenants",
                vec![toml::Value::from("woodgrove")],
            );
            Ok(())
        })
        .await?;
    let program = [("accept", "application/json")];
    let answer = world
        .short_of_upstream(gina.fetch("GET", &readme, &program, ""))
        .await?;
    answer.expect_refusal(401, "sign-in-required")?;
    oli.fetch("GET", &readme, &program, "").await?.expect(200)?;
    Ok(())
}

/// The same without a restart, and back again; who signed in with another provider never notices.
#[tokio::test]
async fn sec_079_sessions_end_with_a_provider_that_is_switched_off_while_it_runs() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let readme = world.url("contoso", README);
    let mut gina = world.signed_in("gina@gmail.com", &readme).await?;
    let mut oli = world.signed_in("oli@outlook.com", &readme).await?;
    let program = [("accept", "application/json")];
    let before = world.overlay.clone();
    world
        .reread(|overlay| {
            overlay.set(
                "providers/google.toml",
                "tenants",
                vec![toml::Value::from("woodgrove")],
            );
            Ok(())
        })
        .await?;
    let answer = world
        .short_of_upstream(gina.fetch("GET", &readme, &program, ""))
        .await?;
    answer.expect_refusal(401, "sign-in-required")?;
    for page in ["metadata", "callback", "logout"] {
        let address = world.url("contoso", &format!("/_vestibule/{page}/google"));
        let answer = gina.fetch("GET", &address, &program, "").await?;
        answer
            .expect_refusal(404, "not-found")
            .map_err(|why| format!("{page}: {why}"))?;
    }
    oli.fetch("GET", &readme, &program, "").await?.expect(200)?;
    world
        .reread(|overlay| {
            *overlay = before;
            Ok(())
        })
        .await?;
    works(&world).await
}

/// A file that does not read well changes nothing, and a library that does not load leaves the old one.
#[tokio::test]
async fn a_provider_that_cannot_be_read_again_stays_as_it_was() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    world
        .reread(|overlay| {
            overlay.set("providers/google.toml", "sha256", "0".repeat(64));
            Ok(())
        })
        .await?;
    told(&world, "google", "SHA-256")?;
    works(&world).await
}

/// Row S138: the provider crashes at its first step, in a process of its own.
#[tokio::test]
async fn sec_138_a_crash_in_a_process_of_its_own_fails_one_sign_in_only() -> Outcome {
    let world = World::start_with(Options::default(), |overlay, _| {
        let library = folder(overlay)?.join("crashes.so");
        plugins::compile(
            "tests/bad-plugins/c/caged.c",
            &["-DAT_STEP=SEGFAULT"],
            &library,
        )?;
        let file = "providers/crashes.toml";
        overlay.add(
            file,
            "plugin = \"crashes.so\"\nkind = \"caged\"\nissuers = [\"urn:test:crashes\"]\n\
             domains = [\"deed.example\"]\nhome_domains = [\"deed.example\"]\nisolation = \"process\"",
        )?;
        overlay.set(file, "sha256", plugins::sha256(&library)?);
        Ok(())
    })
    .await?;
    for _ in 0..2 {
        let mut browser = world.browser();
        let page = browser.open(&world.url("contoso", README)).await?;
        let submit = browser
            .submit(&page, &[("address", "somebody@deed.example")])
            .await?;
        submit.expect_refusal(502, "provider-failed")?;
        works(&world).await?;
    }
    let log = world.gateway.process().log();
    ensure!(log.contains("SIGSEGV"), "the log does not say how:\n{log}");
    Ok(())
}
