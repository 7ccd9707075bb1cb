//! A WebSocket that says everything back (RFC 6455).

use futures_util::{SinkExt, StreamExt};
use http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::http::{Answer, full, text};

/// Switches protocols, or says why not.
pub(super) fn upgrade(mut request: Request<Incoming>) -> Answer {
    let asked = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    let is_websocket = asked(UPGRADE).is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"));
    let is_current = asked(SEC_WEBSOCKET_VERSION) == Some(b"13".as_slice());
    let (true, true, Some(key)) = (is_websocket, is_current, asked(SEC_WEBSOCKET_KEY)) else {
        return text(
            StatusCode::UPGRADE_REQUIRED,
            "only a WebSocket of version 13\n",
        );
    };
    let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) else {
        return text(StatusCode::BAD_REQUEST, "the key fits in no header\n");
    };
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgrading.await {
            Ok(upgraded) => say_back(upgraded).await,
            Err(cause) => tracing::debug!(error = %cause, "The upgrade came to nothing"),
        }
    });
    let mut answer = Answer::new(full(""));
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("upgrade"));
    answer
        .headers_mut()
        .insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    answer
}

async fn say_back(upgraded: Upgraded) {
    let io = TokioIo::new(upgraded);
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        let is_content = message.is_text() || message.is_binary();
        if is_content && socket.send(message).await.is_err() {
            return;
        }
    }
}
