//! Sharing links.

use std::collections::BTreeSet;

use gateway_core::address::EmailAddress;
use gateway_core::id::LinkId;
use gateway_core::sharing::LinkScope;
use sqlx::Row;

use super::{Made, Turn};
use crate::StoreError;
use crate::columns::parsed;
use crate::model::{LinkEntry, Revocation, Revoked};
use crate::store::entries::{Word, scope_word};
use crate::store::{keys, revocations};

impl Turn<'_> {
    pub(super) async fn put_link(&mut self, entry: &LinkEntry) -> Result<Made, StoreError> {
        let link = &entry.link;
        if self.declared.links.contains_key(&link.id)
            || self.declared.tokens.contains_key(&entry.token_sha256)
        {
            return Ok(Made::Taken);
        }
        let done = sqlx::query(
            "INSERT INTO link
                 (tenant, id, token, site, item, item_key, kind, scope, created_by, creator_may_share, manager, created,
                  expires, sealed_token, application, shared_with_integration, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT (tenant, id) DO UPDATE SET
                 site = excluded.site, item = excluded.item, item_key = excluded.item_key, kind = excluded.kind,
                 scope = excluded.scope, created_by = excluded.created_by,
                 creator_may_share = excluded.creator_may_share, manager = excluded.manager,
                 created = excluded.created, expires = excluded.expires, sealed_token = excluded.sealed_token,
                 application = excluded.application,
                 shared_with_integration = excluded.shared_with_integration, version = excluded.version
             WHERE link.token = excluded.token",
        )
        .bind(self.tenant())
        .bind(link.id.as_str().to_owned())
        .bind(entry.token_sha256.to_vec())
        .bind(link.site.as_str().to_owned())
        .bind(link.item.encoded())
        .bind(keys::item_key(&link.item))
        .bind(link.kind.word())
        .bind(scope_word(&link.scope))
        .bind(link.created_by.to_string())
        .bind(i64::from(link.creator_may_share))
        .bind(link.manager.word())
        .bind(link.created.0)
        .bind(link.expires.map(|at| at.0))
        .bind(entry.sealed_token.clone())
        .bind(entry.application.clone())
        .bind(i64::from(entry.shared_with_integration))
        .bind(self.version)
        .execute(&mut *self.connection)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Made::Taken);
        }
        let nobody = BTreeSet::new();
        let people = match &link.scope {
            LinkScope::Users(people) => people,
            LinkScope::Anonymous | LinkScope::Organization | LinkScope::ExistingAccess => &nobody,
        };
        self.forget_people(&link.id).await?;
        for address in people {
            sqlx::query("INSERT INTO link_person (tenant, link, address) VALUES ($1, $2, $3)")
                .bind(self.tenant())
                .bind(link.id.as_str().to_owned())
                .bind(address.to_string())
                .execute(&mut *self.connection)
                .await?;
            self.touched.address(address);
        }
        self.touched.link(link.id.as_str());
        self.touched.token(&entry.token_sha256);
        Ok(Made::Yes)
    }

    async fn forget_people(&mut self, link: &LinkId) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "DELETE FROM link_person WHERE tenant = $1 AND link = $2 RETURNING address",
        )
        .bind(self.tenant())
        .bind(link.as_str().to_owned())
        .fetch_all(&mut *self.connection)
        .await?;
        for row in &rows {
            self.touched
                .address(&parsed(row, "address", EmailAddress::parse)?);
        }
        Ok(())
    }

    pub(super) async fn remove_link(&mut self, id: &LinkId) -> Result<(), StoreError> {
        let row = sqlx::query("DELETE FROM link WHERE tenant = $1 AND id = $2 RETURNING token")
            .bind(self.tenant())
            .bind(id.as_str().to_owned())
            .fetch_optional(&mut *self.connection)
            .await?;
        if let Some(row) = row {
            self.touched.token(row.try_get("token")?);
        }
        self.forget_people(id).await?;
        self.remove_permissions_of(id).await?;
        self.touched.link(id.as_str());
        if let Some((link, token)) = self.declared.links.get(id) {
            let revoked = Revocation {
                what: Revoked::Link(self.tenant.clone(), id.clone()),
                at: self.at,
                until: None,
            };
            revocations::statement(&revoked)
                .execute(&mut *self.connection)
                .await?;
            self.touched.revocation(&revoked);
            self.touched.token(token);
            if let LinkScope::Users(people) = &link.scope {
                for address in people {
                    self.touched.address(address);
                }
            }
        }
        Ok(())
    }
}
