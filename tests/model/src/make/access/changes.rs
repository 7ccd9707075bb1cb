//! What can be changed about who asks, what was granted and what was linked.

use std::sync::Arc;

use gateway_core::action::Action;
use gateway_core::person::{GuestState, InvitationManager};
use gateway_core::sharing::Scan;

use super::super::person::MANAGERS;
use super::super::{Change, Maker};
use super::{ITEMS, ROLES, TYPES};
use crate::world::{AccessWorld, Known};

pub(super) const CHANGES: &[Change<AccessWorld>] = &[
    action,
    item,
    path,
    sign_out,
    know_nothing,
    know_another,
    know_a_program,
    provider_kind,
    identity,
    identity,
    age,
    assurance,
    client,
    show_any_link,
    show_missing_link,
    prove_address,
    guest_state,
    guest_state,
    guest_expiry,
    guest_expiry,
    directory_entry,
    membership,
    any_grant,
    any_grant,
    spoil_grant,
    spoil_grant,
    spoil_grant,
    drop_grant,
    any_link,
    any_link,
    spoil_link,
    spoil_link,
    spoil_link,
    spoil_link,
];

fn action(world: &mut AccessWorld, maker: &mut Maker) {
    world.action = maker.random.one(&Action::ALL);
}

fn item(world: &mut AccessWorld, maker: &mut Maker) {
    world.item.kind = maker.random.one(&ITEMS);
    world.item.scan = maker
        .random
        .one(&[Scan::Missing, Scan::Passed, Scan::Blocked]);
}

fn path(world: &mut AccessWorld, maker: &mut Maker) {
    world.path = maker.file();
}

fn sign_out(world: &mut AccessWorld, _: &mut Maker) {
    world.principal.person = None;
    world.known = Known::Unknown;
}

fn know_nothing(world: &mut AccessWorld, maker: &mut Maker) {
    world.known = Known::Unknown;
    if maker.random.flag() {
        world.guests.clear();
    }
}

fn know_a_program(world: &mut AccessWorld, maker: &mut Maker) {
    world.known = Known::Application(maker.random.one(&ROLES));
    if maker.random.flag() {
        world.principal.person = None;
    }
}

fn know_another(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let Some(person) = &world.principal.person else {
        return;
    };
    let key = person.key.clone();
    let address = maker.random.pick(&pool.people).clone();
    world.known = match maker.random.below(3) {
        0 => Known::Member(maker.random.perhaps(address)),
        1 => Known::AdHoc(address),
        _ => {
            let guest = maker.guest(&address, key);
            world.guests.push(guest);
            Known::Guest(world.guests.len().saturating_sub(1))
        }
    };
}

fn provider_kind(world: &mut AccessWorld, maker: &mut Maker) {
    let kind = maker.random.pick(&Arc::clone(&maker.pool).kinds).clone();
    if let Some(person) = &mut world.principal.person {
        person.kind = kind;
    }
}

/// Another identity: mostly the guest's as well.
fn identity(world: &mut AccessWorld, maker: &mut Maker) {
    let Some(person) = &mut world.principal.person else {
        return;
    };
    maker.move_key(&mut person.key);
    let key = person.key.clone();
    if maker.random.chance(85)
        && let Some(guest) = world.asker()
    {
        guest.identity = Some(key);
    }
}

fn age(world: &mut AccessWorld, maker: &mut Maker) {
    let moment = maker.moment(world.place.now);
    if let Some(person) = &mut world.principal.person {
        person.authenticated_at = moment;
    }
}

fn assurance(world: &mut AccessWorld, maker: &mut Maker) {
    let assurance = maker.assurance();
    if let Some(person) = &mut world.principal.person {
        person.assurance = assurance;
    }
}

fn client(world: &mut AccessWorld, maker: &mut Maker) {
    world.principal.client = maker.client(&world.place);
}

fn show_any_link(world: &mut AccessWorld, maker: &mut Maker) {
    if !world.links.is_empty() {
        let id = maker.random.pick(&world.links).id.clone();
        world.principal.links.push(id);
    }
}

fn show_missing_link(world: &mut AccessWorld, maker: &mut Maker) {
    if maker.random.flag() {
        world.links.clear();
    } else {
        let id = maker.random.pick(&Arc::clone(&maker.pool).links).clone();
        world.principal.links.push(id);
    }
}

fn prove_address(world: &mut AccessWorld, maker: &mut Maker) {
    world.principal.address_proven = maker.random.flag();
    world.place.tenant.sharing.anyone_link_track_users = true;
}

fn guest_state(world: &mut AccessWorld, maker: &mut Maker) {
    let Some(guest) = world.asker() else {
        return;
    };
    match maker.random.below(5) {
        0 => guest.state = GuestState::PendingAcceptance,
        1 => guest.state = GuestState::Blocked,
        2 => guest.identity = None,
        3 => guest.mfa_registered = !guest.mfa_registered,
        _ => guest.manager = maker.random.one(&MANAGERS),
    }
}

fn guest_expiry(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let ends = maker.moment(world.place.now);
    let Some(guest) = world.asker() else {
        return;
    };
    let other = maker.random.chance(15);
    guest.expires.insert(
        if other { &pool.other_site } else { &pool.site }.clone(),
        ends,
    );
    if maker.random.chance(30) {
        guest.administers = maker
            .random
            .some(&[pool.site.clone(), pool.other_site.clone()]);
    }
}

/// Somebody else has an entry too.
fn directory_entry(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let key = maker.key(&world.place, "google");
    let guest = maker.guest(maker.random.clone().pick(&pool.people), key);
    world.guests.push(guest);
}

fn membership(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let id = maker.random.pick(&pool.groups).clone();
    if let Some(group) = world.groups.get_mut(&id) {
        group.people = maker.random.some(&pool.people);
    }
}

fn any_grant(world: &mut AccessWorld, maker: &mut Maker) {
    let recipient = maker.any_recipient();
    world.grant(recipient, maker);
    if maker.random.flag() {
        spoil_last_grant(world, maker);
    }
}

fn spoil_last_grant(world: &mut AccessWorld, maker: &mut Maker) {
    if let Some(last) = world.permissions.pop() {
        let mut others = std::mem::replace(&mut world.permissions, vec![last]);
        spoil_grant(world, maker);
        world.permissions.append(&mut others);
    }
}

fn spoil_grant(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let at = maker.random.below(world.permissions.len());
    let recipient = maker.any_recipient();
    let ends = maker.moment(world.place.now);
    let Some(one) = world.permissions.get_mut(at) else {
        return;
    };
    match maker.random.below(7) {
        0 => one.recipient = recipient,
        1 => one.role = maker.random.one(&ROLES),
        2 => one.expires = Some(ends),
        3 => one.manager = maker.random.one(&MANAGERS),
        4 => one.site = pool.other_site.clone(),
        5 => one.item = maker.random.pick(&pool.beside).clone(),
        _ => one.item = maker.random.pick(&pool.above).clone(),
    }
}

fn drop_grant(world: &mut AccessWorld, _: &mut Maker) {
    world.permissions.pop();
}

fn any_link(world: &mut AccessWorld, maker: &mut Maker) {
    let scope = maker.any_scope();
    let shown = maker.random.chance(65);
    world.link(scope, shown, maker);
    world.links.rotate_right(1);
    if maker.random.flag() {
        spoil_link(world, maker);
    }
}

fn spoil_link(world: &mut AccessWorld, maker: &mut Maker) {
    let pool = Arc::clone(&maker.pool);
    let at = maker.random.below(world.links.len());
    let scope = maker.any_scope();
    let moment = maker.moment(world.place.now);
    let Some(link) = world.links.get_mut(at) else {
        return;
    };
    match maker.random.below(10) {
        0 => link.scope = scope,
        1 | 2 => link.kind = maker.random.one(&TYPES),
        3 => link.expires = Some(moment),
        4 => link.created = moment,
        5 => link.manager = maker.random.one(&MANAGERS),
        6 => {
            link.creator_may_share = false;
            link.manager = InvitationManager::Sharing;
        }
        7 => link.site = pool.other_site.clone(),
        8 => link.item = maker.random.pick(&pool.beside).clone(),
        _ => link.item = maker.random.pick(&pool.above).clone(),
    }
}
