//! Who may redeem an invitation, and which clouds a tenant takes guests from.

use crate::address::DomainName;
use crate::assertion::Assertion;
use crate::cloud::{Clouds, Relation};
use crate::id::{CloudName, ProviderKind};
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey};
use crate::policy::Denial;
use crate::settings::{Integration, LevelSource, SharingCapability, TenantSettings};
use crate::time::UnixTime;

/// What an accepted redemption asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemable {
    /// The guest is bound to this identity already: nothing to redeem.
    AlreadyBound,
    /// First redemption: the person must consent, then the identity is bound.
    NeedsConsent,
}

/// Whether `assertion` may act as `guest` of the tenant.
///
/// # Errors
/// The first [`Denial`] in the order: cloud, provider, level, guest state, identity or address, invitation,
/// domain lists.
pub fn redeem(
    assertion: &Assertion,
    guest: &Guest,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<Redeemable, Denial> {
    cloud_admits(clouds, tenant, &assertion.key, guest.address.domain())?;
    provider_offered(&assertion.kind, tenant, clouds)?;
    level_admits(guest, tenant)?;
    if guest.state == GuestState::Blocked {
        return Err(Denial::GuestBlocked);
    }
    if let Some(bound) = &guest.identity {
        return if *bound == assertion.key && guest.state == GuestState::Accepted {
            tenant
                .domains
                .admit(guest.address.domain())
                .map_err(Denial::TenantDomain)?;
            Ok(Redeemable::AlreadyBound)
        } else {
            Err(Denial::IdentityMismatch)
        };
    }
    match &assertion.address {
        Some((address, _)) if *address == guest.address => {}
        Some(_) => return Err(Denial::IdentityMismatch),
        None => return Err(Denial::AddressNotProven),
    }
    invitation_admits(guest, tenant, now)?;
    Ok(Redeemable::NeedsConsent)
}

/// Whether a passcode may be mailed to `guest`: everything that [`redeem`] asks and that is known before
/// the person has shown anything.
///
/// # Errors
/// The [`Denial`]; it is for the operator only, the person sees the same page either way.
pub fn may_mail(
    guest: &Guest,
    kind: &ProviderKind,
    tenant: &TenantSettings,
    clouds: &Clouds,
    now: UnixTime,
) -> Result<(), Denial> {
    provider_offered(kind, tenant, clouds)?;
    home_admits(clouds, tenant, guest.address.domain())?;
    if tenant.integration == Integration::On {
        environment_admits(clouds, tenant, None)?;
    }
    level_admits(guest, tenant)?;
    if guest.state == GuestState::Blocked {
        return Err(Denial::GuestBlocked);
    }
    match &guest.identity {
        Some(bound) if bound.cloud.is_some() => Err(Denial::IdentityMismatch),
        Some(_) => tenant
            .domains
            .admit(guest.address.domain())
            .map_err(Denial::TenantDomain),
        None => invitation_admits(guest, tenant, now),
    }
}

/// Whether guests with this identity may come into the tenant's cloud at all.
///
/// The cloud is that of the account and that of the address's domain: somebody whose domain lives in a
/// forbidden cloud does not come in with a passcode or a consumer account either.
///
/// # Errors
/// The [`Denial`].
pub fn cloud_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    key: &IdentityKey,
    domain: &DomainName,
) -> Result<(), Denial> {
    if clouds.find(&tenant.cloud).is_none() {
        return Err(Denial::CloudUnknown);
    }
    if let Some(home) = &key.cloud {
        account_cloud_admits(clouds, tenant, home, key.tenant.as_deref())?;
    }
    home_admits(clouds, tenant, domain)?;
    environment_admits(clouds, tenant, key.cloud.as_ref())
}

/// Whether bearers of Anyone links are let in where sharing must stay inside the environment.
///
/// # Errors
/// [`Denial::OutsideEnvironment`]: a bearer has no environment. [`Denial::CloudUnknown`].
pub fn environment_admits_anonymous(
    clouds: &Clouds,
    tenant: &TenantSettings,
) -> Result<(), Denial> {
    environment_admits(clouds, tenant, None)
}

/// In a restricted cloud with the integration on, only people of the same environment are shared with.
fn environment_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    home: Option<&CloudName>,
) -> Result<(), Denial> {
    let Some(cloud) = clouds.find(&tenant.cloud) else {
        return Err(Denial::CloudUnknown);
    };
    if !cloud.restricted || tenant.integration == Integration::Off {
        return Ok(());
    }
    let relation = home.map_or(Relation::Never, |home| clouds.relation(home, &tenant.cloud));
    if tenant.boundary.encloses(relation) {
        Ok(())
    } else {
        Err(Denial::OutsideEnvironment)
    }
}

fn account_cloud_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    home: &CloudName,
    organisation: Option<&str>,
) -> Result<(), Denial> {
    let access = &tenant.directory.cross_tenant;
    let partner = organisation.and_then(|id| access.partners.get(id));
    let blocked = partner.is_some_and(|partner| partner.cloud == *home && !partner.inbound);
    match clouds.relation(home, &tenant.cloud) {
        _ if clouds.find(home).is_none() => Err(Denial::CloudUnknown),
        _ if blocked => Err(Denial::PartnerNotAdded),
        Relation::Same | Relation::SameInstance => Ok(()),
        Relation::Mutual if !access.clouds.contains(home) => Err(Denial::CloudNotAllowed),
        // Ticking a cloud admits nobody: every organisation is added by its tenant id.
        Relation::Mutual => match partner {
            Some(partner) if partner.cloud == *home => Ok(()),
            Some(_) | None => Err(Denial::PartnerNotAdded),
        },
        Relation::Never => Err(Denial::CloudNotAllowed),
    }
}

/// The strictest of the clouds a domain is known to live in.
fn home_admits(
    clouds: &Clouds,
    tenant: &TenantSettings,
    domain: &DomainName,
) -> Result<(), Denial> {
    let Some(homes) = tenant.directory.domain_homes.get(domain) else {
        return Ok(());
    };
    for home in homes {
        match clouds.relation(home, &tenant.cloud) {
            _ if clouds.find(home).is_none() => return Err(Denial::CloudUnknown),
            Relation::Same | Relation::SameInstance => {}
            Relation::Mutual if tenant.directory.cross_tenant.clouds.contains(home) => {}
            Relation::Mutual | Relation::Never => return Err(Denial::CloudNotAllowed),
        }
    }
    Ok(())
}

fn provider_offered(
    kind: &ProviderKind,
    tenant: &TenantSettings,
    clouds: &Clouds,
) -> Result<(), Denial> {
    let Some(cloud) = clouds.find(&tenant.cloud) else {
        return Err(Denial::CloudUnknown);
    };
    if is_listed_kind(kind) && !cloud.identity_providers.contains(kind) {
        return Err(Denial::ProviderNotOffered);
    }
    if kind.as_str() == "email-otp" && !tenant.directory.email_otp {
        return Err(Denial::PasscodesDisabled);
    }
    Ok(())
}

/// Kinds whose availability the clouds' documents speak of. Others (`openid`, a stranger's own) are the
/// operator's decision, made by configuring them.
fn is_listed_kind(kind: &ProviderKind) -> bool {
    matches!(
        kind.as_str(),
        "work-school" | "microsoft-account" | "google" | "email-otp" | "saml"
    )
}

/// The tenant's ceiling, before any site is known. Sites are judged at access.
fn level_admits(guest: &Guest, tenant: &TenantSettings) -> Result<(), Denial> {
    match (tenant.capability, guest.origin, guest.identity.is_some()) {
        (SharingCapability::Disabled, _, _) => Err(Denial::SharingDisabled(LevelSource::Tenant)),
        (SharingCapability::ExistingExternalUserSharingOnly, GuestOrigin::Share, false) => {
            Err(Denial::NewGuestsNotAllowed(LevelSource::Tenant))
        }
        (
            SharingCapability::ExistingExternalUserSharingOnly
            | SharingCapability::ExternalUserSharingOnly
            | SharingCapability::ExternalUserAndGuestSharing,
            GuestOrigin::Share | GuestOrigin::Directory,
            _,
        ) => Ok(()),
    }
}

/// Invitations lapse, and both domain lists bind them.
fn invitation_admits(guest: &Guest, tenant: &TenantSettings, now: UnixTime) -> Result<(), Denial> {
    if guest.invitation_expires.is_some_and(|end| now >= end) {
        return Err(Denial::InvitationExpired);
    }
    let domain = guest.address.domain();
    tenant.domains.admit(domain).map_err(Denial::TenantDomain)?;
    tenant
        .directory
        .domains
        .admit(domain)
        .map_err(Denial::DirectoryDomain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::EmailAddress;
    use crate::assertion::EmailProof;
    use crate::domains::DomainRestriction;
    use crate::testing::{address, cloud, clouds, domains, guest, identity, tenant};

    const NOW: UnixTime = UnixTime(1_000);

    fn kind(name: &str) -> ProviderKind {
        ProviderKind::parse(name).unwrap()
    }

    fn assertion(proven: Option<EmailAddress>) -> Assertion {
        Assertion {
            key: identity("worldwide"),
            kind: kind("openid"),
            address: proven.map(|address| (address, EmailProof::DomainOwner)),
            unproven: None,
            authenticated_at: NOW,
            amr: vec![],
            contexts: vec![],
        }
    }

    fn invited() -> Guest {
        Guest {
            state: GuestState::PendingAcceptance,
            identity: None,
            ..guest()
        }
    }

    fn ada() -> Assertion {
        assertion(Some(address("ada@fabrikam.example")))
    }

    fn check(assertion: &Assertion, guest: &Guest, tenant: &TenantSettings, want: &str) {
        let got = match redeem(assertion, guest, tenant, &clouds(), NOW) {
            Ok(Redeemable::AlreadyBound) => "bound",
            Ok(Redeemable::NeedsConsent) => "consent",
            Err(denial) => denial.code(),
        };
        assert_eq!(got, want);
    }

    #[test]
    fn the_first_redemption_needs_the_proven_address_and_consent() {
        check(&ada(), &invited(), &tenant(), "consent");
        check(
            &assertion(None),
            &invited(),
            &tenant(),
            "address-not-proven",
        );
        let bob = assertion(Some(address("bob@fabrikam.example")));
        check(&bob, &invited(), &tenant(), "identity-mismatch");
    }

    #[test]
    fn sec_083_afterwards_only_the_bound_identity_counts() {
        check(&assertion(None), &guest(), &tenant(), "bound");
        let mut other = ada();
        other.key.subject = "someone-else".to_owned();
        check(&other, &guest(), &tenant(), "identity-mismatch");
    }

    #[test]
    fn a_blocked_guest_stays_out() {
        check(
            &ada(),
            &Guest {
                state: GuestState::Blocked,
                ..guest()
            },
            &tenant(),
            "guest-blocked",
        );
        check(
            &ada(),
            &Guest {
                state: GuestState::Blocked,
                ..invited()
            },
            &tenant(),
            "guest-blocked",
        );
    }

    #[test]
    fn managed_mode_takes_guests_added_beforehand_and_no_new_ones() {
        let mut managed = tenant();
        managed.capability = SharingCapability::ExistingExternalUserSharingOnly;
        check(&ada(), &invited(), &managed, "consent");
        let by_share = Guest {
            origin: GuestOrigin::Share,
            ..invited()
        };
        check(&ada(), &by_share, &managed, "new-guests-not-allowed");
        check(
            &ada(),
            &Guest {
                origin: GuestOrigin::Share,
                ..guest()
            },
            &managed,
            "bound",
        );
        managed.capability = SharingCapability::Disabled;
        check(&ada(), &invited(), &managed, "sharing-disabled");
    }

    #[test]
    fn an_invitation_is_dead_at_its_expiry() {
        let until = |end| Guest {
            invitation_expires: Some(UnixTime(end)),
            ..invited()
        };
        check(&ada(), &until(NOW.0 + 1), &tenant(), "consent");
        check(&ada(), &until(NOW.0), &tenant(), "invitation-expired");
        let redeemed = Guest {
            invitation_expires: Some(NOW),
            ..guest()
        };
        check(&ada(), &redeemed, &tenant(), "bound");
    }

    #[test]
    fn sec_093_both_lists_bind_an_invitation_and_the_tenants_also_the_redeemed() {
        let fabrikam = || DomainRestriction::BlockList(domains(&["fabrikam.example"]));
        let mut directory = tenant();
        directory.directory.domains = fabrikam();
        check(&ada(), &invited(), &directory, "directory-domain-blocked");
        check(&ada(), &guest(), &directory, "bound");
        let mut sharing = tenant();
        sharing.domains = fabrikam();
        check(&ada(), &invited(), &sharing, "domain-blocked");
        check(&ada(), &guest(), &sharing, "domain-blocked");
    }

    #[test]
    fn only_the_clouds_own_providers_are_offered() {
        let with = |listed: &[&str]| {
            let mut clouds = clouds();
            let record = clouds.0.get_mut(&cloud("worldwide")).unwrap();
            record.identity_providers = listed.iter().map(|name| kind(name)).collect();
            clouds
        };
        let google = Assertion {
            kind: kind("google"),
            ..ada()
        };
        let ask = |clouds: &Clouds| redeem(&google, &invited(), &tenant(), clouds, NOW);
        assert_eq!(
            ask(&with(&["work-school"])),
            Err(Denial::ProviderNotOffered)
        );
        assert_eq!(ask(&with(&["google"])), Ok(Redeemable::NeedsConsent));
        assert_eq!(ask(&Clouds::default()), Err(Denial::CloudUnknown));
    }

    #[test]
    fn passcodes_are_mailed_to_guests_who_could_redeem() {
        let mut clouds = clouds();
        let record = clouds.0.get_mut(&cloud("worldwide")).unwrap();
        record.identity_providers = [kind("email-otp")].into();
        let ask = |guest: &Guest, tenant: &TenantSettings| {
            may_mail(guest, &kind("email-otp"), tenant, &clouds, NOW)
        };
        assert_eq!(ask(&invited(), &tenant()), Ok(()));
        let mut off = tenant();
        off.directory.email_otp = false;
        assert_eq!(ask(&invited(), &off), Err(Denial::PasscodesDisabled));
        let mut forbidden = tenant();
        let homes = [(invited().address.domain().clone(), [cloud("dod")].into())];
        forbidden.directory.domain_homes = homes.into();
        assert_eq!(ask(&invited(), &forbidden), Err(Denial::CloudNotAllowed));
        assert_eq!(ask(&guest(), &tenant()), Err(Denial::IdentityMismatch));
        let blocked = Guest {
            state: GuestState::Blocked,
            ..invited()
        };
        assert_eq!(ask(&blocked, &tenant()), Err(Denial::GuestBlocked));
        let lapsed = Guest {
            invitation_expires: Some(NOW),
            ..invited()
        };
        assert_eq!(ask(&lapsed, &tenant()), Err(Denial::InvitationExpired));
    }
}
