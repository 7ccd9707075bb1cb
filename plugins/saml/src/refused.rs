//! Why a message of the provider was not believed.

use crate::xml::NotStrict;

/// A message was refused. Said to operators: it holds no secrets, and nothing of the message but lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("not the XML that is accepted: {0}")]
    Xml(#[from] NotStrict),
    /// The shape is not that of a message that is accepted.
    #[error("structure: {0}")]
    Structure(&'static str),
    /// The signature has another form than the one that SAML prescribes.
    #[error("form of the signature: {0}")]
    SignatureForm(&'static str),
    #[error("nothing is signed")]
    Unsigned,
    /// No key of the provider made the signature, or what is signed was changed.
    #[error("no trusted key made the signature")]
    Signature,
    #[error("no certificate of the provider holds a key that may verify")]
    NoKey,
    /// One verifier accepted what another refused. Somebody should look at the message.
    #[error("the verifiers disagree: {0}")]
    Disagreement(&'static str),
    /// Not what was expected at this place.
    #[error("unexpected {0}")]
    Unexpected(&'static str),
    #[error("missing {0}")]
    Missing(&'static str),
    /// A time is in the past or in the future.
    #[error("time: {0}")]
    Time(&'static str),
    /// The provider says that it did not sign the person in.
    #[error("the provider answers `{0}`")]
    Status(Status),
    #[error("encryption: {0}")]
    Encryption(&'static str),
    /// The ciphertext does not open. One text for every cause, so that nobody learns about keys or padding.
    #[error("encryption: cannot be opened")]
    NotOpened,
    /// The query of the Redirect binding.
    #[error("query: {0}")]
    Query(&'static str),
}

impl Refused {
    /// Whether a key that is not known yet may be the cause, so that newer metadata may help.
    pub(crate) fn is_signature(self) -> bool {
        matches!(self, Self::Signature | Self::NoKey)
    }
}

/// A status other than success (SAML core, 3.2.2.2): the second level if it is a known one, else the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    Requester,
    Responder,
    VersionMismatch,
    AuthnFailed,
    InvalidNameIdPolicy,
    NoAuthnContext,
    NoAvailableIdp,
    NoPassive,
    PartialLogout,
    RequestDenied,
    RequestUnsupported,
    UnknownPrincipal,
    UnsupportedBinding,
    /// Not one of SAML's.
    Unknown,
}

const STATUSES: &[(&str, Status)] = &[
    ("Requester", Status::Requester),
    ("Responder", Status::Responder),
    ("VersionMismatch", Status::VersionMismatch),
    ("AuthnFailed", Status::AuthnFailed),
    ("InvalidNameIDPolicy", Status::InvalidNameIdPolicy),
    ("NoAuthnContext", Status::NoAuthnContext),
    ("NoAvailableIDP", Status::NoAvailableIdp),
    ("NoPassive", Status::NoPassive),
    ("PartialLogout", Status::PartialLogout),
    ("RequestDenied", Status::RequestDenied),
    ("RequestUnsupported", Status::RequestUnsupported),
    ("UnknownPrincipal", Status::UnknownPrincipal),
    ("UnsupportedBinding", Status::UnsupportedBinding),
];

impl Status {
    /// Reads a status code that is not that of success.
    pub(crate) fn read(code: &str) -> Self {
        let name = code.strip_prefix("urn:oasis:names:tc:SAML:2.0:status:");
        STATUSES
            .iter()
            .find(|(known, _)| Some(*known) == name)
            .map_or(Self::Unknown, |(_, status)| *status)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = STATUSES.iter().find(|(_, status)| status == self);
        f.write_str(known.map_or("an unknown status", |(name, _)| name))
    }
}
