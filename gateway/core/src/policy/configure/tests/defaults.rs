//! What the sharing dialogue begins with.

use super::world::{T, World, w};

#[test]
fn the_first_link_is_the_sites_choice_then_the_partitions_then_the_tenants() {
    let base = World::new;
    let kind = "DefaultSharingLinkType";
    let scope = "DefaultShareLinkScope";
    for (world, place, name, want) in [
        (base(), "s", kind, "AnonymousAccess (tenant)"),
        (base(), "s", scope, "Anyone (tenant)"),
        (
            base().with("tenant", kind, w("Direct")),
            "s",
            kind,
            "Direct (tenant)",
        ),
        (
            base().with("tenant", "CoreDefaultShareLinkScope", w("Organization")),
            "s",
            kind,
            "Internal (partition)",
        ),
        (
            base().with("tenant", "CoreDefaultShareLinkScope", w("Organization")),
            "p",
            kind,
            "AnonymousAccess (tenant)",
        ),
        (
            base().with("tenant", "CoreDefaultLinkToExistingAccess", T),
            "s",
            scope,
            "ExistingAccess (partition)",
        ),
        (
            base().with("tenant", "OneDriveDefaultLinkToExistingAccess", T),
            "p",
            scope,
            "ExistingAccess (partition)",
        ),
        (
            base().with(
                "tenant",
                "OneDriveDefaultShareLinkScope",
                w("SpecificPeople"),
            ),
            "p",
            scope,
            "SpecificPeople (partition)",
        ),
        (
            base().with("s", kind, w("Internal")),
            "s",
            kind,
            "Internal (site)",
        ),
        // A site that says nothing in particular leaves it to the tenant.
        (
            base()
                .with("tenant", kind, w("Direct"))
                .with("s", kind, w("None")),
            "s",
            kind,
            "Direct (tenant)",
        ),
        (
            base()
                .with("s", kind, w("Internal"))
                .with("s", scope, w("SpecificPeople")),
            "s",
            kind,
            "Direct (site)",
        ),
        (
            base()
                .with("s", "DefaultLinkToExistingAccess", T)
                .with("s", scope, w("Anyone")),
            "s",
            scope,
            "ExistingAccess (site)",
        ),
        (
            base()
                .with("s", scope, w("Anyone"))
                .with("tenant", "SharingCapability", w("Disabled")),
            "s",
            scope,
            "Organization (tenant)",
        ),
        (
            base().with("tenant", "CoreSharingCapability", w("Disabled")),
            "tenant",
            "CoreDefaultShareLinkScope",
            "Organization (partition)",
        ),
        (
            base().with("tenant", "SharingCapability", w("Disabled")),
            "tenant",
            "OneDriveDefaultShareLinkScope",
            "Organization (tenant)",
        ),
        (
            base()
                .with("s", "DisableCompanyWideSharingLinks", w("Disabled"))
                .with("s", kind, w("Internal")),
            "s",
            kind,
            "Direct (site)",
        ),
        (base(), "s", "DefaultLinkPermission", "Edit (tenant)"),
        (
            base().with("tenant", "DefaultLinkPermission", w("View")),
            "s",
            "DefaultShareLinkRole",
            "View (tenant)",
        ),
        (
            base().with("tenant", "CoreDefaultShareLinkRole", w("Review")),
            "s",
            "DefaultShareLinkRole",
            "Review (partition)",
        ),
        (
            base().with("tenant", "OneDriveDefaultShareLinkRole", w("Review")),
            "p",
            "DefaultShareLinkRole",
            "Review (partition)",
        ),
        (
            base().with("tenant", "OneDriveDefaultShareLinkRole", w("Review")),
            "tenant",
            "OneDriveDefaultShareLinkRole",
            "Review (partition)",
        ),
        (
            base().with("s", "DefaultLinkPermission", w("View")),
            "s",
            "DefaultShareLinkRole",
            "View (site)",
        ),
        (
            base().with("s", "DefaultLinkPermission", w("Edit")),
            "s",
            "DefaultShareLinkRole",
            "Edit (site)",
        ),
        (
            base().with("s", "DefaultLinkPermission", w("View")).with(
                "s",
                "DefaultShareLinkRole",
                w("RestrictedView"),
            ),
            "s",
            "DefaultShareLinkRole",
            "RestrictedView (site)",
        ),
        (
            base(),
            "s",
            "DefaultMainLinkScope",
            "OnlyPeopleAdded (site)",
        ),
        (
            base().with("s", "DefaultMainLinkScope", w("Anyone")),
            "s",
            "DefaultMainLinkScope",
            "Anyone (site)",
        ),
        (
            base().with("s", "DefaultMainLinkScope", w("Anyone")).with(
                "tenant",
                "SharingCapability",
                w("Disabled"),
            ),
            "s",
            "DefaultMainLinkScope",
            "Organization (tenant)",
        ),
        (
            base()
                .with("s", "DefaultMainLinkScope", w("Organization"))
                .with("s", "DisableCompanyWideSharingLinks", w("Disabled")),
            "s",
            "DefaultMainLinkScope",
            "OnlyPeopleAdded (site)",
        ),
    ] {
        assert_eq!(world.shown(place, name), want, "{place} {name}");
    }
}
