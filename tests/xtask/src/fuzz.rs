//! `cargo xtask fuzz`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, Stopped};
use crate::workspace;

/// The version that the layout of `tests/fuzz` is for.
const VERSION: &str = "0.13.1";
const USAGE: &str = "usage: cargo xtask fuzz TARGET [--seconds N] [--minimize FILE]";
/// Longest input that is made, bytes.
const LONGEST: u32 = 64 * 1024;

/// Runs a target of `tests/fuzz` for a while, beginning with its seeds.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stopped> {
    let (mut target, mut seconds, mut minimize) = (None, 60_u32, None);
    let mut given = arguments.iter();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--seconds" => {
                let number = given.next().and_then(|number| number.parse().ok());
                seconds = number.ok_or_else(usage)?;
            }
            "--minimize" => minimize = Some(given.next().ok_or_else(usage)?),
            name if target.is_none() && is_target(name) => target = Some(name),
            _ => return Err(usage()),
        }
    }
    let target = target.ok_or_else(usage)?;
    let path = install()?;
    let fuzz = workspace::root().join("tests/fuzz");
    let work = workspace::target()?.join("fuzz");
    // What it finds new goes here: the seeds that the tests replay stay few.
    let found = work.join("corpus").join(target);
    fs::create_dir_all(&found).map_err(|why| Stopped::NotStarted {
        program: found.display().to_string(),
        why,
    })?;
    let mut command = compiling();
    command
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", work.join("target"))
        .arg("fuzz");
    match minimize {
        Some(file) => command
            .args(["tmin", "--fuzz-dir"])
            .arg(&fuzz)
            .args([target, file]),
        None => command
            .args(["run", "--fuzz-dir"])
            .arg(&fuzz)
            .arg(target)
            .arg(&found)
            .arg(fuzz.join("corpus").join(target))
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .args(words(&fuzz.join("dictionaries").join(target)))
            .arg("-print_final_stats=1"),
    };
    run::step(&mut command)
}

/// A cargo whose compiler takes the flags of the sanitizers: that of an installed nightly, or else the stable one, whose
/// runtimes are the same, told to take them.
fn compiling() -> Command {
    let mut command = Command::new("cargo");
    if has_nightly() {
        // The compiler that started us is not the one that is needed.
        command.env_remove("RUSTUP_TOOLCHAIN").arg("+nightly");
    } else {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    command
}

fn has_nightly() -> bool {
    let list = Command::new("rustup").args(["toolchain", "list"]).output();
    list.is_ok_and(|list| {
        String::from_utf8_lossy(&list.stdout)
            .lines()
            .any(|name| name.starts_with("nightly"))
    })
}

/// Words of the target's language, where there is a list of them.
fn words(dictionary: &Path) -> Option<String> {
    dictionary
        .is_file()
        .then(|| format!("-dict={}", dictionary.display()))
}

fn usage() -> Stopped {
    let targets = targets().join(", ");
    Stopped::Usage(format!("{USAGE}\ntargets: {targets}"))
}

fn is_target(name: &str) -> bool {
    targets().iter().any(|target| target == name)
}

/// Those that have seeds.
fn targets() -> Vec<String> {
    let folder = workspace::root().join("tests/fuzz/corpus");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Installs cargo-fuzz beside the other tools; the search path that finds it.
fn install() -> Result<std::ffi::OsString, Stopped> {
    let tools = workspace::root().join("target/tools");
    let others = env::var_os("PATH").unwrap_or_default();
    let all = [tools.join("bin")]
        .into_iter()
        .chain(env::split_paths(&others));
    let path = env::join_paths(all).unwrap_or_else(|_| others.clone());
    let wanted = format!("cargo-fuzz {VERSION}");
    let there = Command::new("cargo-fuzz")
        .arg("--version")
        .env("PATH", &path)
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == wanted);
    if !there {
        run::step(
            workspace::cargo()
                .args(["install", "cargo-fuzz", "--version", VERSION, "--locked"])
                .arg("--root")
                .arg(&tools),
        )?;
    }
    Ok(path)
}
