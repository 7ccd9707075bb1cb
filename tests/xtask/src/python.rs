//! Packages from PyPI that the tests run: a SAML identity provider to sign in with, Microsoft's Graph SDK, a tester of
//! APIs, and a server of WebDAV that can say what changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// Folders of `tests` with a `requirements.txt`; each gets an environment of that name beside what cargo builds.
const ENVIRONMENTS: [&str; 4] = ["pysaml2", "graph-sdk-python", "schemathesis", "xandikos"];

/// Installs exactly what each `requirements.txt` lists, unless that has been done.
///
/// # Errors
/// Python's or pip's failure.
pub(crate) fn install() -> Result<(), Stopped> {
    ENVIRONMENTS.into_iter().try_for_each(environment)
}

fn environment(name: &str) -> Result<(), Stopped> {
    let tests = workspace::root().join("tests");
    let requirements = tests.join(name).join("requirements.txt");
    let folder = workspace::target()?.join(name);
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
