//! Lists of domains that may or may not be shared with.

use std::collections::BTreeSet;

use crate::address::DomainName;

/// One list, of one kind. Domains match exactly: a subdomain is another domain.
///
/// Source: `SharingDomainRestrictionMode`; the directory's allow/deny list has the same shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DomainRestriction {
    /// No list.
    #[default]
    None,
    /// Only these.
    AllowList(BTreeSet<DomainName>),
    /// All but these.
    BlockList(BTreeSet<DomainName>),
}

/// Which kind of list refused a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The domain is not on the allow list.
    NotAllowed,
    /// The domain is on the block list.
    Blocked,
}

impl DomainRestriction {
    /// Whether `domain` passes.
    ///
    /// # Errors
    /// [`Refusal`] when it does not.
    pub fn admit(&self, domain: &DomainName) -> Result<(), Refusal> {
        match self {
            Self::None => Ok(()),
            Self::AllowList(list) if list.contains(domain) => Ok(()),
            Self::AllowList(_) => Err(Refusal::NotAllowed),
            Self::BlockList(list) if list.contains(domain) => Err(Refusal::Blocked),
            Self::BlockList(_) => Ok(()),
        }
    }
}
