//! What a response says, once everything about it has been checked. Every value is the guard's own reading of
//! bytes that both verifiers found signed.

use std::collections::BTreeMap;

/// The assertion of an accepted response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The provider's entity id.
    pub(crate) issuer: String,
    /// Must not be accepted again.
    pub(crate) assertion_id: String,
    /// Seconds since the Unix epoch from which the assertion is refused for its age anyway, skew included.
    pub(crate) dead_at: i64,
    pub(crate) name_id: NameId,
    /// The provider's session.
    pub(crate) session_index: Option<String>,
    /// When the person authenticated, seconds since the Unix epoch.
    pub(crate) authenticated_at: i64,
    /// How (`AuthnContextClassRef`).
    pub(crate) context: Option<String>,
    /// By `Name`; every value in document order.
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
}

/// The subject's name (SAML core, 2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameId {
    pub(crate) value: String,
    /// Absent means unspecified.
    pub(crate) format: Option<String>,
    pub(crate) name_qualifier: Option<String>,
    pub(crate) sp_name_qualifier: Option<String>,
}
