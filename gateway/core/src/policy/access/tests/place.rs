use super::world::{ADA, World, check, check_all, group, link, named, world};
use crate::action::Action;
use crate::cloud::EnvironmentBoundary;
use crate::policy::{Basis, Shown};
use crate::settings::{Channel, LevelSource, Partition, SharingCapability, Source};
use crate::sharing::{LinkType, Recipient, Role};
use crate::testing::cloud;

const GRANT: &str = "allow permission grant";
const LINK: &str = "allow link link";

#[test]
fn a_locked_site_is_closed_to_everybody_and_a_read_only_one_to_changes() {
    check_all(&[
        (|w| w.set_site("LockState", "NoAccess"), "site-locked"),
        (
            |w| {
                w.who = super::world::As::Member;
                w.set_site("LockState", "NoAccess");
            },
            "site-locked",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.set_site("LockState", "NoAccess");
            },
            "site-locked",
        ),
        (|w| w.set_site("LockState", "ReadOnly"), GRANT),
        (
            |w| {
                w.bearer(LinkType::Edit);
                w.action = Action::Edit;
                w.set_site("LockState", "ReadOnly");
            },
            "site-read-only",
        ),
    ]);
    for action in [Action::Edit, Action::Create, Action::Delete] {
        let change = |w: &mut World| {
            w.permissions[0].role = Role::Write;
            w.action = action;
            w.set_site("LockState", "ReadOnly");
        };
        check(change, "site-read-only");
    }
}

#[test]
fn trusted_addresses_count_once_they_are_enforced() {
    fn at(w: &mut World, address: Option<&str>) {
        w.set("IPAddressAllowList", "192.0.2.0/24,2001:db8::/32");
        w.principal.client.address = address.map(|text| text.parse().unwrap());
    }
    check_all(&[
        (|w| at(w, Some("198.51.100.1")), GRANT),
        (
            |w| {
                at(w, Some("198.51.100.1"));
                w.set("IPAddressEnforcement", true);
            },
            "network-not-trusted",
        ),
        (
            |w| {
                at(w, None);
                w.set("IPAddressEnforcement", true);
            },
            "network-not-trusted",
        ),
        (
            |w| {
                at(w, Some("::ffff:192.0.2.7"));
                w.set("IPAddressEnforcement", true);
            },
            GRANT,
        ),
        (
            |w| w.set("IPAddressEnforcement", true),
            "network-not-trusted",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                at(w, Some("198.51.100.1"));
                w.set("IPAddressEnforcement", true);
            },
            "network-not-trusted",
        ),
    ]);
}

#[test]
fn with_the_integration_links_of_a_restricted_cloud_serve_nobody_who_bears_them() {
    check_all(&[
        (
            |w| {
                w.bearer(LinkType::View);
                w.tenant.cloud = cloud("gcc-high");
            },
            LINK,
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.tenant.cloud = cloud("gcc-high");
                w.set("EnableAzureADB2BIntegration", true);
            },
            "outside-environment",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.set("EnableAzureADB2BIntegration", true);
            },
            LINK,
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.tenant.cloud = cloud("gcc-high");
                w.tenant.boundary = EnvironmentBoundary::Instance;
                w.set("EnableAzureADB2BIntegration", true);
            },
            "outside-environment",
        ),
        (
            |w| {
                w.bearer(LinkType::View);
                w.tenant.cloud = cloud("bleu");
            },
            "cloud-unknown",
        ),
    ]);
}

#[test]
fn the_most_restrictive_level_wins() {
    use SharingCapability as Level;
    for tenant in Level::ALL {
        for core in Level::ALL {
            for site in Level::ALL {
                for override_partition in [false, true] {
                    let levels = |w: &mut World| {
                        w.tenant.sharing.capability = *tenant;
                        w.tenant.sharing.core_capability = Some(*core);
                        w.site.sharing.capability = Some(*site);
                        w.site.sharing.override_partition = override_partition;
                    };
                    let partition = if override_partition { tenant } else { core };
                    let level = *tenant.min(partition).min(site);
                    let outsider = match level {
                        Level::Disabled => "sharing-disabled",
                        _ => GRANT,
                    };
                    check(levels, outsider);
                    let bearer = match level {
                        Level::ExternalUserAndGuestSharing => LINK,
                        _ => "anyone-links-disabled",
                    };
                    let borne = |w: &mut World| {
                        levels(w);
                        w.bearer(LinkType::View);
                    };
                    check(borne, bearer);
                    let new = match level {
                        Level::Disabled => "sharing-disabled",
                        Level::ExistingExternalUserSharingOnly => "new-guests-not-allowed",
                        _ => LINK,
                    };
                    let ad_hoc = |w: &mut World| {
                        levels(w);
                        w.ad_hoc();
                    };
                    check(ad_hoc, new);
                    let member = |w: &mut World| {
                        levels(w);
                        w.who = super::world::As::Member;
                    };
                    check(member, GRANT);
                }
            }
        }
    }
}

#[test]
fn personal_sites_have_their_own_ceiling_and_the_source_is_named() {
    check_all(&[
        (|w| w.set("OneDriveSharingCapability", "Disabled"), GRANT),
        (
            |w| {
                w.site.partition = Partition::OneDrive;
                w.set("OneDriveSharingCapability", "Disabled");
            },
            "sharing-disabled",
        ),
        // A level that nobody gave is that of the template.
        (|w| w.site.sharing.capability = None, "sharing-disabled"),
    ]);
    let mut world = world();
    world.site.partition = Partition::OneDrive;
    world.set("OneDriveSharingCapability", "Disabled");
    let source = Source::Partition(Partition::OneDrive);
    let basis = Basis::new("OneDriveSharingCapability", Shown::Word("Disabled"), source);
    assert_eq!(world.entry("person", "level").basis, basis);
    assert_eq!(LevelSource::Partition(Partition::OneDrive).source(), source);
}

#[test]
fn a_restricted_site_needs_a_group_beside_the_permission() {
    fn on(w: &mut World) {
        w.set("EnableRestrictedAccessControl", true);
        w.set_site("RestrictedAccessControl", true);
        w.set_site("RestrictedAccessControlGroups", "g1,g2");
    }
    check_all(&[
        (on, "restricted-access"),
        (
            |w| {
                on(w);
                w.in_groups(&["g2", "g3"]);
            },
            GRANT,
        ),
        (
            |w| {
                on(w);
                w.in_groups(&["g3"]);
            },
            "restricted-access",
        ),
        // Being in the group grants nothing.
        (
            |w| {
                on(w);
                w.in_groups(&["g1"]);
                w.permissions.clear();
            },
            "permission-missing",
        ),
        // Neither switch alone does anything.
        (
            |w| {
                on(w);
                w.set("EnableRestrictedAccessControl", false);
            },
            GRANT,
        ),
        (
            |w| {
                on(w);
                w.set_site("RestrictedAccessControl", false);
            },
            GRANT,
        ),
        // A connected site has its own group.
        (
            |w| {
                on(w);
                w.in_groups(&["g1"]);
                w.site.group = Some(group("own"));
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.in_groups(&["own"]);
                w.site.group = Some(group("own"));
            },
            GRANT,
        ),
        // People from outside in a shared channel are exempt; members are not.
        (
            |w| {
                on(w);
                w.site.channel = Channel::Shared;
            },
            GRANT,
        ),
        (
            |w| {
                on(w);
                w.site.channel = Channel::Shared;
                w.who = super::world::As::Member;
            },
            "restricted-access",
        ),
        // Whoever bears a link is in no group, even somebody who is signed in.
        (
            |w| {
                on(w);
                w.bearer(LinkType::View);
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.in_groups(&["g1"]);
                w.only_link(link(crate::sharing::LinkScope::Anonymous, LinkType::View));
            },
            "permission-missing",
        ),
        // People without an entry in the directory are in no group.
        (
            |w| {
                on(w);
                w.ad_hoc();
                w.in_groups(&["g1"]);
            },
            "restricted-access",
        ),
    ]);
}

#[test]
fn personal_sites_restricted_to_groups_are_closed_to_everybody_from_outside() {
    fn on(w: &mut World) {
        w.site.partition = Partition::OneDrive;
        w.set("OneDriveRestrictedAccessGroups", "g1");
        w.in_groups(&["g1"]);
    }
    check_all(&[
        (on, "restricted-access"),
        (
            |w| {
                on(w);
                w.who = super::world::As::Member;
            },
            GRANT,
        ),
        (
            |w| {
                on(w);
                w.who = super::world::As::Member;
                w.in_groups(&["g2"]);
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.bearer(LinkType::View);
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.site.channel = Channel::Shared;
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.site.partition = Partition::Core;
            },
            GRANT,
        ),
        // Both restrictions hold.
        (
            |w| {
                on(w);
                w.who = super::world::As::Member;
                w.set("EnableRestrictedAccessControl", true);
                w.set_site("RestrictedAccessControl", true);
                w.set_site("RestrictedAccessControlGroups", "g2");
            },
            "restricted-access",
        ),
        (
            |w| {
                on(w);
                w.permissions[0].recipient = Recipient::Members;
                w.only_link(link(named(ADA), LinkType::View));
            },
            "restricted-access",
        ),
    ]);
}
