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

/// A program that cargo has built: `profile` is `debug` or `release`.
///
/// # Errors
/// [`Stopped::NotStarted`] if it cannot be told where cargo puts programs.
pub(crate) fn built(profile: &str, program: &str) -> Result<PathBuf, Stopped> {
    // …/target/debug/xtask: the target folder may be anywhere, but this program is in it.
    let here = env::current_exe().map_err(|why| Stopped::NotStarted {
        program: program.to_owned(),
        why,
    })?;
    let target = here.ancestors().nth(2).unwrap_or(&here);
    Ok(target.join(profile).join(program))
}
