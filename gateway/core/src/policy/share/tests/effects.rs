//! What comes of a share.

use super::world::*;
use super::*;
use crate::person::InvitationManager::{self, Directory, Sharing};
use crate::settings::value::{Limit, Number};
use crate::testing::address;

fn check(world: &World, want: &[Effect]) {
    world.check("allow");
    assert_eq!(world.effects(), want);
}

fn x() -> EmailAddress {
    address("x@contoso.com")
}

fn created() -> Effect {
    Effect::GuestCreated {
        address: x(),
        sponsor: Some(address("mia@tenant.example")),
    }
}

fn invitation() -> Effect {
    Effect::InvitationCreated(x(), Sharing)
}

fn without_entry() -> Effect {
    Effect::NoDirectoryObject(x())
}

fn reused() -> Effect {
    Effect::GuestReused(x())
}

/// What becomes of the one recipient.
fn entry(recipient: ShareRecipient, item: ItemKind, profile: Profile, integration: bool) -> Effect {
    let world = grant([recipient])
        .item(item)
        .integration(integration)
        .with(|world| world.tenant.profile = profile);
    world.check("allow");
    world.effects().swap_remove(0)
}

#[test]
fn somebody_new_gets_an_entry_where_the_directory_governs() {
    let (file, site) = (ItemKind::File, ItemKind::Site);
    for (profile, integration, on_file, on_site) in [
        (
            Profile::SeparateManagers,
            false,
            without_entry(),
            invitation(),
        ),
        (
            Profile::SeparateManagers,
            true,
            without_entry(),
            invitation(),
        ),
        (
            Profile::IntegrationOptIn,
            false,
            without_entry(),
            invitation(),
        ),
        (Profile::IntegrationOptIn, true, created(), created()),
        (
            Profile::IntegrationDefault,
            false,
            without_entry(),
            created(),
        ),
        (Profile::IntegrationDefault, true, created(), created()),
        (Profile::ReshareRequired, false, without_entry(), created()),
        (Profile::IntegrationMandatory, false, created(), created()),
    ] {
        let new = || new("x@contoso.com");
        assert_eq!(entry(new(), file, profile, integration), on_file);
        assert_eq!(entry(new(), site, profile, integration), on_site);
    }
}

#[test]
fn sharings_own_manager_invites_again_for_every_site() {
    let pending = |manager: InvitationManager| pending("x@contoso.com", manager);
    for (recipient, item, integration, want) in [
        (pending(Sharing), ItemKind::Site, false, invitation()),
        (pending(Sharing), ItemKind::File, false, reused()),
        (pending(Sharing), ItemKind::Site, true, reused()),
        (pending(Directory), ItemKind::Site, false, reused()),
        (guest("x@contoso.com"), ItemKind::Site, false, reused()),
    ] {
        let got = entry(recipient, item, Profile::IntegrationOptIn, integration);
        assert_eq!(got, want);
    }
    let mut redeemed = guest("x@contoso.com");
    redeemed.guest.as_mut().unwrap().manager = Sharing;
    let got = entry(redeemed, ItemKind::Site, Profile::IntegrationOptIn, false);
    assert_eq!(got, reused());
    let later = entry(
        pending(Sharing),
        ItemKind::Site,
        Profile::IntegrationDefault,
        false,
    );
    assert_eq!(later, reused());
}

#[test]
fn people_come_in_their_order_then_what_ends_then_the_audit() {
    let world = grant([guest("a@contoso.com"), member(), new("x@contoso.com")])
        .item(ItemKind::Site)
        .with(|world| world.tenant.sharing.guest_expiry = true);
    let end = NOW.plus(60 * DAY);
    check(
        &world,
        &[
            Effect::GuestReused(address("a@contoso.com")),
            created(),
            Effect::GuestExpires(address("a@contoso.com"), end),
            Effect::GuestExpires(x(), end),
            Effect::Audit("AddedToGroup"),
            Effect::Audit("SharingSet"),
            Effect::Audit("SharingInvitationCreated"),
        ],
    );
}

#[test]
fn a_link_ends_before_it_is_written_down() {
    let end = NOW.plus(DAY);
    check(
        &people([new("x@contoso.com"), member()]).asking(Some(end)),
        &[
            created(),
            Effect::LinkEnds(end),
            Effect::Audit("SecureLinkCreated"),
            Effect::Audit("AddedToSecureLink"),
            Effect::Audit("AddedToSecureLink"),
        ],
    );
}

#[test]
fn the_audit_log_has_a_name_for_every_way_to_share() {
    let audit = |world: &World| {
        world.check("allow");
        let effects = world.effects().into_iter();
        let names = effects.filter_map(|effect| match effect {
            Effect::Audit(name) => Some(name),
            _ => None,
        });
        names.collect::<Vec<_>>().join(" ")
    };
    let on_site = |recipient| grant([recipient]).item(ItemKind::Site);
    for (world, want) in [
        (grant([]), ""),
        (grant([member()]), "AddedToGroup SharingSet"),
        (
            grant([to(Who::Group(group("g")))]),
            "AddedToGroup SharingSet",
        ),
        (grant([to(Who::Members)]), "AddedToGroup SharingSet"),
        (grant([to(Who::Everyone)]), "AddedToGroup SharingSet"),
        (grant([to(Who::AllUsers)]), "AddedToGroup SharingSet"),
        (grant([guest("x@contoso.com")]), "AddedToGroup SharingSet"),
        (grant([member(), member()]), "AddedToGroup SharingSet"),
        (grant([new("x@contoso.com")]), ""),
        (on_site(new("x@contoso.com")), "SharingInvitationCreated"),
        (on_site(guest("x@contoso.com")), "AddedToGroup SharingSet"),
        (anyone(), "AnonymousLinkCreated"),
        (file_request(), "AnonymousLinkCreated"),
        (
            link(AskedScope::Organization, LinkType::View),
            "CompanyLinkCreated",
        ),
        (people([]), "SecureLinkCreated"),
        (people([member()]), "SecureLinkCreated AddedToSecureLink"),
        (link(AskedScope::ExistingAccess, LinkType::View), ""),
    ] {
        assert_eq!(audit(&world), want, "{:?}", world.question.ask);
    }
}

#[test]
fn guests_access_ends_as_the_site_or_else_the_tenant_says() {
    // Whether required, the tenant's days, whether the site overrides, its days; then the days, 0 for never.
    for (required, tenant, over, site, want) in [
        (false, Some(30), false, 0, 0),
        (true, Some(30), false, 0, 30),
        (true, None, false, 0, 60),
        (true, Some(30), false, 90, 30),
        (true, Some(30), true, 90, 90),
        (true, Some(30), true, 0, 0),
        (false, None, true, 7, 7),
    ] {
        let world = grant([guest("x@contoso.com"), member()]).with(|world| {
            world.tenant.sharing.guest_expiry = required;
            world.tenant.sharing.guest_expiry_days = tenant.and_then(Number::new);
            world.site.sharing.override_guest_expiry = over;
            world.site.sharing.guest_expiry_days = Limit::days(site).unwrap_or(Limit::NONE);
        });
        let stamps: Vec<_> = world
            .effects()
            .into_iter()
            .filter(|effect| matches!(effect, Effect::GuestExpires(..)))
            .collect();
        let stamp = Effect::GuestExpires(x(), NOW.plus(want * DAY));
        let wanted: Vec<_> = (want > 0).then_some(stamp).into_iter().collect();
        assert_eq!(stamps, wanted);
    }
}

#[test]
fn links_stamp_nobody() {
    let world =
        people([guest("x@contoso.com")]).with(|world| world.tenant.sharing.guest_expiry = true);
    let stamped = |effect: &Effect| matches!(effect, Effect::GuestExpires(..));
    assert!(!world.effects().iter().any(stamped));
}

#[test]
fn a_sponsor_without_address_is_none() {
    let world = grant([new("x@contoso.com")]).with(|world| world.question.sharer.address = None);
    let want = Effect::GuestCreated {
        address: x(),
        sponsor: None,
    };
    assert_eq!(world.effects().first(), Some(&want));
}

#[test]
fn nothing_comes_of_a_refusal_but_the_audit_of_blocked_domains() {
    let refused = |change: fn(&mut World)| {
        let world = grant([new("x@contoso.com")]).with(change);
        assert!(!world.allows());
        world.effects()
    };
    let off = refused(|world| world.question.sharer.role = None);
    assert_eq!(off, []);
    let directory = refused(|world| {
        world.tenant.directory.policy.blocked_domains = Some(list(&["contoso.com"]));
    });
    assert_eq!(directory, []);
}
