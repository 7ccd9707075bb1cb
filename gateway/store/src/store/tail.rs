//! What a transaction says of its changes at its end: once for all of them, for each statement is a way to the database
//! and back.

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::audit;
use super::feed::Touched;
use crate::StoreError;
use crate::model::AuditEvent;

/// So many rows in one statement: few texts, so that all stay prepared.
const TOGETHER: [usize; 4] = [64, 16, 4, 1];

/// Rows of the feed and records of the audit that are still to be written.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    rows: Vec<Row>,
    records: Vec<Records>,
}

#[derive(Debug)]
struct Row {
    sequence: i64,
    tenant: String,
    kind: &'static str,
    key: String,
    at: i64,
}

#[derive(Debug)]
struct Records {
    tenant: TenantId,
    at: UnixTime,
    events: Vec<AuditEvent>,
}

impl Tail {
    /// Says what was touched, after the number `last`. Returns the last number then. The caller holds the turn, see
    /// `Store::begin_change`.
    pub(crate) fn touched(
        &mut self,
        tenant: Option<&TenantId>,
        at: UnixTime,
        touched: Touched,
        last: i64,
    ) -> i64 {
        let mut sequence = last;
        for (kind, key) in touched.subjects {
            sequence += 1;
            self.rows.push(Row {
                sequence,
                tenant: tenant.map_or_else(String::new, |tenant| tenant.as_str().to_owned()),
                kind,
                key,
                at: at.0,
            });
        }
        sequence
    }

    /// Says what the audit says, after what it says already.
    pub(crate) fn record(&mut self, tenant: &TenantId, at: UnixTime, events: &[AuditEvent]) {
        if events.is_empty() {
            return;
        }
        let of_tenant = self
            .records
            .iter_mut()
            .rfind(|known| known.tenant == *tenant);
        match of_tenant {
            Some(known) if known.at == at => known.events.extend_from_slice(events),
            Some(_) | None => self.records.push(Records {
                tenant: tenant.clone(),
                at,
                events: events.to_vec(),
            }),
        }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// [`StoreError`]; then the transaction must be rolled back.
    pub(crate) async fn append(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        for of_tenant in self.records {
            audit::append(
                connection,
                &of_tenant.tenant,
                of_tenant.at,
                &of_tenant.events,
            )
            .await?;
        }
        let mut rows = self.rows.into_iter();
        for together in TOGETHER {
            while rows.len() >= together {
                insert(connection, rows.by_ref().take(together), together).await?;
            }
        }
        Ok(())
    }
}

async fn insert(
    connection: &mut AnyConnection,
    rows: impl Iterator<Item = Row>,
    count: usize,
) -> Result<(), StoreError> {
    let places: Vec<String> = (0..count)
        .map(|row| {
            let first = row * 5;
            format!(
                "(${}, ${}, ${}, ${}, ${})",
                first + 1,
                first + 2,
                first + 3,
                first + 4,
                first + 5
            )
        })
        .collect();
    let sql = format!(
        "INSERT INTO change (sequence, tenant, kind, key, at) VALUES {}",
        places.join(", ")
    );
    rows.fold(sqlx::query(AssertSqlSafe(sql)), |statement, row| {
        statement
            .bind(row.sequence)
            .bind(row.tenant)
            .bind(row.kind)
            .bind(row.key)
            .bind(row.at)
    })
    .execute(connection)
    .await?;
    Ok(())
}
