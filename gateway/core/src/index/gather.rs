//! From a question to the facts that it is decided on.

use super::{Guests, LinkIndex, Permissions, Seeker};
use crate::address::EmailAddress;
use crate::cloud::Clouds;
use crate::groups::Groups;
use crate::person::{Account, Guest, Principal};
use crate::policy::{Facts, Target};
use crate::settings::{SiteSettings, TenantSettings};
use crate::sharing::ItemFacts;

/// One tenant at one moment, as a question about one of its sites sees it.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// The clouds.
    pub clouds: &'a Clouds,
    /// The tenant's settings.
    pub tenant: &'a TenantSettings,
    /// The settings of the question's site.
    pub site: &'a SiteSettings,
    /// The tenant's groups.
    pub groups: &'a Groups,
    /// The tenant's permissions.
    pub permissions: &'a Permissions,
    /// The tenant's links.
    pub links: &'a LinkIndex,
    /// The tenant's guests.
    pub guests: &'a Guests,
}

/// The facts of a question about access.
///
/// - `account`: what the directory knows about the principal's person, given the guest, if any, whose invitation the
///   person redeemed.
/// - `item`: what is known about the target beyond its path.
#[must_use]
pub fn gather<'a>(
    snapshot: Snapshot<'a>,
    principal: &Principal,
    account: impl FnOnce(Option<&'a Guest>) -> Account<'a>,
    target: &Target,
    item: ItemFacts,
) -> Facts<'a> {
    let Snapshot {
        permissions,
        guests,
        ..
    } = snapshot;
    let (site, path, case) = (&target.site, &target.path, snapshot.site.path_case);
    let person = principal.person.as_ref();
    // Each lookup is a chain of reads of which each needs the one before. They are made in turns, so that all chains
    // together take as long as the longest: with millions of permissions nearly all the time goes to waiting for memory.
    let mut walk = permissions.start(site, path);
    let sought = person.map(|person| (&person.key, guests.start(&person.key)));
    permissions.fetch(&mut walk);
    let in_groups = sought.and_then(|(_, hash)| guests.fetch(hash));
    if let Some(hash) = in_groups {
        snapshot.groups.start(hash);
    }
    permissions.fetch_first(&mut walk);
    if let Some((_, hash)) = sought {
        guests.fetch_last(hash);
    }
    if let Some(hash) = in_groups {
        snapshot.groups.fetch(hash);
    }
    let account = account(sought.and_then(|(key, hash)| guests.finish(key, hash)));
    let address = address(account).filter(|_| person.is_some());
    // Somebody without an entry in the directory is in none of its groups.
    let groups = match account {
        Account::Member { .. } | Account::Guest(_) => {
            address.map_or(&[][..], |address| snapshot.groups.of(address))
        }
        Account::AdHoc { .. } | Account::Application { .. } | Account::Unknown => &[],
    };
    let seeker = Seeker { address, groups };
    Facts {
        clouds: snapshot.clouds,
        tenant: snapshot.tenant,
        site: snapshot.site,
        account,
        groups,
        permissions: permissions.finish(walk, site, case, seeker),
        links: snapshot
            .links
            .covering((site, path, case), &principal.links, address, |named| {
                person.is_none() && guests.by_address(named).is_some_and(Guest::has_entry)
            }),
        item,
    }
}

const fn address(account: Account<'_>) -> Option<&EmailAddress> {
    match account {
        Account::Member { address } => address,
        Account::Guest(guest) => Some(&guest.address),
        Account::AdHoc { address } => Some(address),
        Account::Application { .. } | Account::Unknown => None,
    }
}
