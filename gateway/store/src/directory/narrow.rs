//! The part of a directory that one decision rests on.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::PermissionId;
use gateway_core::index::{Guests, LinkIndex, Permissions, Seeker};
use gateway_core::path::PathCase;
use gateway_core::person::Guest;
use gateway_core::sharing::{LinkScope, Recipient, SharingLink};

use super::TenantView;
use crate::model::Wanted;

impl TenantView {
    /// The part of it that is wanted. Names of items are compared regardless of case: the site's own rule is applied by
    /// whoever asks the indexes.
    #[must_use]
    pub(super) fn only(&self, wanted: &Wanted, seed: u64) -> Self {
        let mut guests = Guests::with_seed(seed);
        let of_identity = wanted.identity.as_ref();
        guests.extend(
            of_identity
                .and_then(|key| self.guest_by_identity(key))
                .cloned(),
        );
        let invited = wanted.addresses.iter();
        guests.extend(
            invited
                .filter_map(|address| self.guest_by_address(address))
                .cloned(),
        );
        let addresses: BTreeSet<EmailAddress> = guests
            .iter()
            .map(|guest| guest.address.clone())
            .chain(wanted.addresses.iter().cloned())
            .collect();

        let mut permissions = Permissions::with_seed(seed);
        permissions.extend(
            self.granted(wanted, &addresses)
                .iter()
                .filter_map(|id| self.permission_index().find(id)?.permission()),
        );

        let (mut links, mut tokens) = (LinkIndex::with_seed(seed), HashMap::new());
        for (link, token) in self.shared(wanted, &addresses) {
            // Whether somebody whom a link names is in the directory is asked where nobody has signed in.
            guests.extend(self.named(link).cloned());
            tokens.extend(token.map(|token| (token, link.id.clone())));
            links.insert(link.clone());
        }
        Self::of(guests, permissions, links, tokens)
    }

    fn granted(
        &self,
        wanted: &Wanted,
        addresses: &BTreeSet<EmailAddress>,
    ) -> BTreeSet<PermissionId> {
        let index = self.permission_index();
        let mut ids = BTreeSet::new();
        let somebody = || addresses.iter().map(Some).chain([None]);
        for (site, item) in &wanted.items {
            for address in somebody() {
                let seeker = Seeker {
                    address,
                    groups: &wanted.groups,
                };
                let grants = index.covering(site, item, PathCase::Insensitive, seeker);
                ids.extend(grants.iter().map(|grant| grant.id.clone()));
            }
        }
        if wanted.everything_granted {
            let theirs = |recipient: Recipient| match recipient {
                Recipient::Address(address) => addresses.contains(&address),
                Recipient::Group(group) => wanted.groups.contains(&group),
                Recipient::Members | Recipient::Everyone | Recipient::AllUsers => true,
            };
            let all = index
                .iter()
                .filter(|one| one.recipient().is_some_and(theirs));
            ids.extend(all.map(|one| one.id().clone()));
        }
        ids
    }

    fn shared<'a>(
        &'a self,
        wanted: &Wanted,
        addresses: &BTreeSet<EmailAddress>,
    ) -> Vec<(&'a SharingLink, Option<[u8; 32]>)> {
        let index = self.link_index();
        let mut found: HashMap<_, (&SharingLink, Option<[u8; 32]>)> = HashMap::new();
        if let Some((link, token)) = wanted
            .token
            .as_ref()
            .and_then(|token| Some((self.link_by_token(token)?, *token)))
        {
            found.insert(&link.id, (link, Some(token)));
        }
        let mut all: Vec<&SharingLink> = wanted
            .links
            .iter()
            .filter_map(|id| index.find(id))
            .collect();
        for (site, item) in &wanted.items {
            let place = (site, item, PathCase::Insensitive);
            for address in addresses {
                let theirs = index.covering(place, &[], Some(address), |_| false);
                all.extend(theirs.iter().map(|facts| facts.link));
            }
        }
        if wanted.everything_granted {
            let theirs = |link: &&SharingLink| match &link.scope {
                LinkScope::Users(people) => !people.is_disjoint(addresses),
                LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => false,
            };
            all.extend(index.iter().filter(theirs));
        }
        for link in all {
            found.entry(&link.id).or_insert((link, None));
        }
        found.into_values().collect()
    }

    fn named(&self, link: &SharingLink) -> impl Iterator<Item = &Guest> {
        let people = match &link.scope {
            LinkScope::Users(people) => people.iter().collect(),
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => {
                Vec::new()
            }
        };
        people
            .into_iter()
            .filter_map(|address| self.guest_by_address(address))
    }

    pub(super) fn of(
        guests: Guests,
        permissions: Permissions,
        links: LinkIndex,
        tokens: HashMap<[u8; 32], gateway_core::id::LinkId>,
    ) -> Self {
        Self {
            guests: Arc::new(guests),
            permissions: Arc::new(permissions),
            links: Arc::new(links),
            tokens: Arc::new(tokens),
        }
    }
}
