//! What somebody wants to know of the directory for one decision.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, LinkId, SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::person::IdentityKey;

/// What a decision rests on: everything named here is in the view that comes of it, and nothing else of the tenant need
/// be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The tenant.
    pub tenant: TenantId,
    /// The identity of whoever asks: leads to the entry it redeemed, and to what was granted to that.
    pub identity: Option<IdentityKey>,
    /// Addresses: lead to their entries, and to what was granted to them.
    pub addresses: Vec<EmailAddress>,
    /// Groups that the person is in, also through other groups; sorted: lead to what was granted to them.
    pub groups: Vec<GroupId>,
    /// Items: what was granted on them or above.
    pub items: Vec<(SiteId, ItemPath)>,
    /// Links by id.
    pub links: Vec<LinkId>,
    /// A link by the SHA-256 of its token.
    pub token: Option<[u8; 32]>,
    /// Whether everything granted to the addresses and groups, or to people in general, is wanted, wherever it is.
    pub everything_granted: bool,
}

impl Wanted {
    /// Nothing yet, of this tenant.
    #[must_use]
    pub const fn of(tenant: TenantId) -> Self {
        Self {
            tenant,
            identity: None,
            addresses: Vec::new(),
            groups: Vec::new(),
            items: Vec::new(),
            links: Vec::new(),
            token: None,
            everything_granted: false,
        }
    }
}
