//! Which URLs are used, and which of them are ours.

use std::collections::BTreeSet;

use url::{Host, Url};

/// Why a URL is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlRefused {
    #[error("must be an absolute URL in ASCII")]
    NotAbsolute,
    #[error("must not hold credentials or a fragment")]
    Extras,
    #[error(
        "must be https (http only on loopback, and only with `allow_insecure_loopback = true`)"
    )]
    Insecure,
    #[error("is on a host that the settings do not allow (`single_sign_on_hosts`)")]
    ForeignHost,
}

/// Parses a URL of the partner.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn partner_url(text: &str, allow_insecure_loopback: bool) -> Result<Url, UrlRefused> {
    // The parser passes over what stands in a URL by mistake.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UrlRefused::NotAbsolute);
    }
    let url = Url::parse(text).map_err(|_| UrlRefused::NotAbsolute)?;
    match url.scheme() {
        "https" => {}
        "http" if allow_insecure_loopback && is_loopback(&url) => {}
        _ => return Err(UrlRefused::Insecure),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(UrlRefused::Extras);
    }
    Ok(url)
}

/// Where metadata may send browsers.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    /// `host`, or `host:port` where the port is not the scheme's own; none where the operator's own document decides.
    pub(crate) only: Option<BTreeSet<String>>,
    pub(crate) allow_insecure_loopback: bool,
}

impl Hosts {
    /// Checks a location that metadata names.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, text: &str) -> Result<String, UrlRefused> {
        let url = partner_url(text, self.allow_insecure_loopback)?;
        match &self.only {
            Some(hosts) if !hosts.contains(&host_and_port(&url)) => Err(UrlRefused::ForeignHost),
            // As it is written: `Destination` is compared by letters.
            Some(_) | None => Ok(text.to_owned()),
        }
    }
}

/// `host`, or `host:port` where the port is not the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether `text` is a host, or host and port, as [`host_and_port`] gives them.
pub(crate) fn is_host_and_port(text: &str) -> bool {
    Url::parse(&format!("https://{text}/")).is_ok_and(|url| host_and_port(&url) == text)
}

/// A domain in the one form in which domains are compared: lower case, punycode.
pub(crate) fn domain(text: &str) -> Option<String> {
    // What the URL parser would decode or take for something else is no domain of a mail address.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    match Host::parse(text) {
        Ok(Host::Domain(domain)) if text.chars().all(plain) && !domain.ends_with('.') => {
            Some(domain)
        }
        _ => None,
    }
}

/// Our own addresses. The gateway gives the callback; its siblings are the logout and metadata addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    /// The assertion consumer service.
    pub(crate) consumer: String,
    pub(crate) logout: String,
    pub(crate) metadata: String,
}

impl Own {
    /// - `redirect_uri`: `…/callback/{id}`.
    ///
    /// Absent where it has another form.
    pub(crate) fn of(redirect_uri: &str) -> Option<Self> {
        let (rest, id) = redirect_uri.rsplit_once('/')?;
        let base = rest.strip_suffix("/callback")?;
        Some(Self {
            consumer: redirect_uri.to_owned(),
            logout: format!("{base}/logout/{id}"),
            metadata: format!("{base}/metadata/{id}"),
        })
    }
}

/// `localhost` and the names below it never leave the machine (RFC 6761, 6.3).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_needs_loopback_and_permission() {
        for url in [
            "http://localhost:9000/sso",
            "http://idp.localhost",
            "http://127.0.0.1:1",
            "http://[::1]",
        ] {
            assert!(partner_url(url, true).is_ok(), "{url}");
            assert_eq!(partner_url(url, false), Err(UrlRefused::Insecure), "{url}");
        }
        for url in [
            "http://idp.example",
            "http://notlocalhost",
            "ftp://localhost",
            "javascript:alert(1)",
        ] {
            assert_eq!(partner_url(url, true), Err(UrlRefused::Insecure), "{url}");
        }
        for url in [
            "/sso",
            " https://idp.example",
            "https://idp.example/\n",
            "https://b\u{fc}cher.example",
        ] {
            assert_eq!(
                partner_url(url, true),
                Err(UrlRefused::NotAbsolute),
                "{url:?}"
            );
        }
        for url in ["https://u@idp.example", "https://idp.example/#f"] {
            assert_eq!(partner_url(url, true), Err(UrlRefused::Extras), "{url}");
        }
        assert!(partner_url("https://idp.example/sso?realm=1", false).is_ok());
    }

    #[test]
    fn metadata_sends_nobody_elsewhere() {
        let hosts = Hosts {
            only: Some(BTreeSet::from([
                "idp.example".to_owned(),
                "x.example:8443".to_owned(),
            ])),
            allow_insecure_loopback: false,
        };
        assert!(hosts.check("https://IDP.example:443/sso").is_ok());
        assert!(hosts.check("https://x.example:8443/").is_ok());
        for url in [
            "https://idp.example:8443/",
            "https://idp.example.evil.example/",
            "https://evil.example/?idp.example",
        ] {
            assert_eq!(hosts.check(url), Err(UrlRefused::ForeignHost), "{url}");
        }
    }

    #[test]
    fn domains_have_one_form() {
        assert_eq!(
            domain("Fabrikam.Example").as_deref(),
            Some("fabrikam.example")
        );
        assert_eq!(
            domain("b\u{fc}cher.example").as_deref(),
            Some("xn--bcher-kva.example")
        );
        for text in [
            "",
            "a b",
            "fabrik%61m.example",
            "x@y",
            "x/y",
            "127.0.0.1",
            "[::1]",
            "*",
            "fabrikam.example.",
            "x:1",
        ] {
            assert_eq!(domain(text), None, "{text}");
        }
    }

    #[test]
    fn logout_and_metadata_are_beside_the_callback() {
        let own = Own::of("https://contoso.localhost/_vestibule/callback/partner").unwrap();
        assert_eq!(
            own.logout,
            "https://contoso.localhost/_vestibule/logout/partner"
        );
        assert_eq!(
            own.metadata,
            "https://contoso.localhost/_vestibule/metadata/partner"
        );
        assert_eq!(Own::of("https://contoso.localhost/elsewhere/partner"), None);
    }
}
