//! Links and clouds: rows 83 to 196.

use super::*;

#[test]
fn row_83_a_longer_life_than_allowed_is_cut() {
    let world = anyone()
        .with(|world| {
            let days = crate::settings::tenant::AnyoneLinkDays::days(30).unwrap();
            world.tenant.sharing.anyone_link_days = days;
        })
        .asking(Some(NOW.plus(90 * DAY)));
    world.check("allow");
    let end = Effect::LinkEnds(NOW.plus(30 * DAY));
    assert_eq!(world.effects().first(), Some(&end));
}

#[test]
fn row_89_no_anyone_link_edits_above_the_ceiling() {
    link(AskedScope::Anonymous, LinkType::Edit)
        .with(|world| world.tenant.sharing.file_link_type = FileAnonymousLinkType::View)
        .check("deny link-kind-not-allowed");
}

#[test]
fn row_91_a_file_request_needs_folders_that_anyone_edits() {
    file_request()
        .with(|world| world.tenant.sharing.folder_link_type = FolderAnonymousLinkType::ViewUpload)
        .check("deny file-requests-unavailable");
}

#[test]
fn row_92_a_file_request_needs_that_no_group_restricts_sharing() {
    file_request()
        .with(|world| world.tenant.sharing.anonymous_sharers = groups(&["g1"]))
        .with(sharer_in("g1"))
        .check("deny file-requests-unavailable");
}

#[test]
fn row_99_a_shared_channels_site_has_no_anyone_links_and_no_strangers() {
    let shared = |world: &mut World| world.site.channel = Channel::Shared;
    anyone().with(shared).check("deny link-kind-not-allowed");
    people([guest("x@contoso.com")])
        .with(shared)
        .check("deny channel-only");
}

#[test]
fn row_109_a_guest_stays_a_guest_when_the_integration_is_switched_off() {
    let world = known().integration(false);
    world.check("allow");
    let reused = Effect::GuestReused(address("x@contoso.com"));
    assert_eq!(world.effects().first(), Some(&reused));
}

#[test]
fn row_113_a_restricted_cloud_with_the_integration_shares_inside_only() {
    let world = |home: Option<CloudName>| {
        let recipient = ShareRecipient {
            cloud: home,
            ..new("x@contoso.com")
        };
        grant([recipient]).integration(true).with(|world| {
            world.tenant.profile = Profile::IntegrationOptIn;
            world.tenant.cloud = cloud("gcc-high");
        })
    };
    world(None).check("deny outside-environment");
    world(Some(cloud("dod"))).check("deny outside-environment");
    world(Some(cloud("gcc-high"))).check("allow");
    world(None).integration(false).check("allow");
}

#[test]
fn row_115_enabling_the_integration_opens_no_site() {
    let world = known().integration(true).levels(Anyone, Disabled);
    refuses(&world, "deny sharing-disabled", "OSE204");
}

#[test]
fn row_119_the_directory_keeps_one_entry_for_every_site() {
    let world = grant([pending("x@contoso.com", InvitationManager::Directory)])
        .item(ItemKind::Site)
        .integration(true);
    let reused = Effect::GuestReused(address("x@contoso.com"));
    assert_eq!(world.effects().first(), Some(&reused));
}

#[test]
fn row_120_the_directory_has_the_new_guest_at_once() {
    let world = newcomer().integration(true);
    world.check("allow");
    assert_eq!(world.effects().first(), Some(&created()));
}

fn government_partner(change: impl FnOnce(&mut World)) -> World {
    grant([new_in("gcc-high")])
        .with(|world| collaborate(world, "gcc-high"))
        .with(change)
}

#[test]
fn row_155_one_side_alone_is_not_enough_across_clouds() {
    let world = government_partner(|world| {
        let access = &mut world.tenant.directory.cross_tenant;
        access.partners.get_mut("t").unwrap().reciprocated = false;
    });
    refuses(&world, "deny partner-not-ready", "AADSTS1000104");
    let world =
        government_partner(|world| world.tenant.directory.cross_tenant.clouds = BTreeSet::new());
    refuses(&world, "deny cloud-not-allowed", "AADSTS1000104");
}

#[test]
fn row_156_a_ticked_cloud_admits_nobody_who_was_not_added() {
    government_partner(|world| world.tenant.directory.cross_tenant.partners.clear())
        .check("deny partner-not-added");
}

#[test]
fn row_157_both_sides_and_the_user_principal_name_are_enough() {
    government_partner(|_| {}).check("allow");
}

#[test]
fn row_159_government_and_china_never_collaborate() {
    for (here, there) in [
        ("gcc-high", "china-21vianet"),
        ("china-21vianet", "gcc-high"),
    ] {
        grant([new_in(there)])
            .with(|world| {
                world.tenant.cloud = cloud(here);
                collaborate(world, there);
            })
            .check("deny cloud-not-allowed");
    }
}

#[test]
fn row_160_clouds_of_one_instance_need_no_opt_in() {
    for (here, there) in [("gcc", "worldwide"), ("worldwide", "gcc")] {
        grant([new_in(there)])
            .with(|world| world.tenant.cloud = cloud(here))
            .check("allow");
    }
}

#[test]
fn row_196_a_restricted_site_is_not_shared_outside_its_groups() {
    for recipient in [
        member(),
        guest("x@contoso.com"),
        to(Who::Group(group("other"))),
        to(Who::Members),
    ] {
        grant([recipient])
            .restricted()
            .check("deny outside-restriction");
    }
    grant([to(Who::Group(group("g")))])
        .restricted()
        .check("allow");
}
