//! Ids of items, each with the path that it stands for.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use gateway_core::id::{SiteId, TenantId};
use gateway_core::path::ItemPath;

use super::{Store, keys};
use crate::StoreError;

impl Store {
    /// The ids of items of a site: those that they have, and new ones for the others.
    ///
    /// - `wanted`: by path, encoded and without a slash at its end, the id that it gets where it has none. An id is
    ///   random: it must not be guessed from a path. What is no path gets none.
    ///
    /// # Errors
    /// [`StoreError`]; then none of the new ones was kept.
    pub async fn item_ids(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        wanted: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        self.within(async {
            let mut known = BTreeMap::new();
            let mut missing = Vec::new();
            for (path, fresh) in wanted {
                match self.item_id(tenant, site, path).await? {
                    Some(id) => drop(known.insert(path.clone(), id)),
                    None => missing.push((path, fresh)),
                }
            }
            if missing.is_empty() {
                return Ok(known);
            }
            let mut transaction = self.begin().await?;
            for (path, fresh) in &missing {
                let Ok(item) = ItemPath::parse(kept(path)) else {
                    continue;
                };
                sqlx::query(
                    "INSERT INTO item (tenant, id, site, item, item_key, path_hash) VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (tenant, site, path_hash) DO NOTHING",
                )
                .bind(tenant.as_str().to_owned())
                .bind((*fresh).clone())
                .bind(site.as_str().to_owned())
                .bind(kept(path).to_owned())
                .bind(keys::item_key(&item))
                .bind(path_hash(path))
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            // Another gateway may have been faster: what is kept counts.
            for (path, _) in missing {
                if let Some(id) = self.item_id(tenant, site, path).await? {
                    known.insert(path.clone(), id);
                }
            }
            Ok(known)
        })
        .await
    }

    /// The site and path of the item with that id; the path as [`Store::item_ids`] was given it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn item(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Option<(SiteId, String)>, StoreError> {
        let found: Option<(String, String)> = self
            .answer(
                sqlx::query_as("SELECT site, item FROM item WHERE tenant = $1 AND id = $2")
                    .bind(tenant.as_str().to_owned())
                    .bind(id.to_owned())
                    .fetch_optional(&self.readers),
            )
            .await?;
        Ok(found.and_then(|(site, path)| {
            let site = SiteId::parse(&site).ok()?;
            Some((site, path.trim_end_matches('/').to_owned()))
        }))
    }

    async fn item_id(
        &self,
        tenant: &TenantId,
        site: &SiteId,
        path: &str,
    ) -> Result<Option<String>, StoreError> {
        let found = self
            .answer(
                sqlx::query_scalar(
                    "SELECT id FROM item WHERE tenant = $1 AND site = $2 AND path_hash = $3",
                )
                .bind(tenant.as_str().to_owned())
                .bind(site.as_str().to_owned())
                .bind(path_hash(path))
                .fetch_optional(&self.readers),
            )
            .await?;
        Ok(found)
    }
}

/// The path as it is kept: the root of the host has a slash.
pub(super) fn kept(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// What a path is found by, however long it is.
pub(super) fn path_hash(path: &str) -> String {
    let hash = digest(&SHA256, path.trim_end_matches('/').as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
