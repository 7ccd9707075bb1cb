//! What falls asleep, and what wakes up.

use super::world::{F, T, World, clear, n, set, w};
use crate::settings::value::Raw;

#[test]
fn levels_sleep_under_a_lower_ceiling_and_wake_when_it_rises() {
    let name = "SharingCapability";
    let world = World::new()
        .with("s", name, w("ExternalUserSharingOnly"))
        .with("root", name, w("Disabled"))
        .with("p", name, w("ExistingExternalUserSharingOnly"));
    let lower = set("tenant", name, w("ExistingExternalUserSharingOnly"));
    let told = world.told(std::slice::from_ref(&lower));
    assert_eq!(told, ["sleeps s SharingCapability=ExternalUserSharingOnly"]);
    let world = world.with("tenant", name, w("ExistingExternalUserSharingOnly"));
    // It slept before.
    assert!(world.told(&[lower]).is_empty());
    let told = world.told(&[set("tenant", name, w("ExternalUserAndGuestSharing"))]);
    assert_eq!(told, ["wakes s SharingCapability=ExternalUserSharingOnly"]);
    // What is replaced by another value neither sleeps nor wakes.
    assert!(world.told(&[set("s", name, w("Disabled"))]).is_empty());
    let told = world.told(&[set("s", name, w("ExternalUserAndGuestSharing"))]);
    assert_eq!(
        told,
        ["sleeps s SharingCapability=ExternalUserAndGuestSharing"]
    );
}

#[test]
fn a_partitions_ceiling_holds_sites_down_that_do_not_override_it() {
    let lower = set("tenant", "CoreSharingCapability", w("Disabled"));
    let told = World::new().told(std::slice::from_ref(&lower));
    let held = "SharingCapability=ExternalUserAndGuestSharing";
    // Personal sites are never looser than sites.
    let all = ["p", "root", "s"].map(|site| format!("sleeps {site} {held}"));
    assert_eq!(told, all);
    let world = World::new().with("s", "OverrideSharingCapability", T);
    assert_eq!(world.told(&[lower]), all[..2]);
    let told = World::new().told(&[set("tenant", "OneDriveSharingCapability", w("Disabled"))]);
    assert_eq!(told, all[..1]);
    let same = set(
        "tenant",
        "CoreSharingCapability",
        w("ExternalUserAndGuestSharing"),
    );
    assert!(World::new().told(&[same]).is_empty());
    // A partition's is held down by the tenant's.
    let world = World::new().with(
        "tenant",
        "CoreSharingCapability",
        w("ExternalUserSharingOnly"),
    );
    let told = world.told(&[set("tenant", "SharingCapability", w("Disabled"))]);
    assert!(
        told.contains(&"sleeps tenant CoreSharingCapability=ExternalUserSharingOnly".to_owned())
    );
}

/// Settings that do nothing until another is as it is given here.
#[test]
fn what_belongs_to_a_switch_sleeps_until_it_is_turned() {
    let list = |text: &str| Raw::List(vec![Raw::text(text)]);
    let cases: Vec<(&str, &str, Raw, &str, &str, Raw)> = vec![
        (
            "tenant",
            "SharingAllowedDomainList",
            list("a.com"),
            "tenant",
            "SharingDomainRestrictionMode",
            w("AllowList"),
        ),
        (
            "tenant",
            "SharingBlockedDomainList",
            list("a.com"),
            "tenant",
            "SharingDomainRestrictionMode",
            w("BlockList"),
        ),
        (
            "s",
            "SharingAllowedDomainList",
            list("a.com"),
            "s",
            "SharingDomainRestrictionMode",
            w("AllowList"),
        ),
        (
            "s",
            "SharingBlockedDomainList",
            list("a.com"),
            "s",
            "SharingDomainRestrictionMode",
            w("BlockList"),
        ),
        (
            "tenant",
            "IPAddressAllowList",
            list("192.0.2.0/24"),
            "tenant",
            "IPAddressEnforcement",
            T,
        ),
        (
            "tenant",
            "ExternalUserExpireInDays",
            n(30),
            "tenant",
            "ExternalUserExpirationRequired",
            T,
        ),
        (
            "tenant",
            "AllowSharingOutsideRestrictedAccessControlGroups",
            F,
            "tenant",
            "EnableRestrictedAccessControl",
            T,
        ),
        (
            "s",
            "RestrictedAccessControl",
            T,
            "tenant",
            "EnableRestrictedAccessControl",
            T,
        ),
        (
            "s",
            "AnonymousLinkExpirationInDays",
            n(9),
            "s",
            "OverrideTenantAnonymousLinkExpirationPolicy",
            T,
        ),
        (
            "s",
            "ExternalUserExpirationInDays",
            n(9),
            "s",
            "OverrideTenantExternalUserExpirationPolicy",
            T,
        ),
        (
            "s",
            "OrganizationSharingLinkMaxExpirationInDays",
            n(9),
            "s",
            "OverrideTenantOrganizationSharingLinkExpirationPolicy",
            T,
        ),
        (
            "s",
            "OrganizationSharingLinkRecommendedExpirationInDays",
            n(9),
            "s",
            "OverrideTenantOrganizationSharingLinkExpirationPolicy",
            T,
        ),
        (
            "s",
            "AuthenticationContextName",
            w("c1"),
            "s",
            "ConditionalAccessPolicy",
            w("AuthenticationContext"),
        ),
        (
            "s",
            "OverrideBlockUserInfoVisibility",
            w("ApplyToAllUsers"),
            "tenant",
            "AllowOverrideForBlockUserInfoVisibility",
            T,
        ),
        (
            "s",
            "ExcludeBlockDownloadPolicySiteOwners",
            T,
            "s",
            "BlockDownloadPolicy",
            T,
        ),
        (
            "s",
            "ExcludedBlockDownloadGroupIds",
            list("g"),
            "s",
            "BlockDownloadPolicy",
            T,
        ),
        (
            "s",
            "ReadOnlyForBlockDownloadPolicy",
            T,
            "s",
            "BlockDownloadPolicy",
            T,
        ),
    ];
    for (place, name, value, switch_place, switch, turned) in cases {
        let told = World::new().told(&[set(place, name, value.clone())]);
        let line = format!("{place} {name}={value}");
        assert_eq!(told, [format!("sleeps {line}")]);
        let turn = set(switch_place, switch, turned.clone());
        let world = World::new().with(place, name, value.clone());
        assert!(
            world
                .told(std::slice::from_ref(&turn))
                .contains(&format!("wakes {line}")),
            "{line}"
        );
        // With the switch turned at the same time it never slept.
        let told = World::new().told(&[set(place, name, value), turn]);
        assert!(
            !told.iter().any(|told| told.contains("sleeps")),
            "{told:#?}"
        );
        let world = world.with(switch_place, switch, turned);
        let back = world.told(&[clear(switch_place, switch)]);
        assert!(back.contains(&format!("sleeps {line}")), "{back:#?}");
    }
}

#[test]
fn what_the_integration_replaces_sleeps_while_it_is_on() {
    let world = World::new().with("tenant", "EnableAzureADB2BIntegration", F);
    for (name, value) in [
        ("RequireAcceptingAccountMatchInvitedAccount", T),
        ("EmailAttestationRequired", T),
    ] {
        let line = format!("sleeps tenant {name}={value}");
        let told = World::new().told(&[set("tenant", name, value.clone())]);
        assert_eq!(told, std::slice::from_ref(&line));
        let world = world.clone().with("tenant", name, value);
        let told = world.told(&[set("tenant", "EnableAzureADB2BIntegration", T)]);
        assert!(told.contains(&line), "{told:#?}");
    }
    let name = "AllowGuestUserShareToUsersNotInSiteCollection";
    assert!(World::new().told(&[set("tenant", name, T)]).is_empty());
    let told = world.told(&[set("tenant", name, T)]);
    assert_eq!(told, [format!("sleeps tenant {name}=true")]);
    let days = set("tenant", "EmailAttestationReAuthDays", n(9));
    assert_eq!(
        world.told(std::slice::from_ref(&days)),
        ["sleeps tenant EmailAttestationReAuthDays=9"]
    );
    let required = set("tenant", "EmailAttestationRequired", T);
    assert!(world.told(&[days, required]).is_empty());
}

#[test]
fn looser_values_of_settings_that_combine_sleep() {
    for (name, strict, loose) in [
        (
            "BlockDownloadLinksFileType",
            "ServerRenderedFilesOnly",
            "WebPreviewableFiles",
        ),
        (
            "LimitedAccessFileType",
            "OfficeOnlineFilesOnly",
            "OtherFiles",
        ),
    ] {
        let world = World::new().with("tenant", name, w(strict));
        let told = world.told(&[set("s", name, w(loose))]);
        assert_eq!(told, [format!("sleeps s {name}={loose}")]);
        assert!(world.told(&[set("s", name, w(strict))]).is_empty());
    }
    let all = "RequireAnonymousLinksExpireInDays";
    for name in [
        "CoreAnyoneSharingLinkMaxExpirationInDays",
        "OneDriveAnyoneSharingLinkMaxExpirationInDays",
    ] {
        let world = World::new().with("tenant", all, n(30));
        assert_eq!(
            world.told(&[set("tenant", name, n(60))]),
            [format!("sleeps tenant {name}=60")]
        );
        assert!(world.told(&[set("tenant", name, n(30))]).is_empty());
    }
}

#[test]
fn groups_sleep_without_the_master_switch_and_under_the_sites_own() {
    let groups = || set("s", "RestrictedAccessControlGroups", w("g1"));
    let line = "sleeps s RestrictedAccessControlGroups=g1";
    assert_eq!(World::new().told(&[groups()]), [line]);
    let world = World::new().with("s", "RestrictedAccessControl", T);
    assert_eq!(world.told(&[groups()]), [line]);
    let world = world.with("tenant", "EnableRestrictedAccessControl", T);
    assert!(world.told(&[groups()]).is_empty());
    assert_eq!(world.group("s", "team").told(&[groups()]), [line]);
}

#[test]
fn owners_of_personal_sites_are_asked_by_the_tenants_switch() {
    let world = World::new().with("tenant", "ODBAccessRequests", w("Off"));
    assert_eq!(
        world.told(&[set("p", "RequestAccess", T)]),
        ["sleeps p RequestAccess=true"]
    );
    assert!(world.told(&[set("s", "RequestAccess", T)]).is_empty());
    assert!(
        World::new()
            .told(&[set("p", "RequestAccess", T)])
            .is_empty()
    );
    let mode = set("s", "SharingMode", w("members-files-only"));
    assert!(World::new().told(&[mode]).is_empty());
    let only = set("s", "DisableSharingForNonOwners", T);
    assert!(World::new().told(&[only]).is_empty());
    let world = World::new().with("s", "DisableSharingForNonOwners", T);
    let told = world.told(&[set("s", "SharingMode", w("members-files-only"))]);
    assert_eq!(told, ["sleeps s SharingMode=members-files-only"]);
}
