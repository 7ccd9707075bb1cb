//! Refusals to the sharer.

use super::*;

fn sharer(kind: SharerKind, role: Option<Role>) -> World {
    grant([member()]).with(|world| {
        world.question.sharer.kind = kind;
        world.question.sharer.role = role;
    })
}

#[test]
fn a_sharer_is_somebody_who_may_edit() {
    let unknown = sharer(SharerKind::Unknown, Some(Role::Owner));
    check(&unknown, "deny sharer-unknown", "");
    for (role, want) in [
        (None, "deny sharer-not-allowed"),
        (Some(Role::Read), "deny sharer-not-allowed"),
        (Some(Role::Write), "allow"),
        (Some(Role::Owner), "allow"),
    ] {
        sharer(SharerKind::Member, role).check(want);
        sharer(SharerKind::Application, role).check(want);
    }
}

#[test]
fn the_owner_is_asked_where_requests_are_on() {
    let reader = || sharer(SharerKind::Member, Some(Role::Read));
    let on = |world: &mut World| world.site.sharing.access_requests = true;
    check(
        &reader(),
        "deny sharer-not-allowed",
        "RequestAccess=false@site",
    );
    check(
        &reader().with(on),
        "request sharer-not-allowed",
        "RequestAccess=true@site",
    );
    for (personal, want) in [
        (OnOff::On, "request sharer-not-allowed"),
        (OnOff::Off, "deny sharer-not-allowed"),
        (OnOff::Unspecified, "deny sharer-not-allowed"),
    ] {
        reader()
            .personal()
            .with(|world| world.tenant.sharing.odb_access_requests = personal)
            .check(want);
    }
    let owners = |world: &mut World| world.site.sharing.sharing_mode = SharingMode::Owners;
    grant([member()])
        .with(owners)
        .with(on)
        .check("request owners-only");
}

#[test]
fn restricted_agents_share_inside_only() {
    let agent = |recipient| {
        grant([recipient]).with(|world| {
            world.question.sharer.kind = SharerKind::Agent(group("agent"));
        })
    };
    let all = |world: &mut World| world.tenant.sharing.restrict_agents = true;
    let listed = |name: &'static str| {
        move |world: &mut World| world.tenant.sharing.restricted_agents = groups(&[name])
    };
    check(
        &agent(new("x@contoso.com")).with(all),
        "deny agents-not-allowed",
        "RestrictExternalSharingForAgents=true@tenant",
    );
    check(
        &agent(new("x@contoso.com")).with(listed("agent")),
        "deny agents-not-allowed",
        "RestrictExternalSharing=1@tenant",
    );
    agent(new("x@contoso.com"))
        .with(listed("other"))
        .check("allow");
    agent(member()).with(all).check("allow");
    newcomer().with(all).check("allow");
}

#[test]
fn guests_share_with_people_of_the_site_and_those_whom_they_may_find() {
    let here = ShareRecipient {
        in_site: true,
        ..member()
    };
    let ask = |recipient| grant([recipient]).guest_sharer();
    let refused = "deny outside-site-not-allowed";
    ask(here).check("allow");
    ask(member()).check(refused);
    ask(guest("x@contoso.com")).check(refused);
    ask(pending("x@contoso.com", InvitationManager::Sharing)).check(refused);
    ask(new("x@contoso.com")).check("allow");
    ask(to(Who::Group(group("g")))).check("allow");
    check(
        &ask(member()),
        refused,
        "AllowGuestUserShareToUsersNotInSiteCollection=false@tenant",
    );
    let found = |world: &mut World| world.tenant.sharing.guests_share_outside_site = true;
    ask(member()).with(found).check("allow");
    check(
        &ask(member()).with(found).integration(false),
        refused,
        "EnableAzureADB2BIntegration=false@tenant",
    );
    grant([member()]).check("allow");
}

#[test]
fn guests_reshare_where_nothing_prevents_it() {
    let world = newcomer().guest_sharer();
    let prevent = |world: &mut World| world.tenant.sharing.prevent_resharing = true;
    world.check("allow");
    check(
        &world.with(prevent),
        "deny resharing-not-allowed",
        "PreventExternalUsersFromResharing=true@tenant",
    );
    newcomer().with(prevent).check("allow");
}

#[test]
fn the_sites_mode_says_who_shares_what() {
    use ItemKind::{File, Folder, Library, ListItem, Site, Unknown};
    for (mode, item, owners_only) in [
        (SharingMode::Members, Site, false),
        (SharingMode::Members, Unknown, false),
        (SharingMode::MembersFilesOnly, Site, true),
        (SharingMode::MembersFilesOnly, Library, true),
        (SharingMode::MembersFilesOnly, Unknown, true),
        (SharingMode::MembersFilesOnly, Folder, false),
        (SharingMode::MembersFilesOnly, File, false),
        (SharingMode::MembersFilesOnly, ListItem, false),
        (SharingMode::Owners, File, true),
        (SharingMode::Owners, Site, true),
    ] {
        let world = grant([member()])
            .item(item)
            .with(|world| world.site.sharing.sharing_mode = mode);
        world.check(if owners_only {
            "deny owners-only"
        } else {
            "allow"
        });
        world
            .with(|world| world.question.sharer.site_owner = true)
            .check("allow");
    }
    let switch = grant([member()]).with(|world| world.site.sharing.owners_only = true);
    check(
        &switch,
        "deny owners-only",
        "DisableSharingForNonOwners=true@site",
    );
    let owners = |world: &mut World| world.site.sharing.sharing_mode = SharingMode::Owners;
    check(
        &grant([member()]).with(owners),
        "deny owners-only",
        "SharingMode=owners@site",
    );
}

#[test]
fn editors_of_a_personal_site_share_as_the_tenant_or_else_its_owner_says() {
    for (said, mode, want) in [
        (OnOff::On, SharingMode::Owners, "allow"),
        (OnOff::Off, SharingMode::Members, "deny owners-only"),
        (OnOff::Unspecified, SharingMode::Members, "allow"),
        (OnOff::Unspecified, SharingMode::Owners, "deny owners-only"),
    ] {
        let world = grant([member()]).personal().with(|world| {
            world.tenant.sharing.odb_members_can_share = said;
            world.site.sharing.sharing_mode = mode;
        });
        world.check(want);
        world
            .with(|world| world.question.sharer.site_owner = true)
            .check("allow");
    }
    let off = |world: &mut World| world.tenant.sharing.odb_members_can_share = OnOff::Off;
    check(
        &grant([member()]).personal().with(off),
        "deny owners-only",
        "ODBMembersCanShare=Off@tenant",
    );
    grant([member()]).with(off).check("allow");
}

#[test]
fn guests_own_no_site_where_that_is_blocked() {
    let owner = |recipient, role, item| {
        ask(Ask::Permission {
            role,
            recipients: vec![recipient],
            expires: None,
        })
        .item(item)
        .with(|world| world.tenant.sharing.core_block_guest_admins = OnOff::On)
    };
    let guest = || guest("x@contoso.com");
    let world = owner(guest(), Role::Owner, ItemKind::Site);
    check(
        &world,
        "deny guests-cannot-own",
        "CoreBlockGuestsAsSiteAdmin=true@partition",
    );
    owner(guest(), Role::Write, ItemKind::Site).check("allow");
    owner(guest(), Role::Owner, ItemKind::File).check("allow");
    owner(member(), Role::Owner, ItemKind::Site).check("allow");
    world.clone().personal().check("allow");
    world
        .with(|world| world.site.sharing.block_guest_admins = OnOff::Off)
        .check("allow");
    let site = owner(guest(), Role::Owner, ItemKind::Site).with(|world| {
        world.tenant.sharing.core_block_guest_admins = OnOff::Off;
        world.site.sharing.block_guest_admins = OnOff::On;
    });
    check(
        &site,
        "deny guests-cannot-own",
        "BlockGuestsAsSiteAdmin=true@site",
    );
}

#[test]
fn groups_of_sharers_say_who_shares_outside() {
    // Groups of the sharer, the anonymous list, the guest list; then sharing with a guest, and with anyone.
    for (own, anonymous, guests, with_guest, with_anyone) in [
        ("", "", "", "", ""),
        ("a", "a", "", "", ""),
        ("a", "a", "g", "", ""),
        ("g", "a", "g", "", "sharer-not-in-anonymous-group"),
        ("g", "", "g", "", "sharer-not-in-anonymous-group"),
        (
            "",
            "",
            "g",
            "sharer-not-in-group",
            "sharer-not-in-anonymous-group",
        ),
        (
            "",
            "a",
            "g",
            "sharer-not-in-group",
            "sharer-not-in-anonymous-group",
        ),
        (
            "g",
            "a",
            "",
            "sharer-not-in-anonymous-group",
            "sharer-not-in-anonymous-group",
        ),
    ] {
        let set = |world: &mut World| {
            let one = |name: &str| match name {
                "" => Vec::new(),
                name => vec![group(name)],
            };
            world.question.sharer.groups = one(own).into_iter().collect();
            world.tenant.sharing.anonymous_sharers.0 = one(anonymous).into_iter().collect();
            world.tenant.sharing.guest_sharers.0 = one(guests).into_iter().collect();
        };
        let want = |code: &str| match code {
            "" => "allow".to_owned(),
            code => format!("deny {code}"),
        };
        known().with(set).check(&want(with_guest));
        newcomer().with(set).check(&want(with_guest));
        anyone().with(set).check(&want(with_anyone));
        grant([member()]).with(set).check("allow");
    }
    let guests = |world: &mut World| world.tenant.sharing.guest_sharers = groups(&["g", "h"]);
    check(
        &known().with(guests),
        "deny sharer-not-in-group",
        "WhoCanShareAuthenticatedGuestAllowList=2@tenant",
    );
    check(
        &anyone().with(guests),
        "deny sharer-not-in-anonymous-group",
        "WhoCanShareAnonymousAllowList=0@tenant",
    );
}

#[test]
fn applications_and_agents_are_in_no_group() {
    for kind in [SharerKind::Application, SharerKind::Agent(group("agent"))] {
        known()
            .with(|world| {
                world.question.sharer.kind = kind;
                world.question.sharer.groups = [group("g")].into();
                world.tenant.sharing.guest_sharers = groups(&["g"]);
            })
            .check("deny sharer-not-in-group");
    }
}
