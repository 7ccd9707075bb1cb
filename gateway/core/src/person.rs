//! Who asks.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use crate::address::EmailAddress;
use crate::id::{CloudName, GuestId, LinkId, ProviderId, ProviderKind, SiteId};
use crate::settings::TenantSettings;
use crate::settings::directory::Risk;
use crate::sharing::Role;
use crate::time::UnixTime;

/// What makes a person the same person. E-mail addresses are attributes, never a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey {
    /// The cloud the account lives in, for providers that have clouds.
    pub cloud: Option<CloudName>,
    /// The configured provider that vouched.
    pub provider: ProviderId,
    /// The issuer, exact.
    pub issuer: String,
    /// The provider's tenant, where it has tenants.
    pub tenant: Option<String>,
    /// The immutable subject at that issuer and tenant.
    pub subject: String,
}

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub key: IdentityKey,
    /// The kind of provider that vouched.
    pub kind: ProviderKind,
    /// When the person authenticated.
    pub authenticated_at: UnixTime,
    /// What else was shown.
    pub assurance: Assurance,
}

/// What somebody has shown beyond who they are. What is absent was not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assurance {
    /// The home says that there was a second factor.
    pub mfa_at_home: bool,
    /// There was a second factor here.
    pub mfa_here: bool,
    /// Authentication contexts satisfied.
    pub contexts: BTreeSet<String>,
    /// The home says that the device is compliant.
    pub compliant_device: bool,
    /// The home says that the device is hybrid joined.
    pub hybrid_device: bool,
    /// How risky the sign-in is; absent is not known, which is as bad as can be.
    pub risk: Option<SignInRisk>,
    /// The terms of use were accepted.
    pub terms: bool,
}

/// How risky a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRisk {
    /// Not at all.
    None,
    /// This much.
    Some(Risk),
}

/// What is known of the program and the network that a request comes from. What is absent is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The network address.
    pub address: Option<IpAddr>,
    /// Whether the device is managed by the tenant.
    pub managed_device: bool,
    /// When the last request of the session came.
    pub last_used: Option<UnixTime>,
}

/// What a request comes with: a person, links opened before, both, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// Who signed in.
    pub person: Option<Person>,
    /// Links whose token this browser showed.
    pub links: Vec<LinkId>,
    /// Whether the holder of the links proved an address.
    pub address_proven: bool,
    /// From where.
    pub client: Client,
}

/// What the directory knows about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// One of the tenant's own people.
    Member {
        /// The member's address, where the provider proved one.
        address: Option<&'a EmailAddress>,
    },
    /// Somebody from outside, with an entry in the directory.
    Guest(&'a Guest),
    /// Somebody from outside without an entry, who proved the mailbox that something was shared with by sharing's own
    /// passcode.
    AdHoc {
        /// The mailbox.
        address: &'a EmailAddress,
    },
    /// A program of the tenant's own, by itself: nobody signed in, and its token was verified. What it may do in every
    /// site of the tenant was consented to by an administrator.
    Application {
        /// What it may do.
        role: Role,
    },
    /// Nobody the directory knows: never invited, or removed.
    Unknown,
}

/// How a guest came into the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestOrigin {
    /// Added beforehand by an administrator.
    Directory,
    /// Invited by sharing something.
    Share,
}

/// Where a guest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestState {
    /// Invited; has not redeemed.
    PendingAcceptance,
    /// Redeemed.
    Accepted,
    /// Blocked by an administrator, or by an access review.
    Blocked,
}

/// Who invites people from outside, and so what becomes of them.
///
/// Source: specification "sharing rules" 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvitationManager {
    /// Sharing's own: an entry in the directory after redemption, or none.
    Sharing,
    /// The directory's: an entry at once.
    Directory,
}

/// A guest in a tenant's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The entry.
    pub id: GuestId,
    /// The invited address.
    pub address: EmailAddress,
    /// How the guest came in.
    pub origin: GuestOrigin,
    /// Where the guest stands.
    pub state: GuestState,
    /// The identity bound at redemption. Never changes without a new redemption.
    pub identity: Option<IdentityKey>,
    /// When the invitation lapses; it is dead *at* this moment. Bears on redemption only.
    pub invitation_expires: Option<UnixTime>,
    /// Who invited.
    pub manager: InvitationManager,
    /// When access to a site ends, stamped when the guest joined it; dead *at* this moment.
    pub expires: BTreeMap<SiteId, UnixTime>,
    /// Sites that the guest administers.
    pub administers: BTreeSet<SiteId>,
    /// Whether a second factor is registered here.
    pub mfa_registered: bool,
}

impl Guest {
    /// Somebody who has been invited and has not redeemed.
    #[must_use]
    pub const fn invited(id: GuestId, address: EmailAddress, origin: GuestOrigin) -> Self {
        Self {
            id,
            address,
            origin,
            state: GuestState::PendingAcceptance,
            identity: None,
            invitation_expires: None,
            manager: InvitationManager::Directory,
            expires: BTreeMap::new(),
            administers: BTreeSet::new(),
            mfa_registered: false,
        }
    }

    /// Whether the directory has an entry for them: whoever was only invited by sharing's own manager gets one by
    /// redeeming.
    #[must_use]
    pub const fn has_entry(&self) -> bool {
        self.identity.is_some()
            || matches!(self.origin, GuestOrigin::Directory)
            || matches!(self.manager, InvitationManager::Directory)
    }
}

/// Whether the account is one of the tenant's own: of its cloud and its directory. Everybody else is from
/// outside, whatever address they have.
#[must_use]
pub fn is_member(key: &IdentityKey, kind: &ProviderKind, tenant: &TenantSettings) -> bool {
    kind.as_str() == "work-school"
        && key.cloud.as_ref() == Some(&tenant.cloud)
        && key.tenant.is_some()
        && key.tenant == tenant.directory.tenant_id
}

/// Whether somebody who proved the mailbox of `guest` to a provider of this kind did so with sharing's own passcode: they
/// come in without an entry in the directory, which is made for nobody who was only shared with while the integration is
/// off.
///
/// Source: specification "sharing rules" 4 and 6.
#[must_use]
pub fn is_ad_hoc(guest: &Guest, kind: &ProviderKind, tenant: &TenantSettings) -> bool {
    kind.as_str() == "email-otp"
        && !tenant.integration().value
        && guest.origin == GuestOrigin::Share
        && guest.manager == InvitationManager::Sharing
        && guest.state == GuestState::PendingAcceptance
        && guest.identity.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{address, cloud, identity, tenant};

    #[test]
    fn who_was_only_shared_with_has_no_entry_before_redeeming() {
        let shared_with = Guest {
            manager: InvitationManager::Sharing,
            ..Guest::invited(
                GuestId::parse("ada").unwrap(),
                address("ada@fabrikam.example"),
                GuestOrigin::Share,
            )
        };
        assert!(!shared_with.has_entry());
        let others = [
            Guest {
                origin: GuestOrigin::Directory,
                ..shared_with.clone()
            },
            Guest {
                manager: InvitationManager::Directory,
                ..shared_with.clone()
            },
            Guest {
                identity: Some(identity("worldwide")),
                ..shared_with
            },
        ];
        for guest in others {
            assert!(guest.has_entry(), "{guest:?}");
        }
    }

    #[test]
    fn a_passcode_is_sharings_own_for_those_who_were_only_shared_with() {
        let shared_with = Guest {
            manager: InvitationManager::Sharing,
            ..Guest::invited(
                GuestId::parse("ada").unwrap(),
                address("ada@fabrikam.example"),
                GuestOrigin::Share,
            )
        };
        let check = |guest: &Guest, kind: &str, integration: bool, want: bool| {
            let mut tenant = tenant();
            tenant.sharing.integration = Some(integration);
            let kind = ProviderKind::parse(kind).unwrap();
            assert_eq!(is_ad_hoc(guest, &kind, &tenant), want, "{guest:?} {kind}");
        };
        check(&shared_with, "email-otp", false, true);
        check(&shared_with, "email-otp", true, false);
        check(&shared_with, "work-school", false, false);
        let others = [
            Guest {
                origin: GuestOrigin::Directory,
                ..shared_with.clone()
            },
            Guest {
                manager: InvitationManager::Directory,
                ..shared_with.clone()
            },
            Guest {
                state: GuestState::Blocked,
                ..shared_with.clone()
            },
            Guest {
                identity: Some(identity("worldwide")),
                ..shared_with
            },
        ];
        for guest in others {
            check(&guest, "email-otp", false, false);
        }
    }

    #[test]
    fn members_are_accounts_of_the_tenants_own_directory_and_cloud() {
        let check = |key: &IdentityKey, kind: &str, id: Option<&str>, want: bool| {
            let mut tenant = tenant();
            tenant.directory.tenant_id = id.map(str::to_owned);
            let kind = ProviderKind::parse(kind).unwrap();
            assert_eq!(
                is_member(key, &kind, &tenant),
                want,
                "{key:?} {kind} {id:?}"
            );
        };
        let own = identity("worldwide");
        check(&own, "work-school", Some("t"), true);
        check(&own, "openid", Some("t"), false);
        check(&own, "work-school", Some("other"), false);
        check(&own, "work-school", None, false);
        check(
            &IdentityKey {
                tenant: None,
                ..own.clone()
            },
            "work-school",
            None,
            false,
        );
        check(
            &IdentityKey {
                cloud: Some(cloud("gcc-high")),
                ..own.clone()
            },
            "work-school",
            Some("t"),
            false,
        );
        check(
            &IdentityKey { cloud: None, ..own },
            "work-school",
            Some("t"),
            false,
        );
    }
}
