//! The head of the upstream's response, made fit for the client.

use gateway_config::model::Site;
use http::header::{
    ALT_SVC, CACHE_CONTROL, CONTENT_LOCATION, HeaderName, LOCATION, VIA, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use super::address;
use crate::cookies;
use crate::hop;

/// What an upstream does not say on this origin.
///
/// - `Alt-Svc` would lead clients around the gateway.
/// - `Clear-Site-Data` would end the sessions of everybody it is shown to.
/// - `Service-Worker-Allowed` would let a document's script answer for the whole origin, sign-in included.
/// - The others are instructions for caches between us and the client that would go past `private`.
const NOT_THEIRS: [HeaderName; 5] = [
    ALT_SVC,
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("service-worker-allowed"),
    HeaderName::from_static("surrogate-control"),
    HeaderName::from_static("x-accel-expires"),
];

/// Adapts the upstream's headers.
///
/// - `own_origin`: the tenant's origin.
pub(crate) fn adapt(headers: &mut HeaderMap, site: &Site, own_origin: &str) {
    hop::strip(headers);
    drop_not_theirs(headers);
    cookies::keep_foreign(headers);
    for name in [LOCATION, CONTENT_LOCATION] {
        if let Some(inward) = rewritten(headers.get(&name), site, own_origin) {
            headers.insert(name, inward);
        }
    }
    keep_private(headers);
    // What somebody uploaded as a picture must not become a script beside the sessions of others.
    headers
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    headers.append(VIA, HeaderValue::from_static("1.1 vestibule"));
}

/// Removes [`NOT_THEIRS`], what only the gateway may say, and `CDN-Cache-Control` with all its kin (RFC 9213).
fn drop_not_theirs(headers: &mut HeaderMap) {
    let not_theirs: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            NOT_THEIRS.contains(name)
                || name.as_str().starts_with("x-vestibule-")
                || name.as_str().ends_with("-cache-control")
        })
        .cloned()
        .collect();
    for name in &not_theirs {
        headers.remove(name);
    }
}

fn rewritten(location: Option<&HeaderValue>, site: &Site, own_origin: &str) -> Option<HeaderValue> {
    let inward = address::inward(site, own_origin, location?.to_str().ok()?)?;
    HeaderValue::from_str(&inward).ok()
}

/// Every answer is for whoever was allowed to ask: no shared cache may keep it (row S182).
fn keep_private(headers: &mut HeaderMap) {
    let mut directives: Vec<String> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_owned())
        .filter(|directive| !directive.is_empty() && !is_for_shared_caches(directive))
        .collect();
    directives.retain(|directive| !is(directive, "private"));
    if !directives.iter().any(|directive| is(directive, "no-store")) {
        directives.insert(0, "private".to_owned());
    }
    let value = HeaderValue::from_str(&directives.join(", "));
    headers.insert(
        CACHE_CONTROL,
        value.unwrap_or(HeaderValue::from_static("private")),
    );
}

fn is_for_shared_caches(directive: &str) -> bool {
    ["public", "s-maxage", "proxy-revalidate"]
        .iter()
        .any(|name| is(directive, name))
}

/// Whether a directive has that name, with or without an argument.
fn is(directive: &str, name: &str) -> bool {
    directive
        .split('=')
        .next()
        .is_some_and(|found| found.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_does_not_speak_for_the_gateway() {
        let gone = [
            "alt-svc",
            "clear-site-data",
            "service-worker-allowed",
            "surrogate-control",
            "x-accel-expires",
            "x-vestibule-subject",
            "cdn-cache-control",
            "cloudflare-cdn-cache-control",
            "vercel-cdn-cache-control",
        ];
        let kept = ["cache-control", "etag", "x-custom"];
        let mut headers = HeaderMap::new();
        for name in gone.into_iter().chain(kept) {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        drop_not_theirs(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, kept);
    }

    fn check(given: &[&str], want: &str) {
        let mut headers = HeaderMap::new();
        for value in given {
            headers.append(CACHE_CONTROL, value.parse().unwrap());
        }
        keep_private(&mut headers);
        let got: Vec<&str> = headers
            .get_all(CACHE_CONTROL)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        assert_eq!(got, [want], "{given:?}");
    }

    #[test]
    fn sec_182_no_shared_cache_keeps_an_answer() {
        check(&[], "private");
        check(&["public, max-age=60"], "private, max-age=60");
        check(
            &["max-age=60", "S-MaxAge=600, Public"],
            "private, max-age=60",
        );
        check(&["no-store"], "no-store");
        check(&["private=\"set-cookie\", no-cache"], "private, no-cache");
        check(&["private"], "private");
    }
}
