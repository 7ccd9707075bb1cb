//! Groups, settings, documents: few, and kept in memory whole.

use gateway_core::id::GroupId;

use super::Turn;
use crate::StoreError;
use crate::model::{Document, GroupEntry, SettingScope, StoredSetting};
use crate::store::entries::setting_scope;

impl Turn<'_> {
    pub(super) async fn put_group(&mut self, entry: &GroupEntry) -> Result<(), StoreError> {
        let people: Vec<String> = entry.group.people.iter().map(ToString::to_string).collect();
        let groups: Vec<&str> = entry.group.groups.iter().map(GroupId::as_str).collect();
        sqlx::query(
            "INSERT INTO directory_group (tenant, id, display_name, people, groups, version)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, id) DO UPDATE SET display_name = excluded.display_name,
                 people = excluded.people, groups = excluded.groups, version = excluded.version",
        )
        .bind(self.tenant())
        .bind(entry.id.as_str().to_owned())
        .bind(entry.display_name.clone())
        .bind(serde_json::json!(people).to_string())
        .bind(serde_json::json!(groups).to_string())
        .bind(self.version)
        .execute(&mut *self.connection)
        .await?;
        self.touched.group(entry.id.as_str());
        Ok(())
    }

    pub(super) async fn remove_group(&mut self, id: &GroupId) -> Result<(), StoreError> {
        self.touched.group(id.as_str());
        self.delete(
            "DELETE FROM directory_group WHERE tenant = $1 AND id = $2",
            &[id.as_str()],
        )
        .await
    }

    pub(super) async fn put_setting(&mut self, setting: &StoredSetting) -> Result<(), StoreError> {
        let scope = setting_scope(&setting.scope);
        sqlx::query(
            "INSERT INTO setting (tenant, scope, name, value, version) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, scope, name) DO UPDATE SET value = excluded.value, version = excluded.version",
        )
        .bind(self.tenant())
        .bind(scope.clone())
        .bind(setting.name.clone())
        .bind(setting.value.to_string())
        .bind(self.version)
        .execute(&mut *self.connection)
        .await?;
        self.touched.setting(&scope, &setting.name);
        Ok(())
    }

    pub(super) async fn clear_setting(
        &mut self,
        scope: &SettingScope,
        name: &str,
    ) -> Result<(), StoreError> {
        let scope = setting_scope(scope);
        self.touched.setting(&scope, name);
        self.delete(
            "DELETE FROM setting WHERE tenant = $1 AND scope = $2 AND name = $3",
            &[&scope, name],
        )
        .await
    }

    pub(super) async fn put_document(&mut self, document: &Document) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO document (tenant, collection, key, body, version) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, collection, key) DO UPDATE SET body = excluded.body, version = excluded.version",
        )
        .bind(self.tenant())
        .bind(document.collection.clone())
        .bind(document.key.clone())
        .bind(document.body.to_string())
        .bind(self.version)
        .execute(&mut *self.connection)
        .await?;
        self.touched.document(&document.collection, &document.key);
        Ok(())
    }

    pub(super) async fn remove_document(
        &mut self,
        collection: &str,
        key: &str,
    ) -> Result<(), StoreError> {
        self.touched.document(collection, key);
        self.delete(
            "DELETE FROM document WHERE tenant = $1 AND collection = $2 AND key = $3",
            &[collection, key],
        )
        .await
    }

    async fn delete(&mut self, sql: &'static str, key: &[&str]) -> Result<(), StoreError> {
        let delete = sqlx::query(sql).bind(self.tenant());
        key.iter()
            .fold(delete, |delete, part| delete.bind((*part).to_owned()))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}
