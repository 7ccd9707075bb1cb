//! What a transaction says of its changes at its end: once for all of them, for each statement is a way to the database
//! and back.

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use sqlx::AnyConnection;

use super::audit;
use super::changes::Made;
use super::feed::Touched;
use super::pending::Pending;
use super::rows::{self, Value};
use crate::StoreError;
use crate::model::AuditEvent;

/// Rows of the feed and records of the audit that are still to be written, and what else waits.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) pending: Pending,
    rows: Vec<[Value; 5]>,
    records: Vec<Records>,
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
        let tenant = tenant.map_or("", TenantId::as_str);
        for (kind, key) in touched.subjects {
            sequence += 1;
            self.rows.push([
                sequence.into(),
                tenant.into(),
                kind.into(),
                key.into(),
                at.0.into(),
            ]);
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
    /// [`StoreError`]; then, and where something is taken, the transaction must be rolled back.
    pub(crate) async fn append(
        mut self,
        connection: &mut AnyConnection,
    ) -> Result<Made, StoreError> {
        if self.pending.settle(connection).await? == Made::Taken {
            return Ok(Made::Taken);
        }
        for of_tenant in self.records {
            audit::append(
                connection,
                &of_tenant.tenant,
                of_tenant.at,
                &of_tenant.events,
            )
            .await?;
        }
        rows::insert(
            connection,
            "change (sequence, tenant, kind, key, at)",
            "",
            self.rows,
        )
        .await?;
        Ok(Made::Yes)
    }
}
