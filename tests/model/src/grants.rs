//! Permissions: whose they are, and which of them work.
//!
//! Source: specification "sharing rules" 0, 1.7, 2.5 and 3.4.

use gateway_core::policy::{Denial, Ground};
use gateway_core::sharing::{LinkType, Permission, Recipient, Role, SharingLink};

use crate::Answer;
use crate::world::AccessWorld;

/// What it rests on: of several permissions or links none takes away what another gives.
pub(crate) struct Basis {
    pub(crate) ground: Ground,
    /// Whether one of the permissions is an owner's.
    pub(crate) owner: bool,
    /// Whether there are only links without download.
    pub(crate) guarded: bool,
}

/// What the usable links come to.
pub(crate) fn by_links(usable: &[&SharingLink]) -> Option<Basis> {
    let guarded = |link: &SharingLink| link.kind == LinkType::BlocksDownload;
    let (guarded, id) = usable.iter().map(|link| (guarded(link), &link.id)).min()?;
    Some(Basis {
        ground: Ground::Link(id.clone()),
        owner: false,
        guarded,
    })
}
impl AccessWorld {
    /// Permissions on the item that are the person's.
    fn grants(&self) -> Vec<&Permission> {
        let case = self.place.site.path_case;
        let mut mine = Vec::new();
        for one in &self.permissions {
            let covers = one.site == self.place.site_id && self.path.is_within(&one.item, case);
            if covers && self.granted_to(&one.recipient) {
                mine.push(one);
            }
        }
        mine
    }

    fn granted_to(&self, recipient: &Recipient) -> bool {
        if !self.signed_in() {
            return false;
        }
        let sharing = self.place.sharing();
        let guest = self.guest().is_some();
        match recipient {
            Recipient::Members => self.member(),
            Recipient::Everyone => self.member() || (guest && sharing.everyone_claim),
            Recipient::AllUsers => {
                self.member() || (guest && sharing.all_users_claim == Some(true))
            }
            Recipient::Group(group) => self.in_group(group),
            Recipient::Address(address) => self.address() == Some(address),
        }
    }

    fn left_behind(&self, one: &Permission) -> bool {
        self.outsider() && self.place.grant_left_behind(&one.recipient, one.manager)
    }

    /// Those of them by which the action may be done.
    pub(crate) fn usable_grants(&self) -> Vec<&Permission> {
        let mut usable = self.grants();
        usable.retain(|one| {
            one.role.covers(self.action) && !self.over(one.expires) && !self.left_behind(one)
        });
        usable
    }

    pub(crate) fn permission(&self) -> Result<Basis, Answer> {
        let mut usable = self.usable_grants();
        let mut links = self.usable_links();
        if self.expired() {
            usable.retain(|one| matches!(one.recipient, Recipient::Group(_)));
            links.clear();
        }
        let owner = usable.iter().any(|one| one.role == Role::Owner);
        if let Some(id) = usable.into_iter().map(|one| &one.id).min() {
            return Ok(Basis {
                ground: Ground::Permission(id.clone()),
                owner,
                guarded: false,
            });
        }
        if let Some(basis) = by_links(&links) {
            return Ok(basis);
        }
        let grants = self.grants();
        let covering = grants.iter().filter(|one| one.role.covers(self.action));
        let (ended, living): (Vec<&Permission>, Vec<&Permission>) =
            covering.partition(|one| self.over(one.expires));
        if !living.is_empty() {
            return Err(Answer::Deny(Denial::ReshareRequired));
        }
        if !ended.is_empty() {
            return Err(Answer::Deny(Denial::PermissionExpired));
        }
        Err(self.or_request(if grants.is_empty() {
            Denial::PermissionMissing
        } else {
            Denial::PermissionInsufficient
        }))
    }

    /// A denial, unless the owner can be asked.
    pub(crate) fn or_request(&self, why: Denial) -> Answer {
        let may_ask = self.member() || self.guest().is_some();
        if may_ask && self.place.requests() {
            Answer::Request(why)
        } else {
            Answer::Deny(why)
        }
    }
}
