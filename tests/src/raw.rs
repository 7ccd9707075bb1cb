//! Requests byte by byte, for what no client library would send.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use url::Url;

use crate::Outcome;
use crate::browser::Browser;
use crate::network::Version;
use crate::process::PATIENCE;
use crate::world::World;

/// As much of an answer as such tests look at.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status; 0 if the connection was closed without one.
    pub status: u16,
    /// Everything that came, head and body.
    pub text: String,
}

impl World {
    /// Sends `bytes` to the gateway and reads until it closes the connection.
    ///
    /// # Errors
    /// If it cannot be reached or does not close in time.
    pub async fn raw(&self, bytes: &[u8]) -> Outcome<Answer> {
        let url = Url::parse(&self.url("contoso", "/"))?;
        let mut stream = self.network.connect(&url, Version::Http1).await?;
        // It may have refused and closed before everything is sent.
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        // A connection that is cut instead of closed is closed all the same.
        let _ = read.map_err(|_| "the gateway does not close the connection")?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text
            .split_whitespace()
            .nth(1)
            .and_then(|status| status.parse().ok());
        Ok(Answer {
            status: status.unwrap_or_default(),
            text,
        })
    }

    /// A GET with `target` as it stands, with the cookies of `browser`, as a program.
    ///
    /// # Errors
    /// As [`World::raw`].
    pub async fn raw_get(&self, browser: &Browser, target: &str) -> Outcome<Answer> {
        let host = format!("contoso.localhost:{}", self.port);
        let cookies: Vec<String> = browser
            .jar
            .of("contoso.localhost")
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let cookies = cookies.join("; ");
        let head = format!(
            "GET {target} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\naccept: application/json\r\nconnection: close\r\n\r\n"
        );
        self.raw(head.as_bytes()).await
    }
}
