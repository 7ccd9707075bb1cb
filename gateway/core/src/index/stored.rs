//! A permission as the index holds it.

use super::permissions::Permissions;
use super::{GrantedTo, names};
use crate::address::EmailAddress;
use crate::id::{PermissionId, SiteId};
use crate::path::ItemPath;
use crate::person::InvitationManager;
use crate::sharing::{Permission, Recipient, Role};
use crate::time::UnixTime;

/// A permission of an index, read where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    pub(super) index: &'a Permissions,
    pub(super) held: &'a Held,
    pub(super) place: u32,
    pub(super) recipient: u32,
    pub(super) word: Word,
}

/// What is kept of a permission beside its place and recipient.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: PermissionId,
    /// Counts where the word says that it ends.
    pub(super) expires: UnixTime,
}

/// One more than the highest number of a maker: the bits above are needed.
pub(super) const MAKERS: u32 = 1 << 27;

/// Everything about a permission that is small: in 27 bits the number of who made it, then the role, the manager,
/// whether it ends, and whether its path has a trailing slash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word(pub(super) u32);

impl Word {
    const WRITE: u32 = 1 << 27;
    const OWNER: u32 = 1 << 28;
    const SHARING: u32 = 1 << 29;
    const ENDS: u32 = 1 << 30;
    const SLASH: u32 = 1 << 31;

    pub(super) const fn new(made_by: u32, permission: &Permission) -> Self {
        let role = match permission.role {
            Role::Read => 0,
            Role::Write => Self::WRITE,
            Role::Owner => Self::OWNER,
        };
        let manager = match permission.manager {
            InvitationManager::Sharing => Self::SHARING,
            InvitationManager::Directory => 0,
        };
        let ends = if permission.expires.is_some() {
            Self::ENDS
        } else {
            0
        };
        let slash = if permission.item.has_trailing_slash() {
            Self::SLASH
        } else {
            0
        };
        Self(made_by | role | manager | ends | slash)
    }

    const fn made_by(self) -> u32 {
        self.0 & (MAKERS - 1)
    }

    const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    const fn role(self) -> Role {
        if self.has(Self::OWNER) {
            Role::Owner
        } else if self.has(Self::WRITE) {
            Role::Write
        } else {
            Role::Read
        }
    }

    const fn manager(self) -> InvitationManager {
        if self.has(Self::SHARING) {
            InvitationManager::Sharing
        } else {
            InvitationManager::Directory
        }
    }
}

impl<'a> Stored<'a> {
    /// The permission.
    #[must_use]
    pub const fn id(&self) -> &'a PermissionId {
        &self.held.id
    }

    /// What it allows.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.word.role()
    }

    /// Which manager invited for it.
    #[must_use]
    pub const fn manager(&self) -> InvitationManager {
        self.word.manager()
    }

    /// When it ends; it is dead *at* this moment.
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        self.word.has(Word::ENDS).then_some(self.held.expires)
    }

    /// The site and the item, put together anew.
    #[must_use]
    pub fn item(&self) -> Option<(&'a SiteId, ItemPath)> {
        let (site, names) = self.index.path(self.place)?;
        Some((
            site,
            ItemPath::of_segments(names, self.word.has(Word::SLASH)),
        ))
    }

    /// To whom, put together anew.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        self.index.recipient(self.recipient)
    }

    /// Who made it, put together anew.
    #[must_use]
    pub fn created_by(&self) -> Option<EmailAddress> {
        self.index.maker(self.word.made_by())
    }

    /// The permission as it was inserted.
    #[must_use]
    pub fn permission(&self) -> Option<Permission> {
        let (site, item) = self.item()?;
        Some(Permission {
            id: self.id().clone(),
            site: site.clone(),
            item,
            recipient: self.recipient()?,
            role: self.role(),
            created_by: self.created_by()?,
            manager: self.manager(),
            expires: self.expires(),
        })
    }

    pub(super) const fn general(&self) -> Option<GrantedTo<'static>> {
        match self.recipient {
            names::MEMBERS => Some(GrantedTo::Members),
            names::EVERYONE => Some(GrantedTo::Everyone),
            names::ALL_USERS => Some(GrantedTo::AllUsers),
            _ => None,
        }
    }
}
