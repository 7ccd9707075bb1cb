//! Misbehaviours of the transport: slow, failing, broken off, far too long.

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use super::{Answer, Body, redirect, text};
use crate::misbehaviour::{Endpoint, Misbehaviour};
use crate::service::Service;
use crate::switchboard::Switchboard;

const HUGE_CHUNK: usize = 64 * 1024;
const HUGE_CHUNKS: usize = 1024;

/// Where [`Misbehaviour::RedirectDiscovery`] sends those who follow: the true document is there.
pub(crate) const ELSEWHERE: &str = "/_mock/elsewhere";

/// The redirect that discovery at `path` answers with, if it shall.
pub(crate) fn redirected(switches: &Switchboard, service: Service, path: &str) -> Option<Answer> {
    let on = switches.has(service, Misbehaviour::RedirectDiscovery);
    let away = on && !path.starts_with(ELSEWHERE);
    away.then(|| redirect(&format!("{ELSEWHERE}{path}")))
}

/// The answer as the switches want it.
pub(crate) async fn spoil(
    switches: &Switchboard,
    service: Service,
    endpoint: Endpoint,
    answer: Answer,
) -> Answer {
    let on = |what| switches.has_at(service, what, endpoint);
    if on(Misbehaviour::Slow) {
        tokio::time::sleep(switches.delay()).await;
    }
    if on(Misbehaviour::Http500) {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "told to fail\n");
    }
    if on(Misbehaviour::Huge) {
        return huge(answer);
    }
    if on(Misbehaviour::Truncated) {
        return truncated(answer).await;
    }
    answer
}

/// White space may stand before JSON and HTML, so only a limit on the size can tell.
fn huge(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let blank = Bytes::from(vec![b' '; HUGE_CHUNK]);
    let padding = stream::repeat(blank)
        .take(HUGE_CHUNKS)
        .map(|chunk| Ok(Frame::data(chunk)));
    let rest = http_body_util::BodyStream::new(body);
    Answer::from_parts(head, StreamBody::new(padding.chain(rest)).boxed_unsync())
}

/// Promises everything and sends half.
async fn truncated(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    let Ok(whole) = body.collect().await else {
        return text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the body broke off by itself\n",
        );
    };
    let mut half = whole.to_bytes();
    let promised = half.len().max(2);
    half.truncate(promised / 2);
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(promised));
    Answer::from_parts(head, breaking(half))
}

fn breaking(half: Bytes) -> Body {
    let broken = Err(io::Error::from(io::ErrorKind::ConnectionAborted));
    StreamBody::new(stream::iter([Ok(Frame::data(half)), broken])).boxed_unsync()
}
