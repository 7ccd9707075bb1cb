//! The `Destination` header of MOVE and COPY: the second item of a request, held to the rules of the first.

use gateway_core::path::{ItemPath, PathRefused};
use http::{HeaderMap, Uri};

use super::host::{self, Host};

/// The header's name.
pub const DESTINATION: http::HeaderName = http::HeaderName::from_static("destination");

/// Why a destination is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationRefused {
    /// MOVE and COPY have exactly one.
    #[error("the request has no `Destination` header, or more than one")]
    NotOne,
    /// Neither an absolute `http` address nor a path; or it has a query or a fragment.
    #[error("the destination is malformed")]
    Malformed,
    /// Another host or port, or a site in front of another upstream.
    ///
    /// RFC 4918 section 9.8.5 would allow 502. That status says that a server behind the gateway failed, and none
    /// was asked: the request itself is refused, so the answer is 400.
    #[error("the destination is on another server")]
    Elsewhere,
    /// The path means two things.
    #[error(transparent)]
    Path(#[from] PathRefused),
}

/// The destination's path on `host`, where the request itself is for that host.
///
/// # Errors
/// [`DestinationRefused`].
///
/// Source: RFC 4918 section 10.3; security row S175.
pub fn path(headers: &HeaderMap, host: &Host) -> Result<ItemPath, DestinationRefused> {
    let mut values = headers.get_all(DESTINATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(DestinationRefused::NotOne);
    };
    item(
        value.to_str().map_err(|_| DestinationRefused::Malformed)?,
        host,
    )
}

/// The path on `host` that `text` names: an absolute `http` address or a path.
///
/// # Errors
/// [`DestinationRefused`]; never [`DestinationRefused::NotOne`].
pub(super) fn item(text: &str, host: &Host) -> Result<ItemPath, DestinationRefused> {
    if text.contains(['?', '#']) {
        return Err(DestinationRefused::Malformed);
    }
    if text.starts_with('/') && !text.starts_with("//") {
        return Ok(ItemPath::parse(text)?);
    }
    let uri: Uri = text.parse().map_err(|_| DestinationRefused::Malformed)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(DestinationRefused::Malformed);
    };
    let usual_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(DestinationRefused::Malformed),
    };
    let there = host::parse(authority.as_str()).map_err(|_| DestinationRefused::Malformed)?;
    // Whether a port was spelled out depends on the client's own scheme, so both count as the usual one.
    let same_port = there.port.unwrap_or(usual_port) == host.port.unwrap_or(usual_port);
    if there.name != host.name || !same_port {
        return Err(DestinationRefused::Elsewhere);
    }
    Ok(ItemPath::parse(uri.path())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, want: Result<&str, DestinationRefused>) {
        let mut headers = HeaderMap::new();
        headers.insert(DESTINATION, value.parse().unwrap());
        let host = Host {
            name: "gw.example".to_owned(),
            port: Some(8443),
        };
        let got = path(&headers, &host).map(|path| path.encoded());
        assert_eq!(got.as_deref().map_err(|refused| *refused), want, "{value}");
    }

    #[test]
    fn sec_175_a_destination_is_an_item_of_the_same_host() {
        check("https://gw.example:8443/sites/a", Ok("/sites/a"));
        check("https://GW.example.:8443/sites/a", Ok("/sites/a"));
        check("/sites/a%20b", Ok("/sites/a%20b"));
        check(
            "https://other.example:8443/a",
            Err(DestinationRefused::Elsewhere),
        );
        check("https://gw.example/a", Err(DestinationRefused::Elsewhere));
        check(
            "https://gw.example.evil:8443/a",
            Err(DestinationRefused::Elsewhere),
        );
        for bad in [
            "",
            "a/b",
            "//gw.example:8443/a",
            "ftp://gw.example:8443/a",
            "https://a@gw.example:8443/a",
            "/a?b",
            "/a#b",
        ] {
            check(bad, Err(DestinationRefused::Malformed));
        }
    }

    #[test]
    fn sec_175_its_path_is_held_to_the_same_rules() {
        check(
            "https://gw.example:8443/a/../b",
            Err(DestinationRefused::Path(PathRefused::DotSegment)),
        );
        check(
            "/a/%2e%2e/b",
            Err(DestinationRefused::Path(PathRefused::DotSegment)),
        );
        check(
            "/a%2fb",
            Err(DestinationRefused::Path(PathRefused::EncodedSlash)),
        );
        check(
            "/a%252fb",
            Err(DestinationRefused::Path(PathRefused::DoubleEncoding)),
        );
    }

    #[test]
    fn there_is_exactly_one_destination() {
        let host = Host {
            name: "gw.example".to_owned(),
            port: None,
        };
        let mut headers = HeaderMap::new();
        assert_eq!(path(&headers, &host), Err(DestinationRefused::NotOne));
        headers.append(DESTINATION, "/a".parse().unwrap());
        headers.append(DESTINATION, "/b".parse().unwrap());
        assert_eq!(path(&headers, &host), Err(DestinationRefused::NotOne));
    }
}
