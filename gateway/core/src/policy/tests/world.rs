//! What the tests start from.

use super::*;
use crate::id::ProviderKind;
use crate::person::{Guest, Person};
use crate::sharing::{LinkScope, LinkType, Recipient, Role};
use crate::testing::{address, clouds, guest, identity, site, tenant};

pub(super) const NOW: UnixTime = UnixTime(1_000_000);

/// A tenant, a site, a guest with a grant, and whatever a test changes about them.
#[derive(Debug)]
pub(super) struct World {
    pub(super) clouds: Clouds,
    pub(super) tenant: TenantSettings,
    pub(super) site: SiteSettings,
    pub(super) guest: Guest,
    pub(super) member: bool,
    pub(super) known: bool,
    pub(super) principal: Principal,
    pub(super) permissions: Vec<Permission>,
    pub(super) links: Vec<SharingLink>,
    pub(super) item: &'static str,
    pub(super) action: Action,
    pub(super) now: UnixTime,
}

pub(super) fn world() -> World {
    World {
        clouds: clouds(),
        tenant: tenant(),
        site: site(),
        guest: guest(),
        member: false,
        known: true,
        principal: Principal {
            person: Some(Person {
                key: identity("worldwide"),
                kind: ProviderKind::parse("work-school").unwrap(),
                authenticated_at: NOW,
            }),
            links: Vec::new(),
        },
        permissions: vec![permission("/sites/p/plan", Role::Read)],
        links: Vec::new(),
        item: "/sites/p/plan",
        action: Action::View,
        now: NOW,
    }
}

pub(super) fn permission(item: &str, role: Role) -> Permission {
    Permission {
        id: PermissionId::parse("grant").unwrap(),
        site: SiteId::parse("p").unwrap(),
        item: ItemPath::parse(item).unwrap(),
        recipient: Recipient::Address(address("ada@fabrikam.example")),
        role,
        created_by: address("mia@contoso.example"),
        expires: None,
    }
}

pub(super) fn link(scope: LinkScope, kind: LinkType) -> SharingLink {
    SharingLink {
        id: LinkId::parse("link").unwrap(),
        site: SiteId::parse("p").unwrap(),
        item: ItemPath::parse("/sites/p/plan").unwrap(),
        kind,
        scope,
        created_by: address("mia@contoso.example"),
        created: UnixTime(0),
        expires: None,
    }
}

/// Somebody without account who opened `link`.
pub(super) fn bearer(link: SharingLink) -> World {
    World {
        principal: Principal {
            person: None,
            links: vec![link.id.clone()],
        },
        links: vec![link],
        ..world()
    }
}

impl World {
    pub(super) fn facts(&self) -> Facts<'_> {
        let account = match (self.known, self.member) {
            (false, _) => Account::Unknown,
            (true, true) => Account::Member {
                address: Some(&self.guest.address),
            },
            (true, false) => Account::Guest(&self.guest),
        };
        Facts {
            clouds: &self.clouds,
            tenant: &self.tenant,
            site: &self.site,
            account,
            permissions: self.permissions.iter().collect(),
            links: self.links.iter().collect(),
        }
    }

    pub(super) fn question(&self) -> Question {
        Question {
            target: Target {
                tenant: TenantId::parse("contoso").unwrap(),
                site: SiteId::parse("p").unwrap(),
                path: ItemPath::parse(self.item).unwrap(),
                query: None,
            },
            action: self.action,
        }
    }

    pub(super) fn decide(&self, trace: &mut dyn Trace) -> Decision {
        decide(
            &self.principal,
            vec![self.question()],
            &[self.facts()],
            self.now,
            trace,
        )
    }
}
