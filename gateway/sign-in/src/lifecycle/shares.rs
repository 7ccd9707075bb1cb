//! What was shared with an address, share by share.

use gateway_config::model::Site;
use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId};
use gateway_core::path::ItemPath;
use gateway_core::person::{Guest, GuestOrigin, InvitationManager};
use gateway_core::sharing::{LinkScope, LinkType, Recipient, Role};
use gateway_core::time::UnixTime;
use gateway_store::directory::TenantView;

/// Something that was shared with one address by name, and has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// Who shared.
    pub(crate) creator: EmailAddress,
    /// Which manager invited for it.
    pub(crate) manager: InvitationManager,
    pub(crate) site: SiteId,
    pub(crate) item: ItemPath,
    pub(crate) what: What,
}

/// How something was shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Permission(PermissionId, Role),
    Link {
        id: LinkId,
        kind: LinkType,
        /// What is kept of the creator's standing.
        creator_may_share: bool,
    },
}

impl Share {
    pub(crate) const fn is_link(&self) -> bool {
        matches!(self.what, What::Link { .. })
    }
}

/// A share, and whether its creator may share it still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) share: Share,
    pub(crate) creator_may_share: bool,
}

/// What was shared with an address that has no entry in the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    judged: Vec<Judged>,
}

impl Shared {
    /// - `judged`: none where an entry of the address was deleted: whoever was removed does not come back by what was
    ///   shared with them before.
    pub(crate) const fn new(judged: Vec<Judged>) -> Self {
        Self { judged }
    }

    pub(crate) fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter()
    }

    /// Those of the shares that `is_meant`.
    pub(crate) fn only(mut self, is_meant: impl Fn(&Share) -> bool) -> Self {
        self.judged.retain(|one| is_meant(&one.share));
        self
    }

    /// Somebody with that address, as a guest who has no entry: what is known of them, or what the shares make of them.
    pub(crate) fn invitee(&self, known: Option<&Guest>, address: &EmailAddress) -> Option<Guest> {
        if let Some(known) = known.filter(|known| known.address == *address) {
            return Some(known.clone());
        }
        if self.judged.is_empty() {
            return None;
        }
        Some(Guest {
            manager: InvitationManager::Sharing,
            ..Guest::invited(
                GuestId::parse("shared-with").ok()?,
                address.clone(),
                GuestOrigin::Share,
            )
        })
    }
}

/// Whether it is the site itself that was granted.
pub(crate) fn on_site(share: &Share, site: &Site) -> bool {
    let granted = matches!(share.what, What::Permission(..));
    granted && share.site == site.id && share.item.is_same(&site.path, site.settings.path_case)
}

/// What was shared with `address` by name: permissions, then links that name it, each in the order of their ids.
///
/// - `directory`: with everything granted to the address in it.
pub(crate) fn shares(directory: &TenantView, address: &EmailAddress, now: UnixTime) -> Vec<Share> {
    let lives = |expires: Option<UnixTime>| expires.is_none_or(|end| now < end);
    let mut permissions: Vec<_> = directory
        .permission_index()
        .iter()
        .filter_map(|stored| stored.permission())
        .filter(|one| one.recipient == Recipient::Address(address.clone()) && lives(one.expires))
        .collect();
    permissions.sort_by(|a, b| a.id.cmp(&b.id));
    let permissions = permissions.into_iter().map(|one| Share {
        creator: one.created_by,
        manager: one.manager,
        site: one.site,
        item: one.item,
        what: What::Permission(one.id, one.role),
    });
    let links = directory.links().filter(|link| match &link.scope {
        LinkScope::Users(people) => people.contains(address) && lives(link.expires),
        LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
    });
    let links = links.map(|link| Share {
        creator: link.created_by.clone(),
        manager: link.manager,
        site: link.site.clone(),
        item: link.item.clone(),
        what: What::Link {
            id: link.id.clone(),
            kind: link.kind,
            creator_may_share: link.creator_may_share,
        },
    });
    permissions.chain(links).collect()
}
