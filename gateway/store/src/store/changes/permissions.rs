//! What was granted.

use gateway_core::id::{LinkId, PermissionId, SiteId};
use gateway_core::path::{ItemPath, PathCase};
use sqlx::Row;

use super::{Made, Turn};
use crate::StoreError;
use crate::columns::corrupt;
use crate::model::PermissionEntry;
use crate::store::keys;

/// An item of a site.
pub(super) type Place<'a> = (&'a SiteId, &'a ItemPath);

/// What was granted at an item and below it.
const PERMISSIONS_AT: &str = "SELECT id, item FROM permission
     WHERE tenant = $1 AND site = $2 AND (item_key = $3 OR item_key >= $4 AND item_key < $5)";
const LINKS_AT: &str = "SELECT id, item FROM link
     WHERE tenant = $1 AND site = $2 AND (item_key = $3 OR item_key >= $4 AND item_key < $5)";

impl Turn<'_> {
    pub(super) async fn put_permission(
        &mut self,
        entry: &PermissionEntry,
    ) -> Result<Made, StoreError> {
        let permission = &entry.permission;
        if self.declared.permissions.contains_key(&permission.id) {
            return Ok(Made::Taken);
        }
        self.touched
            .recipient(keys::recipient(&permission.recipient));
        self.pending
            .put_permission(self.connection, self.tenant, entry, self.version)
            .await
    }

    pub(super) async fn remove_permission(&mut self, id: &PermissionId) -> Result<(), StoreError> {
        let row =
            sqlx::query("DELETE FROM permission WHERE tenant = $1 AND id = $2 RETURNING recipient")
                .bind(self.tenant())
                .bind(id.as_str().to_owned())
                .fetch_optional(&mut *self.connection)
                .await?;
        if let Some(row) = row {
            self.touched.recipient(row.try_get("recipient")?);
        }
        if let Some(declared) = self.declared.permissions.get(id) {
            sqlx::query(
                "INSERT INTO revoked_permission (tenant, permission, at) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
            .bind(self.tenant())
            .bind(id.as_str().to_owned())
            .bind(self.at.0)
            .execute(&mut *self.connection)
            .await?;
            self.touched.revoked_permission(id.as_str());
            self.touched.recipient(keys::recipient(&declared.recipient));
        }
        Ok(())
    }

    /// What came through a link goes with it.
    pub(super) async fn remove_permissions_of(&mut self, link: &LinkId) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "DELETE FROM permission WHERE tenant = $1 AND link = $2 RETURNING recipient",
        )
        .bind(self.tenant())
        .bind(link.as_str().to_owned())
        .fetch_all(&mut *self.connection)
        .await?;
        for row in &rows {
            self.touched.recipient(row.try_get("recipient")?);
        }
        Ok(())
    }

    pub(super) async fn remove_permissions_at(
        &mut self,
        place: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        for (id, _) in self.rows_at(PERMISSIONS_AT, place, case).await? {
            let id = PermissionId::parse(&id).map_err(|why| corrupt("id", why))?;
            self.remove_permission(&id).await?;
        }
        Ok(())
    }

    pub(super) async fn remove_links_at(
        &mut self,
        place: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        for (id, _) in self.rows_at(LINKS_AT, place, case).await? {
            let id = LinkId::parse(&id).map_err(|why| corrupt("id", why))?;
            self.remove_link(&id).await?;
        }
        Ok(())
    }

    pub(super) async fn move_permissions(
        &mut self,
        from: Place<'_>,
        to: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        self.move_rows(
            PERMISSIONS_AT,
            "UPDATE permission SET site = $1, item = $2, item_key = $3, version = $4 WHERE tenant = $5 AND id = $6",
            (from, to),
            case,
        )
        .await
    }

    pub(super) async fn move_links(
        &mut self,
        from: Place<'_>,
        to: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        self.move_rows(
            LINKS_AT,
            "UPDATE link SET site = $1, item = $2, item_key = $3, version = $4 WHERE tenant = $5 AND id = $6",
            (from, to),
            case,
        )
        .await
    }

    async fn move_rows(
        &mut self,
        select: &'static str,
        update: &'static str,
        (from, to): (Place<'_>, Place<'_>),
        case: PathCase,
    ) -> Result<(), StoreError> {
        for (id, item) in self.rows_at(select, from, case).await? {
            let moved = moved(&item, from.1, to.1).map_err(|why| corrupt("item", why))?;
            sqlx::query(update)
                .bind(to.0.as_str().to_owned())
                .bind(moved.encoded())
                .bind(keys::item_key(&moved))
                .bind(self.version)
                .bind(self.tenant())
                .bind(id)
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }
}

/// `item`, which is `from` or below it, below `to` instead.
pub(super) fn moved(
    item: &ItemPath,
    from: &ItemPath,
    to: &ItemPath,
) -> Result<ItemPath, gateway_core::path::PathRefused> {
    let encoded = item.encoded();
    let rest: Vec<&str> = encoded
        .split('/')
        .skip(1 + from.segments().len())
        .filter(|segment| !segment.is_empty())
        .collect();
    let mut path = to.encoded();
    while path.ends_with('/') {
        path.pop();
    }
    for segment in rest {
        path.push('/');
        path.push_str(segment);
    }
    if item.has_trailing_slash() || path.is_empty() {
        path.push('/');
    }
    ItemPath::parse(&path)
}
