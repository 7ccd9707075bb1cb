//! Trailers: what may still be said behind a body.
//!
//! Some receivers read trailers as if they had been headers, and nothing in them was there when the request was decided
//! on. So whatever means something in a head stays behind; sums of the body and the like pass (RFC 9110 section 6.5.1).

use http::HeaderMap;
use http::header::HeaderName;

use crate::route::{foreign, method};

/// Names that mean something in a head, as they read after folding.
const MEANT: [&str; 28] = [
    "age",
    "alt-svc",
    "cache-control",
    "clear-site-data",
    "connection",
    "cookie",
    "date",
    "depth",
    "destination",
    "expect",
    "expires",
    "host",
    "keep-alive",
    "location",
    "lock-token",
    "max-forwards",
    "origin",
    "overwrite",
    "pragma",
    "referer",
    "refresh",
    "set-cookie",
    "te",
    "timeout",
    "trailer",
    "upgrade",
    "user-agent",
    "via",
];

/// Families of such names.
const FAMILIES: [&str; 10] = [
    "accept",
    "access-control-",
    "content-",
    "http2-",
    "if",
    "range",
    "retry-",
    "sec-",
    "service-worker",
    "trans",
];

/// `trailers` without what would mean something in a head.
pub(super) fn harmless(mut trailers: HeaderMap) -> HeaderMap {
    let harmful: Vec<HeaderName> = trailers
        .keys()
        .filter(|name| is_harmful(name))
        .cloned()
        .collect();
    for name in &harmful {
        trailers.remove(name);
    }
    trailers
}

fn is_harmful(name: &HeaderName) -> bool {
    let folded = foreign::fold(name.as_str());
    foreign::is_foreign(name)
        || method::overrides(name)
        || MEANT.contains(&&*folded)
        || FAMILIES.iter().any(|family| folded.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, passes: bool) {
        let mut trailers = HeaderMap::new();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        trailers.insert(&name, "x".parse().unwrap());
        assert_eq!(harmless(trailers).contains_key(&name), passes, "{name}");
    }

    #[test]
    fn what_means_something_in_a_head_stays_behind() {
        for name in [
            "X-HTTP-Method",
            "X-HTTP-Method-Override",
            "X_Method.Override",
            "Destination",
            "Depth",
            "Overwrite",
            "If",
            "If-Match",
            "If_None_Match",
            "Cookie",
            "Authorization",
            "Content-Length",
            "Content-Type",
            "Content.Range",
            "Host",
            "Range",
            "Expect",
            "Connection",
            "TE",
            "Transfer-Encoding",
            "Upgrade",
            "Trailer",
            "Keep-Alive",
            "Proxy-Authorization",
            "Translate",
            "Lock-Token",
            "Origin",
            "Sec-Fetch-Site",
            "X-Vestibule-Subject",
            "X-Forwarded-For",
            "Remote-User",
            "Set-Cookie",
            "Location",
            "Cache-Control",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn sums_and_the_like_pass() {
        for name in [
            "x-sum",
            "Digest",
            "Repr-Digest",
            "ETag",
            "Server-Timing",
            "grpc-status",
            "x-amz-checksum-crc32",
        ] {
            check(name, true);
        }
    }
}
