//! `cargo xtask demo`.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::{system, workspace};

/// Builds everything the demo starts and becomes the demo; `arguments` are the demo's, less `--release`.
///
/// Returns only if that failed.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    system::require(system::BUILDING)?;
    let release = arguments.iter().any(|argument| argument == "--release");
    let mut build = workspace::cargo();
    build.args(["build", "--workspace"]);
    if release {
        build.arg("--release");
    }
    run::step(&mut build)?;
    let program = workspace::built(if release { "release" } else { "debug" }, "demo")?;
    let mut demo = Command::new(&program);
    demo.args(arguments.iter().filter(|argument| *argument != "--release"));
    demo.current_dir(workspace::root());
    run::heading("demo");
    // Signals from the terminal are then the demo's own to handle.
    let why = demo.exec();
    Err(Stopped::NotStarted {
        program: program.display().to_string(),
        why,
    })
}
