//! How the model's types stand in columns, both ways.
//!
//! A value that does not parse any more was not written by this program: the row is [`StoreError::Corrupt`],
//! never skipped. A revocation that were skipped would be one that does not hold.

use std::fmt::Display;

use gateway_core::address::EmailAddress;
use gateway_core::id::{CloudName, ProviderId};
use gateway_core::person::IdentityKey;
use gateway_core::time::UnixTime;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use crate::StoreError;

/// A statement on its way to the database.
pub(crate) type Statement = Query<'static, Any, AnyArguments>;

/// Binds `key` to the next five parameters: cloud, provider, issuer, provider's tenant, subject.
pub(crate) fn bind_identity(statement: Statement, key: &IdentityKey) -> Statement {
    statement
        .bind(key.cloud.as_ref().map(|cloud| cloud.as_str().to_owned()))
        .bind(key.provider.as_str().to_owned())
        .bind(key.issuer.clone())
        .bind(key.tenant.clone())
        .bind(key.subject.clone())
}

/// Binds `key` to the next five parameters as [`bind_identity`] does, what is absent as an empty text.
pub(crate) fn bind_whole_identity(statement: Statement, key: &IdentityKey) -> Statement {
    let cloud = key.cloud.as_ref().map_or("", |cloud| cloud.as_str());
    statement
        .bind(cloud.to_owned())
        .bind(key.provider.as_str().to_owned())
        .bind(key.issuer.clone())
        .bind(key.tenant.clone().unwrap_or_default())
        .bind(key.subject.clone())
}

/// Reads the five columns of an identity.
pub(crate) fn identity(row: &AnyRow) -> Result<IdentityKey, StoreError> {
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
    row: &AnyRow,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StoreError> {
    parse(row.try_get(column)?).map_err(|why| corrupt(column, why))
}

/// Reads a text column that may be absent, as an address.
pub(crate) fn optional_address(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<EmailAddress>, StoreError> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(EmailAddress::parse)
        .transpose()
        .map_err(|why| corrupt(column, why))
}

/// Reads a column of exactly `N` bytes.
pub(crate) fn bytes<const N: usize>(
    row: &AnyRow,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|why| corrupt(column, why))
}

/// Reads a moment.
pub(crate) fn moment(row: &AnyRow, column: &'static str) -> Result<UnixTime, StoreError> {
    Ok(UnixTime(row.try_get(column)?))
}

/// Reads a text column that may be absent, and parses it.
pub(crate) fn optional<T, E: Display>(
    row: &AnyRow,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, StoreError> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(parse)
        .transpose()
        .map_err(|why| corrupt(column, why))
}

/// Reads a moment that may be absent.
pub(crate) fn optional_moment(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<UnixTime>, StoreError> {
    let seconds: Option<i64> = row.try_get(column)?;
    Ok(seconds.map(UnixTime))
}

/// Reads a boolean, which is 0 or 1.
pub(crate) fn flag(row: &AnyRow, column: &'static str) -> Result<bool, StoreError> {
    match row.try_get::<i64, _>(column)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(corrupt(column, format!("`{other}` is neither 0 nor 1"))),
    }
}

/// Reads a number that this program wrote as unsigned.
pub(crate) fn number<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|_| corrupt(column, "out of range"))
}

pub(crate) fn corrupt(column: &str, why: impl Display) -> StoreError {
    StoreError::Corrupt(format!("column `{column}`: {why}"))
}
