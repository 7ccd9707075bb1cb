//! Microsoft's own Graph clients, and a tester of APIs: software that nobody here wrote, as callers of the management API.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{Outcome, built, ensure};

/// Longest time that a walk through the API may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Lets the JavaScript client walk.
///
/// - `wish`: what `walk.mjs` takes.
/// - `ca`: the authority that it trusts.
///
/// # Errors
/// If it is not installed, or what it says when it fails.
pub async fn javascript(wish: &Value, ca: &Path) -> Outcome<Value> {
    let folder = built::workspace().join("tests/graph-sdk-js");
    ensure!(
        folder.join("node_modules").exists(),
        "the Graph client is not installed: run `cargo xtask test`, or `npm ci` in tests/graph-sdk-js"
    );
    let mut command = Command::new("node");
    command
        .args(["walk.mjs", &wish.to_string()])
        .env("NODE_EXTRA_CA_CERTS", ca)
        .current_dir(folder);
    walked(command).await
}

/// Lets the Python SDK walk; as [`javascript`].
///
/// # Errors
/// As [`javascript`].
pub async fn python(wish: &Value, ca: &Path) -> Outcome<Value> {
    let mut command = Command::new(built::python_program("graph-sdk-python", "python")?);
    command
        .arg(built::workspace().join("tests/graph-sdk-python/walk.py"))
        .arg(wish.to_string())
        .env("SSL_CERT_FILE", ca);
    walked(command).await
}

async fn walked(mut command: Command) -> Outcome<Value> {
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env_remove(proxy);
    }
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(PATIENCE, running).await??;
    ensure!(
        output.status.success(),
        "the walk ended with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    let last = text.lines().last().unwrap_or_default();
    Ok(serde_json::from_str(last)?)
}
