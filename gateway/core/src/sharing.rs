//! What has been shared: permissions and links.

use std::collections::BTreeSet;

use crate::action::Action;
use crate::address::EmailAddress;
use crate::id::{LinkId, PermissionId, SiteId};
use crate::path::ItemPath;
use crate::time::UnixTime;

/// What a permission allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// View.
    Read,
    /// View, edit, create, delete.
    Write,
    /// As write; may share.
    Owner,
}

impl Role {
    /// Whether the role covers `action`.
    #[must_use]
    pub const fn covers(self, action: Action) -> bool {
        match (self, action) {
            (_, Action::View)
            | (Self::Write | Self::Owner, Action::Edit | Action::Create | Action::Delete) => true,
            (Self::Read, Action::Edit | Action::Create | Action::Delete) => false,
        }
    }
}

/// To whom a permission is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Every member of the tenant; never a guest.
    Members,
    /// The person behind this address: a member, or the guest invited by it.
    Address(EmailAddress),
}

/// A stored grant on an item and everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The grant.
    pub id: PermissionId,
    /// The site.
    pub site: SiteId,
    /// The item, from the root of the host.
    pub item: ItemPath,
    /// To whom.
    pub recipient: Recipient,
    /// What it allows.
    pub role: Role,
    /// Who made it.
    pub created_by: EmailAddress,
    /// When it ends; it is dead *at* this moment.
    pub expires: Option<UnixTime>,
}

/// What a link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// View.
    View,
    /// View, edit, create, delete.
    Edit,
    /// Upload into the folder, seeing nothing.
    CreateOnly,
}

impl LinkType {
    /// Whether the link covers `action`.
    #[must_use]
    pub const fn covers(self, action: Action) -> bool {
        match self {
            Self::View => matches!(action, Action::View),
            Self::Edit => true,
            Self::CreateOnly => matches!(action, Action::Create),
        }
    }
}

/// For whom a link works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkScope {
    /// Whoever has it (an Anyone link).
    Anonymous,
    /// Members of the tenant.
    Organization,
    /// The people named.
    Users(BTreeSet<EmailAddress>),
}

/// A sharing link on an item and everything below it. Its token is not here: only a hash of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingLink {
    /// The link.
    pub id: LinkId,
    /// The site.
    pub site: SiteId,
    /// The item, from the root of the host.
    pub item: ItemPath,
    /// What it lets its holder do.
    pub kind: LinkType,
    /// For whom it works.
    pub scope: LinkScope,
    /// Who made it.
    pub created_by: EmailAddress,
    /// When it was made.
    pub created: UnixTime,
    /// When it ends; it is dead *at* this moment.
    pub expires: Option<UnixTime>,
}
