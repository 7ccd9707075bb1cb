//! A call, taken apart once.
//!
//! Source: specification "Graph API" 0; RFC 3986 2.4 (what is split is decoded afterwards, and once).

pub(crate) mod decode;
pub(crate) mod json;

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use gateway_core::time::UnixTime;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};
use http_body_util::combinators::UnsyncBoxBody;

use crate::error::{ApiError, Area};

pub use json::{Given, Object};

/// Which of the APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `/v1.0`.
    V1,
    /// `/beta`.
    Beta,
    /// `/vestibule/v1`.
    Vestibule,
}

impl Version {
    /// Its segments, as links spell them.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
            Self::Vestibule => "vestibule/v1",
        }
    }
}

/// A body that streams.
pub type StreamBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// What was sent.
pub enum Payload {
    /// Read whole, within the limit.
    Whole(Bytes),
    /// An upload, not read yet.
    Stream(Upload),
}

/// A body that nobody has begun to read. Others may look at the call meanwhile, from any thread.
pub struct Upload(Mutex<StreamBody>);

impl Upload {
    /// Keeps the body for whoever reads it.
    #[must_use]
    pub const fn new(body: StreamBody) -> Self {
        Self(Mutex::new(body))
    }

    /// The body.
    #[must_use]
    pub fn into_body(self) -> StreamBody {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call as it comes out of the listener.
pub struct Arrival {
    /// Head and body. Limits of the head are the listener's.
    pub request: http::Request<StreamBody>,
    /// When it came.
    pub now: UnixTime,
    /// The request's id, a GUID.
    pub id: String,
    /// The client's address.
    pub client: std::net::IpAddr,
}

/// A call.
pub struct Request {
    /// The method.
    pub method: Method,
    /// Which API.
    pub version: Version,
    /// The segments of the path behind the version, percent-decoded once; empty ones are left out.
    pub segments: Vec<String>,
    /// The query, decoded: names as given, in order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub payload: Payload,
    /// Under which origin the API is reached: `https://host[:port]`, for links in answers.
    pub origin: String,
    /// When it came.
    pub now: UnixTime,
    /// The request's id, a GUID.
    pub id: String,
    /// The client's address.
    pub client: std::net::IpAddr,
}

/// The path and the query of a call.
pub(crate) struct Place {
    pub(crate) version: Version,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
}

impl Place {
    /// Takes a path and query apart. `//` is `/`: one of the SDKs asks so.
    ///
    /// # Errors
    /// [`ApiError`] with 404 outside the APIs, with 400 for what cannot be decoded.
    pub(crate) fn read(path: &str, query: Option<&str>) -> Result<Self, ApiError> {
        let segments = decode::segments(path)?;
        let query = decode::query(query.unwrap_or_default())?;
        let is = |at: usize, name: &str| {
            let segment: Option<&String> = segments.get(at);
            segment.is_some_and(|segment| segment.eq_ignore_ascii_case(name))
        };
        let (version, behind) = if is(0, "v1.0") {
            (Version::V1, 1)
        } else if is(0, "beta") {
            (Version::Beta, 1)
        } else if is(0, "vestibule") && is(1, "v1") {
            (Version::Vestibule, 2)
        } else {
            return Err(ApiError::not_found(Area::Directory));
        };
        Ok(Self {
            version,
            segments: segments.into_iter().skip(behind).collect(),
            query,
        })
    }

    /// Whether a body sent there is a document: it is not read before somebody wants it, and its type says nothing.
    pub(crate) fn takes_content(&self, method: &Method) -> bool {
        let last = self.segments.last().map(String::as_str).unwrap_or_default();
        method == Method::PUT
            && self.version != Version::Vestibule
            && (last.eq_ignore_ascii_case("content") || last.ends_with(":/content"))
    }
}

impl Request {
    /// A call at `place`.
    pub(crate) fn at(
        place: Place,
        parts: Parts,
        payload: Payload,
        origin: &str,
        arrival: (UnixTime, String, std::net::IpAddr),
    ) -> Self {
        let (now, id, client) = arrival;
        Self {
            method: parts.method,
            version: place.version,
            segments: place.segments,
            query: place.query,
            headers: parts.headers,
            payload,
            origin: origin.to_owned(),
            now,
            id,
            client,
        }
    }

    /// The segments, to match on. Names of resources are compared with [`is`]: Graph does not mind their case.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The vocabulary of errors here.
    #[must_use]
    pub fn area(&self) -> Area {
        Area::of(&self.segments)
    }

    /// An option of the query such as `$select`, in any case, with its `$` or without.
    ///
    /// # Errors
    /// [`ApiError`] with 400 where it is given twice.
    pub fn option(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let bare = name.trim_start_matches('$');
        let mut found = None;
        for (given, value) in &self.query {
            let given = given.strip_prefix('$').unwrap_or(given);
            if given.eq_ignore_ascii_case(bare) && found.replace(value.as_str()).is_some() {
                let message = format!("`${bare}` is given twice.");
                return Err(ApiError::unsupported_query(self.area(), message));
            }
        }
        Ok(found)
    }

    /// Refuses options that are not among `known`. Parameters without `$` are left alone: some clients add their own.
    ///
    /// # Errors
    /// [`ApiError`] with 400 that names the option.
    pub fn only_options(&self, known: &[&str]) -> Result<(), ApiError> {
        for (name, _) in &self.query {
            let Some(bare) = name.strip_prefix('$') else {
                continue;
            };
            if !known.iter().any(|known| known.eq_ignore_ascii_case(bare)) {
                let shown: String = bare.chars().take(40).collect();
                let message = format!("The query option `${shown}` is not supported here.");
                return Err(ApiError::unsupported_query(self.area(), message));
            }
        }
        Ok(())
    }

    /// A header, where it is there once and holds text.
    #[must_use]
    pub fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        let mut all = self.headers.get_all(name.into()).iter();
        let first = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(first)
    }

    /// Whether `Prefer` holds that preference.
    #[must_use]
    pub fn prefers(&self, preference: &str) -> bool {
        let given = self.headers.get_all("prefer").iter();
        given
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .any(|one| one.trim().eq_ignore_ascii_case(preference))
    }

    /// The body, where it was read whole; an upload has none here.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        match &self.payload {
            Payload::Whole(bytes) => bytes,
            Payload::Stream(_) => &[],
        }
    }

    /// The body as a JSON object. No body, `null` and an empty text are an empty object: some clients send these where
    /// there is nothing to say.
    ///
    /// # Errors
    /// [`ApiError`] with 400.
    pub fn object(&self) -> Result<Object, ApiError> {
        Object::read(self.body(), self.area())
    }

    /// The absolute address of something under this version, for `@odata.context` and links.
    #[must_use]
    pub fn root(&self) -> String {
        format!("{}/{}", self.origin, self.version.path())
    }
}

/// Whether a segment names that resource: Graph does not mind the case.
#[must_use]
pub fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests;
