//! Guests: added beforehand, or invited by a share.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::id::{GuestId, SiteId};
use gateway_core::person::{Guest, GuestOrigin, GuestState, InvitationManager};
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
    file: &wire::TenantFile,
    members: &BTreeSet<DomainName>,
) -> Vec<Guest> {
    let mut seen: BTreeMap<EmailAddress, &str> = BTreeMap::new();
    let mut guests = Vec::new();
    for (id, given) in &file.guests {
        let scope = top.at(id);
        let Some(guest) = guest(&scope, id, given, file) else {
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

fn guest(
    scope: &Scope<'_>,
    id: &str,
    given: &wire::Guest,
    file: &wire::TenantFile,
) -> Option<Guest> {
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
    let site = |scope: &Scope<'_>, name: &str| {
        if !file.sites.contains_key(name) {
            let known = file.sites.keys().map(String::as_str);
            scope.error(text::unknown_site(name, known));
        }
        SiteId::parse(name).ok()
    };
    let expires = |(name, end): (&String, &String)| {
        let scope = scope.at("expires").at(name);
        let end = text::moment(&scope, Some(end));
        Some((site(&scope, name)?, end?))
    };
    let administers =
        |(index, name): (usize, &String)| site(&scope.at("administers").element(index), name);
    let expires = given.expires.iter().filter_map(expires).collect();
    let administers = given.administers.iter().enumerate().filter_map(administers);
    let administers = administers.collect();
    let id = scope.parse(Some(id), GuestId::parse)?;
    Some(Guest {
        state: if given.blocked {
            GuestState::Blocked
        } else {
            GuestState::PendingAcceptance
        },
        invitation_expires,
        manager: match given.manager {
            Some(wire::Manager::Sharing) => InvitationManager::Sharing,
            Some(wire::Manager::Directory) | None => InvitationManager::Directory,
        },
        expires,
        administers,
        mfa_registered: given.mfa_registered,
        ..Guest::invited(id, address?, GuestOrigin::Directory)
    })
}

/// Guests that come in because something is shared with them. One share through the directory makes them the directory's.
pub(super) fn invited(
    permissions: &[Permission],
    links: &[DeclaredLink],
    shared: &Shared<'_>,
) -> Vec<Guest> {
    let by_permission = permissions
        .iter()
        .filter_map(|permission| match &permission.recipient {
            Recipient::Members
            | Recipient::Everyone
            | Recipient::AllUsers
            | Recipient::Group(_) => None,
            Recipient::Address(address) => Some((address, permission.manager)),
        });
    let by_link = links.iter().flat_map(|declared| {
        let people = match &declared.link.scope {
            LinkScope::Users(people) => Some(people),
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => None,
        };
        let manager = declared.link.manager;
        people
            .into_iter()
            .flatten()
            .map(move |address| (address, manager))
    });
    let outside = |address: &EmailAddress| {
        !shared.members.contains(address.domain()) && !shared.guests.contains(address)
    };
    let mut addresses: BTreeMap<&EmailAddress, InvitationManager> = BTreeMap::new();
    for (address, manager) in by_permission.chain(by_link) {
        if outside(address) {
            let known = addresses.entry(address).or_insert(manager);
            if manager == InvitationManager::Directory {
                *known = manager;
            }
        }
    }
    addresses.into_iter().filter_map(invitation).collect()
}

/// The id is made from the address, so that it is the same at every start and for every share.
fn invitation((address, manager): (&EmailAddress, InvitationManager)) -> Option<Guest> {
    let hash = hex(&Sha256::digest(address.to_string()));
    let id = GuestId::parse(&format!("{INVITED}{}", hash.get(..32)?)).ok()?;
    Some(Guest {
        manager,
        ..Guest::invited(id, address.clone(), GuestOrigin::Share)
    })
}
