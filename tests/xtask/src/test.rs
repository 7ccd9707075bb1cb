//! `cargo xtask test`.

use crate::run::{self, Stopped};
use crate::{node, python, system, workspace};

/// Runs every test there is; `arguments` go to `cargo test`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    system::require(system::BUILDING)?;
    system::require(system::TESTING)?;
    node::install()?;
    python::install()?;
    // Tests start the programs and load the plugins; `cargo test` alone would not build them all.
    run::step(workspace::cargo().args(["build", "--workspace", "--all-targets"]))?;
    // One failure must not hide the next: both kinds are run to their ends.
    let tests = run::step(
        workspace::cargo()
            .args(["test", "--workspace", "--all-targets", "--no-fail-fast"])
            .args(arguments),
    );
    let examples = run::step(
        workspace::cargo()
            .args(["test", "--workspace", "--doc", "--no-fail-fast"])
            .args(arguments),
    );
    tests.and(examples)
}
