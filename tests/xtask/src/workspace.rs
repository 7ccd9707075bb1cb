//! Where things are, and cargo.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::Stopped;

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// The cargo that started us, in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where cargo puts what it builds.
///
/// # Errors
/// [`Stopped::NotStarted`] if that cannot be told.
pub(crate) fn target() -> Result<PathBuf, Stopped> {
    // …/target/debug/xtask: the target folder may be anywhere, but this program is in it.
    let here = env::current_exe().map_err(|why| Stopped::NotStarted {
        program: "xtask".to_owned(),
        why,
    })?;
    Ok(here.ancestors().nth(2).unwrap_or(&here).to_owned())
}

/// A program that cargo has built: `profile` is `debug` or `release`.
///
/// # Errors
/// As [`target`].
pub(crate) fn built(profile: &str, program: &str) -> Result<PathBuf, Stopped> {
    Ok(target()?.join(profile).join(program))
}
