//! The gateway's own cookies, kept apart from those of the upstreams.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// What every cookie of the gateway begins with. Upstreams neither see nor set one.
const OWN: &str = "__host-vestibule";

/// Longest `Cookie` header read, in bytes, over all its lines.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// Whether the `Cookie` header is longer than [`MAX_BYTES`].
#[must_use]
pub(crate) fn too_long(headers: &HeaderMap) -> bool {
    let length: usize = headers.get_all(COOKIE).iter().map(HeaderValue::len).sum();
    length > MAX_BYTES
}

/// Removes the gateway's own cookies from a request; the others stay as they are, in one line.
pub(crate) fn hide_own(headers: &mut HeaderMap) {
    let kept: Vec<&[u8]> = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty() && !is_own(pair))
        .collect();
    let line = HeaderValue::from_bytes(&kept.join(&b"; "[..]))
        .ok()
        .filter(|line| !line.is_empty());
    headers.remove(COOKIE);
    if let Some(line) = line {
        headers.insert(COOKIE, line);
    }
}

/// Removes from a response every `Set-Cookie` that names a cookie of the gateway, or none: browsers send the value of a
/// cookie without a name by itself, and `=__Host-vestibule=x` comes back as a cookie of the gateway.
pub(crate) fn keep_foreign(headers: &mut HeaderMap) {
    let set: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    let passes = |cookie: &HeaderValue| has_name(cookie) && !is_own(cookie.as_bytes());
    if !set.iter().all(passes) {
        headers.remove(SET_COOKIE);
        for cookie in set.into_iter().filter(passes) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

fn has_name(cookie: &HeaderValue) -> bool {
    let pair = cookie.as_bytes().split(|byte| *byte == b';').next();
    let equals = pair.and_then(|pair| pair.trim_ascii().iter().position(|byte| *byte == b'='));
    equals.is_some_and(|at| at > 0)
}

/// Browsers compare the prefix `__Host-` without regard to case.
fn is_own(pair: &[u8]) -> bool {
    let pair = pair.trim_ascii_start();
    pair.get(..OWN.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(OWN.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn sec_049_own_cookies_are_hidden_and_others_kept() {
        let mut all = headers(&[
            "a=1; __Host-vestibule=x; b=2",
            "__HOST-vestibule-attempt=y; c=\u{e9}",
        ]);
        hide_own(&mut all);
        let left: Vec<&[u8]> = all
            .get_all(COOKIE)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        assert_eq!(left, ["a=1; b=2; c=\u{e9}".as_bytes()]);
        let mut own = headers(&["__Host-vestibule=x"]);
        hide_own(&mut own);
        assert!(own.is_empty());
    }

    #[test]
    fn sec_049_an_upstream_sets_no_cookie_of_ours() {
        let mut response = HeaderMap::new();
        for cookie in [
            "theme=dark; Path=/",
            "__Host-vestibule=evil; Path=/",
            " __HOST-Vestibule-attempt=evil",
            "=__Host-vestibule=evil",
            "\t= __Host-vestibule=evil",
            "==__Host-vestibule=evil",
            "__Host-vestibule",
            "__Host-vestibule =evil",
            "nameless; Path=/; a=b",
            "",
            "z=1",
        ] {
            response.append(SET_COOKIE, cookie.parse().unwrap());
        }
        keep_foreign(&mut response);
        let left: Vec<&str> = response
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        assert_eq!(left, ["theme=dark; Path=/", "z=1"]);
    }

    #[test]
    fn sec_058_a_long_header_is_recognised_over_all_its_lines() {
        let line = "x".repeat(MAX_BYTES / 2);
        assert!(!too_long(&headers(&[&line, &line])));
        assert!(too_long(&headers(&[&line, &line, "x"])));
    }
}
