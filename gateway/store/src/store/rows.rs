//! Many rows by one statement, for each statement is a way to the database and back.

use sqlx::{AnyConnection, AssertSqlSafe};

use crate::StoreError;

/// So many rows in one statement: few texts, so that all stay prepared.
const TOGETHER: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// What stands in a column.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    const fn nothing(&self) -> Self {
        match self {
            Self::Text(_) => Self::Text(None),
            Self::Number(_) => Self::Number(None),
            Self::Bytes(_) => Self::Bytes(None),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

/// Inserts `rows` in their order. Returns how many were inserted, or changed where `on_conflict` says so.
///
/// - `into`: the table and its columns; the first one is never empty.
/// - `on_conflict`: what to do about a row that is there, as SQL; empty where that is an error.
///
/// # Errors
/// [`StoreError`]; then the transaction must be rolled back.
pub(super) async fn insert<const COLUMNS: usize>(
    connection: &mut AnyConnection,
    into: &str,
    on_conflict: &str,
    rows: Vec<[Value; COLUMNS]>,
) -> Result<u64, StoreError> {
    let most = TOGETHER.last().copied().unwrap_or(1);
    let mut inserted = 0;
    for some in rows.chunks(most) {
        let Some(first) = some.first() else { continue };
        let room = TOGETHER
            .into_iter()
            .find(|room| *room >= some.len())
            .unwrap_or(most);
        let nothing = first.each_ref().map(Value::nothing);
        let all = some
            .iter()
            .chain(std::iter::repeat_n(&nothing, room - some.len()));
        let sql = AssertSqlSafe(text(into, on_conflict, room, COLUMNS));
        let statement =
            all.flatten()
                .fold(sqlx::query(sql), |statement, value| match value.clone() {
                    Value::Text(text) => statement.bind(text),
                    Value::Number(number) => statement.bind(number),
                    Value::Bytes(bytes) => statement.bind(bytes),
                });
        inserted += statement.execute(&mut *connection).await?.rows_affected();
    }
    Ok(inserted)
}

/// Places that are left over are rows of nothing.
fn text(into: &str, on_conflict: &str, rows: usize, columns: usize) -> String {
    let mut values = String::new();
    for row in 0..rows {
        values.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let separator = if column == 0 { "$" } else { ", $" };
            values.push_str(separator);
            values.push_str(&(row * columns + column + 1).to_string());
        }
        values.push(')');
    }
    format!(
        "INSERT INTO {into} SELECT * FROM (VALUES {values}) AS given WHERE column1 IS NOT NULL {on_conflict}"
    )
}

#[cfg(test)]
mod tests {
    use gateway_core::time::UnixTime;

    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn every_row_is_inserted_once_and_in_order() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("vestibule.db"), UnixTime(0))
            .await
            .unwrap();
        let into = "change (sequence, tenant, kind, key, at)";
        let mut next = 0;
        for count in [0, 1, 3, 5, 63, 64, 65, 130] {
            let rows: Vec<_> = (next..next + count)
                .map(|number| {
                    [
                        number.into(),
                        "".into(),
                        "link".into(),
                        "x".into(),
                        0.into(),
                    ]
                })
                .collect();
            let mut connection = store.writer.acquire().await.unwrap();
            let inserted = insert(&mut connection, into, "", rows).await.unwrap();
            assert_eq!(inserted, count.cast_unsigned());
            next += count;
            let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM change")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(rows, next);
        }
    }
}
