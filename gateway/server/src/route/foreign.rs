//! Headers that a client could use to pretend an identity, an origin or another request.
//!
//! Upstreams of the CGI family fold names: `X_Forwarded.User` and `X-Forwarded-User` become one variable. So names
//! are compared with every character but letters and digits read as `-`, in lower case.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::HeaderName;

/// Dropped whole: names as they read after folding.
const NAMES: [&str; 20] = [
    "authorization",
    "client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "forwarded",
    "front-end-https",
    "proxy",
    "proxy-authorization",
    "proxy-connection",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-email",
    "x-forms-based-auth-accepted",
    "x-host",
    "x-http-host-override",
    "x-real-ip",
    "x-user",
    "x-username",
    "x-wap-profile",
];

/// Dropped with everything behind them.
const PREFIXES: [&str; 22] = [
    "auth-user",
    "cf-access-",
    "oidc-",
    "remote-",
    "shib-",
    "ssl-client",
    "x-amzn-oidc-",
    "x-auth-",
    "x-authenticated-",
    "x-authentik-",
    "x-client-cert",
    "x-forwarded-",
    "x-goog-authenticated-",
    "x-goog-iap-",
    "x-ms-",
    "x-oidc-",
    "x-original-",
    "x-pomerium-",
    "x-remote-",
    "x-rewrite-",
    "x-ssl-",
    "x-vestibule-",
];

/// Names with a meaning of their own: what merely folds to one of them is an alias, and dropped.
const MEANT: [&str; 14] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "depth",
    "destination",
    "expect",
    "host",
    "if-match",
    "if-none-match",
    "overwrite",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Removes from `headers` whatever [`is_foreign`] names.
///
/// Runs before anything is read from them, for every method (rows S021, S033, S037 to S040, S048).
pub fn drop_from(headers: &mut HeaderMap) {
    let foreign: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_foreign(name))
        .cloned()
        .collect();
    for name in &foreign {
        headers.remove(name);
    }
}

/// Whether a header of that name may not pass from a client to an upstream (or, in trailers, at all).
#[must_use]
pub fn is_foreign(name: &HeaderName) -> bool {
    let folded = fold(name.as_str());
    NAMES.contains(&&*folded)
        || PREFIXES.iter().any(|prefix| folded.starts_with(prefix))
        || (matches!(folded, Cow::Owned(_)) && MEANT.contains(&&*folded))
}

/// `name` with everything but letters and digits read as `-`; borrowed where that changes nothing.
#[must_use]
pub fn fold(name: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.bytes().all(plain) {
        return Cow::Borrowed(name);
    }
    let folded = name.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    Cow::Owned(folded.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(name: &str) -> bool {
        is_foreign(&HeaderName::from_bytes(name.as_bytes()).unwrap())
    }

    #[test]
    fn sec_021_what_only_a_proxy_may_say_is_dropped() {
        for name in [
            "X-Forwarded-Uri",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-User",
            "Forwarded",
            "X-Original-URL",
            "X-Original-Host",
            "X-Rewrite-URL",
            "X-Real-IP",
        ] {
            assert!(foreign(name), "{name}");
        }
    }

    #[test]
    fn sec_037_identity_headers_are_dropped() {
        for name in [
            "X-Vestibule-Assertion",
            "X-Vestibule-Subject",
            "Remote-User",
            "X-Remote-User",
            "X-Remote-Group",
            "X-Auth-Request-Email",
            "OIDC_CLAIM_sub",
            "SSL_CLIENT_S_DN",
        ] {
            assert!(foreign(name), "{name}");
        }
    }

    #[test]
    fn sec_038_an_underscore_is_no_disguise() {
        assert!(foreign("X_Forwarded_User"));
        assert!(foreign("X_VESTIBULE_ASSERTION"));
        assert!(foreign("Content_Length"));
        assert!(foreign("Transfer_Encoding"));
    }

    #[test]
    fn sec_039_nor_is_a_dot_or_anything_else() {
        for name in [
            "X.Forwarded.User",
            "x~vestibule|assertion",
            "Remote!User",
            "x+forwarded'for",
        ] {
            assert!(foreign(name), "{name}");
        }
    }

    #[test]
    fn sec_048_credentials_and_sharepoint_headers_are_dropped() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "X-MS-Client-Principal",
            "X-FORMS_BASED_AUTH_ACCEPTED",
            "Proxy",
        ] {
            assert!(foreign(name), "{name}");
        }
    }

    #[test]
    fn ordinary_headers_pass() {
        for name in [
            "accept",
            "range",
            "if-range",
            "if-none-match",
            "if",
            "depth",
            "overwrite",
            "destination",
            "lock-token",
            "timeout",
            "content-type",
            "content-length",
            "cookie",
            "user-agent",
            "x-requestdigest",
            "x-requested-with",
            "x-http-method",
            "x_custom",
            "translate",
            "sec-websocket-key",
        ] {
            assert!(!foreign(name), "{name}");
        }
    }
}
