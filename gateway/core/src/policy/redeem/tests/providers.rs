//! With which provider: the order that can be set, the fallback, and what is offered.

use super::world::{ACCEPTED, World, homes, kind, kinds};
use crate::person::InvitationManager;
use crate::settings::Profile;
use crate::settings::words::{EmailOtp, FallbackIdentityProvider, PrimaryIdentityProvider};
use crate::testing::{cloud, domains};

use FallbackIdentityProvider::{DefaultConfiguredIdp, EmailOneTimePasscode, MicrosoftAccount};
use PrimaryIdentityProvider::{AzureActiveDirectory, ExternalFederation, SocialIdentityProviders};

fn order(world: World, order: &[PrimaryIdentityProvider]) -> World {
    world.with(|world| world.tenant.directory.policy.primary_order.0 = order.to_vec())
}

/// Known to all three primary providers.
fn everywhere() -> World {
    World::new()
        .invite("ada@gmail.com")
        .federated()
        .with(|world| {
            world.home.clouds = homes(&["worldwide"]);
            world.tenant.directory.google = true;
        })
}

#[test]
fn the_primary_providers_are_tried_in_the_order_that_is_set() {
    let (entra, saml, google) = (
        AzureActiveDirectory,
        ExternalFederation,
        SocialIdentityProviders,
    );
    let (by_entra, by_saml, by_google) = ("sign-in work-school", "sign-in saml", "sign-in google");
    for (set, want) in [
        (&[entra, saml, google][..], by_entra),
        (&[entra, google, saml], by_entra),
        (&[saml, entra, google], by_saml),
        (&[saml, google, entra], by_saml),
        (&[google, entra, saml], by_google),
        (&[google, saml, entra], by_google),
        (&[entra], by_entra),
        (&[saml], by_saml),
        (&[google], by_google),
        (&[], "sign-in email-otp"),
    ] {
        order(everywhere(), set).check_before(want);
    }
}

#[test]
fn a_provider_that_does_not_know_the_person_is_passed_over() {
    let saml_first = [ExternalFederation, SocialIdentityProviders];
    let google = everywhere().with(|world| world.tenant.directory.federations.clear());
    order(google, &saml_first).check_before("sign-in google");
    let other = everywhere().with(|world| {
        let federation = &mut world.tenant.directory.federations[0];
        federation.domains = domains(&["mail.gmail.com"]);
    });
    order(other, &saml_first).check_before("sign-in google");
    let neither = everywhere().with(|world| world.tenant.directory.google = false);
    order(neither, &[SocialIdentityProviders]).check_before("sign-in email-otp");
}

#[test]
fn the_order_ends_at_the_border_of_the_instance() {
    let abroad = |home, ticked: &[&str]| {
        let world = everywhere().with(|world| {
            world.home.clouds = homes(home);
            world.tenant.directory.cross_tenant.clouds = homes(ticked);
        });
        order(world, &[ExternalFederation])
    };
    abroad(&["gcc-high"], &["gcc-high"]).check_before("sign-in work-school");
    abroad(&["gcc", "gcc-high"], &["gcc-high"]).check_before("sign-in work-school");
    abroad(&["gcc"], &[]).check_before("sign-in saml");
}

/// What becomes of somebody without any account, and of somebody with a Microsoft account.
fn fallback(setting: FallbackIdentityProvider, otp: EmailOtp, direct_link: bool) -> [String; 2] {
    [false, true].map(|microsoft_account| {
        World::new()
            .with(|world| {
                world.tenant.directory.policy.fallback = setting;
                world.tenant.directory.policy.email_otp = otp;
                world.home.microsoft_account = microsoft_account;
                world.direct_link = direct_link;
            })
            .before()
    })
}

#[test]
fn the_fallback_is_the_one_that_is_set() {
    use EmailOtp::{Default, Disabled, Enabled};
    let (passcode, account, fresh) = (
        "sign-in email-otp",
        "sign-in microsoft-account",
        "sign-in new-microsoft-account",
    );
    let (none, off) = ("deny no-provider", "deny passcodes-disabled");
    for (setting, otp, direct_link, want) in [
        (DefaultConfiguredIdp, Default, false, [passcode, account]),
        (DefaultConfiguredIdp, Default, true, [passcode, account]),
        (DefaultConfiguredIdp, Enabled, false, [passcode, account]),
        (DefaultConfiguredIdp, Disabled, false, [fresh, account]),
        (DefaultConfiguredIdp, Disabled, true, [none, account]),
        (EmailOneTimePasscode, Default, false, [passcode, passcode]),
        (EmailOneTimePasscode, Enabled, true, [passcode, passcode]),
        (EmailOneTimePasscode, Disabled, false, [off, off]),
        (EmailOneTimePasscode, Disabled, true, [off, off]),
        (MicrosoftAccount, Default, false, [fresh, account]),
        (MicrosoftAccount, Default, true, [none, account]),
        (MicrosoftAccount, Disabled, false, [fresh, account]),
        (MicrosoftAccount, Disabled, true, [none, account]),
    ] {
        let got = fallback(setting, otp, direct_link);
        assert_eq!(got, want, "{} {} {direct_link}", setting.name(), otp.name());
    }
}

#[test]
fn what_is_not_offered_is_passed_over() {
    let listing = |world: World, listed: &[&str]| {
        let in_cloud = world.clone().with(|world| {
            let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
            here.identity_providers = kinds(listed);
        });
        let set_up = world.with(|world| world.providers = Some(kinds(listed)));
        (in_cloud, set_up)
    };
    let check = |world: World, listed: &[&str], by_cloud: &str, by_operator: &str| {
        let (in_cloud, set_up) = listing(world, listed);
        in_cloud.check_before(by_cloud);
        set_up.check_before(by_operator);
    };
    let both = |world: World, listed: &[&str], want: &str| check(world, listed, want, want);
    let saml_first = || order(everywhere(), &[ExternalFederation, SocialIdentityProviders]);
    both(saml_first(), &["saml", "google"], "sign-in saml");
    both(saml_first(), &["google"], "sign-in google");
    both(saml_first(), &["email-otp"], "sign-in email-otp");
    both(
        saml_first(),
        &["microsoft-account"],
        "sign-in new-microsoft-account",
    );
    let (not_here, nobody) = ("deny provider-not-offered", "deny no-provider");
    check(saml_first(), &["work-school"], not_here, nobody);
    let two = || {
        World::new().with(|world| {
            world.home.clouds = homes(&["worldwide"]);
            world.home.microsoft_account = true;
        })
    };
    both(two(), &["work-school"], "sign-in work-school");
    let passcodes = || {
        World::new().with(|world| {
            world.tenant.directory.policy.fallback = EmailOneTimePasscode;
            world.home.microsoft_account = true;
        })
    };
    let off = "deny passcodes-disabled";
    check(passcodes(), &["microsoft-account"], off, nobody);
}

#[test]
fn passcodes_that_are_switched_on_do_not_come_into_a_cloud_without_them() {
    let world = World::new().with(|world| {
        world.tenant.directory.policy.email_otp = EmailOtp::Enabled;
        let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
        here.identity_providers = kinds(&["work-school"]);
    });
    world.check_before("deny provider-not-offered");
    world
        .by("email-otp")
        .check_after("deny provider-not-offered");
}

#[test]
fn sharings_own_manager_takes_accounts_before_passcodes() {
    let own = |homes_of: &[&str], microsoft_account| {
        World::new()
            .profile(Profile::IntegrationOptIn)
            .shared_by(InvitationManager::Sharing, true)
            .federated()
            .with(|world| {
                world.home.clouds = homes(homes_of);
                world.home.microsoft_account = microsoft_account;
                world.direct_link = true;
                world.tenant.directory.policy.email_otp = EmailOtp::Disabled;
            })
    };
    own(&[], false).check_before("sign-in sharing-otp +no-entry");
    own(&[], true).check_before("sign-in microsoft-account");
    own(&["worldwide"], false).check_before("sign-in work-school");
    own(&["worldwide"], true).check_before("choose work-school microsoft-account");
    let entry = own(&[], false).with(|world| {
        world.guest = World::new().guest;
        world.guest().manager = InvitationManager::Sharing;
    });
    entry.check_before("sign-in sharing-otp +no-entry");
    // An entry that the directory made goes by the directory's order.
    let directorys = entry.with(|world| world.guest().manager = InvitationManager::Directory);
    directorys.check_before("sign-in saml");
}

#[test]
fn whoever_redeemed_comes_back_in_the_same_way() {
    for (name, want) in [
        ("work-school", "sign-in work-school"),
        ("microsoft-account", "sign-in microsoft-account"),
        ("google", "sign-in google"),
        ("email-otp", "sign-in email-otp"),
        ("saml", "sign-in saml"),
        ("openid", "sign-in existing-account"),
        ("carrier-pigeon", "sign-in existing-account"),
    ] {
        let world = World::new().by(name).federated().redeemed().with(|world| {
            world.tenant.directory.google = true;
        });
        world.check_before(want);
        world.check_after("allow");
        world
            .integration(false)
            .check_before("sign-in existing-account");
    }
    let unknown = World::new()
        .redeemed()
        .with(|world| world.redeemed_with = None);
    unknown.check_before("sign-in existing-account");
}

#[test]
fn a_provider_that_was_taken_away_shuts_out_those_who_came_by_it() {
    let off = |name: &str| {
        World::new().by(name).with(|world| {
            world.tenant.directory.policy.email_otp = EmailOtp::Disabled;
        })
    };
    let (withdrawn, not_offered) = ("deny provider-withdrawn", "deny provider-not-offered");
    for (name, new) in [
        ("email-otp", "deny passcodes-disabled"),
        ("google", not_offered),
        ("saml", not_offered),
    ] {
        off(name).check_after(new);
        off(name).redeemed().check_after(withdrawn);
        off(name).redeemed().check_before(withdrawn);
        // The cloud's own list comes first.
        let nowhere = off(name).with(|world| {
            let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
            here.identity_providers.remove(&kind(name));
        });
        nowhere.check_after(not_offered);
        nowhere.clone().redeemed().check_after(not_offered);
        nowhere.redeemed().check_before(not_offered);
    }
}

#[test]
fn providers_that_the_documents_do_not_list_are_the_operators_decision() {
    for name in ["openid", "carrier-pigeon"] {
        let world = World::new().by(name).with(|world| {
            world.providers = Some(kinds(&[]));
            let here = world.clouds.0.get_mut(&cloud("worldwide")).unwrap();
            here.identity_providers = kinds(&[]);
        });
        world.check_after(ACCEPTED);
        world.redeemed().check_after("allow");
    }
    let listed = World::new().with(|world| world.providers = Some(kinds(&["openid"])));
    listed.check_after("deny provider-not-offered");
}
