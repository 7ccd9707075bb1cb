//! Rows of the decision table about sharing, each under its number.

mod domains;
mod links;
mod sharers;

use super::world::*;
use super::*;
use crate::id::CloudName;
use crate::person::InvitationManager;
use crate::settings::SharingCapability::{
    Disabled, ExistingExternalUserSharingOnly as Existing, ExternalUserAndGuestSharing as Anyone,
    ExternalUserSharingOnly as New,
};
use crate::settings::words::{
    AllowInvitesFrom, FileAnonymousLinkType, FolderAnonymousLinkType, OnOff,
    SharingDomainRestrictionMode as Mode,
};
use crate::settings::{Channel, Partner, directory::PolicyCopy};
use crate::testing::{address, cloud};

fn newcomer() -> World {
    grant([new("x@contoso.com")])
}

fn known() -> World {
    grant([guest("x@contoso.com")])
}

/// Refused with that code of Microsoft's.
fn refuses(world: &World, want: &str, documented: &str) {
    world.check(want);
    assert_eq!(world.documented(), Some(documented));
}

fn audits_blocked(world: &World) {
    assert_eq!(world.effects(), [Effect::Audit("SharingInvitationBlocked")]);
}

fn created() -> Effect {
    Effect::GuestCreated {
        address: address("x@contoso.com"),
        sponsor: Some(address("mia@tenant.example")),
    }
}

fn sharer_in(name: &'static str) -> impl FnOnce(&mut World) {
    move |world| world.question.sharer.groups = [group(name)].into()
}

#[test]
fn row_1_a_tenant_that_is_off_shares_with_nobody_outside() {
    let world = newcomer().levels(Disabled, Anyone);
    refuses(&world, "deny sharing-disabled", "OSE201");
}

#[test]
fn row_3_existing_guests_are_shared_with_at_existing() {
    known().levels(Existing, Anyone).check("allow");
}

#[test]
fn row_4_a_guest_who_was_invited_beforehand_exists_although_pending() {
    grant([pending("x@contoso.com", InvitationManager::Directory)])
        .levels(Existing, Anyone)
        .check("allow");
}

#[test]
fn row_5_a_new_guest_is_created_at_new_and_existing() {
    let world = newcomer().levels(New, Anyone);
    world.check("allow");
    assert_eq!(world.effects().first(), Some(&created()));
}

#[test]
fn row_7_the_site_may_be_stricter_about_anyone_links() {
    let world = anyone().levels(Anyone, New);
    world.check("deny anyone-links-disabled");
}

#[test]
fn row_8_a_site_that_is_off_is_shared_with_no_guest() {
    let world = known().levels(Anyone, Disabled);
    refuses(&world, "deny sharing-disabled", "OSE204");
}

#[test]
fn row_9_a_site_at_existing_takes_nobody_new() {
    let world = newcomer().levels(Anyone, Existing);
    refuses(&world, "deny new-guests-not-allowed", "OSE205");
}

#[test]
fn row_11_a_sites_level_wakes_up_when_the_tenants_is_raised() {
    anyone()
        .levels(New, Anyone)
        .check("deny anyone-links-disabled");
    anyone().levels(Anyone, Anyone).check("allow");
}

#[test]
fn row_12_the_partition_binds_its_sites() {
    known()
        .with(|world| world.tenant.sharing.core_capability = Some(Disabled))
        .check("deny sharing-disabled");
}

#[test]
fn row_13_an_override_skips_the_partition() {
    anyone()
        .with(|world| {
            world.tenant.sharing.core_capability = Some(Disabled);
            world.site.sharing.override_partition = true;
        })
        .check("allow");
}

#[test]
fn row_15_personal_sites_have_their_own_ceiling() {
    let world = known()
        .personal()
        .with(|world| world.tenant.sharing.onedrive_capability = Some(Disabled));
    refuses(&world, "deny sharing-disabled", "OSE207");
}

#[test]
fn row_16_personal_sites_at_existing_take_nobody_new() {
    let world = newcomer()
        .personal()
        .with(|world| world.tenant.sharing.onedrive_capability = Some(Existing));
    refuses(&world, "deny new-guests-not-allowed", "OSE208");
}

#[test]
fn row_19_a_looser_level_keeps_the_stricter_kinds() {
    people([guest("x@contoso.com")]).check("allow");
}
