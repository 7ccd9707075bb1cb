//! Text that is never printed.

use zeroize::Zeroizing;

/// A secret. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether the value of a setting of this name is a secret: it ends in `secret`, `password` or `key`.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "password", "key"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// What to do about a secret in the open.
pub(crate) const BY_REFERENCE: &str =
    "secrets are given by reference: `{ file = \"…\" }` or `{ env = \"…\" }`";
