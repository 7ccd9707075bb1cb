//! Which URLs a provider instance talks to.

use url::{Host, Url};

/// Why a URL is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// It is no absolute URL.
    #[error("must be an absolute URL")]
    NotAbsolute,
    /// It holds a user name, password, query or fragment.
    #[error("must not hold credentials, a query or a fragment")]
    Extras,
    /// It is plain http, or not http at all.
    #[error(
        "must be https (http only on loopback, and only with `allow_insecure_loopback = true`)"
    )]
    Insecure,
    /// It points somewhere else than to the provider.
    #[error("points to a host that this provider does not use")]
    ForeignHost,
    /// It may only point to this machine.
    #[error(
        "may only be set to a loopback address, and only with `allow_insecure_loopback = true`"
    )]
    NotLoopback,
}

/// The hosts of a provider, and whether plain http on loopback will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    hosts: Vec<String>,
    allow_insecure_loopback: bool,
}

impl Endpoints {
    /// - `hosts`: `host`, or `host:port` where the port is not the scheme's own, as [`host_and_port`] gives them.
    #[must_use]
    pub fn new(hosts: Vec<String>, allow_insecure_loopback: bool) -> Self {
        Self {
            hosts,
            allow_insecure_loopback,
        }
    }

    /// The hosts, for [`plugins_sdk::Opened::fetch_hosts`].
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Checks an endpoint that a discovery document names. A document, even a genuine one, never chooses
    /// where the gateway or the browser goes: the configuration does.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, url: &Url) -> Result<(), UrlRefused> {
        check_scheme(url, self.allow_insecure_loopback)?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(UrlRefused::Extras);
        }
        if self.hosts.contains(&host_and_port(url)) {
            Ok(())
        } else {
            Err(UrlRefused::ForeignHost)
        }
    }
}

/// Parses the URL of an issuer or authority as an operator wrote it.
///
/// # Errors
/// What is wrong with it.
pub fn base_url(text: &str, allow_insecure_loopback: bool) -> Result<Url, UrlRefused> {
    let url = Url::parse(text).map_err(|_| UrlRefused::NotAbsolute)?;
    check_scheme(&url, allow_insecure_loopback)?;
    let extras = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    if extras {
        return Err(UrlRefused::Extras);
    }
    Ok(url)
}

/// Parses an authority that stands in for the provider's own: only on loopback, and only where that was
/// allowed, so that a setting cannot hand the sign-in of real people to another server.
///
/// # Errors
/// What is wrong with it.
pub fn authority_url(text: &str, allow_insecure_loopback: bool) -> Result<Url, UrlRefused> {
    let url = base_url(text, allow_insecure_loopback)?;
    if allow_insecure_loopback && is_loopback(&url) {
        Ok(url)
    } else {
        Err(UrlRefused::NotLoopback)
    }
}

/// `host`, or `host:port` where the port is not the scheme's own.
#[must_use]
pub fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether `text` is a host, or host and port, as [`host_and_port`] gives them.
#[must_use]
pub fn is_host_and_port(text: &str) -> bool {
    Url::parse(&format!("https://{text}/")).is_ok_and(|url| host_and_port(&url) == text)
}

fn check_scheme(url: &Url, allow_insecure_loopback: bool) -> Result<(), UrlRefused> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_insecure_loopback && is_loopback(url) => Ok(()),
        _ => Err(UrlRefused::Insecure),
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
        let loopback = [
            "http://localhost:9000",
            "http://idp.localhost/x",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]:8080",
        ];
        for url in loopback {
            assert!(base_url(url, true).is_ok(), "{url}");
            assert_eq!(base_url(url, false), Err(UrlRefused::Insecure), "{url}");
        }
        let elsewhere = [
            "http://example.com",
            "http://localhost.example.com",
            "http://128.0.0.1",
            "http://notlocalhost",
            "http://[::2]",
            "ftp://localhost",
        ];
        for url in elsewhere {
            assert_eq!(base_url(url, true), Err(UrlRefused::Insecure), "{url}");
        }
    }

    #[test]
    fn base_urls_hold_no_extras() {
        for url in [
            "https://u@idp.example",
            "https://idp.example/?a",
            "https://idp.example/#f",
        ] {
            assert_eq!(base_url(url, false), Err(UrlRefused::Extras), "{url}");
        }
    }

    #[test]
    fn an_authority_of_ones_own_is_on_loopback() {
        assert_eq!(
            authority_url("https://idp.example", true),
            Err(UrlRefused::NotLoopback)
        );
        assert_eq!(
            authority_url("https://localhost:1", false),
            Err(UrlRefused::NotLoopback)
        );
        assert!(authority_url("https://localhost:1", true).is_ok());
    }

    #[test]
    fn endpoints_are_on_the_providers_hosts() {
        let endpoints = Endpoints::new(
            vec![
                "idp.example".to_owned(),
                "login.idp.example:8443".to_owned(),
            ],
            false,
        );
        let check = |url: &str| endpoints.check(&Url::parse(url).unwrap());
        assert_eq!(check("https://idp.example/token?p=1"), Ok(()));
        assert_eq!(check("https://login.idp.example:8443/token"), Ok(()));
        assert_eq!(
            check("https://idp.example:8443/token"),
            Err(UrlRefused::ForeignHost)
        );
        assert_eq!(
            check("https://evil.example/token"),
            Err(UrlRefused::ForeignHost)
        );
        assert_eq!(
            check("https://idp.example.evil.example/"),
            Err(UrlRefused::ForeignHost)
        );
        assert_eq!(
            check("https://x@idp.example/token"),
            Err(UrlRefused::Extras)
        );
        assert_eq!(check("http://idp.example/token"), Err(UrlRefused::Insecure));
    }
}
