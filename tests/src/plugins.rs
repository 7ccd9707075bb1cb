//! Providers' libraries: laid out in a folder of their own, with their hashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};

use crate::{Outcome, built, ensure};

/// Copies the library of a Rust plugin to `folder`.
///
/// # Errors
/// If it has not been built.
pub fn copy(package: &str, folder: &Path, file: &str) -> Outcome<PathBuf> {
    let target = folder.join(file);
    fs::copy(built::library(package)?, &target)?;
    Ok(target)
}

/// Builds a plugin in C with the system's compiler.
///
/// - `source`: relative to the root of the workspace.
///
/// # Errors
/// With what the compiler says.
pub fn compile(source: &str, flags: &[&str], target: &Path) -> Outcome {
    let root = built::workspace();
    let output = Command::new("cc")
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O2",
            "-fPIC",
            "-shared",
            "-fvisibility=hidden",
        ])
        .args(flags)
        .arg("-I")
        .arg(root.join("plugins/sdk/include"))
        .arg("-o")
        .arg(target)
        .arg(root.join(source))
        .output()
        .map_err(|why| format!("`cc` could not be started: {why}"))?;
    ensure!(
        output.status.success(),
        "cc: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// SHA-256 of a file, as the configuration wants it.
///
/// # Errors
/// If it cannot be read.
pub fn sha256(path: &Path) -> Outcome<String> {
    Ok(hex(digest(&SHA256, &fs::read(path)?).as_ref()))
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
