//! What must still be so.

use crate::StoreError;
use crate::model::Expect;

use super::Turn;

impl Turn<'_> {
    pub(super) async fn holds(&mut self, expect: &Expect) -> Result<bool, StoreError> {
        match expect {
            Expect::NoUser(address) => {
                if self.declared.addresses.contains_key(address) {
                    return Ok(false);
                }
                let found = sqlx::query(
                    "SELECT version FROM directory_user
                     WHERE tenant = $1 AND address = $2 AND deleted IS NULL",
                )
                .bind(self.tenant())
                .bind(address.to_string())
                .fetch_optional(&mut *self.connection)
                .await?;
                Ok(found.is_none())
            }
            Expect::User(id, version) => {
                if self.declared.guests.contains_key(id) {
                    return Ok(is(Some(0), *version));
                }
                let found = self
                    .version(
                        "SELECT version FROM directory_user WHERE tenant = $1 AND id = $2",
                        id.as_str(),
                    )
                    .await?;
                Ok(is(found, *version))
            }
            Expect::Permission(id, version) => {
                if self.declared.permissions.contains_key(id) {
                    let revoked = self
                        .version(
                            "SELECT at AS version FROM revoked_permission WHERE tenant = $1 AND permission = $2",
                            id.as_str(),
                        )
                        .await?;
                    return Ok(revoked.is_none() && is(Some(0), *version));
                }
                let found = self
                    .version(
                        "SELECT version FROM permission WHERE tenant = $1 AND id = $2",
                        id.as_str(),
                    )
                    .await?;
                Ok(is(found, *version))
            }
            Expect::Link(id, version) => {
                // Revoked for good, declared or stored.
                let revoked = self
                    .version(
                        "SELECT at AS version FROM revoked_link WHERE tenant = $1 AND link = $2",
                        id.as_str(),
                    )
                    .await?;
                if revoked.is_some() {
                    return Ok(false);
                }
                if self.declared.links.contains_key(id) {
                    return Ok(is(Some(0), *version));
                }
                let found = self
                    .version(
                        "SELECT version FROM link WHERE tenant = $1 AND id = $2",
                        id.as_str(),
                    )
                    .await?;
                Ok(is(found, *version))
            }
            Expect::Group(id, version) => {
                let found = self
                    .version(
                        "SELECT version FROM directory_group WHERE tenant = $1 AND id = $2",
                        id.as_str(),
                    )
                    .await?;
                Ok(found.map(i64::cast_unsigned) == *version)
            }
            Expect::Document {
                collection,
                key,
                version,
            } => {
                let found: Option<i64> = sqlx::query_scalar(
                    "SELECT version FROM document WHERE tenant = $1 AND collection = $2 AND key = $3",
                )
                .bind(self.tenant())
                .bind(collection.clone())
                .bind(key.clone())
                .fetch_optional(&mut *self.connection)
                .await?;
                Ok(found.map(i64::cast_unsigned) == *version)
            }
        }
    }

    async fn version(&mut self, sql: &'static str, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(sqlx::query_scalar(sql)
            .bind(self.tenant())
            .bind(id.to_owned())
            .fetch_optional(&mut *self.connection)
            .await?)
    }
}

fn is(found: Option<i64>, wanted: Option<u64>) -> bool {
    found.is_some_and(|found| wanted.is_none_or(|wanted| wanted == found.cast_unsigned()))
}
