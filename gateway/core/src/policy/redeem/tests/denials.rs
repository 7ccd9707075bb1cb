//! Every refusal with its cause and the rule that finds it.

use super::world::{ACCEPTED, World, homes, kinds, partner};
use crate::person::{GuestOrigin, GuestState, InvitationManager};
use crate::policy::{Answer, Recorded, Shown, Verdict};
use crate::settings::value::Domains;
use crate::settings::words::{
    EmailOtp, FallbackIdentityProvider, SharingDomainRestrictionMode as Mode,
};
use crate::settings::{Profile, SharingCapability, Source};
use crate::testing::{address, cloud, domains, identity};

type Change = fn(&mut World);

/// Asks the world after `change`, before and after somebody signed in, and compares `rule code setting source`. Whatever
/// passes is `-`.
fn check(change: Change, before: &str, after: &str) {
    let world = World::new().with(change);
    let found = |(answer, recorded): (Answer, Recorded)| {
        let decider = recorded.decider().unwrap();
        let Verdict::Deny(denial) = decider.verdict else {
            return "-".to_owned();
        };
        assert!(answer.effects.is_empty());
        assert_eq!(decider.path, "redeem");
        let basis = decider.basis;
        let mut text = format!("{} {}", decider.rule, denial.code());
        if !basis.setting.is_empty() {
            let source = basis.source.map_or("", Source::name);
            text.push_str(&format!(" {}={} {source}", basis.setting, basis.value));
        }
        text
    };
    assert_eq!(found(world.ask_before()), before, "before {world:#?}");
    assert_eq!(found(world.ask_after()), after, "after {world:#?}");
}

fn both(change: Change, want: &str) {
    check(change, want, want);
}

#[test]
fn an_innocent_world_is_refused_nothing() {
    both(|_| {}, "-");
    World::new().check_after(ACCEPTED);
}

#[test]
fn clouds_refuse() {
    both(
        |world| world.tenant.cloud = cloud("bleu"),
        "cloud cloud-unknown",
    );
    let unknown: Change = |world| {
        world.home.clouds = homes(&["bleu", "dod"]);
        world.person.key = identity("bleu");
    };
    both(unknown, "cloud cloud-unknown");
    let never: Change = |world| {
        world.tenant.cloud = cloud("dod");
        world.home.clouds = homes(&["china-21vianet"]);
        world.person.key = identity("china-21vianet");
    };
    both(never, "cloud cloud-not-allowed partner_clouds=never cloud");
    let unticked: Change = |world| {
        world.home.clouds = homes(&["dod"]);
        world.person.key = identity("dod");
    };
    both(
        unticked,
        "cloud cloud-not-allowed allowed_clouds=false directory",
    );
    both(
        |world| {
            let domain = world.invited.domain().clone();
            let homes = homes(&["dod"]);
            world.tenant.directory.domain_homes.insert(domain, homes);
            world.person.key.cloud = None;
        },
        "cloud cloud-not-allowed domain_homes= directory",
    );
    let outside: Change = |world| {
        world.tenant.profile = Profile::IntegrationOptIn;
        world.tenant.sharing.integration = Some(true);
        world.tenant.cloud = cloud("gcc-high");
        world.home.clouds = homes(&["dod"]);
        world.person.key = identity("dod");
    };
    let by_integration = "cloud outside-environment EnableAzureADB2BIntegration=true tenant";
    both(outside, by_integration);
    let nowhere: Change = |world| {
        world.tenant.profile = Profile::IntegrationOptIn;
        world.tenant.sharing.integration = Some(true);
        world.tenant.cloud = cloud("gcc-high");
        world.person.key.cloud = None;
    };
    both(nowhere, by_integration);
}

#[test]
fn partners_refuse_once_somebody_has_signed_in() {
    let ticked: Change = |world| {
        world.home.clouds = homes(&["dod"]);
        world.person.key = identity("dod");
        world.tenant.directory.cross_tenant.clouds = homes(&["dod"]);
    };
    check(
        ticked,
        "-",
        "cloud partner-not-added allowed_clouds=true directory",
    );
    check(
        |world| {
            world.home.clouds = homes(&["dod"]);
            world.person.key = identity("dod");
            let access = &mut world.tenant.directory.cross_tenant;
            access.clouds = homes(&["dod"]);
            let mut waiting = partner("dod");
            waiting.reciprocated = false;
            access.partners.insert("t".to_owned(), waiting);
        },
        "-",
        "cloud partner-not-ready allowed_clouds=true directory",
    );
    check(
        |world| {
            let mut blocked = partner("worldwide");
            blocked.inbound = false;
            let access = &mut world.tenant.directory.cross_tenant;
            access.partners.insert("t".to_owned(), blocked);
        },
        "-",
        "cross-tenant partner-blocked inbound=false directory",
    );
    check(
        |world| world.tenant.directory.cross_tenant.default_inbound = false,
        "-",
        "cross-tenant partner-blocked default_inbound=false directory",
    );
    // Somebody without a cloud belongs to no organisation.
    check(
        |world| {
            world.tenant.directory.cross_tenant.default_inbound = false;
            world.person.key.cloud = None;
        },
        "-",
        "-",
    );
}

#[test]
fn the_level_refuses() {
    both(
        |world| world.tenant.sharing.capability = SharingCapability::Disabled,
        "level sharing-disabled SharingCapability=Disabled tenant",
    );
    let existing: Change = |world| {
        world.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
    };
    let new =
        "level new-guests-not-allowed SharingCapability=ExistingExternalUserSharingOnly tenant";
    both(existing, new);
    both(
        |world| {
            world.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
            *world = world.clone().shared_by(InvitationManager::Directory, true);
        },
        new,
    );
    both(
        |world| {
            world.tenant.sharing.capability = SharingCapability::ExistingExternalUserSharingOnly;
            world.guest().origin = GuestOrigin::Directory;
        },
        "-",
    );
}

#[test]
fn the_state_refuses() {
    both(
        |world| world.guest().state = GuestState::Blocked,
        "state guest-blocked",
    );
    both(
        |world| world.guest().invitation_expires = Some(world.now),
        "state invitation-expired",
    );
    both(
        |world| world.guest().invitation_expires = Some(world.now.plus(1)),
        "-",
    );
    both(
        |world| world.guest().manager = InvitationManager::Sharing,
        "state reshare-required profile=integration-default profile",
    );
    both(|world| world.guest = None, "state not-in-directory");
    check(
        |world| {
            *world = world.clone().redeemed();
            world.person.key.subject = "somebody-else".to_owned();
        },
        "-",
        "state identity-mismatch",
    );
    // What is bound and not accepted has been taken back.
    check(
        |world| {
            *world = world.clone().redeemed();
            world.guest().state = GuestState::PendingAcceptance;
        },
        "-",
        "state identity-mismatch",
    );
}

#[test]
fn shares_of_another_manager_refuse_by_the_profile() {
    use InvitationManager::{Directory, Sharing};
    use Profile::{
        IntegrationDefault as P3, IntegrationMandatory as P5, IntegrationOptIn as P2,
        ReshareRequired as P4, SeparateManagers as P1,
    };
    let (reshare, updated) = (
        "deny reshare-required",
        "deny guest-access-settings-updated",
    );
    let (removed, passes) = ("deny not-in-directory", "-");
    for (profile, integration, manager, may_share, want) in [
        (P1, true, Sharing, false, passes),
        (P1, true, Directory, false, passes),
        (P2, true, Sharing, true, passes),
        (P2, true, Sharing, false, reshare),
        (P2, true, Directory, false, removed),
        (P2, false, Sharing, false, passes),
        (P2, false, Directory, true, reshare),
        (P3, true, Sharing, true, passes),
        (P3, true, Sharing, false, reshare),
        (P3, true, Directory, false, removed),
        (P3, false, Sharing, false, passes),
        (P3, false, Directory, false, passes),
        (P4, true, Sharing, true, updated),
        (P4, true, Sharing, false, updated),
        (P4, true, Directory, false, removed),
        (P4, false, Sharing, false, passes),
        (P4, false, Directory, false, passes),
        (P5, false, Sharing, true, reshare),
        (P5, false, Sharing, false, reshare),
        (P5, false, Directory, false, removed),
    ] {
        let world = World::new()
            .profile(profile)
            .integration(integration)
            .shared_by(manager, may_share);
        for got in [world.before(), world.after()] {
            let got = if got.starts_with("deny") { &got } else { "-" };
            assert_eq!(
                got, want,
                "{profile:?} {integration} {manager:?} {may_share}"
            );
        }
    }
}

#[test]
fn domain_lists_refuse() {
    both(
        |world| {
            world.tenant.sharing.domain_mode = Mode::BlockList;
            world.tenant.sharing.blocked_domains = Domains(domains(&["fabrikam.example"]));
        },
        "domain-lists domain-blocked SharingDomainRestrictionMode=BlockList tenant",
    );
    both(
        |world| world.tenant.sharing.domain_mode = Mode::AllowList,
        "domain-lists domain-not-allowed SharingDomainRestrictionMode=AllowList tenant",
    );
    both(
        |world| {
            let blocked = Domains(domains(&["fabrikam.example"]));
            world.tenant.directory.policy.blocked_domains = Some(blocked);
        },
        "domain-lists directory-domain-blocked BlockedDomains= directory",
    );
    both(
        |world| world.tenant.directory.policy.allowed_domains = Some(Domains(domains(&[]))),
        "domain-lists directory-domain-not-allowed AllowedDomains= directory",
    );
}

#[test]
fn the_directorys_list_binds_where_the_directory_invites() {
    let refused = "deny directory-domain-not-allowed";
    let list = |world: World| {
        world.with(|world| {
            world.tenant.directory.policy.allowed_domains = Some(Domains(domains(&[])));
        })
    };
    let p2 = || World::new().profile(Profile::IntegrationOptIn);
    let by_sharing =
        |world: World| world.with(|world| world.guest().manager = InvitationManager::Sharing);
    list(by_sharing(p2())).check_after(ACCEPTED);
    list(by_sharing(p2().integration(true))).check_after(refused);
    list(p2()).check_after(refused);
    let shared = |world: World| world.shared_by(InvitationManager::Sharing, true);
    list(shared(p2())).check_after(ACCEPTED);
    list(shared(p2().integration(true))).check_after(refused);
    list(p2().integration(true).redeemed()).check_after("allow");
}

#[test]
fn providers_refuse() {
    check(
        |world| {
            let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
            here.identity_providers = kinds(&[]);
        },
        "provider provider-not-offered identity_providers=false cloud",
        "provider provider-not-offered identity_providers=false cloud",
    );
    check(
        |world| {
            world.tenant.directory.policy.email_otp = EmailOtp::Disabled;
            world.tenant.directory.policy.fallback = FallbackIdentityProvider::EmailOneTimePasscode;
            *world = world.clone().by("email-otp");
        },
        "provider passcodes-disabled allowExternalIdToUseEmailOtp=false directory",
        "provider passcodes-disabled allowExternalIdToUseEmailOtp=false directory",
    );
    check(
        |world| {
            *world = world.clone().by("google").redeemed();
        },
        "provider provider-withdrawn google=false directory",
        "provider provider-withdrawn google=false directory",
    );
    check(
        |world| {
            world.providers = Some(kinds(&["work-school"]));
        },
        "provider no-provider fallbackIdentityProvider=defaultConfiguredIdp directory",
        "-",
    );
}

#[test]
fn what_was_signed_in_with_refuses() {
    check(
        |world| world.person.audience_matches = false,
        "-",
        "audience audience-mismatch",
    );
    check(
        |world| {
            *world = world.clone().by("saml").federated();
            world.person.key.issuer.push('x');
        },
        "-",
        "federation federation-unknown federations= directory",
    );
    check(
        |world| {
            *world = world.clone().by("saml").federated();
            world.person.address = Some(address("ada@evil.example"));
        },
        "-",
        "federation email-domain-mismatch federations= directory",
    );
    check(
        |world| world.person.address = None,
        "-",
        "address address-not-proven",
    );
    check(
        |world| world.person.address = Some(address("bob@fabrikam.example")),
        "-",
        "address identity-mismatch",
    );
    check(
        |world| world.person.consented = Some(false),
        "-",
        "consent consent-declined",
    );
    check(
        |world| {
            world.tenant.directory.policy.terms_of_use = true;
            world.person.terms = Some(false);
        },
        "-",
        "terms terms-declined TermsOfUseRequired=true directory",
    );
    check(|world| world.person.terms = Some(false), "-", "-");
}

#[test]
fn an_entry_of_somebody_else_is_not_bound() {
    let others: Change = |world| world.guest().address = address("bob@fabrikam.example");
    check(others, "-", "address identity-mismatch");
}

#[test]
fn sharings_own_invitations_are_redeemed_by_whoever_holds_the_mail() {
    let other = |world: World| {
        world.with(|world| world.person.address = Some(address("bob@fabrikam.example")))
    };
    let p2 = || other(World::new().profile(Profile::IntegrationOptIn));
    let by_sharing =
        |world: World| world.with(|world| world.guest().manager = InvitationManager::Sharing);
    let mismatch = "deny identity-mismatch";
    by_sharing(p2()).check_after(ACCEPTED);
    p2().shared_by(InvitationManager::Sharing, true)
        .check_after(ACCEPTED);
    p2().check_after(mismatch);
    by_sharing(p2().integration(true)).check_after(mismatch);
    let bound = by_sharing(p2()).with(|world| world.tenant.sharing.require_account_match = true);
    bound.check_after(mismatch);
    let (_, recorded) = bound.ask_after();
    let basis = recorded.decider().unwrap().basis;
    assert_eq!(basis.setting, "RequireAcceptingAccountMatchInvitedAccount");
    assert_eq!(basis.value, Shown::Flag(true));
    let nobody = by_sharing(p2()).with(|world| world.person.address = None);
    nobody.check_after("deny address-not-proven");
    for (kind, want) in [("microsoft-account", ACCEPTED), ("email-otp", mismatch)] {
        by_sharing(p2()).by(kind).check_after(want);
    }
}

#[test]
fn a_federation_speaks_again_for_those_who_redeemed() {
    let redeemed = || World::new().by("saml").federated().redeemed();
    redeemed().check_after("allow");
    let silent = redeemed().with(|world| world.person.address = None);
    silent.check_after("deny email-domain-mismatch");
}

#[test]
fn whoever_holds_the_mail_is_judged_by_their_own_domain_too() {
    let legacy = || {
        World::new()
            .profile(Profile::IntegrationOptIn)
            .integration(false)
            .shared_by(InvitationManager::Sharing, true)
    };
    let accepting = |world: World| {
        world.with(|world| world.person.address = Some(address("bob@other.example")))
    };
    accepting(legacy()).check_after("allow +accepted +audit");
    let blocked = legacy().with(|world| {
        world.tenant.sharing.domain_mode = Mode::BlockList;
        world.tenant.sharing.blocked_domains = Domains(domains(&["other.example"]));
    });
    accepting(blocked).check_after("deny domain-blocked");
    let closed = legacy().with(|world| {
        let other = address("bob@other.example").domain().clone();
        let homes = [cloud("dod")].into();
        world.tenant.directory.domain_homes = [(other, homes)].into();
    });
    accepting(closed).check_after("deny cloud-not-allowed");
}
