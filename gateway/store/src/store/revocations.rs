//! What must not be honoured any more.

use gateway_core::address::EmailAddress;
use gateway_core::id::{LinkId, TenantId};
use gateway_core::time::UnixTime;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Store;
use crate::StoreError;
use crate::columns::{Statement, bind_identity, bytes, identity, moment, parsed};
use crate::model::{Revocation, Revoked, SessionId};

impl Store {
    /// Records the revocation. Where the same was revoked before, the later moment and the longer memory of
    /// the two stay.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(&self, revocation: &Revocation) -> Result<(), StoreError> {
        let revoke = statement(revocation).execute(&self.writer);
        self.answer(revoke).await?;
        Ok(())
    }

    /// Every revocation that holds at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revocations(&self, now: UnixTime) -> Result<Vec<Revocation>, StoreError> {
        self.within(async {
            // One snapshot for all four tables.
            let mut transaction = self.snapshot().await?;
            let found = all(&mut transaction, now).await?;
            transaction.commit().await?;
            Ok(found)
        })
        .await
    }
}

/// Every revocation that holds at `now`.
pub(crate) async fn all(
    connection: &mut AnyConnection,
    now: UnixTime,
) -> Result<Vec<Revocation>, StoreError> {
    let mut found = Vec::new();
    for (sql, read) in TABLES {
        let rows = sqlx::query(sql)
            .bind(now.0)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            found.push(revocation(row, read(row)?)?);
        }
    }
    Ok(found)
}

pub(crate) fn statement(revocation: &Revocation) -> Statement {
    let at = revocation.at.0;
    let until = revocation.until.map(|until| until.0);
    match &revocation.what {
        Revoked::Session(session) => sqlx::query(
            "INSERT INTO revoked_session (at, until, session) VALUES ($1, $2, $3)
             ON CONFLICT (session) DO UPDATE SET
                 at = CASE WHEN excluded.at > revoked_session.at THEN excluded.at ELSE revoked_session.at END,
                 until = CASE WHEN excluded.until IS NULL OR revoked_session.until IS NULL THEN NULL
                     WHEN excluded.until > revoked_session.until THEN excluded.until ELSE revoked_session.until END",
        )
        .bind(at)
        .bind(until)
        .bind(session.0.to_vec()),
        Revoked::Person(tenant, key) => bind_identity(
            sqlx::query(
                "INSERT INTO revoked_person
                     (at, until, tenant, cloud, provider, issuer, provider_tenant, subject)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (tenant, COALESCE(cloud, ''), provider, issuer, COALESCE(provider_tenant, ''), subject) DO UPDATE SET
                 at = CASE WHEN excluded.at > revoked_person.at THEN excluded.at ELSE revoked_person.at END,
                 until = CASE WHEN excluded.until IS NULL OR revoked_person.until IS NULL THEN NULL
                     WHEN excluded.until > revoked_person.until THEN excluded.until ELSE revoked_person.until END",
            )
            .bind(at)
            .bind(until)
            .bind(tenant.as_str().to_owned()),
            key,
        ),
        Revoked::Link(tenant, link) => sqlx::query(
            "INSERT INTO revoked_link (at, tenant, link) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, link) DO UPDATE SET
                 at = CASE WHEN excluded.at > revoked_link.at THEN excluded.at ELSE revoked_link.at END",
        )
        .bind(at)
        .bind(tenant.as_str().to_owned())
        .bind(link.as_str().to_owned()),
        Revoked::Guest(tenant, address) => sqlx::query(
            "INSERT INTO revoked_guest (at, tenant, address) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, address) DO UPDATE SET
                 at = CASE WHEN excluded.at > revoked_guest.at THEN excluded.at ELSE revoked_guest.at END",
        )
        .bind(at)
        .bind(tenant.as_str().to_owned())
        .bind(address.to_string()),
    }
}

type ReadWhat = fn(&AnyRow) -> Result<Revoked, StoreError>;

/// `$1` is now. Links and guests stay revoked: their row has no end.
const TABLES: [(&str, ReadWhat); 4] = [
    (
        "SELECT * FROM revoked_session WHERE until IS NULL OR until > $1 ORDER BY session",
        |row| Ok(Revoked::Session(SessionId(bytes(row, "session")?))),
    ),
    (
        "SELECT * FROM revoked_person WHERE until IS NULL OR until > $1 ORDER BY at, tenant, provider, subject",
        |row| {
            Ok(Revoked::Person(
                parsed(row, "tenant", TenantId::parse)?,
                identity(row)?,
            ))
        },
    ),
    (
        "SELECT *, CAST(NULL AS BIGINT) AS until FROM revoked_link WHERE $1 IS NOT NULL ORDER BY tenant, link",
        |row| {
            Ok(Revoked::Link(
                parsed(row, "tenant", TenantId::parse)?,
                parsed(row, "link", LinkId::parse)?,
            ))
        },
    ),
    (
        "SELECT *, CAST(NULL AS BIGINT) AS until FROM revoked_guest WHERE $1 IS NOT NULL ORDER BY tenant, address",
        |row| {
            let tenant = parsed(row, "tenant", TenantId::parse)?;
            Ok(Revoked::Guest(
                tenant,
                parsed(row, "address", EmailAddress::parse)?,
            ))
        },
    ),
];

fn revocation(row: &AnyRow, what: Revoked) -> Result<Revocation, StoreError> {
    let until: Option<i64> = row.try_get("until")?;
    Ok(Revocation {
        what,
        at: moment(row, "at")?,
        until: until.map(UnixTime),
    })
}
