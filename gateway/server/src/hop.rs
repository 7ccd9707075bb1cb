//! Headers that concern one connection only, taken off in both directions before anything else is read.
//!
//! Source: RFC 9110 section 7.6.1; security rows S041, S042. Taking them off first matters: a client could otherwise
//! name `If-None-Match` or `Destination` in `Connection` and have the request judged with it and forwarded without.

use http::header::{CONNECTION, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Version};

/// Always taken off. `Trailer` is not among them: RFC 9110 made it end-to-end.
const ALWAYS: [HeaderName; 8] = [
    CONNECTION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authenticate"),
    HeaderName::from_static("http2-settings"),
];

/// What a request asked of its own connection, and what the next one is asked in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The protocol to switch to. Only `websocket` is passed on: `h2c` would carry requests past the decision.
    pub upgrade: Option<HeaderValue>,
    /// Trailers are welcome.
    pub trailers: bool,
}

/// Takes the hop-by-hop headers off a request.
pub(crate) fn take(head: &mut Parts) -> Wishes {
    let headers = &mut head.headers;
    let switching = head.version == Version::HTTP_11
        && tokens(headers, &CONNECTION).any(|token| token == "upgrade");
    let protocol = headers
        .get(UPGRADE)
        .filter(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
        .cloned();
    let wishes = Wishes {
        upgrade: protocol.filter(|_| switching),
        trailers: tokens(headers, &TE).any(|token| token == "trailers"),
    };
    strip(headers);
    wishes
}

/// Takes the hop-by-hop headers off `headers`, those that `Connection` names included.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = tokens(headers, &CONNECTION)
        .filter_map(|token| HeaderName::from_bytes(token.as_bytes()).ok())
        .collect();
    for name in named.iter().chain(&ALWAYS) {
        headers.remove(name);
    }
}

/// The comma-separated, lower-case tokens of all lines of a header.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|token| token.trim().to_ascii_lowercase())
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn names(head: &Parts) -> Vec<&str> {
        head.headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn sec_041_what_connection_names_goes_with_it() {
        let mut head = parts(&[
            ("connection", "close, X-User"),
            ("connection", "If-None-Match"),
            ("x-user", "a"),
            ("if-none-match", "*"),
            ("keep-alive", "timeout=5"),
            ("te", "gzip"),
            ("transfer-encoding", "chunked"),
            ("proxy-connection", "keep-alive"),
            ("accept", "*/*"),
            ("trailer", "x-sum"),
        ]);
        assert_eq!(take(&mut head), Wishes::default());
        assert_eq!(names(&head), ["accept", "trailer"]);
    }

    #[test]
    fn only_websockets_are_switched_to() {
        let wish = |protocol, connection| {
            take(&mut parts(&[
                ("upgrade", protocol),
                ("connection", connection),
            ]))
            .upgrade
        };
        assert_eq!(
            wish("websocket", "keep-alive, Upgrade"),
            Some(HeaderValue::from_static("websocket"))
        );
        assert_eq!(
            wish("WebSocket", "upgrade"),
            Some(HeaderValue::from_static("WebSocket"))
        );
        assert_eq!(wish("websocket", "keep-alive"), None);
        assert_eq!(wish("h2c", "upgrade"), None);
        assert_eq!(wish("websocket, h2c", "upgrade"), None);
    }

    #[test]
    fn trailers_are_welcome_where_te_says_so() {
        assert!(
            take(&mut parts(&[
                ("te", "gzip, trailers"),
                ("connection", "te")
            ]))
            .trailers
        );
        assert!(!take(&mut parts(&[("te", "gzip")])).trailers);
    }
}
