//! Sign-in and the mailing of passcodes go by the same rules.

use super::world::{kind, partner};
use crate::address::EmailAddress;
use crate::assertion::{Assertion, EmailProof};
use crate::cloud::Clouds;
use crate::person::{Guest, GuestOrigin, GuestState, IdentityKey, InvitationManager};
use crate::policy::Denial;
use crate::policy::redeem::{Redeemable, admit, may_mail};
use crate::settings::value::Domains;
use crate::settings::words::{EmailOtp, SharingDomainRestrictionMode};
use crate::settings::{Profile, SharingCapability, TenantSettings};
use crate::testing::{address, cloud, clouds, domains, guest, identity, tenant};
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_000);

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
    let got = match admit(assertion, guest, tenant, &clouds(), NOW) {
        Ok(Redeemable::AlreadyBound) => "bound",
        Ok(Redeemable::NeedsConsent) => "consent",
        Ok(Redeemable::NeedsNothing) => "nothing",
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
    let unaccepted = Guest {
        state: GuestState::PendingAcceptance,
        ..guest()
    };
    check(&ada(), &unaccepted, &tenant(), "identity-mismatch");
}

#[test]
fn a_blocked_guest_stays_out() {
    for guest in [guest(), invited()] {
        let blocked = Guest {
            state: GuestState::Blocked,
            ..guest
        };
        check(&ada(), &blocked, &tenant(), "guest-blocked");
    }
}

#[test]
fn managed_mode_takes_guests_added_beforehand_and_no_new_ones() {
    let mut managed = tenant();
    managed.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    check(&ada(), &invited(), &managed, "consent");
    let by_share = |guest| Guest {
        origin: GuestOrigin::Share,
        ..guest
    };
    check(
        &ada(),
        &by_share(invited()),
        &managed,
        "new-guests-not-allowed",
    );
    check(&ada(), &by_share(guest()), &managed, "bound");
    managed.sharing.capability = SharingCapability::Disabled;
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
    let fabrikam = || Domains(domains(&["fabrikam.example"]));
    let mut directory = tenant();
    directory.directory.policy.blocked_domains = Some(fabrikam());
    check(&ada(), &invited(), &directory, "directory-domain-blocked");
    check(&ada(), &guest(), &directory, "bound");
    let mut sharing = tenant();
    sharing.sharing.domain_mode = SharingDomainRestrictionMode::BlockList;
    sharing.sharing.blocked_domains = Domains(domains(&["fabrikam.example"]));
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
    let mut federated = tenant();
    federated.directory.google = true;
    let ask = |clouds: &Clouds| admit(&google, &invited(), &federated, clouds, NOW);
    assert_eq!(
        ask(&with(&["work-school"])),
        Err(Denial::ProviderNotOffered)
    );
    assert_eq!(ask(&with(&["google"])), Ok(Redeemable::NeedsConsent));
    assert_eq!(ask(&Clouds::default()), Err(Denial::CloudUnknown));
    check(&google, &invited(), &tenant(), "provider-not-offered");
}

#[test]
fn a_partner_that_is_blocked_does_not_sign_in() {
    let mut blocking = tenant();
    let mut blocked = partner("worldwide");
    blocked.inbound = false;
    let partners = &mut blocking.directory.cross_tenant.partners;
    partners.insert("t".to_owned(), blocked);
    check(&ada(), &invited(), &blocking, "partner-blocked");
    check(&ada(), &guest(), &blocking, "partner-blocked");
}

#[test]
fn consent_is_not_asked_for_where_both_organisations_suppress_it() {
    let mut trusting = tenant();
    let mut both = partner("worldwide");
    both.automatic_redemption = true;
    both.automatic_redemption_at_home = true;
    let partners = &mut trusting.directory.cross_tenant.partners;
    partners.insert("t".to_owned(), both);
    trusting.directory.policy.terms_of_use = true;
    check(&ada(), &invited(), &trusting, "consent");
    trusting.directory.policy.terms_of_use = false;
    check(&ada(), &invited(), &trusting, "nothing");
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
    off.directory.policy.email_otp = EmailOtp::Disabled;
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
    let mut closed = tenant();
    closed.sharing.capability = SharingCapability::Disabled;
    assert!(ask(&invited(), &closed).is_err());
    let mut listed = tenant();
    listed.sharing.domain_mode = SharingDomainRestrictionMode::AllowList;
    assert!(ask(&invited(), &listed).is_err());
}

#[test]
fn passcodes_are_mailed_again_to_guests_who_redeemed_by_one() {
    let by_passcode = Guest {
        identity: Some(IdentityKey {
            cloud: None,
            tenant: None,
            ..identity("worldwide")
        }),
        ..guest()
    };
    let ask = |tenant: &TenantSettings| {
        may_mail(&by_passcode, &kind("email-otp"), tenant, &clouds(), NOW)
    };
    assert_eq!(ask(&tenant()), Ok(()));
    let mut off = tenant();
    off.directory.policy.email_otp = EmailOtp::Disabled;
    assert_eq!(ask(&off), Err(Denial::ProviderWithdrawn));
}

#[test]
fn no_passcode_is_mailed_out_of_the_environment_nor_for_what_has_ended() {
    let ask = |guest: &Guest, tenant: &TenantSettings, now| {
        may_mail(guest, &kind("email-otp"), tenant, &clouds(), now)
    };
    let mut high = tenant();
    high.cloud = cloud("gcc-high");
    assert_eq!(ask(&invited(), &high, NOW), Ok(()));
    high.sharing.integration = Some(true);
    assert_eq!(ask(&invited(), &high, NOW), Err(Denial::OutsideEnvironment));
    let mut later = tenant();
    later.profile = Profile::IntegrationDefault;
    let sharings = Guest {
        manager: InvitationManager::Sharing,
        ..invited()
    };
    assert_eq!(
        ask(&sharings, &later, UnixTime(1_719_792_000)),
        Err(Denial::ReshareRequired)
    );
    // A stranger's plugin that mails passcodes is the operator's decision.
    let pigeon = kind("carrier-pigeon");
    assert_eq!(
        may_mail(&invited(), &pigeon, &tenant(), &clouds(), NOW),
        Ok(())
    );
}
