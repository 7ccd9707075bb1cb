//! Files that the gateway trusts with everything: libraries and secrets.

use std::process::Output;

use tests::overlay::Overlay;
use tests::world::{Options, World};
use tests::{Outcome, built, ensure, plugins};

/// Runs `vestibule` with the demo's configuration and a change to it.
async fn run(change: impl FnOnce(&mut Overlay), arguments: &[&str]) -> Outcome<Output> {
    let world = World::shared().await?;
    world.run_with(change, arguments).await
}

fn printed(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn ends(output: &Output, status: i32) -> Outcome<String> {
    let text = printed(output);
    ensure!(
        output.status.code() == Some(status),
        "expected {status}, found {}: {text}",
        output.status
    );
    Ok(text)
}

#[tokio::test]
async fn check_refuses_secrets_that_others_can_read() -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::TempDir::new_in(built::target_folder()?)?;
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "x")?;
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644))?;
    let path = secret.display().to_string();
    let open = |overlay: &mut Overlay| {
        overlay.set(
            "providers/google.toml",
            "settings.client_secret.file",
            path.clone(),
        );
    };
    let text = ends(&run(open, &["check"]).await?, 1)?;
    ensure!(text.contains("client_secret"), "{text}");
    Ok(())
}

#[tokio::test]
async fn plugin_check_tells_good_libraries_from_bad() -> Outcome {
    let world = World::shared().await?;
    let folder = world.folder().join("plugins");
    let root = folder.display().to_string();
    let call = world.gateway.call();
    for (file, kind) in [("libplugins_google.so", "google"), ("badge.so", "badge")] {
        let library = folder.join(file);
        let hash = plugins::sha256(&library)?;
        let path = library.display().to_string();
        let text = ends(
            &call
                .run(&[
                    "plugin",
                    "check",
                    &path,
                    "--trust-root",
                    &root,
                    "--sha256",
                    &hash,
                ])
                .await?,
            0,
        )?;
        ensure!(text.contains(kind), "the kind is not named: {text}");
        let text = ends(
            &call
                .run(&["plugin", "check", &path, "--trust-root", &root])
                .await?,
            1,
        )?;
        ensure!(
            text.contains(&hash),
            "the hash to configure is not told: {text}"
        );
    }
    let newer = folder.join("newer.so");
    plugins::compile("tests/bad-plugins/c/bad.c", &["-DABI_MAJOR=9"], &newer)?;
    let output = world
        .gateway
        .call()
        .run(&[
            "plugin",
            "check",
            &newer.display().to_string(),
            "--trust-root",
            &root,
        ])
        .await?;
    let text = ends(&output, 1)?;
    ensure!(
        text.contains("ABI 9."),
        "why it is refused is not said: {text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_plugin_with_another_hash_is_left_out_and_named() -> Outcome {
    let hash = "0".repeat(64);
    let world = World::start_with(Options::default(), |overlay, _| {
        overlay.set("providers/badge.toml", "sha256", hash);
        Ok(())
    })
    .await?;
    let log = world.gateway.process().log();
    ensure!(
        log.lines()
            .any(|line| line.contains("badge") && line.contains("SHA-256")),
        "the log does not say so: {log}"
    );
    world
        .signed_in(
            "gina@gmail.com",
            &world.url("contoso", "/sites/projects/readme.txt"),
        )
        .await?;
    Ok(())
}
