//! What has been shared: permissions and links.

use std::collections::BTreeSet;

use crate::action::Action;
use crate::address::EmailAddress;
use crate::id::{GroupId, LinkId, PermissionId, SiteId};
use crate::path::ItemPath;
use crate::person::InvitationManager;
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
            (_, Action::View | Action::Download | Action::ReadUserInfo)
            | (Self::Write | Self::Owner, Action::Edit | Action::Create | Action::Delete) => true,
            (Self::Read, Action::Edit | Action::Create | Action::Delete) => false,
        }
    }
}

/// To whom a permission is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Every member of the tenant; never a guest ("Everyone except external users").
    Members,
    /// Everyone: members, and guests if the tenant gives them that claim.
    Everyone,
    /// All users: members, and guests if the tenant gives them that claim.
    AllUsers,
    /// The people of a group, guests among them.
    Group(GroupId),
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
    /// Which manager invited for it.
    pub manager: InvitationManager,
    /// When it ends; it is dead *at* this moment.
    pub expires: Option<UnixTime>,
}

/// What a link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// View.
    View,
    /// View, and comment: what a review is in a document is the upstream's business, so it is no edit here.
    Review,
    /// View, edit, create, delete.
    Edit,
    /// View, without download.
    BlocksDownload,
    /// Upload into the folder, seeing nothing.
    CreateOnly,
}

impl LinkType {
    /// Whether the link covers `action`.
    #[must_use]
    pub const fn covers(self, action: Action) -> bool {
        match self {
            Self::View | Self::Review => matches!(action, Action::View | Action::Download),
            Self::Edit => !matches!(action, Action::ReadUserInfo),
            Self::BlocksDownload => matches!(action, Action::View),
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
    /// Whoever has access already: it grants nothing.
    ExistingAccess,
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
    /// Whether whoever made it is still here and may still share.
    pub creator_may_share: bool,
    /// Which manager invites for it.
    pub manager: InvitationManager,
    /// When it was made.
    pub created: UnixTime,
    /// When it ends; it is dead *at* this moment.
    pub expires: Option<UnixTime>,
}

/// What an item is. What is not known is the least that may be shared: [`ItemKind::Unknown`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemKind {
    /// Not known.
    #[default]
    Unknown,
    /// A whole site.
    Site,
    /// A document library.
    Library,
    /// A folder.
    Folder,
    /// A file.
    File,
    /// An item of a list.
    ListItem,
}

/// What a scan for sensitive content has found in a file.
///
/// Source: specification "sharing rules" 1.5, `MarkNewFilesSensitiveByDefault`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scan {
    /// Not known, new and not scanned, or in a place that nothing scans.
    #[default]
    Missing,
    /// Scanned, and nothing was found.
    Passed,
    /// Scanned, and it is blocked.
    Blocked,
}

/// What is known about an item beyond its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemFacts {
    /// What it is.
    pub kind: ItemKind,
    /// What the scan found.
    pub scan: Scan,
}
