//! WebSockets through the gateway.

use http::Request;
use tokio_tungstenite::WebSocketStream;
use url::Url;

use crate::Outcome;
use crate::browser::Browser;
use crate::network::{Stream, Version, authority};
use crate::world::World;

/// An open WebSocket.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

impl World {
    /// Opens a WebSocket at `url` (`https://…`), with the session of `browser` at Contoso, or as a stranger.
    ///
    /// # Errors
    /// If the gateway answers with anything but the switch of protocols.
    pub async fn websocket(&self, browser: Option<&Browser>, url: &str) -> Outcome<Socket> {
        let url = Url::parse(url)?;
        let mut request = Request::get(url.as_str().replacen("https", "wss", 1))
            .header("host", authority(&url)?)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(browser) = browser {
            request = request.header("cookie", browser.session("contoso")?.pair());
        }
        let stream = self.network.connect(&url, Version::Http1).await?;
        let (socket, _) = tokio_tungstenite::client_async(request.body(())?, stream).await?;
        Ok(socket)
    }
}
