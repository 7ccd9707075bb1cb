//! What the directory holds: people, what was shared with them, and how they were asked.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::groups::Group;
use gateway_core::id::{GroupId, GuestId, LinkId, PermissionId, SiteId, TenantId};
use gateway_core::person::{Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager};
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;
use serde_json::{Map, Value};

/// Whether somebody in the directory is one of the organisation's own people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserType {
    /// Of the organisation.
    Member,
    /// From outside.
    Guest,
}

/// Somebody in a tenant's directory, or who was invited and has no entry there before redeeming
/// ([`UserEntry::has_entry`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserEntry {
    /// The entry: a lower-case GUID, unless the configuration declares it.
    pub id: GuestId,
    /// The address it was made for. Unique among the entries of a tenant that are not deleted.
    pub address: EmailAddress,
    /// Member or guest.
    pub user_type: UserType,
    /// How it came in.
    pub origin: GuestOrigin,
    /// Which manager invited.
    pub manager: InvitationManager,
    /// Blocked when false.
    pub account_enabled: bool,
    /// Who invited.
    pub sponsor: Option<EmailAddress>,
    /// When it was made.
    pub created: UnixTime,
    /// When it last went from pending to accepted or back.
    pub state_changed: UnixTime,
    /// When the invitation lapses.
    pub invitation_expires: Option<UnixTime>,
    /// When access to a site ends, stamped when the guest joined it.
    pub expires: BTreeMap<SiteId, UnixTime>,
    /// Sites that the guest administers.
    pub administers: BTreeSet<SiteId>,
    /// Whether a second factor is registered here.
    pub mfa_registered: bool,
    /// When it was deleted; it can be restored for [`RESTORABLE`] seconds.
    pub deleted: Option<UnixTime>,
    /// Microsoft Graph's other properties of a user that were given: `displayName`, `givenName`, `otherMails`, ….
    pub profile: Map<String, Value>,
    /// The identity bound at redemption, and when the person consented. Written only by a redemption.
    pub redemption: Option<(IdentityKey, UnixTime)>,
    /// Whether the configuration declares it. Such entries are never written.
    pub declared: bool,
    /// Grows with every change of the entry; 0 for declared ones.
    pub version: u64,
}

/// The address that stands for operators as those who shared: nobody can have it.
pub const OPERATOR: &str = "operator@operator.invalid";

/// Domain of the addresses that stand for programs as those who shared: nobody can have one.
const APPLICATIONS: &str = "application.invalid";

/// The address that stands for the program of that id as one who shared.
#[must_use]
pub fn application_address(id: &str) -> String {
    format!("app-{id}@{APPLICATIONS}")
}

/// The id of the program that an address stands for.
#[must_use]
pub fn application_of(address: &EmailAddress) -> Option<&str> {
    let own = address.domain().as_str() == APPLICATIONS;
    address.local().strip_prefix("app-").filter(|_| own)
}

/// How long a deleted entry can be restored, in seconds: 30 days.
///
/// Source: specification "sharing rules" 7.
pub const RESTORABLE: i64 = 30 * 24 * 60 * 60;

impl UserEntry {
    /// The entry as the rules know it.
    #[must_use]
    pub fn guest(&self) -> Guest {
        let state = if !self.account_enabled || self.deleted.is_some() {
            GuestState::Blocked
        } else if self.redemption.is_some() {
            GuestState::Accepted
        } else {
            GuestState::PendingAcceptance
        };
        Guest {
            id: self.id.clone(),
            address: self.address.clone(),
            origin: self.origin,
            state,
            identity: self.redemption.as_ref().map(|(key, _)| key.clone()),
            invitation_expires: self.invitation_expires,
            manager: self.manager,
            expires: self.expires.clone(),
            administers: self.administers.clone(),
            mfa_registered: self.mfa_registered,
        }
    }

    /// Whether it shows in the directory.
    #[must_use]
    pub fn has_entry(&self) -> bool {
        self.deleted.is_none() && (self.user_type == UserType::Member || self.guest().has_entry())
    }
}

/// An invitation: a mail that was, or could have been, sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// A lower-case GUID.
    pub id: String,
    /// Whom.
    pub user: GuestId,
    /// The invited address.
    pub address: EmailAddress,
    /// Which manager.
    pub manager: InvitationManager,
    /// The site it was made for; sharing's own manager makes one for every site.
    pub site: Option<SiteId>,
    /// Where redemption ends.
    pub redirect_url: Option<String>,
    /// By whom; none for an application.
    pub invited_by: Option<EmailAddress>,
    /// When.
    pub created: UnixTime,
    /// When it was withdrawn or taken up.
    pub ended: Option<UnixTime>,
    /// Whether it is for the invited address only. Sharing's own may be for whoever holds the mail: as the tenant's
    /// `RequireAcceptingAccountMatchInvitedAccount` had it when it was made.
    pub account_must_match: bool,
}

/// A permission as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionEntry {
    /// What the rules know of it.
    pub permission: Permission,
    /// When it was made.
    pub created: UnixTime,
    /// The link it came through, if it did: it ends with it.
    pub link: Option<LinkId>,
    /// Whether the integration was on when it was made.
    pub shared_with_integration: bool,
    /// Whether the configuration declares it.
    pub declared: bool,
    /// Grows with every change; 0 for declared ones.
    pub version: u64,
}

/// A sharing link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEntry {
    /// What the rules know of it.
    pub link: SharingLink,
    /// SHA-256 of its token.
    pub token_sha256: [u8; 32],
    /// The token, sealed for those who may make such links and are shown it again. None: it is never shown again.
    pub sealed_token: Option<Vec<u8>>,
    /// The application that made it, if one did.
    pub application: Option<String>,
    /// Whether the integration was on when it was made.
    pub shared_with_integration: bool,
    /// Whether the configuration declares it.
    pub declared: bool,
    /// Grows with every change; 0 for declared ones.
    pub version: u64,
}

/// A group of a tenant's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEntry {
    /// The group.
    pub id: GroupId,
    /// Its name for people.
    pub display_name: String,
    /// Who is in it.
    pub group: Group,
    /// Whether the configuration declares it.
    pub declared: bool,
    /// Grows with every change of the entry; 0 for declared ones.
    pub version: u64,
}

/// Where a stored setting stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingScope {
    /// The tenant's (`Set-SPOTenant`).
    Tenant,
    /// A site's (`Set-SPOSite`).
    Site(SiteId),
    /// The directory's (Graph).
    Directory,
}

/// A setting that was made through the API; it lies over what the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSetting {
    /// Where it stands.
    pub scope: SettingScope,
    /// Its name, as operators spell it.
    pub name: String,
    /// The value: a string, number, boolean or array of strings.
    pub value: Value,
}

/// A JSON document that belongs to a tenant and is not a row of any other table: an identity provider, a federation,
/// a partner of the cross-tenant access policy, the domain policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is, such as `crossTenantAccessPolicy/partners`.
    pub collection: String,
    /// Its key within the collection.
    pub key: String,
    /// The document.
    pub body: Value,
    /// Grows with every change.
    pub version: u64,
}

/// The parts of a tenant's directory that are small and read whole: they stand in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantSettingsRows {
    /// Settings.
    pub settings: Vec<StoredSetting>,
    /// Groups.
    pub groups: Vec<GroupEntry>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Declared permissions that were revoked, and so stay.
    pub revoked_permissions: BTreeSet<PermissionId>,
    /// Declared links that were revoked, and so stay.
    pub revoked_links: BTreeSet<LinkId>,
    /// Declared guests who were blocked, and so stay.
    pub blocked: BTreeSet<EmailAddress>,
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none on the last.
    pub next: Option<String>,
}

/// The tenant a thing belongs to, and the thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Of<T> {
    /// The tenant.
    pub tenant: TenantId,
    /// The thing.
    pub what: T,
}
