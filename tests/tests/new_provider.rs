//! What `cargo xtask new-provider` makes is a provider: it builds, its tests pass, the kit passes it, and it signs in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::own_provider::{self, OwnProvider};
use tests::world::{Options, World};
use tests::{Outcome, built, ensure, people};

/// Providers made and built again and again, in one folder: what they depend on is built once.
struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    /// A folder of its own for `name`, empty.
    fn new(name: &str) -> Outcome<Self> {
        let folder = built::target_folder()?.join("new-provider").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn make(&self, arguments: &[&str]) -> Outcome<Output> {
        let output = Command::new(built::program("xtask")?)
            .arg("new-provider")
            .args(arguments)
            .arg("--into")
            .arg(&self.folder)
            .output()?;
        Ok(output)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn succeed(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}:\n{out}\n{err}");
    Ok(out)
}

/// As the page of the provider says.
fn check(library: &Path, settings: &Path) -> Outcome {
    let said = succeed(
        Command::new(built::program("vestibule")?)
            .args(["plugin", "check"])
            .arg(library)
            .arg("--trust")
            .arg("--settings")
            .arg(settings),
    )?;
    ensure!(said.contains("passed: "), "{said}");
    Ok(())
}

/// The guest of the provider's own file reads Contoso's readme.
async fn signs_in(file: &Path, fields: &[(&str, &str)]) -> Outcome {
    let own = OwnProvider::read(file)?;
    let world = World::start_with(Options::default(), |overlay, _| {
        let plugins = overlay.folder().with_file_name("plugins");
        own.add(overlay, &plugins)
    })
    .await?;
    let guest = own.guest().ok_or("the provider has no domain")?;
    let readme = world.url("contoso", own_provider::README);
    let mut browser = world.browser();
    let page = world.begin(&mut browser, &readme, &guest).await?;
    let wrong: Vec<(&str, &str)> = fields.iter().map(|(name, _)| (*name, "wrong")).collect();
    let again = browser.submit(&page, &wrong).await?;
    ensure!(!again.offers("consent"), "a wrong word was taken");
    let mut browser = world.browser();
    let page = world.begin(&mut browser, &readme, &guest).await?;
    let page = browser.submit(&page, fields).await?;
    let page = if page.offers("consent") {
        people::accept(&mut browser, &page).await?
    } else {
        page
    };
    ensure!(
        page.expect(200)?.url.as_str() == readme,
        "signed in, and not at the file"
    );
    Ok(())
}

#[tokio::test]
async fn one_in_rust_builds_passes_and_signs_in() -> Outcome {
    let workshop = Workshop::new("rust")?;
    let made = workshop.make(&["my-login"])?;
    ensure!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let folder = workshop.path("my-login");
    // The versions that this checkout is built with are there already.
    fs::copy(
        built::workspace().join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;
    let target = built::target_folder()?.join("new-provider/target");
    for verb in ["test", "build"] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        succeed(
            Command::new(cargo)
                .args([verb, "--offline", "--quiet"])
                .current_dir(&folder)
                .env("CARGO_TARGET_DIR", &target),
        )?;
    }
    let library = folder.join("libplugins_my_login.so");
    fs::copy(target.join("debug/libplugins_my_login.so"), &library)?;
    check(&library, &folder.join("provider.toml"))?;
    let fields = [("name", "guest"), ("pass_phrase", "correct horse")];
    signs_in(&folder.join("provider.toml"), &fields).await
}

#[tokio::test]
async fn one_in_c_builds_passes_and_signs_in() -> Outcome {
    let workshop = Workshop::new("c")?;
    let made = workshop.make(&["my-badge", "--c"])?;
    ensure!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let folder = workshop.path("my-badge");
    succeed(Command::new("make").arg("--directory").arg(&folder))?;
    succeed(
        Command::new("make")
            .arg("--directory")
            .arg(&folder)
            .arg("check"),
    )?;
    check(&folder.join("my-badge.so"), &folder.join("provider.toml"))?;
    let fields = [("badge", "guest"), ("pin", "correct horse")];
    signs_in(&folder.join("provider.toml"), &fields).await
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused() -> Outcome {
    let workshop = Workshop::new("names")?;
    ensure!(
        workshop.make(&["twice", "--c"])?.status.success(),
        "not made"
    );
    for arguments in [
        ["twice", "--c"].as_slice(),
        &["No_Name"],
        &["../up"],
        &[],
        &["a", "b"],
    ] {
        let refused = workshop.make(arguments)?;
        ensure!(refused.status.code() == Some(2), "{arguments:?}");
    }
    Ok(())
}
