//! Identifiers: text that has been checked once.

mod inline;

use std::fmt;
use std::sync::Arc;

use self::inline::Inline;

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is not an identifier: 1 to 64 of a-z, 0-9 and `-`, starting with a letter or digit"
)]
pub struct NotAnIdentifier {
    /// The text as given, cut to 80 characters.
    pub given: String,
}

fn parse<T: for<'a> From<&'a str>>(text: &str) -> Result<T, NotAnIdentifier> {
    let fits = (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits {
        Ok(text.into())
    } else {
        Err(NotAnIdentifier {
            given: text.chars().take(80).collect(),
        })
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        identifier!($(#[$doc])* $name, Arc<str>);
    };
    ($(#[$doc:meta])* $name:ident, $text:ty) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($text);

        impl $name {
            /// Checks `text`: 1 to 64 of `a-z`, `0-9` and `-`, not starting with `-`.
            ///
            /// # Errors
            /// [`NotAnIdentifier`] otherwise.
            pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
                parse(text).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

identifier!(
    /// A tenant of this gateway, as named in its configuration.
    TenantId
);
identifier!(
    /// A site of a tenant.
    SiteId
);
identifier!(
    /// A configured identity provider.
    ProviderId
);
identifier!(
    /// A kind of identity provider: `work-school`, `microsoft-account`, `google`, `email-otp`, `saml`, `openid`, ….
    ProviderKind
);
identifier!(
    /// A cloud of `clouds.toml`.
    CloudName
);
identifier!(
    /// A guest in a tenant's directory.
    GuestId
);
identifier!(
    /// A stored permission.
    PermissionId,
    Inline
);
identifier!(
    /// A sharing link; not its token.
    LinkId
);
identifier!(
    /// A group of the directory, or an agent identity: its object id or its name.
    GroupId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_lower_case_letters_digits_and_hyphens() {
        for good in ["a", "gcc-high", "7", &"x".repeat(64)] {
            assert!(TenantId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "A", "a/b", "a.b", "ä", "a\0", &"x".repeat(65)] {
            assert!(TenantId::parse(bad).is_err(), "{bad}");
        }
    }
}
