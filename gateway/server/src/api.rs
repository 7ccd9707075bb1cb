//! The management API, between its listener and the crate that answers.

mod around;
mod entrance;
mod tell;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_graph::request::Arrival as Call;
use gateway_graph::{Api, Uploads};
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt;
use metrics::{counter, histogram};
use tracing::info;

use crate::body::Body;
use crate::clock;
use crate::listener::Arrival;

pub(crate) use around::{Around, AroundParts};
pub(crate) use entrance::{Beside, Entrance};

/// How often uploads that are over are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Answers calls.
pub(crate) struct Management {
    api: Api,
}

impl Management {
    /// The API in those surroundings.
    pub(crate) fn new(around: Arc<Around>, uploads: Uploads) -> Self {
        Self {
            api: Api::new(around, uploads),
        }
    }

    /// Forgets uploads that are over, again and again.
    pub(crate) async fn sweep(&self) {
        let mut pause = tokio::time::interval(SWEEP_EVERY);
        loop {
            pause.tick().await;
            self.api.uploads().sweep(clock::now());
        }
    }

    /// Answers a call, counts it, and tells the log of it.
    pub(crate) async fn answer(&self, arrival: Arrival) -> Response<Body> {
        let began = Instant::now();
        let method = arrival.head.method.clone();
        let id = guid(&arrival.id);
        let (now, client, ambiguous) = (arrival.now, arrival.client, arrival.ambiguous);
        let mut request = http::Request::from_parts(
            arrival.head,
            arrival.body.map_err(Into::into).boxed_unsync(),
        );
        if ambiguous {
            // What can be read in two ways is asked without any right: nothing is behind this path.
            *request.uri_mut() = http::Uri::from_static("/");
            request.headers_mut().clear();
        }
        let call = Call {
            request,
            now,
            id: id.clone(),
            client,
        };
        let path = public(call.request.uri().path());
        let response = self.api.answer(call).await;
        let status = response.status();
        counter!(
            "vestibule_api_calls_total",
            "method" => label(&method),
            "status" => class(status)
        )
        .increment(1);
        histogram!("vestibule_api_call_seconds").record(began.elapsed().as_secs_f64());
        info!(
            request.id = %id,
            http.method = label(&method),
            http.resource = path,
            http.status = status.as_u16(),
            "Call answered"
        );
        response
    }
}

/// The first word of a path, where it is one that the API has: nothing that somebody made up reaches the log.
fn public(path: &str) -> &'static str {
    const KNOWN: [&str; 11] = [
        "invitations",
        "users",
        "directory",
        "policies",
        "admin",
        "identity",
        "sites",
        "drives",
        "shares",
        "me",
        "$batch",
    ];
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (Some("vestibule"), _) => "vestibule",
        (Some(_), Some(resource)) => KNOWN
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(resource))
            .unwrap_or("other"),
        (_, _) => "other",
    }
}

fn label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut known = KNOWN.into_iter();
    known
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}

const fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// 128 random bits in the form of a GUID (RFC 9562 5.8: all but the version and the variant is ours).
fn guid(hex: &str) -> String {
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests;
