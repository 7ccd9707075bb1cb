//! The directory at one moment.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, TenantId};
use gateway_core::index::{Guests, LinkIndex, Permissions, Stored};
use gateway_core::person::{Guest, GuestState, IdentityKey};
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;

use super::held::Held;
use super::{DeclaredTenant, Revocations};
use crate::{Store, StoreError};

/// Every tenant's directory, and what has been revoked, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    tenants: HashMap<TenantId, TenantView>,
    revocations: Revocations,
}

impl View {
    /// What the configuration says, before anybody redeemed and anything was revoked.
    pub(super) fn declared(tenants: Vec<DeclaredTenant>) -> Self {
        // Outsiders choose names of items and subjects: a seed that they do not know keeps them from choosing names
        // that collide.
        let seed = RandomState::new().hash_one(());
        Self {
            tenants: tenants
                .into_iter()
                .map(|tenant| (tenant.id.clone(), TenantView::declared(tenant, seed)))
                .collect(),
            revocations: Revocations::default(),
        }
    }

    /// Everything: joins `declared` with what the store, if there is one yet, knows at `now`. For whoever looks once at
    /// all there is; [`Directory::look`](super::Directory::look) is for decisions.
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
        // Denials last: one that comes in between is taken in, whatever else of it is not.
        for (id, tenant) in &mut view.tenants {
            tenant.add(store.look_at_all(id).await?);
        }
        let held = Held::read(store, now).await?;
        for (id, tenant) in &mut view.tenants {
            tenant.deny(&held.rows(id).1);
        }
        view.revocations = held.revocations;
        Ok(view)
    }

    /// One tenant's directory.
    pub(super) fn of(tenant: Option<(TenantId, TenantView)>, held: &Held) -> Self {
        Self {
            tenants: tenant.into_iter().collect(),
            revocations: held.revocations.clone(),
        }
    }

    /// The tenant's directory; none when the configuration does not declare the tenant.
    #[must_use]
    pub fn tenant(&self, id: &TenantId) -> Option<&TenantView> {
        self.tenants.get(id)
    }

    /// Which sessions were revoked.
    #[must_use]
    pub const fn revocations(&self) -> &Revocations {
        &self.revocations
    }
}

/// One tenant's directory at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantView {
    pub(super) guests: Arc<Guests>,
    pub(super) permissions: Arc<Permissions>,
    pub(super) links: Arc<LinkIndex>,
    /// By the SHA-256 of their tokens; those of revoked links lead nowhere.
    pub(super) tokens: Arc<HashMap<[u8; 32], LinkId>>,
}

impl TenantView {
    pub(super) fn declared(tenant: DeclaredTenant, seed: u64) -> Self {
        let mut permissions = Permissions::with_seed(seed);
        permissions.extend(tenant.permissions);
        let mut links = LinkIndex::with_seed(seed);
        let mut tokens = HashMap::with_capacity(tenant.links.len());
        for (link, token) in tenant.links {
            tokens.insert(token, link.id.clone());
            links.insert(link);
        }
        Self {
            guests: Arc::new(declared(tenant.guests, seed)),
            permissions: Arc::new(permissions),
            links: Arc::new(links),
            tokens: Arc::new(tokens),
        }
    }

    /// Every guest, in the order of their ids.
    pub fn guests(&self) -> impl Iterator<Item = &Guest> {
        let mut all: Vec<&Guest> = self.guests.iter().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.into_iter()
    }

    /// Every permission, in the order of their ids.
    pub fn permissions(&self) -> impl Iterator<Item = Stored<'_>> {
        let mut all: Vec<Stored<'_>> = self.permissions.iter().collect();
        all.sort_by(|a, b| a.id().cmp(b.id()));
        all.into_iter()
    }

    /// Every link that was not revoked, in the order of their ids.
    pub fn links(&self) -> impl Iterator<Item = &SharingLink> {
        let mut all: Vec<&SharingLink> = self.links.iter().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.into_iter()
    }

    /// What finds guests.
    #[must_use]
    pub fn guest_index(&self) -> &Guests {
        &self.guests
    }

    /// What finds permissions.
    #[must_use]
    pub fn permission_index(&self) -> &Permissions {
        &self.permissions
    }

    /// What finds links that were not revoked.
    #[must_use]
    pub fn link_index(&self) -> &LinkIndex {
        &self.links
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

    /// Whether there is such a link: it is declared, and was not revoked.
    #[must_use]
    pub fn has_link(&self, id: &LinkId) -> bool {
        self.links.find(id).is_some()
    }

    /// The link with that token.
    ///
    /// - `token`: SHA-256 of the token.
    #[must_use]
    pub fn link_by_token(&self, token: &[u8; 32]) -> Option<&SharingLink> {
        self.links.find(self.tokens.get(token)?)
    }

    /// Joins what was redeemed with its entry. Without one the redemption rests in the store: who is not
    /// declared any more is not a guest.
    pub(super) fn redeem(&mut self, address: &EmailAddress, identity: &IdentityKey) {
        self.change(address, |guest| Guest {
            identity: Some(identity.clone()),
            state: match guest.state {
                GuestState::Blocked => GuestState::Blocked,
                GuestState::PendingAcceptance | GuestState::Accepted => GuestState::Accepted,
            },
            ..guest
        });
    }

    pub(super) fn block(&mut self, address: &EmailAddress) {
        self.change(address, |guest| Guest {
            state: GuestState::Blocked,
            ..guest
        });
    }

    fn change(&mut self, address: &EmailAddress, change: impl FnOnce(Guest) -> Guest) {
        if let Some(guest) = self.guests.by_address(address).cloned() {
            Arc::make_mut(&mut self.guests).insert(change(guest));
        }
    }

    pub(super) fn remove(&mut self, link: &LinkId) {
        if self.has_link(link) {
            Arc::make_mut(&mut self.links).remove(link);
        }
    }
}

/// Of two entries with one address the blocked one counts, else the first.
fn declared(guests: Vec<Guest>, seed: u64) -> Guests {
    let mut all = Guests::with_seed(seed);
    for guest in guests {
        if guest.state == GuestState::Blocked || all.by_address(&guest.address).is_none() {
            all.insert(guest);
        }
    }
    all
}
