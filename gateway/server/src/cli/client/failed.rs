//! What is said when a call does not work out.

use std::fmt;
use std::path::PathBuf;

use http::StatusCode;
use serde_json::Value;

/// Why it did not work out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("the token in `{path}` cannot be read: {source}")]
    TokenFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("give `--api` and `--token-file`, or `--config` of a gateway on this machine: {first}")]
    NoConfiguration { first: String },
    #[error("the configuration has no management API: add `[listen.api]`, or give `--api`")]
    NoApi,
    #[error("say which tenant, by `--tenant ID`: there are {0}")]
    WhichTenant(String),
    #[error("no token can be made: {0}; or give one by `--token-file`")]
    NoToken(String),
    #[error(
        "`{0}` is no origin such as `https://gateway.contoso.com:8444`; http is for loopback only"
    )]
    Origin(String),
    #[error("{0}")]
    Tls(String),
    #[error("`{origin}` cannot be reached: {problem}")]
    Unreachable { origin: String, problem: String },
    #[error("`{0}` does not answer as the management API does")]
    NotTheApi(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Wrong(String),
}

/// What the API refused with.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The code that refines it.
    pub(crate) inner: Option<String>,
    /// What each is about, and what is wrong with it.
    pub(crate) details: Vec<(String, String)>,
    pub(crate) request: String,
}

impl Refusal {
    /// Reads the body of a refusal.
    pub(crate) fn read(status: StatusCode, body: &Value) -> Option<Self> {
        let error = body.get("error")?;
        let text = |value: &Value, name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let inner = error.get("innerError").unwrap_or(&Value::Null);
        let details = error.get("details").and_then(Value::as_array);
        Some(Self {
            status,
            message: text(error, "message"),
            inner: inner.get("code").and_then(Value::as_str).map(str::to_owned),
            details: details
                .into_iter()
                .flatten()
                .map(|detail| (text(detail, "target"), text(detail, "message")))
                .collect(),
            request: text(inner, "request-id"),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.trim_end_matches('.');
        match self.status {
            StatusCode::UNAUTHORIZED => write!(
                f,
                "the token is refused ({message}): make another by `vestibule token`"
            )?,
            StatusCode::FORBIDDEN => write!(f, "not allowed: {message}")?,
            StatusCode::NOT_FOUND => write!(f, "not found: {message}")?,
            StatusCode::TOO_MANY_REQUESTS => write!(f, "too many calls: {message}")?,
            status if status.is_server_error() => {
                write!(f, "the gateway cannot do it now: {message}")?;
            }
            _ => f.write_str(message)?,
        }
        if let Some(inner) = &self.inner {
            write!(f, " ({inner})")?;
        }
        // One that only says the same again is not said.
        let new = self
            .details
            .iter()
            .filter(|(target, what)| !message.contains(&format!("`{target}` {what}")));
        for (target, what) in new {
            write!(f, "\n  {target}: {what}")?;
        }
        if self.status.is_server_error() {
            write!(
                f,
                "\n  the gateway's log has it under request.id {}",
                self.request
            )?;
        }
        Ok(())
    }
}
