//! Who may share: rows 51 to 73.

use super::*;

fn guest_list(world: &mut World) {
    world.tenant.sharing.guest_sharers = groups(&["g2"]);
}

#[test]
fn row_51_a_sharer_outside_the_groups_shares_with_no_guest() {
    let world = known().with(guest_list);
    refuses(&world, "deny sharer-not-in-group", "OSE304");
}

#[test]
fn row_52_a_sharer_in_the_guest_list_shares_with_guests() {
    known()
        .with(guest_list)
        .with(sharer_in("g2"))
        .check("allow");
}

#[test]
fn row_53_the_guest_list_makes_no_anyone_links() {
    let world = anyone().with(guest_list).with(sharer_in("g2"));
    refuses(&world, "deny sharer-not-in-anonymous-group", "OSE303");
}

#[test]
fn row_55_the_anonymous_list_shares_with_guests_too() {
    let world = |ask: World| {
        ask.with(|world| world.tenant.sharing.anonymous_sharers = groups(&["g1"]))
            .with(sharer_in("g1"))
    };
    world(known()).check("allow");
    world(anyone()).check("allow");
}

#[test]
fn row_56_groups_inside_a_listed_group_count() {
    // Facts hold the groups of the sharer also through other groups: being in G3 is being in G2.
    known()
        .with(guest_list)
        .with(|world| world.question.sharer.groups = [group("g3"), group("g2")].into())
        .check("allow");
    known()
        .with(guest_list)
        .with(sharer_in("g3"))
        .check("deny sharer-not-in-group");
}

#[test]
fn row_57_groups_narrow_and_never_widen() {
    let world = known()
        .levels(Disabled, Anyone)
        .with(guest_list)
        .with(sharer_in("g2"));
    refuses(&world, "deny sharing-disabled", "OSE201");
}

fn invites(right: AllowInvitesFrom) -> impl FnOnce(&mut World) {
    move |world| world.tenant.directory.policy.allow_invites_from = Some(right)
}

#[test]
fn row_59_members_add_nobody_where_only_administrators_may() {
    newcomer()
        .with(invites(AllowInvitesFrom::AdminsAndGuestInviters))
        .check("deny invite-not-allowed");
}

#[test]
fn row_60_a_guest_inviter_may() {
    newcomer()
        .with(invites(AllowInvitesFrom::AdminsAndGuestInviters))
        .with(|world| {
            world.question.sharer.directory_roles = [DirectoryRole::GuestInviter].into();
        })
        .check("allow");
}

#[test]
fn row_61_guests_add_nobody_where_only_members_may() {
    newcomer()
        .guest_sharer()
        .with(invites(AllowInvitesFrom::AdminsGuestInvitersAndAllMembers))
        .check("deny invite-not-allowed");
}

#[test]
fn row_63_existing_guests_are_shared_with_although_nobody_may_be_added() {
    known().with(invites(AllowInvitesFrom::None)).check("allow");
}

#[test]
fn row_64_nobody_is_added_in_a_government_directory_that_nobody_touched() {
    let world = newcomer().with(|world| {
        world.tenant.cloud = cloud("gcc-high");
        let record = world.clouds.0.get_mut(&cloud("gcc-high")).unwrap();
        record.allow_invites_from = AllowInvitesFrom::None;
    });
    world.check("deny invite-not-allowed");
}

#[test]
fn row_65_guests_reshare_nothing_that_they_do_not_own() {
    let world = grant([ShareRecipient {
        in_site: true,
        ..guest("x@contoso.com")
    }])
    .guest_sharer()
    .with(|world| world.tenant.sharing.prevent_resharing = true);
    world.check("deny resharing-not-allowed");
    world
        .with(|world| world.question.sharer.role = Some(Role::Owner))
        .check("allow");
}

fn outside_site(integration: bool, allowed: bool) -> World {
    grant([member()])
        .guest_sharer()
        .integration(integration)
        .with(|world| world.tenant.sharing.guests_share_outside_site = allowed)
}

#[test]
fn row_67_guests_share_with_people_of_the_site_only() {
    outside_site(true, false).check("deny outside-site-not-allowed");
}

#[test]
fn row_68_guests_share_outside_the_site_where_they_may() {
    outside_site(true, true).check("allow");
}

#[test]
fn row_69_that_takes_the_integration() {
    outside_site(false, true).check("deny outside-site-not-allowed");
}

#[test]
fn row_71_editors_of_a_personal_site_leave_sharing_to_its_owner() {
    grant([member()])
        .personal()
        .with(|world| {
            world.tenant.sharing.odb_members_can_share = OnOff::Off;
            world.tenant.sharing.odb_access_requests = OnOff::Off;
            world.site.sharing.access_requests = true;
        })
        .check("deny owners-only");
}

#[test]
fn row_72_agents_share_with_nobody_outside_where_that_is_restricted() {
    known()
        .with(|world| {
            world.question.sharer.kind = SharerKind::Agent(group("agent"));
            world.tenant.sharing.restrict_agents = true;
        })
        .check("deny agents-not-allowed");
}

#[test]
fn row_73_the_directory_decides_where_the_copy_is_out_of_date() {
    let world = newcomer()
        .with(invites(AllowInvitesFrom::None))
        .with(|world| {
            world.tenant.sharing.sync_policy = true;
            world.tenant.directory.copy = Some(PolicyCopy {
                taken: NOW.plus(-3_600),
                policy: Default::default(),
            });
        });
    world.check("deny invite-not-allowed");
    assert_eq!(world.trace().decided, Some(("share", "directory")));
}
