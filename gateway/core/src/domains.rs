//! Why a list of domains refuses one. Domains match exactly: a subdomain is another domain.

/// Which kind of list refused a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The domain is not on the allow list.
    NotAllowed,
    /// The domain is on the block list.
    Blocked,
}
