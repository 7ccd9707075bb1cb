//! Domain names and e-mail addresses, parsed once into their canonical form.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// A DNS domain in its ASCII form, lower case, without trailing dot; at least two labels.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Arc<str>);

/// Why a text is not a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADomain {
    /// Wildcards are not supported; every domain is listed.
    #[error("`{0}` holds a wildcard: list each domain")]
    Wildcard(String),
    /// Not a host name after IDNA processing.
    #[error("`{0}` is not a domain name such as `contoso.com`")]
    Malformed(String),
}

impl DomainName {
    /// Parses a domain; international names become their ASCII form (UTS #46, strict).
    ///
    /// # Errors
    /// [`NotADomain`] when it is none, has a single label, or holds a wildcard.
    pub fn parse(text: &str) -> Result<Self, NotADomain> {
        let shown = || text.chars().take(255).collect::<String>();
        if text.contains('*') {
            return Err(NotADomain::Wildcard(shown()));
        }
        let ascii =
            idna::domain_to_ascii_strict(text).map_err(|_| NotADomain::Malformed(shown()))?;
        let labels = ascii.split('.').count();
        if ascii.len() > 253 || labels < 2 || ascii.split('.').any(str::is_empty) {
            return Err(NotADomain::Malformed(shown()));
        }
        Ok(Self(ascii.into()))
    }

    /// The ASCII form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({})", self.0)
    }
}

/// An e-mail address. Compared case-insensitively in both parts; dots and `+tags` are kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    local: Arc<str>,
    domain: DomainName,
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// No `@`, or more than one: which domain would count is anybody's guess.
    #[error("an address has exactly one `@`")]
    AtSign,
    /// The part before the `@` is empty, too long, quoted, or holds a character addresses do not have.
    #[error("the part before the `@` is not the local part of an address")]
    Local,
    /// The part after the `@` is not a domain.
    #[error(transparent)]
    Domain(#[from] NotADomain),
}

impl EmailAddress {
    /// Parses an address; the result is its canonical form (NFC, lower case, ASCII domain).
    ///
    /// # Errors
    /// [`NotAnAddress`]; quoted local parts, comments and display names are refused.
    ///
    /// Source: RFC 5321 section 4.1.2 (dot-string), RFC 6531 for non-ASCII local parts.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress::AtSign)?;
        if domain.contains('@') {
            return Err(NotAnAddress::AtSign);
        }
        if !is_dot_string(local) {
            return Err(NotAnAddress::Local);
        }
        let domain = DomainName::parse(domain)?;
        let local: String = local.nfc().collect::<String>().to_lowercase();
        Ok(Self {
            local: local.into(),
            domain,
        })
    }

    /// An address of parts that came out of another one.
    pub(crate) fn of_parts(local: &str, domain: &str) -> Self {
        Self {
            local: local.into(),
            domain: DomainName(domain.into()),
        }
    }

    /// The part before the `@`, lower case.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> &DomainName {
        &self.domain
    }
}

fn is_dot_string(local: &str) -> bool {
    (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(is_local_character)
}

fn is_local_character(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
    } else {
        c.is_alphanumeric()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&str>) {
        let got = EmailAddress::parse(text)
            .ok()
            .map(|address| address.to_string());
        assert_eq!(got.as_deref(), want, "{text:?}");
    }

    #[test]
    fn addresses_have_one_canonical_form() {
        check("Ada@Fabrikam.Example", Some("ada@fabrikam.example"));
        check("ada+x@fabrikam.example", Some("ada+x@fabrikam.example"));
        check("a.d.a@fabrikam.example", Some("a.d.a@fabrikam.example"));
        check("jörg@müller.example", Some("jörg@xn--mller-kva.example"));
    }

    #[test]
    fn sec_072_exactly_one_at_sign_and_no_quoting() {
        for bad in [
            "a@evil.com@contoso.com",
            "\"a@evil.com\"@contoso.com",
            "a",
            "@contoso.com",
            "a@",
            "a b@contoso.com",
            "Ada <ada@contoso.com>",
            "a@contoso",
            ".a@contoso.com",
            "a..b@contoso.com",
            "a\r\n@contoso.com",
            "a@contoso.com\n",
            "a@contoso.com\r\nBcc: b@evil.com",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn sec_188_a_domain_has_one_spelling() {
        for (text, want) in [
            ("Contoso.COM", Some("contoso.com")),
            ("xn--mller-kva.example", Some("xn--mller-kva.example")),
            ("xn--contoso-.com", None),
            ("*.contoso.com", None),
            ("contoso..com", None),
            ("contoso.com/x", None),
            ("con toso.com", None),
            ("", None),
        ] {
            let got = DomainName::parse(text).ok();
            assert_eq!(got.as_ref().map(DomainName::as_str), want, "{text:?}");
        }
    }
}
