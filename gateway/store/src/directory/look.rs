//! One look at the directory: what one decision rests on, from memory where that is known to be so still.
//!
//! A copy is kept with the position that was known before it was read. It counts while nothing that it rests on was
//! changed after that position; a change that came while it was read makes it one that does not count, whichever of the
//! two was first. What is declared is in memory; denials are laid over both.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::mem::size_of;
use std::sync::Arc;
use std::time::Duration;

use gateway_core::address::EmailAddress;
use gateway_core::id::TenantId;
use gateway_core::person::{Guest, GuestState};
use gateway_core::sharing::{LinkScope, Permission, Recipient, SharingLink};
use moka::sync::Cache;

use super::held::Held;
use super::touched::{Subject, Touched};
use super::{DeclaredTenant, Directory, TenantView, View};
use crate::StoreError;
use crate::model::{TenantSettingsRows, Wanted};
use crate::store::keys;
use crate::store::look::Looked;

/// So many bytes of copies are kept, as far as they can be told.
const KEPT: u64 = 64 << 20;

/// No copy is kept for longer.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// What looks are made of: what is declared, and copies of what was looked at lately.
#[derive(Debug)]
pub(super) struct Looks {
    declared: HashMap<TenantId, TenantView>,
    /// Outsiders choose names of items and subjects: a seed that they do not know keeps them from choosing names that
    /// collide.
    seed: u64,
    copies: Cache<Wanted, Arc<Seen>>,
}

/// A copy.
#[derive(Debug)]
struct Seen {
    tenant: TenantView,
    /// What was known before it was read.
    era: u64,
    position: i64,
    /// What it rests on.
    subjects: Vec<Subject>,
    weight: u32,
}

impl Looks {
    pub(super) fn new(declared: Vec<DeclaredTenant>) -> Self {
        let seed = RandomState::new().hash_one(());
        Self {
            declared: declared
                .into_iter()
                .map(|tenant| (tenant.id.clone(), TenantView::declared(tenant, seed)))
                .collect(),
            seed,
            copies: Cache::builder()
                .weigher(|_, seen: &Arc<Seen>| seen.weight)
                .max_capacity(KEPT)
                .time_to_live(KEPT_FOR)
                .build(),
        }
    }
}

impl Directory {
    /// What `wanted` names, at one moment: declared and stored together, denials over both. From memory where it was
    /// looked at lately and has not changed since, else by one query.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the store cannot be reached, or has not been for longer than the configured
    /// staleness: what is known may not be true any more.
    pub async fn look(&self, wanted: &Wanted) -> Result<Arc<View>, StoreError> {
        let shared = &self.shared;
        let held = shared.following.current().await?;
        let looks = &shared.looks;
        let Some(declared) = looks.declared.get(&wanted.tenant) else {
            return Ok(Arc::new(View::of(None, &held)));
        };
        let copy = looks.copies.get(wanted).filter(|seen| {
            seen.era == held.era
                && shared.following.touched(|touched| {
                    touched.unchanged(&wanted.tenant, &seen.subjects, seen.position)
                })
        });
        let tenant = match copy {
            Some(seen) => seen.tenant.clone(),
            None => self.look_anew(wanted, declared, &held).await?,
        };
        Ok(Arc::new(View::of(
            Some((wanted.tenant.clone(), tenant)),
            &held,
        )))
    }

    /// Everything of the tenant, read anew; for whoever looks once at all there is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_at_all(&self, tenant: &TenantId) -> Result<Arc<View>, StoreError> {
        let shared = &self.shared;
        let held = shared.following.current().await?;
        let Some(declared) = shared.looks.declared.get(tenant) else {
            return Ok(Arc::new(View::of(None, &held)));
        };
        let looked = shared.store.look_at_all(tenant).await.map_err(away)?;
        let mut view = declared.clone();
        view.add(looked);
        view.deny(&held.rows(tenant).1);
        Ok(Arc::new(View::of(Some((tenant.clone(), view)), &held)))
    }

    async fn look_anew(
        &self,
        wanted: &Wanted,
        declared: &TenantView,
        held: &Held,
    ) -> Result<TenantView, StoreError> {
        let also = declared.named_by(wanted);
        let looked = self.shared.store.look_for(wanted, &also).await;
        let looked = looked.map_err(away)?;
        Ok(self.keep(wanted, declared, held, &also, looked))
    }

    /// Keeps a copy of what was found when `held` had been known before.
    fn keep(
        &self,
        wanted: &Wanted,
        declared: &TenantView,
        held: &Held,
        also: &BTreeSet<EmailAddress>,
        looked: Looked,
    ) -> TenantView {
        let shared = &self.shared;
        let (_, rows) = held.rows(&wanted.tenant);
        let rests_on = shared
            .following
            .touched(|touched| subjects(touched, wanted, also, &looked));
        let tenant = declared.joined(wanted, looked, &rows, shared.looks.seed);
        let rests_on = shared
            .following
            .touched(|touched| with_shares(touched, wanted, rests_on, &tenant));
        let seen = Seen {
            weight: weight(wanted, &tenant, rests_on.len()),
            tenant: tenant.clone(),
            era: held.era,
            position: held.position,
            subjects: rests_on,
        };
        shared.looks.copies.insert(wanted.clone(), Arc::new(seen));
        tenant
    }
}

/// A store that gives no answer is one that nothing is known of.
fn away(error: StoreError) -> StoreError {
    match error {
        StoreError::Unreachable(_)
        | StoreError::Busy(_)
        | StoreError::Io(_)
        | StoreError::Interrupted => {
            tracing::warn!(error = %error, "Directory cannot be looked at");
            StoreError::Stale
        }
        other => other,
    }
}

impl TenantView {
    /// People named by the links that are wanted by id or token.
    fn named_by(&self, wanted: &Wanted) -> BTreeSet<EmailAddress> {
        let by_token = wanted.token.iter();
        by_token
            .filter_map(|token| self.link_by_token(token))
            .chain(wanted.links.iter().filter_map(|id| self.links.find(id)))
            .flat_map(people)
            .cloned()
            .collect()
    }

    /// What of this, which is declared, is wanted, together with what was found in the store; denials over both.
    fn joined(
        &self,
        wanted: &Wanted,
        looked: Looked,
        rows: &TenantSettingsRows,
        seed: u64,
    ) -> Self {
        let mut wanted = wanted.clone();
        let redeemed = looked.redemptions.iter();
        wanted.addresses.extend(
            redeemed
                .filter(|(_, key)| wanted.identity.as_ref() == Some(key))
                .map(|(address, _)| address.clone()),
        );
        let mut view = self.only(&wanted, seed);
        view.add(looked);
        view.deny(rows);
        view
    }

    /// Adds what is stored.
    pub(super) fn add(&mut self, looked: Looked) {
        let Looked {
            guests,
            redemptions,
            permissions,
            links,
        } = looked;
        let all = Arc::make_mut(&mut self.guests);
        for guest in guests {
            let guest = match all.by_address(&guest.address) {
                Some(declared) => both(declared, &guest),
                None => guest,
            };
            all.insert(guest);
        }
        Arc::make_mut(&mut self.permissions).extend(permissions);
        for (link, token) in links {
            Arc::make_mut(&mut self.tokens).insert(token, link.id.clone());
            Arc::make_mut(&mut self.links).insert(link);
        }
        for (address, identity) in redemptions {
            self.redeem(&address, &identity);
        }
    }

    /// Takes away what was revoked, however it came in.
    pub(super) fn deny(&mut self, rows: &TenantSettingsRows) {
        let blocked: Vec<EmailAddress> = self
            .guests
            .iter()
            .map(|guest| &guest.address)
            .filter(|address| rows.blocked.contains(*address))
            .cloned()
            .collect();
        for address in &blocked {
            self.block(address);
        }
        let revoked: Vec<_> = self
            .permissions
            .iter()
            .map(|one| one.id())
            .filter(|id| rows.revoked_permissions.contains(*id))
            .cloned()
            .collect();
        for id in &revoked {
            Arc::make_mut(&mut self.permissions).remove(id);
        }
        let revoked: Vec<_> = self
            .links
            .iter()
            .map(|link| &link.id)
            .filter(|id| rows.revoked_links.contains(*id))
            .cloned()
            .collect();
        for id in &revoked {
            self.remove(id);
        }
    }
}

/// One who is declared and stored: as declared, and as strictly as either says.
fn both(declared: &Guest, stored: &Guest) -> Guest {
    let mut guest = declared.clone();
    if stored.state == GuestState::Blocked {
        guest.state = GuestState::Blocked;
    }
    for (site, end) in &stored.expires {
        let earliest = guest.expires.get(site).map_or(*end, |mine| *mine.min(end));
        guest.expires.insert(site.clone(), earliest);
    }
    guest
}

fn people(link: &SharingLink) -> impl Iterator<Item = &EmailAddress> {
    let people = match &link.scope {
        LinkScope::Users(people) => Some(people),
        LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => None,
    };
    people.into_iter().flatten()
}

/// What a look rests on, whether it found it or not.
fn subjects(
    touched: &Touched,
    wanted: &Wanted,
    also: &BTreeSet<EmailAddress>,
    looked: &Looked,
) -> Vec<Subject> {
    let of = |kind, key: &str| touched.subject(&wanted.tenant, kind, key);
    let general = [Recipient::Members, Recipient::Everyone, Recipient::AllUsers];
    let groups = wanted.groups.iter().cloned().map(Recipient::Group);
    let redeemed = looked.redemptions.iter().map(|(address, _)| address);
    let named = looked.links.iter().flat_map(|(link, _)| people(link));
    let addresses = wanted.addresses.iter().chain(also);
    let addresses = addresses.chain(redeemed).chain(named);
    let recipients = general.into_iter().chain(groups);
    let mut all: Vec<Subject> = recipients
        .map(|recipient| of("recipient", &keys::recipient(&recipient)))
        .chain(addresses.map(|address| of("recipient", &keys::of_address(address))))
        .chain(wanted.links.iter().map(|id| of("link", id.as_str())))
        .collect();
    let identity = wanted.identity.as_ref();
    all.extend(identity.map(|key| of("identity", &keys::of_identity(key))));
    all.extend(wanted.token.map(|token| of("token", &keys::hex(&token))));
    all
}

/// The same, with the shares that were found: each can be revoked by itself.
fn with_shares(
    touched: &Touched,
    wanted: &Wanted,
    mut all: Vec<Subject>,
    view: &TenantView,
) -> Vec<Subject> {
    let of = |kind, key: &str| touched.subject(&wanted.tenant, kind, key);
    let permissions = view.permissions.iter();
    all.extend(permissions.map(|one| of("revoked-permission", one.id().as_str())));
    for link in view.links.iter() {
        all.push(of("link", link.id.as_str()));
        all.push(of("revoked-link", link.id.as_str()));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Roughly, in bytes; rather too much than too little.
fn weight(wanted: &Wanted, view: &TenantView, subjects: usize) -> u32 {
    const EACH: usize = 256;
    const FRAME: usize = 2048;
    let items: usize = wanted
        .items
        .iter()
        .map(|(_, item)| item.segments().map(str::len).sum::<usize>() + EACH)
        .sum();
    let people: usize = view.links.iter().map(|link| people(link).count()).sum();
    let bytes = FRAME
        + items
        + EACH * (wanted.addresses.len() + wanted.groups.len() + wanted.links.len() + people)
        + (size_of::<Guest>() + EACH) * view.guests.len()
        + (size_of::<Permission>() + EACH) * view.permissions.len()
        + (2 * size_of::<SharingLink>() + EACH) * view.links.len()
        + size_of::<Subject>() * subjects;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
