//! What whoever calls may do: the questions of a call, put to the core with the directory as it is.
//!
//! This is the only place where a caller becomes a principal of the rules, for what the API asks of upstreams too.

use std::net::IpAddr;
use std::sync::Arc;

use gateway_config::model::{Configuration, Tenant};
use gateway_core::action::Action;
use gateway_core::id::{LinkId, ProviderId, ProviderKind, SiteId};
use gateway_core::index::{self, Seeker, Snapshot};
use gateway_core::path::ItemPath;
use gateway_core::person::{Account, Assurance, Client, Guest, IdentityKey, Person, Principal};
use gateway_core::policy::{self, Decision, Denial, Facts, NoTrace, Question, Target};
use gateway_core::sharing::{ItemFacts, ItemKind, Role, Scan};
use gateway_core::time::UnixTime;
use gateway_store::directory::View;
use gateway_store::model::Wanted;

use crate::caller::{Caller, CallerKind};

/// Scopes that let their holder do everything, change content, and read it; those that only people's tokens can have
/// count for their own rights.
const OWNER: &[&str] = &["Sites.FullControl.All"];
const WRITE: &[&str] = &[
    "Sites.Manage.All",
    "Sites.ReadWrite.All",
    "Files.ReadWrite.All",
];
const READ: &[&str] = &["Sites.Read.All", "Files.Read.All"];

/// Scopes that suffice for reading items, the least first.
///
/// Source: specification "Graph API" 5, table of permissions.
pub const MAY_READ: &[&str] = &[
    "Files.Read",
    "Files.Read.All",
    "Sites.Read.All",
    "Files.ReadWrite",
    "Files.ReadWrite.All",
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Sites.FullControl.All",
];

/// Scopes that suffice for changing items and sharing them.
pub const MAY_WRITE: &[&str] = &[
    "Files.ReadWrite",
    "Files.ReadWrite.All",
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Sites.FullControl.All",
];

/// What an application may do in every site of its tenant, by its scopes; nothing if absent.
#[must_use]
pub fn consented(caller: &Caller) -> Option<Role> {
    if caller.has_any(OWNER) {
        Some(Role::Owner)
    } else if caller.has_any(WRITE) {
        Some(Role::Write)
    } else if caller.has_any(READ) {
        Some(Role::Read)
    } else {
        None
    }
}

/// A caller, and what decisions about it rest on.
#[derive(Clone, Copy)]
pub struct Rights<'a> {
    /// The configuration, with what was set through the API.
    pub configuration: &'a Configuration,
    /// The directory, looked at with [`Rights::wanted`].
    pub view: &'a View,
    /// Who calls.
    pub caller: &'a Caller,
    /// From where.
    pub client: IpAddr,
    /// Links that the caller showed.
    pub links: &'a [LinkId],
}

impl<'a> Rights<'a> {
    /// What a decision about `items` rests on.
    #[must_use]
    pub fn wanted(
        configuration: &Configuration,
        caller: &Caller,
        items: Vec<(SiteId, ItemPath)>,
        links: &[LinkId],
    ) -> Wanted {
        let mut wanted = Wanted::of(caller.tenant.clone());
        wanted.addresses.extend(caller.address().cloned());
        let tenant = configuration.tenants.get(&caller.tenant);
        let groups = tenant.zip(caller.address());
        let groups = groups.map_or(&[][..], |(tenant, address)| tenant.groups.of(address));
        wanted.groups = groups.to_vec();
        wanted.items = items;
        wanted.links = links.to_vec();
        wanted
    }

    /// Whether the caller may do all that is asked.
    #[must_use]
    pub fn decide(&self, questions: Arc<[Question]>, now: UnixTime) -> Decision {
        let principal = self.principal(now);
        let facts: Option<Vec<Facts<'_>>> = questions
            .iter()
            .map(|question| self.facts(&principal, question))
            .collect();
        let facts = facts.unwrap_or_default();
        policy::decide(&principal, questions, &facts, now, &mut NoTrace)
    }

    /// The denial where the caller may not do that to the item.
    #[must_use]
    pub fn refused(
        &self,
        site: &SiteId,
        path: &ItemPath,
        action: Action,
        now: UnixTime,
    ) -> Option<Denial> {
        let target = Target {
            tenant: self.caller.tenant.clone(),
            site: site.clone(),
            path: path.clone(),
            query: None,
        };
        match self.decide([Question { target, action }].into(), now) {
            Decision::Allow(_) => None,
            Decision::Challenge(_) => Some(Denial::PermissionMissing),
            Decision::Request(denial) | Decision::Deny(denial) => Some(denial),
        }
    }

    /// What the caller may do with the item, at most.
    #[must_use]
    pub fn role(&self, site: &SiteId, path: &ItemPath, now: UnixTime) -> Option<Role> {
        if self.person().is_none() {
            return consented(self.caller);
        }
        if self.caller.administers() {
            return Some(Role::Owner);
        }
        if self.refused(site, path, Action::Edit, now).is_none() {
            return Some(if self.owns(site, path, now) {
                Role::Owner
            } else {
                Role::Write
            });
        }
        let seen = self.refused(site, path, Action::View, now).is_none();
        seen.then_some(Role::Read)
    }

    /// Whether the caller owns the site.
    #[must_use]
    pub fn owns_site(&self, site: &SiteId, now: UnixTime) -> bool {
        if self.person().is_none() {
            return consented(self.caller) == Some(Role::Owner);
        }
        let root = self.tenant().and_then(|tenant| tenant.sites.get(site));
        self.caller.administers() || root.is_some_and(|root| self.owns(site, &root.path, now))
    }

    /// Whether an owner's grant on the item or above it reaches the person.
    fn owns(&self, site: &SiteId, path: &ItemPath, now: UnixTime) -> bool {
        let (Some(tenant), Some(address)) = (self.tenant(), self.caller.address()) else {
            return false;
        };
        let (Some(site_of), Some(directory)) =
            (tenant.sites.get(site), self.view.tenant(&tenant.id))
        else {
            return false;
        };
        let seeker = Seeker {
            address: Some(address),
            groups: tenant.groups.of(address),
        };
        let case = site_of.settings.path_case;
        let grants = directory
            .permission_index()
            .covering(site, path, case, seeker);
        grants.iter().any(|grant| {
            let reaches = match grant.recipient {
                index::GrantedTo::Address(_) | index::GrantedTo::Group(_) => true,
                index::GrantedTo::Members => !self.caller.is_guest(),
                index::GrantedTo::Everyone | index::GrantedTo::AllUsers => !self.caller.is_guest(),
            };
            reaches && grant.role == Role::Owner && grant.expires.is_none_or(|end| end > now)
        })
    }

    fn tenant(&self) -> Option<&'a Tenant> {
        self.configuration.tenants.get(&self.caller.tenant)
    }

    fn person(&self) -> Option<&'a str> {
        match &self.caller.kind {
            CallerKind::Person { id, .. } => Some(id),
            CallerKind::Application { .. } | CallerKind::Operator => None,
        }
    }

    /// The caller's entry, for guests: where the directory's own id of it is the one in the token.
    fn guest(&self) -> Option<&'a Guest> {
        let directory = self.view.tenant(&self.caller.tenant)?;
        let guest = directory.guest_by_address(self.caller.address()?)?;
        (self.person() == Some(guest.id.as_str())).then_some(guest)
    }

    fn principal(&self, now: UnixTime) -> Principal {
        let client = Client {
            address: self.configuration.gateway.known(self.client),
            managed_device: false,
            // Whoever calls is not idle.
            last_used: Some(now),
        };
        let person = self.person().and_then(|subject| {
            let key = match self.guest().filter(|_| self.caller.is_guest()) {
                Some(guest) => guest.identity.clone()?,
                None => self.key(subject)?,
            };
            Some(Person {
                key,
                kind: ProviderKind::parse("work-school").ok()?,
                authenticated_at: now,
                assurance: Assurance::default(),
            })
        });
        let signed_in = person.is_some();
        Principal {
            person,
            // An application bears no links; nor does a person who could not be made out.
            links: if signed_in {
                self.links.to_vec()
            } else {
                Vec::new()
            },
            address_proven: false,
            client,
        }
    }

    fn key(&self, subject: &str) -> Option<IdentityKey> {
        let settings = &self.tenant()?.settings;
        Some(IdentityKey {
            cloud: Some(settings.cloud.clone()),
            provider: ProviderId::parse("graph").ok()?,
            issuer: "graph".to_owned(),
            tenant: settings.directory.tenant_id.clone(),
            subject: subject.to_owned(),
        })
    }

    fn facts(&self, principal: &Principal, question: &Question) -> Option<Facts<'a>> {
        let tenant = self.tenant()?;
        let site = tenant.sites.get(&question.target.site)?;
        let directory = self.view.tenant(&tenant.id)?;
        let snapshot = Snapshot {
            clouds: &self.configuration.clouds,
            tenant: &tenant.settings,
            site: &site.settings,
            groups: &tenant.groups,
            permissions: directory.permission_index(),
            links: directory.link_index(),
            guests: directory.guest_index(),
        };
        let account = self.account();
        let item = ItemFacts {
            kind: ItemKind::Unknown,
            scan: Scan::Missing,
        };
        Some(index::gather(
            snapshot,
            principal,
            |_| account,
            &question.target,
            item,
        ))
    }

    /// What the directory knows of the caller. Somebody whose address is not known is nobody: what is granted to every
    /// member is not for whoever cannot be told apart.
    fn account(&self) -> Account<'a> {
        match &self.caller.kind {
            CallerKind::Person { guest: true, .. } => {
                self.guest().map_or(Account::Unknown, Account::Guest)
            }
            CallerKind::Person {
                address: Some(address),
                ..
            } => Account::Member {
                address: Some(address),
            },
            CallerKind::Person { address: None, .. } => Account::Unknown,
            CallerKind::Application { .. } | CallerKind::Operator => consented(self.caller)
                .map_or(Account::Unknown, |role| Account::Application { role }),
        }
    }
}
