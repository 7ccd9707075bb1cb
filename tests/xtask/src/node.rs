//! Packages from npm that the tests run: an OpenID provider to sign in with, and Microsoft's Graph client.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// Folders of the workspace that have packages.
const FOLDERS: [&str; 2] = ["tests/oidc-provider", "tests/graph-sdk-js"];

/// Installs exactly what each `package-lock.json` lists, unless that has been done.
///
/// # Errors
/// npm's failure.
pub(crate) fn install() -> Result<(), Stopped> {
    for folder in FOLDERS {
        let folder = workspace::root().join(folder);
        if !is_installed(&folder) {
            run::step(Command::new("npm").arg("ci").current_dir(folder))?;
        }
    }
    Ok(())
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
