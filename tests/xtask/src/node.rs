//! The OpenID provider from npm that the tests sign in with.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// Installs exactly what `package-lock.json` lists, unless that has been done.
///
/// # Errors
/// npm's failure.
pub(crate) fn install_oidc_provider() -> Result<(), Stopped> {
    let folder = workspace::root().join("tests/oidc-provider");
    if is_installed(&folder) {
        return Ok(());
    }
    run::step(Command::new("npm").arg("ci").current_dir(folder))
}

fn is_installed(folder: &Path) -> bool {
    let modified = |file: &str| fs::metadata(folder.join(file)).and_then(|file| file.modified());
    // npm writes this file last.
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}
