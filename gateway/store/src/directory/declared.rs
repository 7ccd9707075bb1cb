//! What the configuration declares, found by id and by address.

use std::collections::{BTreeMap, HashMap};

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, LinkId, PermissionId, TenantId};
use gateway_core::person::{Guest, GuestState};
use gateway_core::sharing::{Permission, SharingLink};

use super::DeclaredTenant;

/// What is declared for every tenant.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    tenants: HashMap<TenantId, OfTenant>,
}

/// What is declared for one tenant, in the order of ids.
#[derive(Debug, Default)]
pub(crate) struct OfTenant {
    pub(crate) guests: BTreeMap<GuestId, Guest>,
    pub(crate) addresses: HashMap<EmailAddress, GuestId>,
    pub(crate) permissions: BTreeMap<PermissionId, Permission>,
    pub(crate) links: BTreeMap<LinkId, (SharingLink, [u8; 32])>,
    pub(crate) tokens: HashMap<[u8; 32], LinkId>,
}

impl Declared {
    pub(super) fn new(tenants: &[DeclaredTenant]) -> Self {
        Self {
            tenants: tenants
                .iter()
                .map(|tenant| (tenant.id.clone(), OfTenant::new(tenant)))
                .collect(),
        }
    }

    /// What is declared for the tenant.
    pub(crate) fn of(&self, tenant: &TenantId) -> Option<&OfTenant> {
        self.tenants.get(tenant)
    }
}

impl OfTenant {
    fn new(tenant: &DeclaredTenant) -> Self {
        let mut this = Self::default();
        for guest in &tenant.guests {
            // Of two entries with one address the blocked one counts, else the first: as in the view.
            let known = this.addresses.get(&guest.address).cloned();
            if guest.state == GuestState::Blocked || known.is_none() {
                if let Some(known) = known {
                    this.guests.remove(&known);
                }
                this.addresses
                    .insert(guest.address.clone(), guest.id.clone());
                this.guests.insert(guest.id.clone(), guest.clone());
            }
        }
        for permission in &tenant.permissions {
            this.permissions
                .insert(permission.id.clone(), permission.clone());
        }
        for (link, token) in &tenant.links {
            this.tokens.insert(*token, link.id.clone());
            this.links.insert(link.id.clone(), (link.clone(), *token));
        }
        this
    }

    pub(crate) fn guest_by_address(&self, address: &EmailAddress) -> Option<&Guest> {
        self.guests.get(self.addresses.get(address)?)
    }
}
