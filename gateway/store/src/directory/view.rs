//! The directory at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::{Guest, IdentityKey};
use gateway_core::sharing::{Permission, SharingLink};
use gateway_core::time::UnixTime;

use super::DeclaredTenant;
use super::guests::Guests;
use super::items::Items;
use super::links::Links;
use crate::model::{Redemption, Revocation, Revoked, SessionId};
use crate::{Store, StoreError};

/// Every tenant's directory, and what has been revoked, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    tenants: HashMap<TenantId, TenantView>,
    sessions: Arc<HashMap<SessionId, Memory>>,
    people: Arc<HashMap<TenantId, HashMap<IdentityKey, Memory>>>,
}

/// When something was revoked, and until when that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    at: UnixTime,
    until: Option<UnixTime>,
}

impl View {
    /// What the configuration says, before anybody redeemed and anything was revoked.
    pub(super) fn declared(tenants: Vec<DeclaredTenant>) -> Self {
        Self {
            tenants: tenants
                .into_iter()
                .map(|tenant| (tenant.id.clone(), TenantView::declared(tenant)))
                .collect(),
            sessions: Arc::default(),
            people: Arc::default(),
        }
    }

    /// Joins `declared` with what the store, if there is one yet, knows at `now`.
    ///
    /// # Errors
    /// [`StoreError`]; a view that misses a revocation is never made.
    pub async fn read(
        store: Option<&Store>,
        declared: Vec<DeclaredTenant>,
        now: UnixTime,
    ) -> Result<Self, StoreError> {
        let mut view = Self::declared(declared);
        let Some(store) = store else { return Ok(view) };
        for redemption in store.redemptions().await? {
            view.redeem(&redemption);
        }
        for revocation in store.revocations(now).await? {
            view.revoke(&revocation);
        }
        Ok(view)
    }

    /// The tenant's directory; none when the configuration does not declare the tenant.
    #[must_use]
    pub fn tenant(&self, id: &TenantId) -> Option<&TenantView> {
        self.tenants.get(id)
    }

    /// Whether that very session was revoked.
    #[must_use]
    pub fn session_revoked(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(session)
    }

    /// The first second in which a session of the person may have begun and still counts: one that began
    /// earlier is dead. None when nothing was revoked.
    #[must_use]
    pub fn sessions_valid_from(&self, tenant: &TenantId, key: &IdentityKey) -> Option<UnixTime> {
        let memory = self.people.get(tenant)?.get(key)?;
        Some(memory.at.plus(1))
    }

    pub(super) fn redeem(&mut self, redemption: &Redemption) {
        if let Some(tenant) = self.tenants.get_mut(&redemption.tenant) {
            Arc::make_mut(&mut tenant.guests).redeem(&redemption.address, &redemption.identity);
        }
    }

    pub(super) fn revoke(&mut self, revocation: &Revocation) {
        let memory = Memory {
            at: revocation.at,
            until: revocation.until,
        };
        match &revocation.what {
            Revoked::Session(session) => {
                let sessions = Arc::make_mut(&mut self.sessions);
                sessions
                    .entry(*session)
                    .and_modify(|known| known.merge(memory))
                    .or_insert(memory);
            }
            Revoked::Person(tenant, key) => {
                let people = Arc::make_mut(&mut self.people)
                    .entry(tenant.clone())
                    .or_default();
                people
                    .entry(key.clone())
                    .and_modify(|known| known.merge(memory))
                    .or_insert(memory);
            }
            Revoked::Link(tenant, link) => {
                if let Some(tenant) = self.tenants.get_mut(tenant) {
                    Arc::make_mut(&mut tenant.links).remove(link);
                }
            }
            Revoked::Guest(tenant, address) => {
                if let Some(tenant) = self.tenants.get_mut(tenant) {
                    Arc::make_mut(&mut tenant.guests).block(address);
                }
            }
        }
    }

    /// Forgets revoked sessions that would be dead at `now` anyway.
    pub(super) fn forget(&mut self, now: UnixTime) {
        Arc::make_mut(&mut self.sessions).retain(|_, memory| memory.holds(now));
        Arc::make_mut(&mut self.people).retain(|_, people| {
            people.retain(|_, memory| memory.holds(now));
            !people.is_empty()
        });
    }
}

impl Memory {
    /// The stricter of both: the later moment, the longer memory. The store does the same.
    fn merge(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        self.until = self
            .until
            .zip(other.until)
            .map(|(mine, theirs)| mine.max(theirs));
    }

    fn holds(&self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// One tenant's directory at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantView {
    guests: Arc<Guests>,
    permissions: Arc<Items<Permission>>,
    links: Arc<Links>,
}

impl TenantView {
    fn declared(tenant: DeclaredTenant) -> Self {
        let mut permissions = Items::default();
        for permission in tenant.permissions {
            let (site, item) = (permission.site.clone(), permission.item.clone());
            permissions.insert(&site, item, permission);
        }
        Self {
            guests: Arc::new(Guests::declared(tenant.guests)),
            permissions: Arc::new(permissions),
            links: Arc::new(Links::declared(tenant.links)),
        }
    }

    /// The guest invited by this address.
    #[must_use]
    pub fn guest_by_address(&self, address: &EmailAddress) -> Option<&Guest> {
        self.guests.by_address(address)
    }

    /// The guest whose invitation this identity redeemed, blocked ones included.
    #[must_use]
    pub fn guest_by_identity(&self, key: &IdentityKey) -> Option<&Guest> {
        self.guests.by_identity(key)
    }

    /// Permissions on the item or above it.
    #[must_use]
    pub fn permissions_on(
        &self,
        site: &SiteId,
        path: &ItemPath,
        case: PathCase,
    ) -> Vec<&Permission> {
        self.permissions.covering(site, path, case).collect()
    }

    /// Links on the item or above it.
    #[must_use]
    pub fn links_on(&self, site: &SiteId, path: &ItemPath, case: PathCase) -> Vec<&SharingLink> {
        self.links.covering(site, path, case).collect()
    }

    /// The link with that token.
    ///
    /// - `token`: SHA-256 of the token.
    #[must_use]
    pub fn link_by_token(&self, token: &[u8; 32]) -> Option<&SharingLink> {
        self.links.by_token(token)
    }
}
