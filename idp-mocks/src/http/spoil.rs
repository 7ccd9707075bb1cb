//! Misbehaviours of the transport: slow, failing, broken off, far too long.

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use super::{Answer, Body, json, redirect, text};
use crate::misbehaviour::{Endpoint, Misbehaviour, WireFault};
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
    let fault = WireFault::ALL
        .iter()
        .find(|fault| switches.has_at(service, **fault, endpoint));
    if let Some(faulty) = fault.map(|fault| faulty(*fault)) {
        return match faulty {
            Faulty::Answer(answer) => answer,
            Faulty::Silence => std::future::pending().await,
            Faulty::None => answer,
        };
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

/// What a fault of the transport makes of an answer.
enum Faulty {
    /// Another one.
    Answer(Answer),
    /// None, ever.
    Silence,
    /// Itself: the fault shows elsewhere.
    None,
}

fn faulty(fault: WireFault) -> Faulty {
    Faulty::Answer(match fault {
        WireFault::Down => {
            let mut answer = text(StatusCode::BAD_GATEWAY, "");
            answer.extensions_mut().insert(HangUp);
            answer
        }
        WireFault::Stalled => {
            let begun = stream::iter([Ok(Frame::data(Bytes::from_static(b"{")))]);
            let never = begun.chain(stream::pending());
            let mut answer = json(StatusCode::OK, &());
            *answer.body_mut() = StreamBody::new(never).boxed_unsync();
            answer
        }
        WireFault::WrongContentType => super::answer(
            StatusCode::OK,
            "text/html; charset=utf-8",
            "<!doctype html><title>Sign in to the network</title><p>Accept our terms.",
        ),
        WireFault::NotJson => super::answer(
            StatusCode::OK,
            "application/json",
            "{\"issuer\": <script>alert(1)</script>",
        ),
        WireFault::RedirectElsewhere => redirect("https://elsewhere.invalid/"),
        WireFault::RedirectInside => redirect("http://127.0.0.1:1/"),
        WireFault::HalfOpen => return Faulty::Silence,
        WireFault::ExpiredCertificate | WireFault::ForeignCertificate => return Faulty::None,
    })
}

/// Marks an answer that is never sent: the connection is closed in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HangUp;

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
