//! `cargo xtask mutants`.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// The version that the exclusions in `.cargo/mutants.toml` were written for.
const VERSION: &str = "27.1.0";

/// Changes the rules one place at a time and sees whether a test of the core fails; `arguments` go to `cargo mutants`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    let tools = workspace::root().join("target/tools");
    let path = search_path(&tools.join("bin"));
    let wanted = format!("cargo-mutants {VERSION}");
    let there = Command::new("cargo-mutants")
        .args(["mutants", "--version"])
        .env("PATH", &path)
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == wanted);
    if !there {
        run::step(
            workspace::cargo()
                .args(["install", "cargo-mutants", "--version", VERSION, "--locked"])
                .arg("--root")
                .arg(&tools),
        )?;
    }
    run::step(
        workspace::cargo()
            .args(["mutants", "--package", "gateway-core"])
            .args(["--file", "gateway/core/src/policy/**"])
            .arg("--output")
            .arg(workspace::root().join("target"))
            .args(arguments)
            .env("PATH", path)
            // Many small runs find what one long one finds.
            .env("PROPTEST_CASES", "64"),
    )
}

fn search_path(first: &std::path::Path) -> std::ffi::OsString {
    let others = env::var_os("PATH").unwrap_or_default();
    let all = [PathBuf::from(first)]
        .into_iter()
        .chain(env::split_paths(&others));
    env::join_paths(all).unwrap_or(others)
}
