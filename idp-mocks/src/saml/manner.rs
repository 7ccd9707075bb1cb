//! How the partner does things, of the ways that real ones have.

use serde::{Deserialize, Serialize};

use super::encrypt::{Cipher, Transport};
use super::key::{Hash, KeyKind};

/// Everything that can be chosen about a SAML identity provider. The default is what most do: RSA, SHA-256, the
/// assertion signed, nothing encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manner {
    /// What is signed.
    pub signs: Signs,
    /// Whether assertions are encrypted, and how.
    pub encrypts: Option<Cipher>,
    /// How the key of an encrypted assertion travels.
    pub transport: Transport,
    /// The kind of the signing key.
    pub key: KeyKind,
    /// The hash of digests and RSA signatures.
    pub hash: Hash,
    /// What the subject's name is.
    pub name_id: NameIdKind,
    /// What the attributes are called.
    pub attributes: AttributeNames,
    /// Seconds since the person gave the password, unless the request forces another sign-in.
    pub authenticated_ago: u64,
    /// How messages about signing out travel from here.
    pub logout_by: Binding,
    /// Whether requests must be signed, and the metadata say so.
    pub wants_signed_requests: bool,
    /// Whether the metadata are signed.
    pub signs_metadata: bool,
    /// Days until the metadata end, from the moment they are fetched; none leaves `validUntil` out.
    pub metadata_days: Option<u64>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            signs: Signs::default(),
            encrypts: None,
            transport: Transport::default(),
            key: KeyKind::default(),
            hash: Hash::default(),
            name_id: NameIdKind::default(),
            attributes: AttributeNames::default(),
            authenticated_ago: 0,
            logout_by: Binding::default(),
            wants_signed_requests: true,
            signs_metadata: false,
            metadata_days: Some(7),
        }
    }
}

/// What carries a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signs {
    /// The assertion: `assertion`. With encryption, it is signed and then encrypted.
    #[default]
    Assertion,
    /// The response: `response`. With encryption, over the encrypted assertion.
    Response,
    /// Both: `both`.
    Both,
}

impl Signs {
    pub(crate) fn assertion(self) -> bool {
        self != Self::Response
    }

    pub(crate) fn response(self) -> bool {
        self != Self::Assertion
    }
}

/// The form of the subject's name (SAML core, 8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameIdKind {
    /// The same at every sign-in, and no address: `persistent`.
    #[default]
    Persistent,
    /// Another at every sign-in: `transient`.
    Transient,
    /// The address: `email`.
    Email,
    /// The persistent name without saying that it is one: `unspecified`.
    Unspecified,
}

impl NameIdKind {
    pub(crate) fn format(self) -> &'static str {
        match self {
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Email => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }
}

/// The names of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeNames {
    /// Microsoft's claim types: `claims`.
    #[default]
    Claims,
    /// Object identifiers of LDAP attributes: `oids`.
    Oids,
    /// Short names: `basic`.
    Basic,
}

/// How a message travels (SAML bindings, 3.4 and 3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// In the query of a GET: `redirect`.
    #[default]
    Redirect,
    /// In a form: `post`.
    Post,
}

impl Binding {
    pub(crate) const ALL: [Self; 2] = [Self::Redirect, Self::Post];

    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::Redirect => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
            Self::Post => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        }
    }
}
