//! oidc-provider from npm: certified software that nobody here wrote.

use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use url::Url;

use crate::process::PATIENCE;
use crate::{Outcome, built};

/// A running provider with one client; it ends when this is dropped.
///
/// Its accounts are in `server.mjs`: `olga` (verified `olga@partner.example`), `unverified` (the same address, not
/// verified) and `stranger` (verified, but of a domain that is not the provider's); `gina` and `other-gina` at
/// gmail.com; `worker` of [`TENANT`] and `elsewhere`, of another tenant with the same object id and address.
pub struct OidcProvider {
    /// The issuer, a loopback origin over plain HTTP and the prefix.
    pub issuer: String,
    /// The origin alone.
    pub origin: String,
    _child: Child,
    _lifeline: ChildStdin,
    // Closed, it would end the provider at the next thing that it has to say.
    _output: Lines<BufReader<ChildStdout>>,
}

/// How it is set up.
#[derive(Clone, Debug, Default)]
pub struct Setup<'a> {
    /// The client's callback.
    pub redirect_uri: &'a str,
    /// Metadata of the client over the usual.
    pub client: Value,
    /// Path below which it is mounted.
    pub prefix: String,
    /// Whether its keys say whose tokens they may sign, as Entra's do.
    pub key_issuer: bool,
}

/// What a logout token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutBy {
    /// The session at the provider.
    Session,
    /// The subject, with all its sessions.
    Subject,
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
    port: u16,
}

/// The client's id at the provider.
pub const CLIENT_ID: &str = "vestibule";
/// The client's secret at the provider.
pub const CLIENT_SECRET: &str = "the gateway's secret at oidc-provider";
/// The tenant of the account `worker`.
pub const TENANT: &str = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa";

impl OidcProvider {
    /// Starts it with `redirect_uri` as the client's only one.
    ///
    /// # Errors
    /// If Node.js or the package is missing; the message says what to run.
    pub async fn start(redirect_uri: &str) -> Outcome<Self> {
        Self::start_with(redirect_uri, LogoutBy::Session).await
    }

    /// The same, with a choice of what its logout tokens name.
    ///
    /// # Errors
    /// As [`OidcProvider::start`].
    pub async fn start_with(redirect_uri: &str, by: LogoutBy) -> Outcome<Self> {
        Self::set_up(Setup {
            redirect_uri,
            client: json!({ "backchannel_logout_session_required": by == LogoutBy::Session }),
            ..Setup::default()
        })
        .await
    }

    /// The same, set up in another way.
    ///
    /// # Errors
    /// As [`OidcProvider::start`].
    pub async fn set_up(setup: Setup<'_>) -> Outcome<Self> {
        let folder = built::workspace().join("tests/oidc-provider");
        crate::ensure!(
            folder.join("node_modules").exists(),
            "oidc-provider is not installed: run `cargo xtask test`, or `npm ci` in tests/oidc-provider"
        );
        let callback = Url::parse(setup.redirect_uri)?;
        let mut client = json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [setup.redirect_uri],
            "post_logout_redirect_uris": [callback.join("/_vestibule/sign-out")?.as_str()],
            "backchannel_logout_uri": setup.redirect_uri.replace("/callback/", "/logout/"),
            "backchannel_logout_session_required": true,
        });
        if let (Some(client), Some(further)) = (client.as_object_mut(), setup.client.as_object()) {
            client.extend(further.clone());
            client.retain(|_, value| !value.is_null());
        }
        let given =
            json!({ "client": client, "prefix": setup.prefix, "key_issuer": setup.key_issuer });
        let mut child = Command::new("node")
            .args(["server.mjs", &given.to_string()])
            // The gateway's certificate is not made yet, and who the gateway is is not what is tested.
            .env("NODE_TLS_REJECT_UNAUTHORIZED", "0")
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
            origin: format!("http://127.0.0.1:{}", ready.port),
            _child: child,
            _lifeline: lifeline,
            _output: lines,
        })
    }
}
