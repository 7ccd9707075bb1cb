//! The requests that a listener has seen, so that a test can prove what reached it and what did not.

use std::collections::VecDeque;

use http::{HeaderMap, Request};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::shared::Guarded;

/// How many requests are remembered; all are counted.
const REMEMBERED: usize = 10_000;

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRequest {
    /// Position among all requests of the listener since the last clearing, from 1.
    pub number: u64,
    /// Seconds since the Unix epoch.
    pub at: u64,
    /// Method.
    pub method: String,
    /// Path and query as they stood in the request line, not decoded.
    pub target: String,
    /// Every header line as name and value, repetitions included.
    pub headers: Vec<(String, String)>,
}

impl SeenRequest {
    /// The first value of the header, without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.iter();
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Seen {
    count: u64,
    recent: VecDeque<SeenRequest>,
}

/// A listener's log.
pub(crate) struct RequestLog(Guarded<Seen>);

impl Default for RequestLog {
    fn default() -> Self {
        Self(Guarded::new(Seen::default()))
    }
}

impl RequestLog {
    pub(crate) fn note<B>(&self, request: &Request<B>) {
        let mut seen = self.0.lock();
        seen.count += 1;
        let number = seen.count;
        seen.recent.push_back(SeenRequest {
            number,
            at: clock::now(),
            method: request.method().to_string(),
            target: target(request),
            headers: lines(request.headers()),
        });
        if seen.recent.len() > REMEMBERED {
            seen.recent.pop_front();
        }
    }

    /// How many there were, and the last of them.
    pub(crate) fn all(&self) -> (u64, Vec<SeenRequest>) {
        let seen = self.0.lock();
        (seen.count, seen.recent.iter().cloned().collect())
    }

    pub(crate) fn clear(&self) {
        *self.0.lock() = Seen::default();
    }
}

/// Path and query as they came.
pub(crate) fn target<B>(request: &Request<B>) -> String {
    let uri = request.uri();
    uri.path_and_query()
        .map_or_else(|| uri.to_string(), ToString::to_string)
}

/// Header lines, repetitions included; bytes that are no text are replaced.
pub(crate) fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect()
}
