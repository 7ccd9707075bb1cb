//! A browser's cookies, with the rules that the gateway relies on (RFC 6265bis): prefixes, `Secure`, `SameSite`.
//!
//! Expiry is not played through: a cookie lives until it is deleted by `Max-Age=0`.

use http::Method;
use url::Url;

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
    refused: Vec<String>,
}

/// One cookie as the browser keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Host that set it, without port: cookies do not know ports.
    pub host: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Only over HTTPS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// When it goes along from other sites.
    pub same_site: SameSite,
}

impl Cookie {
    /// `NAME=VALUE`, as it stands in requests.
    #[must_use]
    pub fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

/// The `SameSite` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Never from another site.
    Strict,
    /// From another site only when a link is followed. What browsers assume.
    Lax,
    /// Always.
    None,
}

impl Jar {
    /// The cookie that `host` has set, if any.
    #[must_use]
    pub fn find(&self, host: &str, name: &str) -> Option<&Cookie> {
        self.cookies
            .iter()
            .find(|cookie| cookie.host == host && cookie.name == name)
    }

    /// Every cookie that `host` has set.
    pub fn of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Cookie> {
        self.cookies
            .iter()
            .filter(move |cookie| cookie.host == host)
    }

    /// `Set-Cookie` lines that a browser would not have accepted.
    #[must_use]
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Puts a cookie in place, as a thief would.
    pub fn plant(&mut self, cookie: Cookie) {
        self.cookies
            .retain(|known| known.host != cookie.host || known.name != cookie.name);
        self.cookies.push(cookie);
    }

    /// Deletes a cookie.
    pub fn remove(&mut self, host: &str, name: &str) {
        self.cookies
            .retain(|cookie| cookie.host != host || cookie.name != name);
    }

    pub(super) fn store(&mut self, url: &Url, line: &str) {
        let Some((cookie, deleted)) = read(url, line) else {
            self.refused.push(line.to_owned());
            return;
        };
        self.remove(&cookie.host, &cookie.name);
        if !deleted {
            self.cookies.push(cookie);
        }
    }

    /// The `Cookie` header of a request; `initiator` is the page it comes from, none if it was typed in.
    pub(super) fn header(
        &self,
        url: &Url,
        method: &Method,
        initiator: Option<&Url>,
    ) -> Option<String> {
        let cross_site = initiator.is_some_and(|from| !same_site(from, url));
        let goes_along = |cookie: &&Cookie| {
            let site_allows = match cookie.same_site {
                SameSite::Strict => !cross_site,
                SameSite::Lax => !cross_site || method.is_safe(),
                SameSite::None => true,
            };
            site_allows && (!cookie.secure || url.scheme() == "https")
        };
        let host = url.host_str().unwrap_or_default();
        let pairs = self.of(host).filter(goes_along);
        let pairs: Vec<String> = pairs
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Whether two pages are of one site: same scheme, same last two labels (or the same address).
#[must_use]
pub fn same_site(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && site(one) == site(other)
}

fn site(url: &Url) -> Option<String> {
    match url.host()? {
        url::Host::Domain(name) => {
            let labels: Vec<&str> = name.rsplitn(3, '.').take(2).collect();
            Some(labels.join("."))
        }
        address => Some(address.to_string()),
    }
}

/// The cookie, and whether the line deletes it. Nothing if a browser would not accept it.
fn read(url: &Url, line: &str) -> Option<(Cookie, bool)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let attributes: Vec<(String, &str)> = parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let attribute = |wanted: &str| {
        attributes
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| *value)
    };
    let cookie = Cookie {
        host: url.host_str()?.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
        secure: attribute("secure").is_some(),
        http_only: attribute("httponly").is_some(),
        same_site: match attribute("samesite")
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("strict") => SameSite::Strict,
            Some("none") => SameSite::None,
            _ => SameSite::Lax,
        },
    };
    let host_only = attribute("domain").is_none() && attribute("path") == Some("/");
    let https = url.scheme() == "https";
    let acceptable = (!cookie.secure || https)
        && (cookie.same_site != SameSite::None || cookie.secure)
        && (!name.starts_with("__Host-") || (cookie.secure && host_only));
    let deleted = attribute("max-age").is_some_and(|age| age.starts_with('-') || age == "0");
    acceptable.then_some((cookie, deleted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(line: &str) -> Jar {
        let mut jar = Jar::default();
        jar.store(
            &Url::parse("https://contoso.localhost:8443/").unwrap(),
            line,
        );
        jar
    }

    fn check(line: &str, url: &str, method: &Method, from: &str, goes_along: bool) {
        let from = (!from.is_empty()).then(|| Url::parse(from).unwrap());
        let header = jar(line).header(&Url::parse(url).unwrap(), method, from.as_ref());
        assert_eq!(
            header.is_some(),
            goes_along,
            "{line} to {url} from {from:?}"
        );
    }

    #[test]
    fn a_lax_cookie_follows_links_but_not_posts_of_other_sites() {
        let lax = "__Host-a=1; Secure; HttpOnly; Path=/; SameSite=Lax";
        let here = "https://contoso.localhost:8443/x";
        check(lax, here, &Method::GET, "", true);
        check(
            lax,
            here,
            &Method::GET,
            "https://login.localhost:9001/",
            true,
        );
        check(
            lax,
            here,
            &Method::POST,
            "https://login.localhost:9001/",
            false,
        );
        check(
            lax,
            here,
            &Method::POST,
            "https://contoso.localhost:8443/y",
            true,
        );
        check(
            lax,
            "https://woodgrove.localhost:8443/",
            &Method::GET,
            "",
            false,
        );
        check(
            lax,
            "http://contoso.localhost:8443/",
            &Method::GET,
            "",
            false,
        );
        check(
            "__Host-a=1; Secure; Path=/; SameSite=None",
            here,
            &Method::POST,
            "https://login.localhost:9001/",
            true,
        );
    }

    #[test]
    fn a_cookie_that_breaks_its_prefix_is_refused() {
        for line in [
            "__Host-a=1; Path=/",
            "__Host-a=1; Secure",
            "__Host-a=1; Secure; Path=/; Domain=localhost",
        ] {
            assert_eq!(jar(line).refused(), [line]);
        }
    }
}
