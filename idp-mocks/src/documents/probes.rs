//! Paths that show what arrived. Each works under any folder (`/_echo`, `/sites/projects/_echo`, …), and
//! may be followed by more segments.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::stream;
use http::header::{LOCATION, TRAILER};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use serde_json::json;

use super::{streams, websocket};
use crate::http::params::Params;
use crate::http::requests::{lines, target};
use crate::http::{Answer, json as json_answer, text};

/// What a path asks to be shown.
pub(super) enum Probe {
    Echo,
    Upload,
    Trailers,
    Status(u16),
    Events,
    Slow,
    Large,
    WebSocket,
}

/// The probe that a path names, if it names one.
pub(super) fn named(path: &str) -> Option<Probe> {
    let mut segments = path
        .split('/')
        .skip_while(|segment| !segment.starts_with('_'));
    match segments.next()? {
        "_echo" => Some(Probe::Echo),
        "_upload" => Some(Probe::Upload),
        "_trailers" => Some(Probe::Trailers),
        "_status" => segments.next()?.parse().ok().map(Probe::Status),
        "_sse" => Some(Probe::Events),
        "_slow" => Some(Probe::Slow),
        "_large" => Some(Probe::Large),
        "_ws" => Some(Probe::WebSocket),
        _ => None,
    }
}

impl Probe {
    pub(super) async fn answer(self, request: Request<Incoming>, delay: Duration) -> Answer {
        match self {
            Self::Echo | Self::Upload => echo(request).await,
            Self::Trailers => trailers(request).await,
            Self::Status(code) => status(code, &request),
            Self::Events => streams::events(),
            Self::Slow => streams::slow(&Params::of_query(&request), delay).await,
            Self::Large => streams::large(&Params::of_query(&request)),
            Self::WebSocket => websocket::upgrade(request),
        }
    }
}

/// A body that was read to its end without being kept.
struct Swallowed {
    bytes: u64,
    sha256: String,
    trailers: HeaderMap,
    whole: bool,
}

async fn swallow(mut body: Incoming) -> Swallowed {
    let mut hash = Context::new(&SHA256);
    let mut swallowed = Swallowed {
        bytes: 0,
        sha256: String::new(),
        trailers: HeaderMap::new(),
        whole: true,
    };
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            swallowed.whole = false;
            break;
        };
        match frame.into_data() {
            Ok(data) => {
                hash.update(&data);
                swallowed.bytes = swallowed.bytes.saturating_add(data.len() as u64);
            }
            Err(frame) => swallowed
                .trailers
                .extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    swallowed.sha256 = hash
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    swallowed
}

async fn echo(request: Request<Incoming>) -> Answer {
    let (method, version) = (
        request.method().to_string(),
        format!("{:?}", request.version()),
    );
    let (target, headers) = (target(&request), lines(request.headers()));
    let authority = request.uri().authority().map(ToString::to_string);
    let body = swallow(request.into_body()).await;
    json_answer(
        StatusCode::OK,
        &json!({
            "method": method,
            "target": target,
            "authority": authority,
            "version": version,
            "headers": headers,
            "body_bytes": body.bytes,
            "body_sha256": body.sha256,
            "body_whole": body.whole,
            "trailers": lines(&body.trailers),
        }),
    )
}

/// A chunked answer with two trailers; the body lists those of the request.
async fn trailers(request: Request<Incoming>) -> Answer {
    let body = swallow(request.into_body()).await;
    let shown = json!({"body_bytes": body.bytes, "trailers": lines(&body.trailers)}).to_string();
    let mut closing = HeaderMap::new();
    closing.insert("x-mock-trailer", HeaderValue::from_static("the-end"));
    if let Ok(hash) = HeaderValue::from_str(&body.sha256) {
        closing.insert("x-mock-body-sha256", hash);
    }
    let frames = [Ok(Frame::data(shown.into())), Ok(Frame::trailers(closing))];
    let mut answer = Answer::new(StreamBody::new(stream::iter(frames)).boxed_unsync());
    let announced = HeaderValue::from_static("x-mock-trailer, x-mock-body-sha256");
    answer.headers_mut().insert(TRAILER, announced);
    answer
}

/// Any status; `?location=` adds that header.
fn status(code: u16, request: &Request<Incoming>) -> Answer {
    let Ok(status) = StatusCode::from_u16(code) else {
        return text(StatusCode::BAD_REQUEST, "no such status\n");
    };
    let has_body = !(status.is_informational() || code == 204 || code == 304);
    let mut answer = text(
        status,
        if has_body {
            format!("status {code}\n")
        } else {
            String::new()
        },
    );
    let params = Params::of_query(request);
    if let Some(Ok(location)) = params.first("location").map(HeaderValue::from_str) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_found_under_any_folder_and_a_file_is_no_probe() {
        assert!(matches!(named("/_echo"), Some(Probe::Echo)));
        assert!(matches!(
            named("/sites/projects/_echo/a/b"),
            Some(Probe::Echo)
        ));
        assert!(matches!(named("/_status/418"), Some(Probe::Status(418))));
        assert!(named("/sites/projects/readme.txt").is_none());
        assert!(named("/sites/_private/readme.txt").is_none());
    }
}
