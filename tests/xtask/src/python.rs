//! The SAML identity provider from PyPI that the tests sign in with.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// Installs exactly what `requirements.txt` lists into a folder beside what cargo builds, unless that has been done.
///
/// # Errors
/// Python's or pip's failure.
pub(crate) fn install_pysaml2() -> Result<(), Stopped> {
    let requirements = workspace::root().join("tests/pysaml2/requirements.txt");
    let folder = workspace::target()?.join("pysaml2");
    let installed = folder.join("installed.txt");
    if same(&requirements, &installed) {
        return Ok(());
    }
    run::step(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    run::step(
        Command::new(folder.join("bin/pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(&requirements),
    )?;
    // Written last: what was broken off is begun anew.
    fs::copy(&requirements, &installed)
        .map(drop)
        .map_err(|why| Stopped::NotStarted {
            program: installed.display().to_string(),
            why,
        })
}

fn same(wanted: &Path, installed: &Path) -> bool {
    match (fs::read(wanted), fs::read(installed)) {
        (Ok(wanted), Ok(installed)) => wanted == installed,
        _ => false,
    }
}
