//! The directory as it is managed: entries one by one and in pages, and writes.
//!
//! Everything here goes to the store; nothing is read from a cache. What is declared is shown beside what is stored.

use std::sync::Arc;

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId, TenantId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::{Guest, GuestState};
use gateway_core::sharing::Recipient;
use gateway_core::time::UnixTime;

use super::Directory;
use super::declared::OfTenant;
use super::pages::{declared_link, declared_permission, later, merged, with_one_more};
use super::writer::{Answer, Asked};
use crate::StoreError;
use crate::model::{
    Invitation, LinkEntry, Page, PermissionEntry, TenantSettingsRows, UserEntry, UserType, Write,
    Written,
};

impl Directory {
    /// Writes. Once this returns [`Written::Yes`], what was written is on disk, and every view taken afterwards shows it.
    /// Streams are judged again ([`Directory::changes`]).
    ///
    /// # Errors
    /// [`StoreError`]; then whether it was written is not known where it says [`StoreError::Interrupted`], and it was not
    /// otherwise.
    pub async fn write(&self, write: Write) -> Result<Written, StoreError> {
        match self.queue.ask(Asked::Write(Box::new(write))).await? {
            Answer::Written(written) => Ok(written),
            Answer::Bound(_) | Answer::Revoked | Answer::Consumed(_) => {
                Err(StoreError::Interrupted)
            }
        }
    }

    /// The user with that id, deleted ones included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user(
        &self,
        tenant: &TenantId,
        id: &GuestId,
    ) -> Result<Option<UserEntry>, StoreError> {
        if let Some(guest) = self.declared(tenant).and_then(|of| of.guests.get(id)) {
            return Ok(Some(self.declared_user(tenant, guest).await?));
        }
        let stored = self.store().user(tenant, id).await?;
        Ok(stored.filter(|entry| entry.deleted.is_some() || !self.shadows(tenant, entry)))
    }

    /// The user with that address who is not deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_by_address(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<Option<UserEntry>, StoreError> {
        let declared = self
            .declared(tenant)
            .and_then(|of| of.guest_by_address(address));
        if let Some(guest) = declared {
            return Ok(Some(self.declared_user(tenant, guest).await?));
        }
        self.store().user_by_address(tenant, address).await
    }

    /// Users in the order of their ids, `limit` on a page; deleted ones, or all others.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users(
        &self,
        tenant: &TenantId,
        deleted: bool,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<UserEntry>, StoreError> {
        let after = after.unwrap_or_default();
        let stored = self
            .store()
            .users(tenant, deleted, after, with_one_more(limit))
            .await?;
        let declared = self.declared(tenant).filter(|_| !deleted);
        let mut from_configuration = Vec::new();
        for guest in declared
            .into_iter()
            .flat_map(|of| later(&of.guests, after, GuestId::as_str))
            .take(limit.saturating_add(1))
        {
            from_configuration.push(self.declared_user(tenant, guest).await?);
        }
        let mut page = merged(from_configuration, stored, limit, |entry| entry.id.as_str());
        page.items
            .retain(|entry| deleted || entry.declared || !self.shadows(tenant, entry));
        Ok(page)
    }

    /// Invitations of a user that have not ended, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitations(
        &self,
        tenant: &TenantId,
        user: &GuestId,
    ) -> Result<Vec<Invitation>, StoreError> {
        self.store().invitations(tenant, user).await
    }

    /// The permission with that id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permission(
        &self,
        tenant: &TenantId,
        id: &PermissionId,
    ) -> Result<Option<PermissionEntry>, StoreError> {
        let declared = self.declared(tenant).and_then(|of| of.permissions.get(id));
        if let Some(permission) = declared {
            let revoked = self.store().permission_revoked(tenant, id).await?;
            return Ok((!revoked).then(|| declared_permission(permission)));
        }
        self.store().permission(tenant, id).await
    }

    /// Permissions on the item itself and on everything above it in its site, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permissions_on(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        item: &ItemPath,
        case: PathCase,
    ) -> Result<Vec<PermissionEntry>, StoreError> {
        let mut found = self
            .store()
            .permissions_on(tenant, site, item, case)
            .await?;
        if let Some(of) = self.declared(tenant) {
            found.retain(|entry| !of.permissions.contains_key(&entry.permission.id));
            let revoked = self.store().revoked_permissions(tenant).await?;
            let declared = of.permissions.values().filter(|permission| {
                permission.site == *site
                    && item.is_within(&permission.item, case)
                    && !revoked.contains(&permission.id)
            });
            found.extend(declared.map(declared_permission));
            found.sort_by(|a, b| a.permission.id.cmp(&b.permission.id));
        }
        Ok(found)
    }

    /// What was granted to that address itself, by id, `limit` on a page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permissions_of(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<PermissionEntry>, StoreError> {
        let after = after.unwrap_or_default();
        let stored = self
            .store()
            .permissions_of(tenant, address, after, with_one_more(limit))
            .await?;
        let declared = self.declared(tenant);
        let revoked = self.store().revoked_permissions(tenant).await?;
        let from_configuration = declared
            .into_iter()
            .flat_map(|of| later(&of.permissions, after, PermissionId::as_str))
            .filter(|permission| permission.recipient == Recipient::Address(address.clone()))
            .map(declared_permission)
            .collect();
        let mut page = merged(from_configuration, stored, limit, |entry| {
            entry.permission.id.as_str()
        });
        page.items.retain(|entry| {
            let id = &entry.permission.id;
            match declared.and_then(|of| of.permissions.get(id)) {
                Some(_) => entry.declared && !revoked.contains(id),
                None => true,
            }
        });
        Ok(page)
    }

    /// The link with that id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link(
        &self,
        tenant: &TenantId,
        id: &LinkId,
    ) -> Result<Option<LinkEntry>, StoreError> {
        if self.store().link_revoked(tenant, id).await? {
            return Ok(None);
        }
        if let Some((link, token)) = self.declared(tenant).and_then(|of| of.links.get(id)) {
            return Ok(Some(declared_link(link, token)));
        }
        self.store().link(tenant, id).await
    }

    /// The link with that token.
    ///
    /// - `token`: SHA-256 of the token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_by_token(
        &self,
        tenant: &TenantId,
        token: &[u8; 32],
    ) -> Result<Option<LinkEntry>, StoreError> {
        if let Some(id) = self.declared(tenant).and_then(|of| of.tokens.get(token)) {
            return self.link(tenant, id).await;
        }
        match self.store().link_by_token(tenant, token).await? {
            Some(entry) if self.store().link_revoked(tenant, &entry.link.id).await? => Ok(None),
            found => Ok(found),
        }
    }

    /// Links on the item itself and on everything above it in its site, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links_on(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        item: &ItemPath,
        case: PathCase,
    ) -> Result<Vec<LinkEntry>, StoreError> {
        let mut found = self.store().links_on(tenant, site, item, case).await?;
        let revoked = self.store().revoked_links(tenant).await?;
        found.retain(|entry| !revoked.contains(&entry.link.id));
        if let Some(of) = self.declared(tenant) {
            found.retain(|entry| !of.links.contains_key(&entry.link.id));
            let declared = of.links.values().filter(|(link, _)| {
                link.site == *site
                    && item.is_within(&link.item, case)
                    && !revoked.contains(&link.id)
            });
            found.extend(declared.map(|(link, token)| declared_link(link, token)));
            found.sort_by(|a, b| a.link.id.cmp(&b.link.id));
        }
        Ok(found)
    }

    /// All links of a site, or of the tenant, by id, `limit` on a page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links(
        &self,
        tenant: &TenantId,
        site: Option<&SiteId>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<LinkEntry>, StoreError> {
        let after = after.unwrap_or_default();
        let stored = self
            .store()
            .links(tenant, site, after, with_one_more(limit))
            .await?;
        let revoked = self.store().revoked_links(tenant).await?;
        let declared = self.declared(tenant);
        let from_configuration = declared
            .into_iter()
            .flat_map(|of| later(&of.links, after, LinkId::as_str))
            .filter(|(link, _)| site.is_none_or(|site| link.site == *site))
            .map(|(link, token)| declared_link(link, token))
            .collect();
        let mut page = merged(from_configuration, stored, limit, |entry| {
            entry.link.id.as_str()
        });
        page.items.retain(|entry| {
            let hidden =
                !entry.declared && declared.is_some_and(|of| of.links.contains_key(&entry.link.id));
            !hidden && !revoked.contains(&entry.link.id)
        });
        Ok(page)
    }

    /// A number that changes with whatever [`Directory::settings_rows`] tells of any tenant.
    #[must_use]
    pub fn settings_number(&self) -> u64 {
        self.shared.following.held().edits
    }

    /// Settings, groups and documents that were made through the API, as they stand in memory, with a number that
    /// changes with them.
    #[must_use]
    pub fn settings_rows(&self, tenant: &TenantId) -> (u64, Arc<TenantSettingsRows>) {
        self.shared.following.held().rows(tenant)
    }

    fn declared(&self, tenant: &TenantId) -> Option<&OfTenant> {
        self.shared.declared.of(tenant)
    }

    /// Whether a declared entry stands before a stored one, and hides it.
    fn shadows(&self, tenant: &TenantId, entry: &UserEntry) -> bool {
        self.declared(tenant).is_some_and(|of| {
            of.guests.contains_key(&entry.id) || of.addresses.contains_key(&entry.address)
        })
    }

    /// A denial holds whatever is declared.
    async fn declared_user(
        &self,
        tenant: &TenantId,
        guest: &Guest,
    ) -> Result<UserEntry, StoreError> {
        let blocked = self.store().is_blocked(tenant, &guest.address).await?;
        let redemption = self.store().redeemed(tenant, &guest.address).await?;
        Ok(UserEntry {
            id: guest.id.clone(),
            address: guest.address.clone(),
            user_type: UserType::Guest,
            origin: guest.origin,
            manager: guest.manager,
            account_enabled: guest.state != GuestState::Blocked && !blocked,
            sponsor: None,
            created: UnixTime(0),
            state_changed: redemption.as_ref().map_or(UnixTime(0), |(_, at)| *at),
            invitation_expires: guest.invitation_expires,
            expires: guest.expires.clone(),
            administers: guest.administers.clone(),
            mfa_registered: guest.mfa_registered,
            deleted: None,
            profile: serde_json::Map::new(),
            redemption,
            declared: true,
            version: 0,
        })
    }
}
