//! Programs that call by themselves.

use super::world::{As, World, check, check_all, link};
use crate::action::Action;
use crate::settings::Partition;
use crate::sharing::{LinkScope, LinkType, Role};

const PROGRAM: &str = "allow application";

/// A program with that role; nobody is signed in, and nothing was granted to anybody.
fn program(world: &mut World, role: Role) {
    world.who = As::Application(role);
    world.principal.person = None;
    world.permissions.clear();
}

#[test]
fn a_program_does_what_was_consented_to_and_no_more() {
    for (role, action, want) in [
        (Role::Read, Action::View, PROGRAM),
        (Role::Read, Action::Download, PROGRAM),
        (Role::Read, Action::Edit, "permission-insufficient"),
        (Role::Read, Action::Create, "permission-insufficient"),
        (Role::Read, Action::Delete, "permission-insufficient"),
        (Role::Write, Action::Edit, PROGRAM),
        (Role::Write, Action::Delete, PROGRAM),
        (Role::Owner, Action::Create, PROGRAM),
    ] {
        let change = |w: &mut World| {
            program(w, role);
            w.action = action;
        };
        check(change, want);
    }
}

#[test]
fn a_program_stops_where_the_site_is_shut() {
    check_all(&[
        (
            |w| {
                program(w, Role::Owner);
                w.set_site("LockState", "NoAccess");
            },
            "site-locked",
        ),
        (
            |w| {
                program(w, Role::Owner);
                w.action = Action::Edit;
                w.set_site("LockState", "ReadOnly");
            },
            "site-read-only",
        ),
        (
            |w| {
                program(w, Role::Owner);
                w.set("IPAddressEnforcement", true);
            },
            "network-not-trusted",
        ),
        (
            |w| {
                program(w, Role::Owner);
                w.set("EnableRestrictedAccessControl", true);
                w.set_site("RestrictedAccessControl", true);
            },
            "restricted-access",
        ),
        (
            |w| {
                program(w, Role::Owner);
                w.site.partition = Partition::OneDrive;
                w.set("OneDriveRestrictedAccessGroups", "own");
            },
            "restricted-access",
        ),
    ]);
}

#[test]
fn what_is_about_people_leaves_programs_alone() {
    check_all(&[
        (
            |w| {
                program(w, Role::Read);
                w.set("SharingCapability", "Disabled");
            },
            PROGRAM,
        ),
        (
            |w| {
                program(w, Role::Read);
                w.action = Action::Download;
                w.set_site("BlockDownloadPolicy", true);
            },
            PROGRAM,
        ),
        (
            |w| {
                program(w, Role::Read);
                w.set("ConditionalAccessPolicy", "BlockAccess");
            },
            PROGRAM,
        ),
    ]);
}

#[test]
fn nobody_signs_in_as_a_program_and_links_add_nothing_to_one() {
    check_all(&[
        (|w| w.who = As::Application(Role::Owner), "not-in-directory"),
        (
            |w| {
                program(w, Role::Read);
                w.only_link(link(LinkScope::Anonymous, LinkType::Edit));
                w.action = Action::Edit;
            },
            "permission-insufficient",
        ),
    ]);
}
