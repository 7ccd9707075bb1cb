//! How the model's types stand in columns, both ways.
//!
//! A value that does not parse any more was not written by this program: the row is [`StoreError::Corrupt`],
//! never skipped. A revocation that were skipped would be one that does not hold.

use std::fmt::Display;

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, ProviderId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use crate::StoreError;

/// A statement on its way to the database.
pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Binds `key` to the next five parameters: cloud, provider, issuer, provider's tenant, subject.
pub(crate) fn bind_identity<'q>(statement: Statement<'q>, key: &IdentityKey) -> Statement<'q> {
    statement
        .bind(key.cloud.as_ref().map(|cloud| cloud.as_str().to_owned()))
        .bind(key.provider.as_str().to_owned())
        .bind(key.issuer.clone())
        .bind(key.tenant.clone())
        .bind(key.subject.clone())
}

/// Reads the five columns of an identity.
pub(crate) fn identity(row: &SqliteRow) -> Result<IdentityKey, StoreError> {
    let cloud: Option<&str> = row.try_get("cloud")?;
    Ok(IdentityKey {
        cloud: cloud
            .map(CloudName::parse)
            .transpose()
            .map_err(|why| corrupt("cloud", why))?,
        provider: parsed(row, "provider", ProviderId::parse)?,
        issuer: row.try_get("issuer")?,
        tenant: row.try_get("provider_tenant")?,
        subject: row.try_get("subject")?,
    })
}

/// Reads a text column and parses it.
pub(crate) fn parsed<T, E: Display>(
    row: &SqliteRow,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StoreError> {
    parse(row.try_get(column)?).map_err(|why| corrupt(column, why))
}

/// Reads a text column that may be absent, as an address.
pub(crate) fn optional_address(
    row: &SqliteRow,
    column: &'static str,
) -> Result<Option<EmailAddress>, StoreError> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(EmailAddress::parse)
        .transpose()
        .map_err(|why| corrupt(column, why))
}

/// Reads a column of exactly `N` bytes.
pub(crate) fn bytes<const N: usize>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|why| corrupt(column, why))
}

/// Reads a moment.
pub(crate) fn moment(row: &SqliteRow, column: &'static str) -> Result<UnixTime, StoreError> {
    Ok(UnixTime(row.try_get(column)?))
}

fn corrupt(column: &str, why: impl Display) -> StoreError {
    StoreError::Corrupt(format!("column `{column}`: {why}"))
}
