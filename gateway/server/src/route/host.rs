//! The host a request is for, in one spelling.

use http::header::HOST;
use http::request::Parts;

/// A host name in its canonical form: ASCII, lower case, without trailing dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name.
    pub name: String,
    /// The port, where one was given.
    pub port: Option<u16>,
}

/// Why the host of a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostRefused {
    /// Neither a `Host` header nor an authority.
    #[error("the request names no host")]
    Missing,
    /// More than one `Host` header.
    #[error("the request has more than one `Host` header")]
    Duplicate,
    /// Not a host with an optional port.
    #[error("the host is malformed")]
    Malformed,
    /// The request target and the `Host` header name two hosts.
    #[error("the request target and the `Host` header differ")]
    Mismatch,
}

/// The host that `head` is for.
///
/// # Errors
/// [`HostRefused`] where there is none, or more than one reading of it.
///
/// Source: RFC 9112 section 3.2, RFC 9113 section 8.3.1; security rows S030, S036.
pub fn of(head: &Parts) -> Result<Host, HostRefused> {
    let mut headers = head.headers.get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(HostRefused::Duplicate);
    }
    let header = header
        .map(|value| {
            value
                .to_str()
                .map_err(|_| HostRefused::Malformed)
                .and_then(parse)
        })
        .transpose()?;
    let target = head
        .uri
        .authority()
        .map(|authority| parse(authority.as_str()))
        .transpose()?;
    match (header, target) {
        (Some(header), Some(target)) if header != target => Err(HostRefused::Mismatch),
        (Some(host), _) | (None, Some(host)) => Ok(host),
        (None, None) => Err(HostRefused::Missing),
    }
}

/// Parses `host[:port]`.
///
/// # Errors
/// [`HostRefused::Malformed`]; user information, escapes and empty names are no hosts.
pub fn parse(text: &str) -> Result<Host, HostRefused> {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(parse_port(port)?)),
        None => (text, None),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let name = idna::domain_to_ascii(name).map_err(|_| HostRefused::Malformed)?;
    if name.split('.').any(str::is_empty) || !name.bytes().all(is_host_byte) {
        return Err(HostRefused::Malformed);
    }
    Ok(Host { name, port })
}

fn parse_port(text: &str) -> Result<u16, HostRefused> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or(HostRefused::Malformed)
}

const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check(target: &str, hosts: &[&str], want: Result<&str, HostRefused>) {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let got = of(&head).map(|host| host.name);
        assert_eq!(
            got.as_deref().map_err(|refused| *refused),
            want,
            "{target} {hosts:?}"
        );
    }

    #[test]
    fn sec_030_a_host_has_one_spelling() {
        for spelled in [
            "site.contoso.com",
            "SITE.Contoso.com",
            "site.contoso.com.",
            "site.contoso.com:8443",
            "Site.Contoso.Com.:443",
        ] {
            check("/", &[spelled], Ok("site.contoso.com"));
        }
        check("/", &["xn--mller-kva.example"], Ok("xn--mller-kva.example"));
    }

    #[test]
    fn sec_036_one_host_and_no_other() {
        check(
            "http://other.example/",
            &["gw.example"],
            Err(HostRefused::Mismatch),
        );
        check("http://gw.example/", &["gw.example"], Ok("gw.example"));
        check("http://gw.example/", &[], Ok("gw.example"));
        check(
            "http://gw.example:81/",
            &["gw.example:82"],
            Err(HostRefused::Mismatch),
        );
        check(
            "/",
            &["gw.example", "gw.example"],
            Err(HostRefused::Duplicate),
        );
        check("/", &[], Err(HostRefused::Missing));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "",
            "a@b",
            "a b",
            "a..b",
            ".a",
            "a:port",
            "a:99999",
            "a:",
            "cont%6fso",
            "*",
            "[::1]",
            "a/b",
            "a,b",
        ] {
            check("/", &[bad], Err(HostRefused::Malformed));
        }
    }
}
