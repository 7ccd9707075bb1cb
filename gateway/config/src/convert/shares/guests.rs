//! Guests: added beforehand, or invited by a share.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::id::GuestId;
use gateway_core::person::{Guest, GuestOrigin, GuestState};
use gateway_core::sharing::{LinkScope, Permission, Recipient};
use sha2::{Digest, Sha256};

use super::{Shared, text};
use crate::generation::hex;
use crate::model::DeclaredLink;
use crate::source::Scope;
use crate::wire;

const INVITED: &str = "share-";

/// Guests that the file names: an administrator added them.
pub(super) fn declared(
    top: &Scope<'_>,
    given: &BTreeMap<String, wire::Guest>,
    members: &BTreeSet<DomainName>,
) -> Vec<Guest> {
    let mut seen: BTreeMap<EmailAddress, &str> = BTreeMap::new();
    let mut guests = Vec::new();
    for (id, given) in given {
        let scope = top.at(id);
        let Some(guest) = guest(&scope, id, given) else {
            continue;
        };
        let address = scope.at("address");
        if members.contains(guest.address.domain()) {
            address.error(format!(
                "is on the member domain `{}`: members are not guests",
                guest.address.domain()
            ));
        }
        if let Some(other) = seen.insert(guest.address.clone(), id) {
            address.error(format!("is also the address of guest `{other}`: keep one"));
        }
        guests.push(guest);
    }
    guests
}

fn guest(scope: &Scope<'_>, id: &str, given: &wire::Guest) -> Option<Guest> {
    if id.starts_with(INVITED) {
        scope.error(format!(
            "`{INVITED}…` is kept for guests invited by a share: choose another name"
        ));
    }
    let address = text::address(&scope.at("address"), given.address.as_deref());
    let invitation_expires = text::moment(
        &scope.at("invitation_expires"),
        given.invitation_expires.as_deref(),
    );
    Some(Guest {
        id: scope.parse(Some(id), GuestId::parse)?,
        address: address?,
        origin: GuestOrigin::Directory,
        state: if given.blocked {
            GuestState::Blocked
        } else {
            GuestState::PendingAcceptance
        },
        identity: None,
        invitation_expires,
    })
}

/// Guests that come in because something is shared with them.
pub(super) fn invited(
    permissions: &[Permission],
    links: &[DeclaredLink],
    shared: &Shared<'_>,
) -> Vec<Guest> {
    let by_permission = permissions
        .iter()
        .filter_map(|permission| match &permission.recipient {
            Recipient::Members => None,
            Recipient::Address(address) => Some(address),
        });
    let by_link = links
        .iter()
        .flat_map(|declared| match &declared.link.scope {
            LinkScope::Users(people) => people.iter().collect::<Vec<_>>(),
            LinkScope::Anonymous | LinkScope::Organization => Vec::new(),
        });
    let outside = |address: &&EmailAddress| {
        !shared.members.contains(address.domain()) && !shared.guests.contains(*address)
    };
    let addresses: BTreeSet<&EmailAddress> = by_permission.chain(by_link).filter(outside).collect();
    addresses.into_iter().filter_map(invitation).collect()
}

/// The id is made from the address, so that it is the same at every start and for every share.
fn invitation(address: &EmailAddress) -> Option<Guest> {
    let hash = hex(&Sha256::digest(address.to_string()));
    Some(Guest {
        id: GuestId::parse(&format!("{INVITED}{}", hash.get(..32)?)).ok()?,
        address: address.clone(),
        origin: GuestOrigin::Share,
        state: GuestState::PendingAcceptance,
        identity: None,
        invitation_expires: None,
    })
}
