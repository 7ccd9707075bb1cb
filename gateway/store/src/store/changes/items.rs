//! Ids of items move and go with the items.

use gateway_core::path::{ItemPath, PathCase};
use sqlx::Row;

use super::Turn;
use super::permissions::{Place, moved};
use crate::StoreError;
use crate::columns::corrupt;
use crate::store::{items, keys};

impl Turn<'_> {
    /// What was at the place that something moves to is gone, and its ids with it.
    pub(super) async fn move_item_ids(
        &mut self,
        from: Place<'_>,
        to: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        let moving = self.item_ids_at(from, case).await?;
        let overwritten = self.item_ids_at(to, case).await?;
        for (id, _) in overwritten {
            if moving.iter().any(|(other, _)| *other == id) {
                continue;
            }
            self.remove_item_id(id).await?;
        }
        for (id, item) in moving {
            let moved = moved(&item, from.1, to.1).map_err(|why| corrupt("item", why))?;
            let path = moved.encoded();
            sqlx::query(
                "UPDATE item SET site = $1, item = $2, item_key = $3, path_hash = $4 WHERE tenant = $5 AND id = $6",
            )
            .bind(to.0.as_str().to_owned())
            .bind(items::kept(path.trim_end_matches('/')).to_owned())
            .bind(keys::item_key(&moved))
            .bind(items::path_hash(&path))
            .bind(self.tenant())
            .bind(id)
            .execute(&mut *self.connection)
            .await?;
        }
        Ok(())
    }

    pub(super) async fn remove_item_ids(
        &mut self,
        place: Place<'_>,
        case: PathCase,
    ) -> Result<(), StoreError> {
        for (id, _) in self.item_ids_at(place, case).await? {
            self.remove_item_id(id).await?;
        }
        Ok(())
    }

    async fn remove_item_id(&mut self, id: String) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM item WHERE tenant = $1 AND id = $2")
            .bind(self.tenant())
            .bind(id)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn item_ids_at(
        &mut self,
        place: Place<'_>,
        case: PathCase,
    ) -> Result<Vec<(String, ItemPath)>, StoreError> {
        self.rows_at(
            "SELECT id, item FROM item
             WHERE tenant = $1 AND site = $2 AND (item_key = $3 OR item_key >= $4 AND item_key < $5)",
            place,
            case,
        )
        .await
    }

    /// Ids and paths of what `select` finds at the place and below it.
    pub(super) async fn rows_at(
        &mut self,
        select: &'static str,
        place: Place<'_>,
        case: PathCase,
    ) -> Result<Vec<(String, ItemPath)>, StoreError> {
        let (first, end) = keys::below(place.1);
        let rows = sqlx::query(select)
            .bind(self.tenant())
            .bind(place.0.as_str().to_owned())
            .bind(keys::item_key(place.1))
            .bind(first)
            .bind(end)
            .fetch_all(&mut *self.connection)
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            let item: &str = row.try_get("item")?;
            let item = ItemPath::parse(item).map_err(|why| corrupt("item", why))?;
            if item.is_within(place.1, case) {
                out.push((row.try_get("id")?, item));
            }
        }
        Ok(out)
    }
}
