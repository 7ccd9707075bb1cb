//! Entries and permissions that are put, and not in the database yet: those of several changes go there together.
//!
//! Whoever reads the two tables in the same transaction, or changes them otherwise, settles first.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, PermissionId, TenantId};
use serde_json::Value as Json;
use sqlx::AnyConnection;

use super::changes::{Made, is_unique_violation};
use super::entries::Word;
use super::keys;
use super::rows::{self, Value};
use crate::StoreError;
use crate::model::{PermissionEntry, UserEntry};

/// So many wait at most.
const MOST: usize = 64;

/// What is put and not written.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    users: Vec<Of<GuestId, 16>>,
    /// Addresses of the users, in their order.
    addresses: Vec<EmailAddress>,
    permissions: Vec<Of<PermissionId, 14>>,
}

#[derive(Debug)]
struct Of<Id, const COLUMNS: usize> {
    tenant: TenantId,
    id: Id,
    row: [Value; COLUMNS],
}

impl Pending {
    /// Whether a user with that address waits.
    pub(super) fn has_address(&self, tenant: &TenantId, address: &EmailAddress) -> bool {
        self.users
            .iter()
            .zip(&self.addresses)
            .any(|(user, known)| user.tenant == *tenant && known == address)
    }

    /// Whether what would be read of `entry` waits.
    pub(super) fn has_user(&self, tenant: &TenantId, entry: &UserEntry) -> bool {
        has(&self.users, tenant, &entry.id) || self.has_address(tenant, &entry.address)
    }

    /// Puts the entry, with `version` for its version. Nothing of it waits yet: see [`Pending::has_user`].
    ///
    /// # Errors
    /// [`StoreError`]; then, and where something is taken, the transaction must be rolled back.
    pub(super) async fn put_user(
        &mut self,
        connection: &mut AnyConnection,
        tenant: &TenantId,
        entry: &UserEntry,
        version: i64,
    ) -> Result<Made, StoreError> {
        let made = if self.users.len() >= MOST {
            self.settle(connection).await?
        } else {
            Made::Yes
        };
        self.addresses.push(entry.address.clone());
        self.users.push(Of {
            tenant: tenant.clone(),
            id: entry.id.clone(),
            row: user(tenant, entry, version),
        });
        Ok(made)
    }

    /// Puts the permission, with `version` for its version.
    ///
    /// # Errors
    /// [`StoreError`]; then, and where something is taken, the transaction must be rolled back.
    pub(super) async fn put_permission(
        &mut self,
        connection: &mut AnyConnection,
        tenant: &TenantId,
        entry: &PermissionEntry,
        version: i64,
    ) -> Result<Made, StoreError> {
        // A statement cannot change a row twice.
        let full =
            self.permissions.len() >= MOST || has(&self.permissions, tenant, &entry.permission.id);
        let made = if full {
            self.settle(connection).await?
        } else {
            Made::Yes
        };
        self.permissions.push(Of {
            tenant: tenant.clone(),
            id: entry.permission.id.clone(),
            row: permission(tenant, entry, version),
        });
        Ok(made)
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// [`StoreError`]; then, and where something is taken, the transaction must be rolled back.
    pub(crate) async fn settle(
        &mut self,
        connection: &mut AnyConnection,
    ) -> Result<Made, StoreError> {
        self.addresses.clear();
        let users = rows_of(std::mem::take(&mut self.users));
        let permissions = rows_of(std::mem::take(&mut self.permissions));
        let wanted = users.len() + permissions.len();
        let mut written = match rows::insert(connection, USERS, USER_KNOWN, users).await {
            Err(error) if is_unique_violation(&error) => return Ok(Made::Taken),
            written => written?,
        };
        written += rows::insert(connection, PERMISSIONS, PERMISSION_KNOWN, permissions).await?;
        Ok(if usize::try_from(written) == Ok(wanted) {
            Made::Yes
        } else {
            Made::Taken
        })
    }
}

fn has<Id: PartialEq, const COLUMNS: usize>(
    waiting: &[Of<Id, COLUMNS>],
    tenant: &TenantId,
    id: &Id,
) -> bool {
    waiting
        .iter()
        .any(|known| known.tenant == *tenant && known.id == *id)
}

fn rows_of<Id, const COLUMNS: usize>(waiting: Vec<Of<Id, COLUMNS>>) -> Vec<[Value; COLUMNS]> {
    waiting.into_iter().map(|one| one.row).collect()
}

const USERS: &str = "directory_user
     (tenant, id, address, user_type, origin, manager, account_enabled, sponsor, created, state_changed,
      invitation_expires, expires, administers, mfa_registered, profile, version)";

const USER_KNOWN: &str = "ON CONFLICT (tenant, id) DO UPDATE SET
     address = excluded.address, user_type = excluded.user_type, origin = excluded.origin,
     manager = excluded.manager, account_enabled = excluded.account_enabled, sponsor = excluded.sponsor,
     created = excluded.created, state_changed = excluded.state_changed,
     invitation_expires = excluded.invitation_expires, expires = excluded.expires,
     administers = excluded.administers, mfa_registered = excluded.mfa_registered, profile = excluded.profile,
     version = excluded.version";

fn user(tenant: &TenantId, entry: &UserEntry, version: i64) -> [Value; 16] {
    let expires: BTreeMap<&str, i64> = entry
        .expires
        .iter()
        .map(|(site, at)| (site.as_str(), at.0))
        .collect();
    let administers: BTreeSet<&str> = entry.administers.iter().map(|site| site.as_str()).collect();
    [
        tenant.as_str().into(),
        entry.id.as_str().into(),
        entry.address.to_string().into(),
        entry.user_type.word().into(),
        entry.origin.word().into(),
        entry.manager.word().into(),
        i64::from(entry.account_enabled).into(),
        entry.sponsor.as_ref().map(EmailAddress::to_string).into(),
        entry.created.0.into(),
        entry.state_changed.0.into(),
        entry.invitation_expires.map(|at| at.0).into(),
        serde_json::json!(expires).to_string().into(),
        serde_json::json!(administers).to_string().into(),
        i64::from(entry.mfa_registered).into(),
        Json::Object(entry.profile.clone()).to_string().into(),
        version.into(),
    ]
}

const PERMISSIONS: &str = "permission
     (tenant, id, site, item, item_key, recipient, role, created_by, manager, expires, created, link,
      shared_with_integration, version)";

/// Whom a permission is for never changes.
const PERMISSION_KNOWN: &str = "ON CONFLICT (tenant, id) DO UPDATE SET
     site = excluded.site, item = excluded.item, item_key = excluded.item_key, role = excluded.role,
     created_by = excluded.created_by, manager = excluded.manager, expires = excluded.expires,
     created = excluded.created, link = excluded.link,
     shared_with_integration = excluded.shared_with_integration, version = excluded.version
 WHERE permission.recipient = excluded.recipient";

fn permission(tenant: &TenantId, entry: &PermissionEntry, version: i64) -> [Value; 14] {
    let permission = &entry.permission;
    [
        tenant.as_str().into(),
        permission.id.as_str().into(),
        permission.site.as_str().into(),
        permission.item.encoded().into(),
        keys::item_key(&permission.item).into(),
        keys::recipient(&permission.recipient).into(),
        permission.role.word().into(),
        permission.created_by.to_string().into(),
        permission.manager.word().into(),
        permission.expires.map(|at| at.0).into(),
        entry.created.0.into(),
        entry
            .link
            .as_ref()
            .map(|link| link.as_str().to_owned())
            .into(),
        i64::from(entry.shared_with_integration).into(),
        version.into(),
    ]
}
