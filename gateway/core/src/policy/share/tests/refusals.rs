//! Each refusal, with what lifts it, and the setting that the trace shows for it.

mod cloud;
mod directory;
mod recipients;
mod sharer;

use super::world::*;
use super::*;
use crate::person::InvitationManager;
use crate::settings::words::{
    AllowInvitesFrom, OnOff, SharingDomainRestrictionMode as Mode, SharingMode,
};
use crate::settings::{Channel, Partner, directory::PolicyCopy};
use crate::testing::{address, cloud, domains};

/// The outcome, and what the rule that decided rested on: `SETTING=VALUE@SOURCE`, or nothing.
fn check(world: &World, want: &str, rests_on: &str) {
    world.check(want);
    let trace = world.trace();
    let basis = trace.decider().unwrap().basis;
    let source = basis.source.map_or(String::new(), |source| {
        format!("{}={}@{}", basis.setting, basis.value, source.name())
    });
    assert_eq!(source, rests_on, "{want}");
}

fn known() -> World {
    grant([guest("x@contoso.com")])
}

fn newcomer() -> World {
    grant([new("x@contoso.com")])
}

fn invites(right: AllowInvitesFrom) -> impl Fn(&mut World) {
    move |world| world.tenant.directory.policy.allow_invites_from = Some(right)
}

#[test]
fn the_level_is_for_people_from_outside_only() {
    let off = |world: &mut World| world.tenant.sharing.capability = SharingCapability::Disabled;
    for (world, want) in [
        (known(), "deny sharing-disabled"),
        (newcomer(), "deny sharing-disabled"),
        (anyone(), "deny sharing-disabled"),
        (file_request(), "deny sharing-disabled"),
        (grant([member()]), "allow"),
        (grant([to(Who::Group(group("g")))]), "allow"),
        (grant([to(Who::Everyone)]), "allow"),
        (link(AskedScope::Organization, LinkType::View), "allow"),
        (link(AskedScope::ExistingAccess, LinkType::View), "allow"),
    ] {
        world.with(off).check(want);
    }
}

#[test]
fn each_level_lets_its_own_and_less() {
    use SharingCapability::{
        Disabled, ExistingExternalUserSharingOnly as Existing,
        ExternalUserAndGuestSharing as Anyone, ExternalUserSharingOnly as New,
    };
    for (level, for_known, for_new, for_anyone) in [
        (
            Disabled,
            "sharing-disabled",
            "sharing-disabled",
            "sharing-disabled",
        ),
        (
            Existing,
            "",
            "new-guests-not-allowed",
            "anyone-links-disabled",
        ),
        (New, "", "", "anyone-links-disabled"),
        (Anyone, "", "", ""),
    ] {
        for (ask, code) in [
            (known(), for_known),
            (newcomer(), for_new),
            (anyone(), for_anyone),
            (file_request(), for_anyone),
        ] {
            let want = match code {
                "" => "allow".to_owned(),
                code => format!("deny {code}"),
            };
            ask.levels(level, Anyone).check(&want);
        }
    }
    let site = known().levels(Anyone, Disabled);
    check(
        &site,
        "deny sharing-disabled",
        "SharingCapability=Disabled@site",
    );
    let partition = known().with(|world| world.tenant.sharing.core_capability = Some(Disabled));
    check(
        &partition,
        "deny sharing-disabled",
        "CoreSharingCapability=Disabled@partition",
    );
}
