//! Where an item lies at the upstream, and back.

use gateway_config::model::Site;
use gateway_core::path::ItemPath;
use gateway_core::policy::Target;
use http::Uri;
use http::uri::PathAndQuery;
use url::Url;

/// The upstream's address of `target`. The path is made from the decided one, never from the client's bytes.
#[must_use]
pub(crate) fn outward(site: &Site, target: &Target) -> Option<Uri> {
    let mut path = outward_path(site, &target.path);
    if let Some(query) = &target.query {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(site.upstream.origin.scheme().parse().ok()?);
    parts.authority = Some(authority(&site.upstream.origin).parse().ok()?);
    parts.path_and_query = Some(PathAndQuery::from_maybe_shared(path).ok()?);
    Uri::from_parts(parts).ok()
}

/// The address under which clients know what the upstream calls `location`; nothing where it is to stay as it is.
#[must_use]
pub(super) fn inward(site: &Site, own_origin: &str, location: &str) -> Option<String> {
    if location.starts_with('/') && !location.starts_with("//") {
        return inward_path(site, location);
    }
    let there = match location.starts_with("//") {
        true => site.upstream.origin.join(location).ok()?,
        false => Url::parse(location).ok()?,
    };
    if there.origin() != site.upstream.origin.origin() {
        return None;
    }
    let path = &there[url::Position::BeforePath..];
    Some(format!(
        "{own_origin}{}",
        inward_path(site, path).unwrap_or_else(|| path.to_owned())
    ))
}

/// The path on the gateway's own host of an item that the upstream names, by an absolute address or by a path; nothing
/// where that is not the site's.
#[must_use]
pub(crate) fn inward_item(site: &Site, href: &str) -> Option<String> {
    let path = if href.starts_with('/') && !href.starts_with("//") {
        href.to_owned()
    } else {
        let there = Url::parse(href).ok()?;
        // The scheme and host that an upstream believes to have are often not those that it is reached by.
        there.path().to_owned()
    };
    if site.upstream.path.is_some() {
        inward_path(site, &path)
    } else {
        Some(path)
    }
}

/// `host[:port]` of an origin.
#[must_use]
pub(super) fn authority(origin: &Url) -> String {
    let host = origin.host_str().unwrap_or_default();
    origin
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The site's prefix is replaced by whole segments; every one of them was compared when the site was found.
fn outward_path(site: &Site, path: &ItemPath) -> String {
    let encoded = path.encoded();
    let Some(prefix) = &site.upstream.path else {
        return encoded;
    };
    let rest: Vec<&str> = encoded
        .split('/')
        .skip(1 + site.path.segments().len())
        .collect();
    match rest.as_slice() {
        // The site's own root: with a slash exactly where the client wrote one.
        [] | [""] if !path.has_trailing_slash() => trimmed(prefix),
        rest => format!("{}/{}", trimmed(prefix), rest.join("/")),
    }
}

fn inward_path(site: &Site, location: &str) -> Option<String> {
    let prefix = trimmed(site.upstream.path.as_ref()?);
    let rest = location.strip_prefix(&prefix)?;
    let whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    whole.then(|| format!("{}{rest}", trimmed(&site.path)))
}

fn trimmed(path: &ItemPath) -> String {
    let encoded = path.encoded();
    encoded
        .strip_suffix('/')
        .map(str::to_owned)
        .unwrap_or(encoded)
}
