//! The directory at one moment.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, TenantId};
use gateway_core::index::{Guests, LinkIndex, Permissions};
use gateway_core::person::{Guest, GuestState, IdentityKey};
use gateway_core::sharing::SharingLink;
use gateway_core::time::UnixTime;

use super::DeclaredTenant;
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
        // Outsiders choose names of items and subjects: a seed that they do not know keeps them from choosing names
        // that collide.
        let seed = RandomState::new().hash_one(());
        Self {
            tenants: tenants
                .into_iter()
                .map(|tenant| (tenant.id.clone(), TenantView::declared(tenant, seed)))
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

    /// Whether any session was revoked.
    #[must_use]
    pub fn has_revoked_sessions(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// When `session` was revoked: whatever it stands for may begin anew afterwards, as a session at a provider may.
    /// None when it was not.
    #[must_use]
    pub fn session_revoked_at(&self, session: &SessionId) -> Option<UnixTime> {
        self.sessions.get(session).map(|memory| memory.at)
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
            tenant.redeem(&redemption.address, &redemption.identity);
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
                    tenant.remove(link);
                }
            }
            Revoked::Guest(tenant, address) => {
                if let Some(tenant) = self.tenants.get_mut(tenant) {
                    tenant.block(address);
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
    permissions: Arc<Permissions>,
    links: Arc<LinkIndex>,
    /// By the SHA-256 of their tokens; those of revoked links lead nowhere.
    tokens: Arc<HashMap<[u8; 32], LinkId>>,
}

impl TenantView {
    fn declared(tenant: DeclaredTenant, seed: u64) -> Self {
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
    fn redeem(&mut self, address: &EmailAddress, identity: &IdentityKey) {
        self.change(address, |guest| Guest {
            identity: Some(identity.clone()),
            state: match guest.state {
                GuestState::Blocked => GuestState::Blocked,
                GuestState::PendingAcceptance | GuestState::Accepted => GuestState::Accepted,
            },
            ..guest
        });
    }

    fn block(&mut self, address: &EmailAddress) {
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

    fn remove(&mut self, link: &LinkId) {
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
