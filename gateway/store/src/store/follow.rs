//! Reading what changed, and what of it is held in memory.

use std::collections::{BTreeSet, HashMap};

use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, PermissionId, TenantId};
use gateway_core::time::UnixTime;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::keys::parse_identity;
use super::{Store, entries, feed};
use crate::StoreError;
use crate::columns::{bind_whole_identity, corrupt, moment, number, optional_moment, parsed};
use crate::model::{Revocation, Revoked, SessionId, TenantSettingsRows};

/// So many changes are read at once.
const AT_ONCE: i64 = 1000;

/// A change, by what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) sequence: i64,
    /// None where it is about no tenant.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) kind: String,
    pub(crate) key: String,
}

/// What came after a position.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// The number of the last one.
    pub(crate) position: i64,
    /// The changes, in their order.
    pub(crate) changes: Vec<Changed>,
    /// What was revoked by them.
    pub(crate) revocations: Vec<Revocation>,
    /// Declared permissions that were revoked by them.
    pub(crate) revoked_permissions: Vec<(TenantId, PermissionId)>,
    /// Of tenants whose settings, groups or documents changed: all of them, as they are now.
    pub(crate) rows: HashMap<TenantId, TenantSettingsRows>,
    /// Whether there may be more.
    pub(crate) more: bool,
}

/// Everything that is held in memory, and the number of the last change.
pub(crate) type HeldRows = (i64, Vec<Revocation>, HashMap<TenantId, TenantSettingsRows>);

impl Store {
    /// What changed after `position`. None where that cannot be told any more: the order begins later, or is another one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn follow(&self, position: i64) -> Result<Option<Followed>, StoreError> {
        // The change at the position itself tells that the order is still the same.
        let rows = self.answer(sqlx::query(
            "SELECT sequence, tenant, kind, key FROM change WHERE sequence >= $1 ORDER BY sequence LIMIT $2",
        )
        .bind(position)
        .bind(AT_ONCE + 1)
        .fetch_all(&self.readers)).await?;
        let mut changes = rows
            .iter()
            .map(changed)
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let mut next = position + 1;
        if position > 0
            && changes
                .next()
                .is_none_or(|first| first.sequence != position)
        {
            return Ok(None);
        }
        let changes: Vec<Changed> = changes.collect();
        for change in &changes {
            if change.sequence != next {
                return Ok(None);
            }
            next += 1;
        }
        let mut followed = Followed {
            position: next - 1,
            more: i64::try_from(changes.len()).is_ok_and(|read| read >= AT_ONCE),
            ..Followed::default()
        };
        if !changes.is_empty() {
            self.read_changed(&changes, &mut followed).await?;
        }
        followed.changes = changes;
        Ok(Some(followed))
    }

    async fn read_changed(
        &self,
        changes: &[Changed],
        followed: &mut Followed,
    ) -> Result<(), StoreError> {
        let mut tenants = BTreeSet::new();
        let mut connection = self.readers.acquire().await?;
        for change in changes {
            let tenant = change.tenant.as_ref();
            match (change.kind.as_str(), tenant) {
                ("session", _) => {
                    let found = session(&mut connection, &change.key).await?;
                    followed.revocations.extend(found);
                }
                ("person", Some(tenant)) => {
                    let found = person(&mut connection, tenant, &change.key).await?;
                    followed.revocations.extend(found);
                }
                ("revoked-link", Some(tenant)) => {
                    let link = LinkId::parse(&change.key).map_err(|why| corrupt("key", why))?;
                    followed
                        .revocations
                        .push(for_good(Revoked::Link(tenant.clone(), link)));
                }
                ("revoked-guest", Some(tenant)) => {
                    let address =
                        EmailAddress::parse(&change.key).map_err(|why| corrupt("key", why))?;
                    followed
                        .revocations
                        .push(for_good(Revoked::Guest(tenant.clone(), address)));
                }
                ("revoked-permission", Some(tenant)) => {
                    let id = PermissionId::parse(&change.key).map_err(|why| corrupt("key", why))?;
                    followed.revoked_permissions.push((tenant.clone(), id));
                }
                ("setting" | "group" | "document", Some(tenant)) => {
                    tenants.insert(tenant.clone());
                }
                // Read when they are asked for.
                _ => {}
            }
        }
        for tenant in tenants {
            let mut rows = all_rows(&mut connection, Some(&tenant)).await?;
            let read = rows.remove(&tenant).unwrap_or_default();
            followed.rows.insert(tenant, read);
        }
        Ok(())
    }

    /// What [`Directory::settings_rows`](crate::directory::Directory::settings_rows) would tell of each tenant; for
    /// programs that look once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings_rows(&self) -> Result<HashMap<TenantId, TenantSettingsRows>, StoreError> {
        self.within(async {
            let mut connection = self.readers.acquire().await?;
            all_rows(&mut connection, None).await
        })
        .await
    }

    /// Everything that is held in memory, as of one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn read_held(&self, now: UnixTime) -> Result<HeldRows, StoreError> {
        let mut transaction = self.snapshot().await?;
        let position = feed::last(&mut transaction).await?;
        let revocations = super::revocations::all(&mut transaction, now).await?;
        let rows = all_rows(&mut transaction, None).await?;
        transaction.commit().await?;
        Ok((position, revocations, rows))
    }
}

fn changed(row: &AnyRow) -> Result<Changed, StoreError> {
    let tenant: &str = row.try_get("tenant")?;
    Ok(Changed {
        sequence: number(row, "sequence")?,
        tenant: match tenant {
            "" => None,
            _ => Some(parsed(row, "tenant", TenantId::parse)?),
        },
        kind: row.try_get("kind")?,
        key: row.try_get("key")?,
    })
}

/// Links and guests stay revoked; since when is not asked.
fn for_good(what: Revoked) -> Revocation {
    Revocation {
        what,
        at: UnixTime(0),
        until: None,
    }
}

async fn session(
    connection: &mut AnyConnection,
    key: &str,
) -> Result<Option<Revocation>, StoreError> {
    let id = unhex(key).ok_or_else(|| corrupt("key", "is no session"))?;
    let row = sqlx::query("SELECT at, until FROM revoked_session WHERE session = $1")
        .bind(id.to_vec())
        .fetch_optional(connection)
        .await?;
    row.map(|row| revocation(&row, Revoked::Session(SessionId(id))))
        .transpose()
}

async fn person(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<Revocation>, StoreError> {
    let identity = parse_identity(key).map_err(|why| corrupt("key", why))?;
    let query = sqlx::query(
        "SELECT at, until FROM revoked_person
         WHERE COALESCE(cloud, '') = $1 AND provider = $2 AND issuer = $3 AND COALESCE(provider_tenant, '') = $4
             AND subject = $5 AND tenant = $6",
    );
    let row = bind_whole_identity(query, &identity)
        .bind(tenant.as_str().to_owned())
        .fetch_optional(connection)
        .await?;
    row.map(|row| revocation(&row, Revoked::Person(tenant.clone(), identity)))
        .transpose()
}

fn revocation(row: &AnyRow, what: Revoked) -> Result<Revocation, StoreError> {
    Ok(Revocation {
        what,
        at: moment(row, "at")?,
        until: optional_moment(row, "until")?,
    })
}

/// The small parts of one tenant's directory, or of every one's.
async fn all_rows(
    connection: &mut AnyConnection,
    tenant: Option<&TenantId>,
) -> Result<HashMap<TenantId, TenantSettingsRows>, StoreError> {
    const TABLES: [(&str, Take); 6] = [
        (
            "SELECT * FROM setting WHERE tenant = $1 OR $1 = '' ORDER BY tenant, scope, name",
            |rows, row| {
                rows.settings.push(entries::setting(row)?);
                Ok(())
            },
        ),
        (
            "SELECT * FROM directory_group WHERE tenant = $1 OR $1 = '' ORDER BY tenant, id",
            |rows, row| {
                rows.groups.push(entries::group(row)?);
                Ok(())
            },
        ),
        (
            "SELECT * FROM document WHERE tenant = $1 OR $1 = '' ORDER BY tenant, collection, key",
            |rows, row| {
                rows.documents.push(entries::document(row)?);
                Ok(())
            },
        ),
        (
            "SELECT * FROM revoked_permission WHERE tenant = $1 OR $1 = ''",
            |rows, row| {
                rows.revoked_permissions
                    .insert(parsed(row, "permission", PermissionId::parse)?);
                Ok(())
            },
        ),
        (
            "SELECT * FROM revoked_link WHERE tenant = $1 OR $1 = ''",
            |rows, row| {
                rows.revoked_links
                    .insert(parsed(row, "link", LinkId::parse)?);
                Ok(())
            },
        ),
        (
            "SELECT * FROM revoked_guest WHERE tenant = $1 OR $1 = ''",
            |rows, row| {
                rows.blocked
                    .insert(parsed(row, "address", EmailAddress::parse)?);
                Ok(())
            },
        ),
    ];
    let mut all: HashMap<TenantId, TenantSettingsRows> = HashMap::new();
    for (sql, take) in TABLES {
        let rows = sqlx::query(sql)
            .bind(tenant.map_or("", TenantId::as_str).to_owned())
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let tenant = parsed(row, "tenant", TenantId::parse)?;
            take(all.entry(tenant).or_default(), row)?;
        }
    }
    Ok(all)
}

type Take = fn(&mut TenantSettingsRows, &AnyRow) -> Result<(), StoreError>;

fn unhex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let digits = text.as_bytes().chunks_exact(2);
    if text.len() != 32 {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(digits) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
