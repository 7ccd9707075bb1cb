//! The audit's tables: appending. Nothing here changes or removes a row, and triggers let nobody else.

mod checkpoints;
mod read;
mod verify;

pub use verify::AuditReport;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use sqlx::AnyConnection;

use super::Store;
use super::rows::{self, Value};
use crate::StoreError;
use crate::audit::body::{self, Place, START};
use crate::audit::counting::Told;
use crate::columns::{bytes, number};
use crate::model::AuditEvent;

/// Where a chain stands: its last record, or its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of the last record, 0 where there is none.
    pub(crate) number: u64,
    /// Its hash.
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// No record yet.
    pub(crate) const START: Self = Self {
        number: 0,
        hash: START,
    };
}

/// Appends `events` to the tenant's chain of changes, in the transaction of the change itself: both, or neither.
///
/// # Errors
/// [`StoreError`]; then the transaction must be rolled back.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    at: UnixTime,
    events: &[AuditEvent],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let chain = format!("changes/{tenant}");
    let head = head(connection, &chain).await?;
    let events = events.iter().map(|event| (tenant, at, event));
    insert(connection, &chain, head, events).await?;
    Ok(())
}

/// Where the chain stands.
async fn head(connection: &mut AnyConnection, chain: &str) -> Result<Head, StoreError> {
    let last = sqlx::query(
        "SELECT number, hash FROM audit_record WHERE chain = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(chain.to_owned())
    .fetch_optional(connection)
    .await?;
    last.map_or(Ok(Head::START), |row| {
        Ok(Head {
            number: number(&row, "number")?,
            hash: bytes(&row, "hash")?,
        })
    })
}

async fn insert(
    connection: &mut AnyConnection,
    chain: &str,
    mut head: Head,
    events: impl Iterator<Item = (&TenantId, UnixTime, &AuditEvent)>,
) -> Result<Head, StoreError> {
    let mut records = Vec::new();
    for (tenant, at, event) in events {
        let place = Place {
            chain,
            number: head.number.saturating_add(1),
            tenant,
            at,
        };
        let text = body::text(&place, event);
        head = Head {
            number: place.number,
            hash: body::hash(&head.hash, &text),
        };
        records.push(record(&place, text, &head.hash, event));
    }
    rows::insert(
        connection,
        "audit_record (chain, number, tenant, at, body, hash, operation, actor, person, site, item, link)",
        "",
        records,
    )
    .await?;
    Ok(head)
}

fn record(place: &Place<'_>, text: String, hash: &[u8; 32], event: &AuditEvent) -> [Value; 12] {
    let column =
        |value: &str| Some(body::column(value).to_owned()).filter(|value| !value.is_empty());
    [
        place.chain.into(),
        i64::try_from(place.number).unwrap_or(i64::MAX).into(),
        place.tenant.as_str().into(),
        place.at.0.into(),
        text.into(),
        hash.as_slice().into(),
        body::column(&event.operation).into(),
        body::column(&event.actor.id).into(),
        event.person.as_deref().and_then(column).into(),
        event
            .site
            .as_ref()
            .and_then(|site| column(site.as_str()))
            .into(),
        event.item.as_deref().and_then(column).into(),
        event
            .link
            .as_ref()
            .and_then(|link| column(link.as_str()))
            .into(),
    ]
}

impl Store {
    /// Appends access events to a chain that nobody else writes, all or none. Returns where it stands then.
    ///
    /// # Errors
    /// [`StoreError`]; then whether they were written is to be asked for ([`Store::audit_head`]).
    pub(crate) async fn append_access(
        &self,
        chain: &str,
        head: Head,
        events: &[Told],
    ) -> Result<Head, StoreError> {
        self.within(async {
            let mut transaction = self.begin().await?;
            let events = events
                .iter()
                .map(|told| (&told.tenant, told.at, &told.event));
            let head = insert(&mut transaction, chain, head, events).await?;
            transaction.commit().await?;
            Ok(head)
        })
        .await
    }

    /// Where a chain stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn audit_head(&self, chain: &str) -> Result<Head, StoreError> {
        self.within(async {
            let mut connection = self.readers.acquire().await?;
            head(&mut connection, chain).await
        })
        .await
    }
}
