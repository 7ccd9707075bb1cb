//! Headers that a client could use to pretend an identity, an origin or another request.
//!
//! Upstreams of the CGI family fold names: `X_Forwarded.User` and `X-Forwarded-User` become one variable. So names
//! are compared with every character but letters and digits read as `-`, in lower case.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::HeaderName;

/// Dropped whole: names as they read after folding.
const NAMES: [&str; 9] = [
    "authorization",
    "client-ip",
    "fastly-client-ip",
    "front-end-https",
    "proxy",
    "x-forms-based-auth-accepted",
    "x-host",
    "x-http-host-override",
    "x-wap-profile",
];

/// Dropped with everything that begins like them: what proxies in front of an upstream say about a client or its
/// connection, and what sign-in products say about a person. A family is listed by its beginning, since each
/// installation names its own claims.
const PREFIXES: [&str; 51] = [
    "auth-user",
    "cf-",
    "client-cert",
    "forwarded",
    "impersonate-",
    "iv-",
    "mellon-",
    "ms-aspnetcore-",
    "oam-",
    "oidc-",
    "proxy-",
    "remote-",
    "shib-",
    "sm-",
    "smuser",
    "ssl-",
    "tailscale-",
    "true-client-",
    "x-amzn-mtls-",
    "x-amzn-oidc-",
    "x-anonymous-consumer",
    "x-arr-",
    "x-auth",
    "x-azure-",
    "x-client-",
    "x-cluster-",
    "x-consumer-",
    "x-credential-",
    "x-email",
    "x-forward",
    "x-goog-authenticated-",
    "x-goog-iap-",
    "x-group",
    "x-id-token",
    "x-impersonate-",
    "x-jwt",
    "x-ms-",
    "x-oidc-",
    "x-original-",
    "x-originating-",
    "x-pomerium-",
    "x-proxy-",
    "x-real-",
    "x-remote-",
    "x-rewrite-",
    "x-role",
    "x-ssl-",
    "x-tls-",
    "x-user",
    "x-vestibule-",
    "x-webauth-",
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
    fn sec_037_so_is_what_sign_in_products_say_about_a_person() {
        for name in [
            "X-WebAuth-User",
            "X-Auth",
            "X-AuthUser",
            "X-Authenticated-Userid",
            "SM_USER",
            "SM-ServerSessionId",
            "SMUSER",
            "iv-user",
            "IV_GROUPS",
            "OAM_REMOTE_USER",
            "X-Consumer-Username",
            "X-Credential-Identifier",
            "X-Anonymous-Consumer",
            "Tailscale-User-Login",
            "MS-ASPNETCORE-TOKEN",
            "X-JWT-Assertion",
            "X-ID-Token",
            "X-Userinfo",
            "X-User-Id",
            "Mellon-NAME_ID",
            "OIDC_access_token",
            "Impersonate-User",
            "X-Impersonate-Group",
            "X-Proxy-User",
            "X-Groups",
            "X-Roles",
            "X-Email",
            "X-Remote-Extra-Scopes",
            "Remote-Groups",
            "CF-Access-Jwt-Assertion",
            "Client-Cert",
        ] {
            assert!(foreign(name), "{name}");
        }
    }

    #[test]
    fn sec_021_so_is_what_proxies_say_about_a_connection() {
        for name in [
            "X-ARR-ClientCert",
            "X-ARR-SSL",
            "X-Azure-ClientIP",
            "CF-Connecting-IP",
            "X-Originating-IP",
            "X-TLS-Client-CN",
            "X-SSL-Client-Verify",
            "SSL-Client-Cert",
            "X-Client-IP",
            "True-Client-IP",
            "X-Forwarded",
            "X-Forward-For",
            "Forwarded-For",
            "X-Cluster-Client-IP",
            "Proxy-Connection",
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
            "x-clientservice-clienttag",
            "x-office-version",
            "x-request-id",
            "x-csrf-token",
            "x-http-method",
            "x_custom",
            "translate",
            "sec-websocket-key",
        ] {
            assert!(!foreign(name), "{name}");
        }
    }
}
