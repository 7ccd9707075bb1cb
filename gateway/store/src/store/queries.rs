//! What the directory holds, asked one by one and in pages.

use std::collections::{BTreeMap, BTreeSet};

use gateway_core::address::EmailAddress;
use gateway_core::id::{GuestId, LinkId, PermissionId, SiteId, TenantId};
use gateway_core::path::{ItemPath, PathCase};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Store, entries, keys};
use crate::StoreError;
use crate::columns::{Statement, identity, moment, parsed};
use crate::model::{Invitation, LinkEntry, PermissionEntry, UserEntry};

/// A user with what the address redeemed. A deleted one has that in its own row.
macro_rules! users {
    ($rest:literal) => {
        concat!(
            "SELECT u.tenant, u.id, u.address, u.user_type, u.origin, u.manager, u.account_enabled, u.sponsor,
                 u.created, u.state_changed, u.invitation_expires, u.expires, u.administers, u.mfa_registered,
                 u.deleted, u.profile, u.version,
                 COALESCE(r.consented_at, u.consented_at) AS consented_at, COALESCE(r.cloud, u.cloud) AS cloud,
                 COALESCE(r.provider, u.provider) AS provider, COALESCE(r.issuer, u.issuer) AS issuer,
                 COALESCE(r.provider_tenant, u.provider_tenant) AS provider_tenant,
                 COALESCE(r.subject, u.subject) AS subject
             FROM directory_user u LEFT JOIN redemption r
                 ON r.tenant = u.tenant AND r.address = u.address AND u.deleted IS NULL
             WHERE u.tenant = $1 AND ",
            $rest
        )
    };
}

impl Store {
    async fn one(&self, statement: Statement) -> Result<Option<AnyRow>, StoreError> {
        self.answer(statement.fetch_optional(&self.readers)).await
    }

    async fn all<T>(
        &self,
        statement: Statement,
        read: impl Fn(&AnyRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.answer(statement.fetch_all(&self.readers)).await?;
        rows.iter().map(read).collect()
    }

    pub(crate) async fn user(
        &self,
        tenant: &TenantId,
        id: &GuestId,
    ) -> Result<Option<UserEntry>, StoreError> {
        let found = of(users!("u.id = $2"), tenant).bind(id.as_str().to_owned());
        self.one(found)
            .await?
            .as_ref()
            .map(entries::user)
            .transpose()
    }

    pub(crate) async fn user_by_address(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<Option<UserEntry>, StoreError> {
        let found =
            of(users!("u.address = $2 AND u.deleted IS NULL"), tenant).bind(address.to_string());
        self.one(found)
            .await?
            .as_ref()
            .map(entries::user)
            .transpose()
    }

    /// Those after the id `after`, by id.
    pub(crate) async fn users(
        &self,
        tenant: &TenantId,
        deleted: bool,
        after: &str,
        limit: i64,
    ) -> Result<Vec<UserEntry>, StoreError> {
        let sql = if deleted {
            users!("u.deleted IS NOT NULL AND u.id > $2 ORDER BY u.id LIMIT $3")
        } else {
            users!("u.deleted IS NULL AND u.id > $2 ORDER BY u.id LIMIT $3")
        };
        let found = of(sql, tenant).bind(after.to_owned()).bind(limit);
        self.all(found, entries::user).await
    }

    /// What the address redeemed.
    pub(crate) async fn redeemed(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<Option<(IdentityKey, UnixTime)>, StoreError> {
        let found = of(
            "SELECT * FROM redemption WHERE tenant = $1 AND address = $2",
            tenant,
        )
        .bind(address.to_string());
        self.one(found)
            .await?
            .map(|row| Ok((identity(&row)?, moment(&row, "consented_at")?)))
            .transpose()
    }

    /// Whether the address is blocked, by a denial over a declaration or in an entry of its own.
    pub(crate) async fn is_blocked(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let found = of(
            "SELECT 1 AS blocked FROM revoked_guest WHERE tenant = $1 AND address = $2
             UNION ALL
             SELECT 1 AS blocked FROM directory_user
             WHERE tenant = $1 AND address = $2 AND deleted IS NULL AND account_enabled = 0",
            tenant,
        )
        .bind(address.to_string());
        Ok(self.one(found).await?.is_some())
    }

    pub(crate) async fn invitations(
        &self,
        tenant: &TenantId,
        user: &GuestId,
    ) -> Result<Vec<Invitation>, StoreError> {
        let found = of(
            "SELECT * FROM invitation WHERE tenant = $1 AND guest = $2 AND ended IS NULL
             ORDER BY created DESC, version DESC, id",
            tenant,
        )
        .bind(user.as_str().to_owned());
        self.all(found, entries::invitation).await
    }

    pub(crate) async fn permission(
        &self,
        tenant: &TenantId,
        id: &PermissionId,
    ) -> Result<Option<PermissionEntry>, StoreError> {
        let found = of(
            "SELECT * FROM permission WHERE tenant = $1 AND id = $2",
            tenant,
        )
        .bind(id.as_str().to_owned());
        self.one(found)
            .await?
            .as_ref()
            .map(entries::permission)
            .transpose()
    }

    pub(crate) async fn permission_revoked(
        &self,
        tenant: &TenantId,
        id: &PermissionId,
    ) -> Result<bool, StoreError> {
        let found = of(
            "SELECT 1 FROM revoked_permission WHERE tenant = $1 AND permission = $2",
            tenant,
        )
        .bind(id.as_str().to_owned());
        Ok(self.one(found).await?.is_some())
    }

    pub(crate) async fn revoked_permissions(
        &self,
        tenant: &TenantId,
    ) -> Result<BTreeSet<PermissionId>, StoreError> {
        let found = of(
            "SELECT permission FROM revoked_permission WHERE tenant = $1",
            tenant,
        );
        let all = self
            .all(found, |row| parsed(row, "permission", PermissionId::parse))
            .await?;
        Ok(all.into_iter().collect())
    }

    /// Those on the item and above it, by id.
    pub(crate) async fn permissions_on(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        item: &ItemPath,
        case: PathCase,
    ) -> Result<Vec<PermissionEntry>, StoreError> {
        let mut found = self
            .all(on("permission", tenant, site, item), entries::permission)
            .await?;
        found.retain(|entry| item.is_within(&entry.permission.item, case));
        Ok(found)
    }

    /// Those of the address itself after the id `after`, by id.
    pub(crate) async fn permissions_of(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
        after: &str,
        limit: i64,
    ) -> Result<Vec<PermissionEntry>, StoreError> {
        let found = of(
            "SELECT * FROM permission WHERE tenant = $1 AND recipient = $2 AND id > $3 ORDER BY id LIMIT $4",
            tenant,
        )
        .bind(keys::of_address(address))
        .bind(after.to_owned())
        .bind(limit);
        self.all(found, entries::permission).await
    }

    pub(crate) async fn link(
        &self,
        tenant: &TenantId,
        id: &LinkId,
    ) -> Result<Option<LinkEntry>, StoreError> {
        let found = of("SELECT * FROM link WHERE tenant = $1 AND id = $2", tenant)
            .bind(id.as_str().to_owned());
        self.with_people(tenant, self.one(found).await?.into_iter().collect())
            .await
            .map(|mut links| links.pop())
    }

    pub(crate) async fn link_by_token(
        &self,
        tenant: &TenantId,
        token: &[u8; 32],
    ) -> Result<Option<LinkEntry>, StoreError> {
        let found = of(
            "SELECT * FROM link WHERE tenant = $1 AND token = $2",
            tenant,
        )
        .bind(token.to_vec());
        self.with_people(tenant, self.one(found).await?.into_iter().collect())
            .await
            .map(|mut links| links.pop())
    }

    /// Those on the item and above it, by id.
    pub(crate) async fn links_on(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        item: &ItemPath,
        case: PathCase,
    ) -> Result<Vec<LinkEntry>, StoreError> {
        let found = on("link", tenant, site, item).fetch_all(&self.readers);
        let rows = self.answer(found).await?;
        let mut found = self.with_people(tenant, rows).await?;
        found.retain(|entry| item.is_within(&entry.link.item, case));
        Ok(found)
    }

    /// Those after the id `after`, by id.
    pub(crate) async fn links(
        &self,
        tenant: &TenantId,
        site: Option<&SiteId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<LinkEntry>, StoreError> {
        let sql = match site {
            None => "SELECT * FROM link WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3",
            Some(_) => {
                "SELECT * FROM link WHERE tenant = $1 AND id > $2 AND site = $4 ORDER BY id LIMIT $3"
            }
        };
        let found = of(sql, tenant).bind(after.to_owned()).bind(limit);
        let found = match site {
            None => found,
            Some(site) => found.bind(site.as_str().to_owned()),
        };
        let rows = self.answer(found.fetch_all(&self.readers)).await?;
        self.with_people(tenant, rows).await
    }

    pub(crate) async fn link_revoked(
        &self,
        tenant: &TenantId,
        id: &LinkId,
    ) -> Result<bool, StoreError> {
        let found = of(
            "SELECT 1 FROM revoked_link WHERE tenant = $1 AND link = $2",
            tenant,
        )
        .bind(id.as_str().to_owned());
        Ok(self.one(found).await?.is_some())
    }

    pub(crate) async fn revoked_links(
        &self,
        tenant: &TenantId,
    ) -> Result<BTreeSet<LinkId>, StoreError> {
        let found = of("SELECT link FROM revoked_link WHERE tenant = $1", tenant);
        let all = self
            .all(found, |row| parsed(row, "link", LinkId::parse))
            .await?;
        Ok(all.into_iter().collect())
    }

    async fn with_people(
        &self,
        tenant: &TenantId,
        rows: Vec<AnyRow>,
    ) -> Result<Vec<LinkEntry>, StoreError> {
        let mut people: BTreeMap<String, BTreeSet<EmailAddress>> = BTreeMap::new();
        for row in &rows {
            if row.try_get::<&str, _>("scope")? == "users" {
                people.insert(row.try_get("id")?, BTreeSet::new());
            }
        }
        if !people.is_empty() {
            let sql = format!(
                "SELECT link, address FROM link_person WHERE tenant = $1 AND link IN ({})",
                parameters(2, people.len())
            );
            let found = people.keys().fold(
                sqlx::query(AssertSqlSafe(sql)).bind(tenant.as_str().to_owned()),
                |statement, id| statement.bind(id.clone()),
            );
            for row in self.answer(found.fetch_all(&self.readers)).await? {
                if let Some(of_link) = people.get_mut(row.try_get::<&str, _>("link")?) {
                    of_link.insert(parsed(&row, "address", EmailAddress::parse)?);
                }
            }
        }
        rows.iter()
            .map(|row| {
                let id: &str = row.try_get("id")?;
                entries::link(row, people.remove(id).unwrap_or_default())
            })
            .collect()
    }
}

pub(super) fn of(sql: &'static str, tenant: &TenantId) -> Statement {
    sqlx::query(sql).bind(tenant.as_str().to_owned())
}

/// What is on the item or above it, and what a site that folds letters has there.
fn on(table: &'static str, tenant: &TenantId, site: &SiteId, item: &ItemPath) -> Statement {
    let keys = keys::item_keys(item);
    let sql = format!(
        "SELECT * FROM {table} WHERE tenant = $1 AND site = $2 AND item_key IN ({}) ORDER BY id",
        parameters(3, keys.len())
    );
    let statement = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(site.as_str().to_owned());
    keys.into_iter()
        .fold(statement, |statement, key| statement.bind(key))
}

/// `$first` and so on, `count` of them.
fn parameters(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|number| format!("${number}"))
        .collect::<Vec<_>>()
        .join(", ")
}
