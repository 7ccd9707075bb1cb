//! Refusals of recipients: domain lists, restriction to groups, channels.

use super::*;

#[test]
fn domain_lists_bind_whoever_is_not_in_the_directory() {
    let tenant = |world: &mut World| {
        world.tenant.sharing.domain_mode = Mode::BlockList;
        world.tenant.sharing.blocked_domains = list(&["contoso.com"]);
    };
    let site = |world: &mut World| {
        world.site.sharing.domain_mode = Mode::BlockList;
        world.site.sharing.blocked_domains = list(&["contoso.com"]);
    };
    check(
        &newcomer().with(tenant),
        "deny domain-blocked",
        "SharingDomainRestrictionMode=BlockList@tenant",
    );
    check(
        &newcomer().with(site),
        "deny site-domain-blocked",
        "SharingDomainRestrictionMode=BlockList@site",
    );
    for world in [
        known(),
        grant([pending("x@contoso.com", InvitationManager::Sharing)]),
        grant([to(Who::Member(address("x@contoso.com")))]),
        grant([new("x@sub.contoso.com")]),
    ] {
        world.with(tenant).with(site).check("allow");
    }
    let off = |world: &mut World| world.tenant.sharing.domain_mode = Mode::None;
    newcomer().with(tenant).with(off).check("allow");
}

#[test]
fn a_restricted_site_is_shared_inside_its_groups() {
    let inside = |recipient| ShareRecipient {
        groups: [group("g")].into(),
        ..recipient
    };
    let refused = "deny outside-restriction";
    for (world, want) in [
        (grant([inside(member())]), "allow"),
        (grant([inside(guest("x@contoso.com"))]), "allow"),
        (grant([to(Who::Group(group("g")))]), "allow"),
        (grant([inside(member()), member()]), refused),
        (grant([inside(to(Who::Group(group("other"))))]), refused),
        (grant([to(Who::Everyone)]), refused),
        (grant([to(Who::AllUsers)]), refused),
        (grant([to(Who::Members)]), refused),
        (link(AskedScope::Organization, LinkType::View), refused),
        (link(AskedScope::ExistingAccess, LinkType::View), "allow"),
        (people([inside(member())]), "allow"),
        (anyone(), refused),
        (file_request(), refused),
    ] {
        world.restricted().check(want);
    }
    check(
        &newcomer().restricted(),
        refused,
        "AllowSharingOutsideRestrictedAccessControlGroups=false@tenant",
    );
}

#[test]
fn all_three_switches_make_a_restriction() {
    let switches: [fn(&mut World); 3] = [
        |world| world.tenant.sharing.restricted_access = false,
        |world| world.site.sharing.restricted_access = false,
        |world| world.tenant.sharing.share_outside_restriction = true,
    ];
    for switch in switches {
        newcomer().restricted().with(switch).check("allow");
    }
}

#[test]
fn a_connected_site_is_restricted_to_its_own_group() {
    let connected = |name: &str| {
        grant([to(Who::Group(group(name)))])
            .restricted()
            .with(|world| world.site.group = Some(group("own")))
    };
    connected("own").check("allow");
    connected("g").check("deny outside-restriction");
}

#[test]
fn participants_of_a_shared_channel_are_exempt_from_the_restriction() {
    let world = |recipient: ShareRecipient, channel| {
        grant([ShareRecipient {
            in_channel: true,
            ..recipient
        }])
        .restricted()
        .with(|world| world.site.channel = channel)
    };
    let refused = "deny outside-restriction";
    world(guest("x@contoso.com"), Channel::Shared).check("allow");
    world(guest("x@contoso.com"), Channel::None).check(refused);
    world(member(), Channel::Shared).check(refused);
}

#[test]
fn the_site_of_a_channel_is_for_the_channel() {
    let shared = |world: &mut World| world.site.channel = Channel::Shared;
    let private = |world: &mut World| world.site.channel = Channel::Private;
    let participant = ShareRecipient {
        in_channel: true,
        ..new("x@contoso.com")
    };
    check(
        &newcomer().with(shared),
        "deny channel-only",
        "channel=shared@site",
    );
    grant([participant.clone()]).with(shared).check("allow");
    grant([participant, new("y@contoso.com")])
        .with(shared)
        .check("deny channel-only");
    grant([member()]).with(shared).check("allow");
    link(AskedScope::Organization, LinkType::View)
        .with(shared)
        .check("allow");
    file_request()
        .with(shared)
        .check("deny link-kind-not-allowed");
    for (item, want) in [
        (ItemKind::Site, "deny channel-only"),
        (ItemKind::Unknown, "deny channel-only"),
        (ItemKind::Library, "allow"),
        (ItemKind::Folder, "allow"),
        (ItemKind::File, "allow"),
        (ItemKind::ListItem, "allow"),
    ] {
        newcomer().item(item).with(private).check(want);
    }
    let site = grant([member()]).item(ItemKind::Site).with(private);
    check(&site, "deny channel-only", "channel=private@site");
}
