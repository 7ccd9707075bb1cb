//! Values in effect.

use super::world::{F, T, World, n, scope, set, w};
use crate::policy::configure::{Configured, Consequence, effective};
use crate::settings::value::Raw;
use crate::settings::{DirectoryPolicy, Profile, SiteSharing, TenantSharing};
use crate::testing;

#[test]
fn every_setting_has_a_value_in_effect() {
    let world = World::new();
    let clouds = testing::clouds();
    for (place, table) in [
        ("tenant", TenantSharing::SETTINGS),
        ("s", SiteSharing::SETTINGS),
        ("p", SiteSharing::SETTINGS),
        ("directory", DirectoryPolicy::SETTINGS),
    ] {
        for setting in table {
            let shown = effective(&world.settings, &scope(place), setting.name, &clouds);
            assert!(shown.is_some(), "{place} {}", setting.name);
        }
        assert_eq!(
            effective(&world.settings, &scope(place), "Nonsense", &clouds),
            None
        );
    }
    let elsewhere = scope("elsewhere");
    assert_eq!(
        effective(&world.settings, &elsewhere, "LockState", &clouds),
        None
    );
}

#[test]
fn what_was_changed_is_shown_first_then_what_was_asked_for() {
    let changes = [set("tenant", "SharingCapability", w("Disabled"))];
    let shown = [("s", "SharingCapability"), ("tenant", "SharingCapability")];
    let Configured::Set { consequences, .. } = World::new().configure(&changes, &shown) else {
        panic!();
    };
    let shown: Vec<_> = consequences
        .iter()
        .filter_map(|one| match one {
            Consequence::Effective {
                scope,
                value,
                source,
                ..
            } => Some((scope.clone(), value.as_str(), source.name())),
            _ => None,
        })
        .collect();
    let disabled = |place| (scope(place), "Disabled", "tenant");
    assert_eq!(shown, [disabled("tenant"), disabled("s")]);
}

#[test]
fn values_in_effect_name_their_source() {
    let base = World::new;
    let level = "SharingCapability";
    let days = "RequireAnonymousLinksExpireInDays";
    for (world, place, name, want) in [
        (base(), "s", level, "ExternalUserAndGuestSharing (tenant)"),
        (
            base().with("s", level, w("Disabled")),
            "s",
            level,
            "Disabled (site)",
        ),
        (
            base().with("tenant", "CoreSharingCapability", w("Disabled")),
            "s",
            level,
            "Disabled (partition)",
        ),
        (
            base(),
            "tenant",
            "CoreSharingCapability",
            "ExternalUserAndGuestSharing (tenant)",
        ),
        (
            base().with("tenant", "CoreSharingCapability", w("Disabled")),
            "tenant",
            "OneDriveSharingCapability",
            "Disabled (partition)",
        ),
        (
            base().with("tenant", "OneDriveSharingCapability", w("Disabled")),
            "tenant",
            "OneDriveSharingCapability",
            "Disabled (partition)",
        ),
        (
            base(),
            "tenant",
            "EnableAzureADB2BIntegration",
            "true (profile)",
        ),
        (
            base().with("tenant", "EnableAzureADB2BIntegration", F),
            "tenant",
            "EnableAzureADB2BIntegration",
            "false (tenant)",
        ),
        (
            base().with("tenant", days, n(30)),
            "s",
            "AnonymousLinkExpirationInDays",
            "30 (tenant)",
        ),
        (
            base().with("tenant", days, n(30)),
            "tenant",
            "CoreAnyoneSharingLinkMaxExpirationInDays",
            "30 (tenant)",
        ),
        (
            base().with("tenant", days, n(30)),
            "tenant",
            "OneDriveAnyoneSharingLinkRecommendedExpirationInDays",
            "30 (tenant)",
        ),
        (
            base().with(
                "tenant",
                "CoreOrganizationSharingLinkMaxExpirationInDays",
                n(30),
            ),
            "s",
            "OrganizationSharingLinkRecommendedExpirationInDays",
            "30 (partition)",
        ),
        (
            base().with(
                "tenant",
                "CoreOrganizationSharingLinkMaxExpirationInDays",
                n(30),
            ),
            "tenant",
            "CoreOrganizationSharingLinkRecommendedExpirationInDays",
            "30 (partition)",
        ),
        (
            base().with("tenant", "ExternalUserExpirationRequired", T),
            "s",
            "ExternalUserExpirationInDays",
            "60 (tenant)",
        ),
        (
            base().with("tenant", "ExternalUserExpirationRequired", T),
            "tenant",
            "ExternalUserExpireInDays",
            "60 (tenant)",
        ),
        (
            base(),
            "tenant",
            "EmailAttestationReAuthDays",
            "30 (tenant)",
        ),
        (base(), "tenant", "ShowAllUsersClaim", "false (tenant)"),
        (
            base()
                .with("tenant", "AllowGuestUserShareToUsersNotInSiteCollection", T)
                .with("tenant", "EnableAzureADB2BIntegration", F),
            "tenant",
            "AllowGuestUserShareToUsersNotInSiteCollection",
            "false (tenant)",
        ),
        (
            base(),
            "tenant",
            "OneDriveRequestFilesLinkEnabled",
            "true (partition)",
        ),
        (base(), "p", "RequestFilesLinkEnabled", "true (partition)"),
        (base(), "s", "RequestFilesLinkEnabled", "false (partition)"),
        (
            base(),
            "s",
            "ConditionalAccessPolicy",
            "AllowFullAccess (tenant)",
        ),
        (
            base()
                .with("s", "ConditionalAccessPolicy", w("AuthenticationContext"))
                .with("s", "AuthenticationContextName", w("c1")),
            "s",
            "ConditionalAccessPolicy",
            "AuthenticationContext (site)",
        ),
        (
            base(),
            "p",
            "OverrideBlockUserInfoVisibility",
            "ApplyToGuestAndExternalUsers (partition)",
        ),
        (
            base(),
            "s",
            "BlockDownloadLinksFileType",
            "WebPreviewableFiles (tenant)",
        ),
        (
            base(),
            "s",
            "LimitedAccessFileType",
            "WebPreviewableFiles (tenant)",
        ),
        (base(), "s", "AllowEditing", "true (tenant)"),
        (
            base().with("s", "DisableSharingForNonOwners", T),
            "s",
            "SharingMode",
            "owners (site)",
        ),
        (
            base().with("s", "SharingMode", w("owners")),
            "s",
            "DisableSharingForNonOwners",
            "true (site)",
        ),
        (
            base().with("s", "RestrictedAccessControl", T),
            "s",
            "RestrictedAccessControl",
            "false (tenant)",
        ),
        (
            base().group("s", "team"),
            "s",
            "RestrictedAccessControlGroups",
            "team (site)",
        ),
        (
            base().with("tenant", "ODBAccessRequests", w("On")),
            "p",
            "RequestAccess",
            "true (tenant)",
        ),
        (
            base().with("tenant", "CoreBlockGuestsAsSiteAdmin", w("On")),
            "s",
            "BlockGuestsAsSiteAdmin",
            "On (partition)",
        ),
        (base(), "directory", "allowInvitesFrom", "everyone (cloud)"),
        (
            base().cloud("atlantis"),
            "directory",
            "allowInvitesFrom",
            "none (cloud)",
        ),
        (
            base().with("directory", "MembersCanInvite", F),
            "directory",
            "allowInvitesFrom",
            "adminsAndGuestInviters (directory)",
        ),
        (
            base(),
            "directory",
            "allowExternalIdToUseEmailOtp",
            "enabled (cloud)",
        ),
        (
            base().with("directory", "allowExternalIdToUseEmailOtp", F),
            "directory",
            "allowExternalIdToUseEmailOtp",
            "disabled (directory)",
        ),
        (base(), "tenant", "profile", "integration-default (tenant)"),
        (base(), "tenant", "environment_boundary", "cloud (tenant)"),
        (base(), "s", "LockState", "Unlock (site)"),
    ] {
        assert_eq!(world.shown(place, name), want, "{place} {name}");
    }
    let world =
        base()
            .profile(Profile::SeparateManagers)
            .with("tenant", "EnableAzureADB2BIntegration", T);
    assert_eq!(
        world.shown("tenant", "EnableAzureADB2BIntegration"),
        "false (profile)"
    );
}

#[test]
fn in_us_government_clouds_nobody_may_invite_by_default() {
    let mut clouds = testing::clouds();
    let cloud = testing::cloud("gcc-high");
    clouds.0.get_mut(&cloud).unwrap().allow_invites_from =
        crate::settings::words::AllowInvitesFrom::None;
    let world = World::new().cloud("gcc-high");
    let shown = effective(
        &world.settings,
        &scope("directory"),
        "allowInvitesFrom",
        &clouds,
    );
    assert_eq!(shown.unwrap().0, "none");
}

#[test]
fn lists_are_shown_as_operators_write_them() {
    let list = Raw::List(vec![Raw::text("b.com"), Raw::text("a.com")]);
    let world = World::new().with("tenant", "SharingBlockedDomainList", list);
    assert_eq!(
        world.shown("tenant", "SharingBlockedDomainList"),
        "a.com b.com (tenant)"
    );
}
