//! Signed checkpoints, one row for each.

use sqlx::Row;

use crate::StoreError;
use crate::audit::{Checkpoint, Signing, Vouched};
use crate::columns::moment;
use crate::store::Store;

/// A checkpoint as it stands in the table, and what its signature is worth.
#[derive(Debug)]
pub(super) struct Found {
    /// The number it is found under.
    pub(super) number: u64,
    /// Whose signature it is; [`Vouched::ByNobody`] also where it is found under something else than it says.
    pub(super) vouched: Vouched,
}

impl Store {
    /// Keeps a signed checkpoint. Another gateway's of the same place stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn keep_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        signed: String,
    ) -> Result<(), StoreError> {
        self.answer(
            sqlx::query(
                "INSERT INTO audit_checkpoint (chain, number, at, signed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (chain, number) DO NOTHING",
            )
            .bind(checkpoint.chain.clone())
            .bind(i64::try_from(checkpoint.number).unwrap_or(i64::MAX))
            .bind(checkpoint.at.0)
            .bind(signed)
            .execute(&self.writer),
        )
        .await?;
        Ok(())
    }

    /// The newest checkpoint of a chain that somebody vouches for.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the newest is vouched for by nobody.
    pub(crate) async fn last_checkpoint(
        &self,
        chain: &str,
        signing: &Signing,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let row = self.answer(sqlx::query(
            "SELECT number, at, signed FROM audit_checkpoint WHERE chain = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(chain.to_owned())
        .fetch_optional(&self.readers)).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let found = found(&row, chain, signing)?;
        match found.vouched {
            Vouched::ByKnownKey(checkpoint) | Vouched::ByRetiredKey(checkpoint, _) => {
                Ok(Some(checkpoint))
            }
            Vouched::ByNobody => Err(StoreError::Corrupt(format!(
                "the checkpoint at record {} of chain `{chain}` is signed by nobody",
                found.number
            ))),
        }
    }

    /// All checkpoints of a chain, in order.
    pub(super) async fn checkpoints(
        &self,
        chain: &str,
        signing: &Signing,
    ) -> Result<Vec<Found>, StoreError> {
        let rows = self.answer(sqlx::query(
            "SELECT number, at, signed FROM audit_checkpoint WHERE chain = $1 ORDER BY number",
        )
        .bind(chain.to_owned())
        .fetch_all(&self.readers)).await?;
        rows.iter().map(|row| found(row, chain, signing)).collect()
    }
}

fn found(row: &sqlx::any::AnyRow, chain: &str, signing: &Signing) -> Result<Found, StoreError> {
    let number = u64::try_from(row.try_get::<i64, _>("number")?).unwrap_or(0);
    let at = moment(row, "at")?;
    let signed: &str = row.try_get("signed")?;
    let vouched = signing.vouch(signed);
    let fits = match &vouched {
        Vouched::ByKnownKey(checkpoint) | Vouched::ByRetiredKey(checkpoint, _) => {
            checkpoint.chain == chain && checkpoint.number == number && checkpoint.at == at
        }
        Vouched::ByNobody => false,
    };
    Ok(Found {
        number,
        vouched: if fits { vouched } else { Vouched::ByNobody },
    })
}
