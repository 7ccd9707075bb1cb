//! Changes of the directory: each is written together with its audit record, or not at all.

use gateway_core::address::EmailAddress;
use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId, TenantId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::time::UnixTime;
use serde_json::{Map, Value};

use super::{
    Document, GroupEntry, Invitation, LinkEntry, PermissionEntry, Redemption, Revocation,
    SettingScope, StoredSetting, UserEntry,
};

/// Changes that belong together: all of them, with what the audit says of them, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The tenant.
    pub tenant: TenantId,
    /// When.
    pub at: UnixTime,
    /// What must still be so.
    pub expect: Vec<Expect>,
    /// What changes, in this order.
    pub changes: Vec<Change>,
    /// What the audit says; at least one record for every write.
    pub audit: Vec<AuditEvent>,
}

/// What must still be so when the write happens, for it was decided on.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// Nobody has an entry by this address.
    NoUser(EmailAddress),
    /// The entry is there in this version, or (`None`) in any.
    User(GuestId, Option<u64>),
    /// The permission is there in this version, or in any.
    Permission(PermissionId, Option<u64>),
    /// The link is there in this version, or in any.
    Link(LinkId, Option<u64>),
    /// The stored group is there in this version; `None`: there is no such stored group.
    Group(GroupId, Option<u64>),
    /// The document is there in this version; `None`: there is no such document.
    Document {
        /// Its collection.
        collection: String,
        /// Its key.
        key: String,
        /// Its version.
        version: Option<u64>,
    },
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The entry is made or replaced. Its identity is left alone, and goes along with a new address; a new entry begins
    /// without one, whoever redeemed an earlier invitation of the address. Whether it is deleted is left alone, too.
    PutUser(Box<UserEntry>),
    /// The entry is marked as deleted; what it redeemed is put aside, and forgotten when it is purged. A declared one is
    /// blocked for good.
    DeleteUser(GuestId),
    /// A deleted entry comes back, with what it had redeemed. [`Written::Taken`] where its address or identity belongs to
    /// another by now.
    RestoreUser(GuestId),
    /// The entry goes for good, with what it redeemed.
    PurgeUser(GuestId),
    /// What the address redeemed is forgotten: it may redeem anew, perhaps with another address of the same entry.
    ResetRedemption(EmailAddress),
    /// The identity is bound to the address, with the consent. Somebody else's binding of either makes the write come
    /// out as [`Written::Taken`].
    Redeem(Box<Redemption>),
    /// The invitation is made or replaced.
    PutInvitation(Box<Invitation>),
    /// The permission is made or replaced; its recipient never changes.
    PutPermission(Box<PermissionEntry>),
    /// The permission goes; a declared one stays revoked.
    RemovePermission(PermissionId),
    /// All that was granted on the item and below it moves along.
    MoveItem {
        /// From this site
        from_site: SiteId,
        /// and path,
        from: ItemPath,
        /// to this site
        to_site: SiteId,
        /// and path.
        to: ItemPath,
        /// How the site it leaves compares names.
        case: PathCase,
    },
    /// All that was granted on the item and below it ends, and its ids with it. What is declared stays.
    RemoveItem {
        /// The item's site
        site: SiteId,
        /// and path.
        item: ItemPath,
        /// How the site compares names.
        case: PathCase,
    },
    /// The link is made or replaced; its token never changes.
    PutLink(Box<LinkEntry>),
    /// The link goes, with every permission that came through it; a declared one stays revoked.
    RemoveLink(LinkId),
    /// The group is made or replaced.
    PutGroup(Box<GroupEntry>),
    /// The group goes.
    RemoveGroup(GroupId),
    /// The setting gets a value.
    PutSetting(StoredSetting),
    /// The setting is left to the configuration, or to its default.
    ClearSetting(SettingScope, String),
    /// The document is made or replaced.
    PutDocument(Box<Document>),
    /// The document goes.
    RemoveDocument {
        /// Its collection.
        collection: String,
        /// Its key.
        key: String,
    },
    /// Something is not honoured any more.
    Revoke(Revocation),
}

/// How a write came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Done. Views taken after this show it.
    Yes {
        /// Its place in the order of all changes.
        sequence: u64,
    },
    /// Something is not as expected any more; nothing was changed. The index is into [`Write::expect`].
    Conflict(usize),
    /// The address, token or id is taken; nothing was changed.
    Taken,
}

/// Who did something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person's address or user id, `app:ID` for an application, `operator`, or `system`.
    pub id: String,
    /// The client's address.
    pub client: Option<String>,
}

/// A record of the audit, before it has its place in the chain.
///
/// Source: specification "sharing rules" 8.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// Microsoft 365's name of the operation, such as `SharingSet`.
    pub operation: String,
    /// Who did it.
    pub actor: Actor,
    /// Whom it is about: an address or an id.
    pub person: Option<String>,
    /// `Member`, `Guest`, `SecurityGroup`, `Partner`.
    pub person_type: Option<&'static str>,
    /// The site.
    pub site: Option<SiteId>,
    /// The item.
    pub item: Option<String>,
    /// The link (`UniqueSharingId`).
    pub link: Option<LinkId>,
    /// `allow`, `deny`, `challenge`; of a change always `allow`.
    pub decision: &'static str,
    /// The documented code of a refusal, or what allowed.
    pub reason: String,
    /// How many times, where identical events were counted.
    pub count: u64,
    /// Anything else: `ModifiedProperties` with `Name`, `NewValue`, `OldValue`, ….
    pub more: Map<String, Value>,
}

impl AuditEvent {
    /// An event of a change, about nothing in particular yet.
    #[must_use]
    pub fn of(operation: impl Into<String>, actor: Actor) -> Self {
        Self {
            operation: operation.into(),
            actor,
            person: None,
            person_type: None,
            site: None,
            item: None,
            link: None,
            decision: "allow",
            reason: String::new(),
            count: 1,
            more: Map::new(),
        }
    }
}
