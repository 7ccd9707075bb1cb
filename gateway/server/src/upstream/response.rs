//! The head of the upstream's response, made fit for the client.

use gateway_config::model::Site;
use http::header::{ALT_SVC, CACHE_CONTROL, CONTENT_LOCATION, HeaderName, LOCATION, VIA};
use http::{HeaderMap, HeaderValue};

use super::address;
use crate::cookies;
use crate::hop;

/// Instructions for caches between us and the client that would go past `private`.
const SHARED_CACHES: [HeaderName; 3] = [
    HeaderName::from_static("cdn-cache-control"),
    HeaderName::from_static("surrogate-control"),
    HeaderName::from_static("x-accel-expires"),
];

/// Adapts the upstream's headers.
///
/// - `own_origin`: the tenant's origin.
pub(super) fn adapt(headers: &mut HeaderMap, site: &Site, own_origin: &str) {
    hop::strip(headers);
    // It would lead clients around the gateway.
    headers.remove(ALT_SVC);
    cookies::keep_foreign(headers);
    for name in [LOCATION, CONTENT_LOCATION] {
        if let Some(inward) = rewritten(headers.get(&name), site, own_origin) {
            headers.insert(name, inward);
        }
    }
    keep_private(headers);
    headers.append(VIA, HeaderValue::from_static("1.1 vestibule"));
}

fn rewritten(location: Option<&HeaderValue>, site: &Site, own_origin: &str) -> Option<HeaderValue> {
    let inward = address::inward(site, own_origin, location?.to_str().ok()?)?;
    HeaderValue::from_str(&inward).ok()
}

/// Every answer is for whoever was allowed to ask: no shared cache may keep it (row S182).
fn keep_private(headers: &mut HeaderMap) {
    for name in SHARED_CACHES {
        headers.remove(name);
    }
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
