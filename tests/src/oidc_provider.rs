//! oidc-provider from npm: certified software that nobody here wrote.

use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::process::PATIENCE;
use crate::{Outcome, built};

/// A running provider with one client; it ends when this is dropped.
///
/// Its accounts are in `server.mjs`: `olga` (verified `olga@partner.example`), `unverified` (the same address, not
/// verified) and `stranger` (verified, but of a domain that is not the provider's).
pub struct OidcProvider {
    /// The issuer, a loopback origin over plain HTTP.
    pub issuer: String,
    _child: Child,
    _lifeline: ChildStdin,
    // Closed, it would end the provider at the next thing that it has to say.
    _output: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
}

/// The client's id at the provider.
pub const CLIENT_ID: &str = "vestibule";
/// The client's secret at the provider.
pub const CLIENT_SECRET: &str = "the gateway's secret at oidc-provider";

impl OidcProvider {
    /// Starts it with `redirect_uri` as the client's only one.
    ///
    /// # Errors
    /// If Node.js or the package is missing; the message says what to run.
    pub async fn start(redirect_uri: &str) -> Outcome<Self> {
        let folder = built::workspace().join("tests/oidc-provider");
        crate::ensure!(
            folder.join("node_modules").exists(),
            "oidc-provider is not installed: run `cargo xtask test`, or `npm ci` in tests/oidc-provider"
        );
        let mut child = Command::new("node")
            .args(["server.mjs", CLIENT_ID, CLIENT_SECRET, redirect_uri])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|why| format!("`node` could not be started: {why}"))?;
        let lifeline = child.stdin.take().ok_or("no pipe to node")?;
        let output = child.stdout.take().ok_or("no pipe from node")?;
        let mut lines = BufReader::new(output).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        let ready: Ready = serde_json::from_str(&line.ok_or("oidc-provider ended")?)?;
        Ok(Self {
            issuer: ready.issuer,
            _child: child,
            _lifeline: lifeline,
            _output: lines,
        })
    }
}
