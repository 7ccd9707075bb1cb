//! Whether a federation's endpoint belongs to one of its domains.

use crate::address::DomainName;
use crate::settings::directory::Federation;

/// Why an endpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAnEndpoint {
    /// Not `https`.
    NotHttps,
    /// No URL with a domain as its host.
    Malformed,
    /// Of another domain, and the domain does not say that it is its own.
    Foreign,
}

/// Source: specification "sharing rules" 6.5, "endpoint-host rule".
pub(super) fn check(federation: &Federation) -> Result<(), NotAnEndpoint> {
    let host = host(&federation.endpoint)?;
    let mut domains = federation.domains.iter();
    if domains.any(|domain| within(&host, domain)) {
        return Ok(());
    }
    let text = federation.dns_text.as_deref().map(str::trim);
    let proven = text.map(|text| text.strip_prefix("DirectFedAuthUrl=").unwrap_or(text));
    if proven == Some(&federation.endpoint) {
        Ok(())
    } else {
        Err(NotAnEndpoint::Foreign)
    }
}

/// Whether a host is the domain, or lies inside it by whole labels.
fn within(host: &DomainName, domain: &DomainName) -> bool {
    let rest = host.as_str().strip_suffix(domain.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The host of an `https` URL. User names in it are refused, since they read like hosts, and so are backslashes, which
/// some take for slashes.
fn host(url: &str) -> Result<DomainName, NotAnEndpoint> {
    const SCHEME: &str = "https://";
    let odd = |letter: char| letter.is_control() || letter.is_whitespace() || letter == '\\';
    if url.len() > 2_048 || url.contains(odd) {
        return Err(NotAnEndpoint::Malformed);
    }
    let (scheme, rest) = url
        .split_at_checked(SCHEME.len())
        .ok_or(NotAnEndpoint::NotHttps)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(NotAnEndpoint::NotHttps);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let number =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if authority.contains('@') || !port.is_none_or(number) {
        return Err(NotAnEndpoint::Malformed);
    }
    DomainName::parse(host).map_err(|_| NotAnEndpoint::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::domains;

    fn judged(endpoint: &str, dns_text: Option<&str>) -> Result<(), NotAnEndpoint> {
        check(&Federation {
            provider: None,
            issuer: "https://fabrikam.com/adfs/services/trust".to_owned(),
            domains: domains(&["fabrikam.com", "bücher.example"]),
            endpoint: endpoint.to_owned(),
            dns_text: dns_text.map(str::to_owned),
        })
    }

    #[test]
    fn an_endpoint_belongs_to_its_domain_by_whole_labels() {
        for good in [
            "https://fabrikam.com",
            "https://fabrikam.com/adfs/ls?x=1",
            "https://FABRIKAM.com:443/adfs",
            "HTTPS://sts.fabrikam.com/adfs",
            "https://a.b.fabrikam.com#x",
            "https://sts.xn--bcher-kva.example/",
            "https://sts.bücher.example/",
        ] {
            assert_eq!(judged(good, None), Ok(()), "{good}");
        }
        for foreign in [
            "https://fabrikamconglomerate.com/adfs",
            "https://evilfabrikam.com/adfs",
            "https://fabrikam.com.evil.com/adfs",
            "https://evil.com/fabrikam.com",
            "https://evil.com?fabrikam.com",
            "https://evil.com#.fabrikam.com",
            "https://com",
            "https://fabrikam.co",
        ] {
            assert!(judged(foreign, None).is_err(), "{foreign}");
        }
    }

    #[test]
    fn an_endpoint_is_https_and_names_one_host() {
        for plain in [
            "http://fabrikam.com",
            "fabrikam.com",
            "",
            "https:/",
            "ftp://fabrikam.com/",
        ] {
            assert_eq!(judged(plain, None), Err(NotAnEndpoint::NotHttps), "{plain}");
        }
        for odd in [
            "https://",
            "https:///fabrikam.com",
            "https://evil.com@fabrikam.com/",
            "https://fabrikam.com@evil.com/",
            "https://evil.com\\.fabrikam.com/",
            "https://evil.com\n.fabrikam.com/",
            "https://evil.com/\t",
            "https://fabrikam.com/a b",
            "https://fabrikam.com/\0",
            "https://fabrikam.com:",
            "https://fabrikam.com:99999/",
            "https://fabrikam.com:443:443/",
            "https://fabrikam.com:+80/",
            "https://[::1]/",
            "https://fabrikam%2ecom/",
            "https://*.fabrikam.com/",
        ] {
            assert_eq!(judged(odd, None), Err(NotAnEndpoint::Malformed), "{odd}");
        }
    }

    #[test]
    fn an_endpoint_has_a_greatest_length() {
        let url = |length| format!("{:x<length$}", "https://fabrikam.com/");
        assert_eq!(judged(&url(2_048), None), Ok(()));
        assert_eq!(judged(&url(2_049), None), Err(NotAnEndpoint::Malformed));
    }

    #[test]
    fn a_text_record_speaks_for_the_whole_endpoint() {
        let endpoint = "https://fabrikamconglomerate.com/adfs";
        for text in [
            endpoint,
            "DirectFedAuthUrl=https://fabrikamconglomerate.com/adfs",
        ] {
            assert_eq!(judged(endpoint, Some(text)), Ok(()), "{text}");
        }
        for text in [
            "",
            "https://fabrikamconglomerate.com",
            "https://fabrikamconglomerate.com/adfs/ls",
            "DirectFedAuthUrl=",
        ] {
            let judged = judged(endpoint, Some(text));
            assert_eq!(judged, Err(NotAnEndpoint::Foreign), "{text}");
        }
        let plain = "http://fabrikamconglomerate.com/adfs";
        assert_eq!(judged(plain, Some(plain)), Err(NotAnEndpoint::NotHttps));
    }
}
