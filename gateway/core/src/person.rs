//! Who asks.

use crate::address::EmailAddress;
use crate::id::{CloudName, GuestId, LinkId, ProviderId, ProviderKind};
use crate::settings::TenantSettings;
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
}

/// What a request comes with: a person, links opened before, both, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// Who signed in.
    pub person: Option<Person>,
    /// Links whose token this browser showed.
    pub links: Vec<LinkId>,
}

/// What the directory knows about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// One of the tenant's own people.
    Member {
        /// The member's address, where the provider proved one.
        address: Option<&'a EmailAddress>,
    },
    /// Somebody from outside.
    Guest(&'a Guest),
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
    /// Blocked by an administrator.
    Blocked,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cloud, identity, tenant};

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
