//! What the store keeps.

mod audit;
mod change;
mod entries;
mod look;

pub use audit::{AuditQuery, AuditRecord, ChainFault};
pub use change::{Actor, AuditEvent, Change, Expect, Write, Written};
pub use entries::{
    Document, GroupEntry, Invitation, LinkEntry, OPERATOR, Of, Page, PermissionEntry, RESTORABLE,
    SettingScope, StoredSetting, TenantSettingsRows, UserEntry, UserType, application_address,
    application_of,
};
pub use look::Wanted;

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, LinkId, ProviderId, TenantId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;

/// A guest who redeemed: the identity bound to an invitation, with the consent given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The tenant.
    pub tenant: TenantId,
    /// The directory entry at the time; informative.
    pub guest: GuestId,
    /// The invited address: what the binding belongs to.
    pub address: EmailAddress,
    /// The identity.
    pub identity: IdentityKey,
    /// When the person consented.
    pub consented_at: UnixTime,
}

/// The outcome of binding an identity to an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Bound now, or bound to this very identity before.
    Yes,
    /// The invitation belongs to another identity, or the identity to another invitation of the tenant.
    ToAnother,
}

/// 16 bytes that name a session: random and sealed in its cookie; or, for all that came of one session at an identity
/// provider or belong to one subject there, a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub [u8; 16]);

/// Something that must not be honoured any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revoked {
    /// One session.
    Session(SessionId),
    /// Every session of a person at a tenant that began at the moment of the revocation or before.
    Person(TenantId, IdentityKey),
    /// A sharing link.
    Link(TenantId, LinkId),
    /// A guest: as blocked.
    Guest(TenantId, EmailAddress),
}

impl Revoked {
    /// The tenant it belongs to; sessions belong to none.
    #[must_use]
    pub const fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Session(_) => None,
            Self::Person(tenant, _) | Self::Link(tenant, _) | Self::Guest(tenant, _) => {
                Some(tenant)
            }
        }
    }
}

/// A revocation on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What.
    pub what: Revoked,
    /// When.
    pub at: UnixTime,
    /// When it may be forgotten (the session would be dead by then anyway); never, when absent. Links and guests
    /// stay revoked for good, whatever this says.
    pub until: Option<UnixTime>,
}

/// The outcome of counting something that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Counted; with this one there are so many in the window.
    Within(u32),
    /// Not counted: the limit was reached before.
    Exceeded,
}

/// The outcome of using up what may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// Nobody had used any of it; now all is used.
    Fresh,
    /// Some of it had been used; nothing was changed.
    Replayed,
}

/// 16 random bytes that name an attempt; `state` and `RelayState` carry them as base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptHandle(pub [u8; 16]);

/// A pending sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its handle.
    pub handle: AttemptHandle,
    /// SHA-256 of the browser's attempt cookie.
    pub browser: [u8; 32],
    /// The host it was begun on.
    pub host: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The provider.
    pub provider: ProviderId,
    /// Generation of the configuration it was begun under.
    pub generation: String,
    /// Where to go afterwards: a checked path and query of the same host.
    pub return_to: String,
    /// The address the person typed.
    pub address: Option<EmailAddress>,
    /// What the attempt waits for and the provider's state, as JSON written by the sign-in.
    pub state: String,
    /// Advanced by one with each transition, by compare-and-swap: nothing replays, nothing rolls back.
    pub sequence: u32,
    /// When it was begun.
    pub created: UnixTime,
    /// When it dies.
    pub expires: UnixTime,
}
