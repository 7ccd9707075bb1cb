//! The rows of the decision table that are about redeeming, by their numbers.

use super::world::{ACCEPTED, NOW, World, homes, kind, partner};
use crate::domains::Refusal;
use crate::person::{GuestOrigin, GuestState, InvitationManager};
use crate::policy::{Denial, Outcome};
use crate::settings::Profile;
use crate::settings::value::Domains;
use crate::settings::words::{EmailOtp, FallbackIdentityProvider, PrimaryIdentityProvider};
use crate::testing::{address, domains};

use FallbackIdentityProvider::EmailOneTimePasscode;
use PrimaryIdentityProvider::{AzureActiveDirectory, ExternalFederation, SocialIdentityProviders};

#[test]
fn row_044_a_pending_invitation_dies_with_the_directorys_list() {
    let world = World::new().with(|world| {
        let blocked = Domains(domains(&["fabrikam.example"]));
        world.tenant.directory.policy.blocked_domains = Some(blocked);
    });
    world.check_before("deny directory-domain-blocked");
    world.check_after("deny directory-domain-blocked");
    let denial = Denial::DirectoryDomain(Refusal::Blocked);
    assert_eq!(world.ask_after().0.outcome, Outcome::Deny(denial));
}

#[test]
fn row_045_somebody_who_redeemed_does_not_mind_the_directorys_list() {
    let world = World::new().redeemed().with(|world| {
        let blocked = Domains(domains(&["fabrikam.example"]));
        world.tenant.directory.policy.blocked_domains = Some(blocked);
    });
    world.check_before("sign-in work-school");
    world.check_after("allow");
}

#[test]
fn row_080_a_named_outsider_who_has_not_signed_in_is_sent_to_the_provider_by_the_order() {
    World::new().check_before("sign-in email-otp");
}

#[test]
fn row_207_a_guest_who_was_removed_does_not_come_back_by_an_older_share() {
    let removed = World::new().shared_by(InvitationManager::Directory, true);
    removed.check_before("deny not-in-directory");
    removed.check_after("deny not-in-directory");
}

#[test]
fn row_101_a_link_from_before_the_integration_makes_a_guest_for_its_creator() {
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .integration(true)
        .shared_by(InvitationManager::Sharing, true);
    world.check_before("sign-in email-otp +guest-on-behalf");
    world.check_after("allow +guest-on-behalf +accepted +audit");
    // A guest who exists is taken.
    let known = world.with(|world| world.guest = World::new().guest);
    known.check_before("sign-in email-otp");
    known.check_after(ACCEPTED);
}

#[test]
fn sec_095_row_103_the_creator_of_such_a_link_must_still_be_one_who_may_share() {
    for profile in [Profile::IntegrationOptIn, Profile::IntegrationDefault] {
        let world = World::new()
            .profile(profile)
            .integration(true)
            .shared_by(InvitationManager::Sharing, false);
        world.check_before("deny reshare-required");
        world.check_after("deny reshare-required");
    }
}

#[test]
fn row_104_later_such_a_link_fails() {
    let world = World::new()
        .profile(Profile::ReshareRequired)
        .shared_by(InvitationManager::Sharing, true);
    world.check_before("deny guest-access-settings-updated");
    world.check_after("deny guest-access-settings-updated");
}

#[test]
fn row_107_later_still_it_takes_a_guest_who_exists() {
    let world = World::new()
        .profile(Profile::IntegrationMandatory)
        .shared_by(InvitationManager::Sharing, true);
    world.check_before("deny reshare-required");
    let known = World::new().profile(Profile::IntegrationMandatory);
    known.check_before("sign-in email-otp");
}

#[test]
fn row_108_what_was_shared_with_the_integration_is_shared_again_without() {
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .integration(false)
        .shared_by(InvitationManager::Directory, true);
    world.check_before("deny reshare-required");
    let later = world.profile(Profile::IntegrationDefault);
    later.check_before("sign-in sharing-otp +no-entry");
}

#[test]
fn row_116_without_the_integration_sharing_proves_the_mailbox_itself() {
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .shared_by(InvitationManager::Sharing, true);
    world.check_before("sign-in sharing-otp +no-entry");
}

#[test]
fn row_117_without_the_integration_a_guest_keeps_the_account() {
    let world = World::new().profile(Profile::IntegrationOptIn).redeemed();
    world.check_before("sign-in existing-account");
}

#[test]
fn row_121_sharings_own_invitations_have_ended() {
    let world = World::new().with(|world| world.guest().manager = InvitationManager::Sharing);
    world.check_before("deny reshare-required");
    world.check_after("deny reshare-required");
    let last = world.clone().with(|world| world.now.0 = 1_719_792_000 - 1);
    last.check_before("sign-in email-otp");
    let first = world.clone().with(|world| world.now.0 = 1_719_792_000);
    first.check_before("deny reshare-required");
    let earlier = world.clone().profile(Profile::IntegrationOptIn);
    earlier.check_before("sign-in sharing-otp +no-entry");
    world.redeemed().check_after("allow");
}

#[test]
fn row_123_a_managed_account_comes_first() {
    let world = World::new().federated().with(|world| {
        world.home.clouds = homes(&["worldwide"]);
    });
    world.check_before("sign-in work-school");
}

#[test]
fn row_124_of_two_accounts_the_person_chooses() {
    let world = World::new().with(|world| {
        world.home.clouds = homes(&["worldwide"]);
        world.home.microsoft_account = true;
    });
    world.check_before("choose work-school microsoft-account");
}

#[test]
fn row_125_an_unmanaged_account_counts_for_nothing() {
    let world = World::new().with(|world| world.home.unmanaged = true);
    world.check_before("sign-in email-otp");
    world.federated().check_before("sign-in saml");
}

fn by_saml() -> World {
    World::new().by("saml").federated()
}

#[test]
fn row_127_a_federation_speaks_for_its_own_domain() {
    let world = by_saml().with(|world| world.person.address = Some(address("ada@evil.example")));
    world.check_after("deny email-domain-mismatch");
    by_saml().check_after(ACCEPTED);
}

#[test]
fn row_128_a_federation_names_the_address() {
    let world = by_saml().with(|world| world.person.address = None);
    world.check_after("deny email-domain-mismatch");
}

#[test]
fn row_129_audience_and_issuer_are_right() {
    let other = by_saml().with(|world| world.person.audience_matches = false);
    other.check_after("deny audience-mismatch");
    let unknown = by_saml().with(|world| world.person.key.issuer.push('/'));
    unknown.check_after("deny federation-unknown");
}

#[test]
fn row_135_a_federated_domain_of_the_directory_stays_with_the_directory() {
    let world = World::new()
        .federated()
        .with(|world| world.home.clouds = homes(&["worldwide"]));
    world.check_before("sign-in work-school");
}

#[test]
fn row_136_unless_the_order_says_otherwise() {
    let world = World::new().federated().with(|world| {
        world.home.clouds = homes(&["worldwide"]);
        let order = &mut world.tenant.directory.policy.primary_order.0;
        *order = vec![
            ExternalFederation,
            AzureActiveDirectory,
            SocialIdentityProviders,
        ];
    });
    world.check_before("sign-in saml");
}

#[test]
fn row_137_google_is_for_googles_own_addresses() {
    for address in ["ada@gmail.com", "ada@googlemail.com"] {
        let world = World::new()
            .invite(address)
            .with(|world| world.tenant.directory.google = true);
        world.check_before("sign-in google");
    }
    let other = World::new().with(|world| world.tenant.directory.google = true);
    other.check_before("sign-in email-otp");
}

#[test]
fn row_139_without_google_its_addresses_get_a_passcode() {
    World::new()
        .invite("ada@gmail.com")
        .check_before("sign-in email-otp");
}

#[test]
fn row_140_a_microsoft_account_that_exists_is_used() {
    let world = World::new().with(|world| world.home.microsoft_account = true);
    world.check_before("sign-in microsoft-account");
}

#[test]
fn row_141_nobodys_account_gets_a_passcode() {
    World::new().check_before("sign-in email-otp");
}

fn without_passcodes() -> World {
    World::new().with(|world| world.tenant.directory.policy.email_otp = EmailOtp::Disabled)
}

#[test]
fn row_143_without_passcodes_a_direct_link_leads_nowhere() {
    let direct = without_passcodes().with(|world| world.direct_link = true);
    direct.check_before("deny no-provider");
    without_passcodes().check_before("sign-in new-microsoft-account");
}

#[test]
fn row_144_passcodes_alone_pass_over_microsoft_accounts() {
    let world = World::new().with(|world| {
        world.home.microsoft_account = true;
        world.tenant.directory.policy.fallback = EmailOneTimePasscode;
    });
    world.check_before("sign-in email-otp");
}

#[test]
fn row_148_a_guest_by_passcode_stays_out_once_passcodes_are_off() {
    let world = without_passcodes().by("email-otp").redeemed();
    world.check_before("deny provider-withdrawn");
    world.check_after("deny provider-withdrawn");
}

#[test]
fn row_149_the_first_redemption_sticks() {
    let world = World::new().by("email-otp").redeemed().federated();
    world.check_before("sign-in email-otp");
    world.check_after("allow");
}

#[test]
fn row_151_a_guest_by_saml_stays_out_once_the_federation_is_gone() {
    let world = World::new().by("saml").redeemed();
    world.check_before("deny provider-withdrawn");
    world.check_after("deny provider-withdrawn");
}

fn in_cloud(name: &str) -> World {
    World::new().with(|world| {
        world.tenant.cloud = crate::testing::cloud(name);
        world.tenant.directory.google = true;
    })
}

#[test]
fn row_152_china_takes_directory_and_saml_accounts_only() {
    for name in ["microsoft-account", "google", "email-otp"] {
        in_cloud("china-21vianet")
            .by(name)
            .check_after("deny provider-not-offered");
    }
    in_cloud("china-21vianet").check_before("deny provider-not-offered");
    in_cloud("china-21vianet")
        .with(|world| world.direct_link = true)
        .check_before("deny no-provider");
    in_cloud("china-21vianet")
        .integration(false)
        .shared_by(InvitationManager::Sharing, true)
        .with(|world| world.home.microsoft_account = true)
        .check_before("deny provider-not-offered");
    let saml = in_cloud("china-21vianet").by("saml").federated();
    saml.check_before("sign-in saml");
    saml.check_after(ACCEPTED);
    let own = in_cloud("china-21vianet").of_cloud("china-21vianet");
    own.check_after(ACCEPTED);
}

#[test]
fn row_153_us_government_takes_google_microsoft_accounts_and_passcodes() {
    for name in ["microsoft-account", "google", "email-otp"] {
        for cloud in ["gcc-high", "dod"] {
            in_cloud(cloud).by(name).check_after(ACCEPTED);
        }
    }
    let high = || in_cloud("gcc-high");
    high()
        .invite("ada@gmail.com")
        .check_before("sign-in google");
    high().check_before("sign-in email-otp");
}

#[test]
fn row_155_both_sides_open_the_way_between_clouds() {
    let one_side = World::new().of_cloud("gcc-high").with(|world| {
        let access = &mut world.tenant.directory.cross_tenant;
        access.clouds = homes(&["gcc-high"]);
        let mut partner = partner("gcc-high");
        partner.reciprocated = false;
        access.partners.insert("t".to_owned(), partner);
    });
    one_side.check_after("deny partner-not-ready");
    let both = one_side.with(|world| {
        let access = &mut world.tenant.directory.cross_tenant;
        access.partners.get_mut("t").unwrap().reciprocated = true;
    });
    both.check_after(ACCEPTED);
}

#[test]
fn row_161_the_invited_address_is_the_one_that_redeems() {
    let world = World::new().with(|world| world.person.address = Some(address("bob@x.example")));
    world.check_after("deny identity-mismatch");
}

#[test]
fn row_163_a_new_guest_consents_and_then_accepts_the_terms() {
    let asked = World::new().with(|world| {
        world.person.consented = None;
        world.person.terms = None;
        world.tenant.directory.policy.terms_of_use = true;
    });
    asked.check_after("consent-required");
    let consented = asked.with(|world| world.person.consented = Some(true));
    consented.check_after("terms-required");
    let accepted = consented.with(|world| world.person.terms = Some(true));
    accepted.check_after(ACCEPTED);
    // Never shown again.
    let again = accepted.redeemed().with(|world| {
        world.person.consented = None;
        world.person.terms = None;
    });
    again.check_after("allow");
}

#[test]
fn row_164_whoever_does_not_consent_stays_out() {
    let world = World::new().with(|world| world.person.consented = Some(false));
    world.check_after("deny consent-declined");
}

#[test]
fn row_165_consent_is_passed_over_when_both_sides_say_so() {
    let asked = |here, home| {
        World::new().with(|world| {
            world.person.consented = None;
            let mut partner = partner("worldwide");
            partner.automatic_redemption = here;
            partner.automatic_redemption_at_home = home;
            let partners = &mut world.tenant.directory.cross_tenant.partners;
            partners.insert("t".to_owned(), partner);
        })
    };
    asked(true, true).check_after(ACCEPTED);
    asked(true, false).check_after("consent-required");
    asked(false, true).check_after("consent-required");
    // The partner of that tenant id lives in another cloud: it is another organisation.
    let other = asked(true, true).with(|world| {
        let partners = &mut world.tenant.directory.cross_tenant.partners;
        partners.get_mut("t").unwrap().cloud = crate::testing::cloud("gcc");
    });
    other.check_after("consent-required");
}

#[test]
fn row_208_a_blocked_guest_stays_out() {
    let world = World::new().with(|world| world.guest().state = GuestState::Blocked);
    world.check_before("deny guest-blocked");
    world.check_after("deny guest-blocked");
    let redeemed = World::new()
        .redeemed()
        .with(|world| world.guest().state = GuestState::Blocked);
    redeemed.check_before("deny guest-blocked");
    redeemed.check_after("deny guest-blocked");
}

#[test]
fn row_209_a_partner_that_is_blocked_stays_out() {
    let world = World::new().redeemed().with(|world| {
        let mut partner = partner("worldwide");
        partner.inbound = false;
        let partners = &mut world.tenant.directory.cross_tenant.partners;
        partners.insert("t".to_owned(), partner);
    });
    world.check_after("deny partner-blocked");
}

#[test]
fn an_invitation_by_an_administrator_counts_where_only_known_guests_may_come() {
    use crate::settings::SharingCapability::ExistingExternalUserSharingOnly;
    let by = |origin| {
        World::new().with(|world| {
            world.tenant.sharing.capability = ExistingExternalUserSharingOnly;
            world.guest().origin = origin;
        })
    };
    by(GuestOrigin::Directory).check_before("sign-in email-otp");
    by(GuestOrigin::Share).check_before("deny new-guests-not-allowed");
    by(GuestOrigin::Share).redeemed().check_after("allow");
}

#[test]
fn the_world_of_these_tests_is_the_tables() {
    let world = World::new();
    assert!(world.tenant.integration().value);
    assert_eq!(world.now, NOW);
    assert_eq!(world.person.kind, kind("work-school"));
    world.check_after(ACCEPTED);
}
