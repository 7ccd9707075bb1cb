//! Programs and libraries that cargo has built next to the running one.

use std::env;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// The folder of the profile that this program was built in: `target/debug` or `target/release`.
///
/// # Errors
/// If the running program cannot be told.
pub fn profile_folder() -> Outcome<PathBuf> {
    let here = env::current_exe()?;
    // Tests are in `deps`, programs are not.
    let folder = here
        .ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"));
    Ok(folder
        .ok_or("the running program is in no folder")?
        .to_owned())
}

/// The folder of everything that cargo builds, whatever its name.
///
/// # Errors
/// As [`profile_folder`].
pub fn target_folder() -> Outcome<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile
        .parent()
        .ok_or("the profile's folder is in no folder")?
        .to_owned())
}

/// The root of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// A program of the workspace, such as `vestibule`.
///
/// # Errors
/// If it has not been built; the message says how to.
pub fn program(name: &str) -> Outcome<PathBuf> {
    newest(&[profile_folder()?.join(name)])
}

/// A library that can be loaded, by the name of its crate, such as `plugins-openid`.
///
/// # Errors
/// If it has not been built; the message says how to.
pub fn library(package: &str) -> Outcome<PathBuf> {
    let file = format!("lib{}.so", package.replace('-', "_"));
    let folder = profile_folder()?;
    // `cargo build` puts it beside the programs, `cargo test` beside the tests.
    newest(&[folder.join(&file), folder.join("deps").join(&file)])
}

/// A program of the Python environment `name`, such as its `python`.
///
/// # Errors
/// If it has not been installed; the message says how to.
pub fn python_program(name: &str, program: &str) -> Outcome<PathBuf> {
    let path = target_folder()?.join(name).join("bin").join(program);
    crate::ensure!(
        path.exists(),
        "`{name}` is not installed: run `cargo xtask test`"
    );
    Ok(path)
}

fn newest(candidates: &[PathBuf]) -> Outcome<PathBuf> {
    let modified = |path: &PathBuf| path.metadata().and_then(|file| file.modified()).ok();
    let built = candidates
        .iter()
        .filter(|path| path.is_file())
        .max_by_key(|path| modified(path));
    built.cloned().ok_or_else(|| {
        let place = candidates
            .first()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        format!(
            "`{place}` is not there: run `cargo build --workspace` first, or `cargo xtask test`"
        )
        .into()
    })
}
