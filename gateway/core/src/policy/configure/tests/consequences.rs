//! What is warned of, and which links end earlier.

use super::world::{F, T, World, n, set, w};
use crate::policy::configure::{Consequence, warnings};
use crate::settings::Profile;
use crate::settings::value::Raw;
use crate::sharing::{LinkScope, LinkType};
use crate::testing;

#[test]
fn ignored_settings_are_taken_with_a_warning() {
    for (place, name, value) in [
        ("tenant", "BccExternalSharingInvitations", T),
        // Also where the value is the default: whoever sets it expects something of it.
        ("tenant", "LegacyAuthProtocolsEnabled", T),
        ("s", "LoopDefaultSharingLinkScope", w("Anyone")),
        (
            "directory",
            "guestUserRoleId",
            w("2af84b1e-32c8-42b7-82bc-daa82404023b"),
        ),
    ] {
        let told = World::new().told(&[set(place, name, value)]);
        assert_eq!(told.len(), 1, "{told:#?}");
        let begins = format!("warning {place} {name} is accepted and does nothing here: ");
        assert!(told[0].starts_with(&begins), "{told:#?}");
    }
    let settings = World::new()
        .with("tenant", "LegacyAuthProtocolsEnabled", F)
        .settings;
    let standing = warnings(&settings, &testing::clouds());
    assert!(
        matches!(&standing[..], [Consequence::Warning { key, .. }] if key == "LegacyAuthProtocolsEnabled")
    );
    assert!(warnings(&World::new().settings, &testing::clouds()).is_empty());
}

#[test]
fn the_integration_is_ignored_where_the_profile_has_no_choice() {
    let name = "EnableAzureADB2BIntegration";
    for (profile, state) in [
        (Profile::SeparateManagers, "off"),
        (Profile::IntegrationMandatory, "on"),
    ] {
        for value in [T, F] {
            let world = World::new().profile(profile);
            let told = world.told(&[set("tenant", name, value)]);
            let want = format!(
                "warning tenant {name} is ignored: in the profile `{}` the integration is always {state}",
                profile.name()
            );
            assert_eq!(told, [want]);
        }
    }
    // Nor do the rules of the second profile bind it there.
    let off = "allowExternalIdToUseEmailOtp";
    let world = World::new().profile(Profile::SeparateManagers).cloud("dod");
    world
        .with("directory", off, F)
        .taken(&[set("tenant", name, T)]);
}

#[test]
fn whoever_sets_it_again_is_warned_again() {
    let name = "EnableAzureADB2BIntegration";
    let world = World::new()
        .profile(Profile::IntegrationMandatory)
        .with("tenant", name, F);
    assert_eq!(world.told(&[set("tenant", name, F)]).len(), 1);
    // And nobody else is.
    assert!(
        world
            .told(&[set("tenant", "ShowEveryoneClaim", T)])
            .is_empty()
    );
}

#[test]
fn switching_the_integration_says_what_is_to_be_done() {
    let name = "EnableAzureADB2BIntegration";
    let world = World::new()
        .profile(Profile::IntegrationOptIn)
        .with("tenant", "SharingDomainRestrictionMode", w("BlockList"))
        .with("tenant", "SharingBlockedDomainList", w("a.com"))
        .with("s", "SharingDomainRestrictionMode", w("AllowList"))
        .with("s", "SharingAllowedDomainList", w("b.com"));
    let told = world.told(&[set("tenant", name, T)]);
    let begins: Vec<_> = told
        .iter()
        .map(|line| line.split(" may be ").next().unwrap())
        .collect();
    assert_eq!(
        begins,
        [
            "warning tenant SharingBlockedDomainList",
            "warning s SharingAllowedDomainList"
        ]
    );
    let world = world.with("tenant", name, T);
    let told = world.told(&[set("tenant", name, F)]);
    assert!(
        told[0].contains("must be shared with them again"),
        "{told:#?}"
    );
    let told = world
        .profile(Profile::IntegrationDefault)
        .told(&[set("tenant", name, F)]);
    assert!(told[0].contains("stay guests"), "{told:#?}");
}

#[test]
fn settings_that_shut_everybody_out_are_warned_of() {
    for (changes, want) in [
        (
            vec![set(
                "tenant",
                "SharingDomainRestrictionMode",
                w("AllowList"),
            )],
            "warning tenant SharingAllowedDomainList is empty",
        ),
        (
            vec![set("s", "SharingDomainRestrictionMode", w("AllowList"))],
            "warning s SharingAllowedDomainList is empty",
        ),
        (
            vec![set("directory", "AllowedDomains", Raw::List(vec![]))],
            "warning directory AllowedDomains is empty",
        ),
        (
            vec![set("tenant", "IPAddressEnforcement", T)],
            "warning tenant IPAddressEnforcement lets nobody in",
        ),
        (
            vec![
                set("tenant", "EnableRestrictedAccessControl", T),
                set("s", "RestrictedAccessControl", T),
            ],
            "warning s RestrictedAccessControl lets nobody in",
        ),
    ] {
        let told = World::new().told(&changes);
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].starts_with(want), "{told:#?}");
    }
    let on = set("tenant", "EnableRestrictedAccessControl", T);
    let world = World::new()
        .with("s", "RestrictedAccessControl", T)
        .group("s", "team");
    assert_eq!(world.told(&[on]), ["wakes s RestrictedAccessControl=true"]);
}

#[test]
fn links_are_shortened_by_whatever_shortens_their_life() {
    let anyone = |kind| World::new().link("a", LinkScope::Anonymous, kind, 0, None);
    let shortened = ["shortened a 7"];
    let days = |name| set("tenant", name, n(7));
    let world = anyone(LinkType::View);
    assert_eq!(
        world.told(&[days("CoreAnyoneSharingLinkMaxExpirationInDays")]),
        shortened
    );
    assert!(
        world
            .told(&[days("OneDriveAnyoneSharingLinkMaxExpirationInDays")])
            .is_empty()
    );
    let site = [
        set("s", "OverrideTenantAnonymousLinkExpirationPolicy", T),
        set("s", "AnonymousLinkExpirationInDays", n(7)),
    ];
    assert_eq!(world.told(&site), shortened);
    // Requests for files have a life of their own.
    assert!(
        world
            .told(&[days("CoreRequestFilesLinkExpirationInDays")])
            .is_empty()
    );
    let requests = anyone(LinkType::CreateOnly);
    assert_eq!(
        requests.told(&[days("CoreRequestFilesLinkExpirationInDays")]),
        shortened
    );
    assert_eq!(
        requests.told(&[days("RequireAnonymousLinksExpireInDays")]),
        shortened
    );
    let company = World::new().link("a", LinkScope::Organization, LinkType::View, 0, None);
    let name = "CoreOrganizationSharingLinkMaxExpirationInDays";
    assert_eq!(company.told(&[days(name)]), shortened);
    for scope in [
        LinkScope::Users(Default::default()),
        LinkScope::ExistingAccess,
    ] {
        let world = World::new().link("a", scope, LinkType::View, 0, None);
        assert!(
            world
                .told(&[days(name), days("RequireAnonymousLinksExpireInDays")])
                .is_empty()
        );
    }
    // A link that ended yesterday, or in a site that nobody knows, is not shortened.
    let world = World::new().link("a", LinkScope::Anonymous, LinkType::View, 30, Some(0));
    assert!(
        world
            .told(&[days("RequireAnonymousLinksExpireInDays")])
            .is_empty()
    );
    let mut world = anyone(LinkType::View);
    world.links[0].site = super::world::site_id("gone");
    assert!(
        world
            .told(&[days("RequireAnonymousLinksExpireInDays")])
            .is_empty()
    );
}
