//! Whom this instance trusts, and what it is itself: what every check compares with.

use zeroize::Zeroizing;

/// The partner's identity provider, as its metadata says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdentityProvider {
    /// Its entity id: the only issuer that may speak.
    pub(crate) entity_id: String,
    /// Certificates whose keys may sign, DER; several during a rollover, never none.
    pub(crate) signing: Vec<Vec<u8>>,
    /// Where people sign in.
    pub(crate) single_sign_on: Vec<Endpoint>,
    /// Where sign-outs are told; empty where it takes none.
    pub(crate) single_logout: Vec<Endpoint>,
}

/// A place of the provider that browsers are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) binding: Binding,
    /// Absolute URL, https or http on loopback.
    pub(crate) location: String,
    /// Where responses go, if that is another place (`ResponseLocation`).
    pub(crate) response_location: Option<String>,
}

/// How a message travels (SAML bindings, 3.4 and 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Binding {
    /// In the query of a GET, deflated; the signature beside it.
    Redirect,
    /// In a form; the signature in it.
    Post,
}

/// What a response is judged by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) provider: &'a IdentityProvider,
    /// Our entity id: every `AudienceRestriction` must name it.
    pub(crate) audience: &'a str,
    /// Our assertion consumer service: `Destination` and `Recipient`.
    pub(crate) consumer: &'a str,
    /// The id of our request; without one the response must be unsolicited.
    pub(crate) in_response_to: Option<&'a str>,
    /// Opens encrypted assertions; without keys those are refused.
    pub(crate) decryption: &'a [DecryptionKey],
    /// Whether AES-CBC will do inside a signed `Response`.
    pub(crate) cbc: bool,
    /// The person must have authenticated at or after this moment, seconds since the Unix epoch.
    pub(crate) authenticated_since: Option<i64>,
    /// Difference allowed between the provider's clock and ours, seconds, 0 to 300.
    pub(crate) skew: i64,
    /// Oldest `IssueInstant`, seconds before `now`, without the skew.
    pub(crate) longest_age: i64,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

/// A private RSA key, PKCS #8 in DER.
#[derive(Clone)]
pub(crate) struct DecryptionKey(pub(crate) Zeroizing<Vec<u8>>);

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DecryptionKey")
    }
}
