//! Checks what is in the tables, chain by chain.

use std::collections::BTreeMap;

use gateway_core::time::UnixTime;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::StoreError;
use crate::audit::{Checkpoint, Signing, Stored, Verifier, Vouched};
use crate::columns::moment;
use crate::model::ChainFault;
use crate::store::Store;

/// Records read at once.
const PAGE: i64 = 1_000;

/// What a check of the audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Chains checked.
    pub chains: u64,
    /// Records checked.
    pub records: u64,
    /// Checkpoints signed by a key that the gateway has.
    pub checkpoints: u64,
    /// Checkpoints signed by keys that it has no more, by the keys' RFC 7638 thumbprints.
    pub retired: BTreeMap<String, u64>,
    /// Records after the last checkpoint of their chain: that they are all there nobody has signed.
    pub unsigned: u64,
    /// What is wrong, chain by chain.
    pub faults: Vec<ChainFault>,
}

impl Store {
    /// Checks every chain against its hashes and its checkpoints.
    ///
    /// - `since`: what is older is taken as the last checkpoint before that moment says it was.
    ///
    /// # Errors
    /// [`StoreError`] where the tables cannot be read; what is wrong with records is no error.
    pub async fn verify_audit(
        &self,
        signing: &Signing,
        since: Option<UnixTime>,
    ) -> Result<AuditReport, StoreError> {
        let mut report = AuditReport::default();
        for chain in self.audit_chains("").await? {
            self.verify_chain(&chain, signing, since, &mut report)
                .await?;
        }
        Ok(report)
    }

    /// Checks one chain from behind a checkpoint, or from its beginning.
    pub(crate) async fn verify_after(
        &self,
        chain: &str,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Vec<ChainFault>, StoreError> {
        let mut verifier = begin(chain, checkpoint);
        let after = checkpoint.map_or(i64::MIN, |checkpoint| signed(checkpoint.number));
        self.feed(chain, after, &mut verifier).await?;
        Ok(verifier.finish())
    }

    async fn verify_chain(
        &self,
        chain: &str,
        signing: &Signing,
        since: Option<UnixTime>,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        // Read before the records: a record that a checkpoint names is there by then.
        let checkpoints = self.checkpoints(chain, signing).await?;
        let start = since.and_then(|since| {
            let mut known = checkpoints
                .iter()
                .rev()
                .filter_map(|found| match &found.vouched {
                    Vouched::ByKnownKey(checkpoint) => Some(checkpoint),
                    Vouched::ByRetiredKey(..) | Vouched::ByNobody => None,
                });
            known.find(|checkpoint| checkpoint.at < since)
        });
        let mut verifier = begin(chain, start);
        let after = start.map_or(i64::MIN, |checkpoint| signed(checkpoint.number));
        let mut last_signed = start.map_or(0, |checkpoint| checkpoint.number);
        for found in &checkpoints {
            match &found.vouched {
                Vouched::ByKnownKey(checkpoint) => {
                    report.checkpoints += 1;
                    last_signed = last_signed.max(checkpoint.number);
                    verifier.expect(checkpoint.number, checkpoint.hash);
                }
                Vouched::ByRetiredKey(checkpoint, kid) => {
                    *report.retired.entry(kid.clone()).or_default() += 1;
                    verifier.expect(checkpoint.number, checkpoint.hash);
                }
                Vouched::ByNobody => verifier.forged(found.number),
            }
        }
        let (records, last) = self.feed(chain, after, &mut verifier).await?;
        report.chains += 1;
        report.records += records;
        report.unsigned += last.saturating_sub(last_signed);
        report.faults.extend(verifier.finish());
        Ok(())
    }

    /// Feeds all records of a chain behind `after`. Returns how many there were, and the number of the last.
    async fn feed(
        &self,
        chain: &str,
        mut after: i64,
        verifier: &mut Verifier,
    ) -> Result<(u64, u64), StoreError> {
        let (mut records, mut last) = (0, 0);
        loop {
            let rows = self.answer(sqlx::query(
                "SELECT * FROM audit_record WHERE chain = $1 AND number > $2 ORDER BY number LIMIT $3",
            )
            .bind(chain.to_owned())
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.readers)).await?;
            for row in &rows {
                let record = stored(row)?;
                verifier.feed(&record);
                last = record.number;
                records += 1;
                after = row.try_get("number")?;
            }
            if rows.is_empty() {
                return Ok((records, last));
            }
        }
    }

    /// The names of all chains that begin with `prefix`, without reading every record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn audit_chains(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut names = std::collections::BTreeSet::new();
        for sql in [
            "SELECT MIN(chain) AS chain FROM audit_record WHERE chain > $1",
            "SELECT MIN(chain) AS chain FROM audit_checkpoint WHERE chain > $1",
        ] {
            let mut last = prefix.to_owned();
            loop {
                let next: Option<String> = self
                    .answer(sqlx::query(sql).bind(last).fetch_one(&self.readers))
                    .await?
                    .try_get("chain")?;
                let Some(next) = next.filter(|next| next.starts_with(prefix)) else {
                    break;
                };
                names.insert(next.clone());
                last = next;
            }
        }
        Ok(names.into_iter().collect())
    }
}

fn begin(chain: &str, checkpoint: Option<&Checkpoint>) -> Verifier {
    match checkpoint {
        Some(checkpoint) => Verifier::after(chain, checkpoint.number, checkpoint.hash),
        None => Verifier::from_start(chain),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A record, whatever was done to it: what does not fit a type is shown as something that fits no record.
fn stored(row: &AnyRow) -> Result<Stored, StoreError> {
    let hash: &[u8] = row.try_get("hash")?;
    let column = |name| row.try_get::<Option<String>, _>(name);
    Ok(Stored {
        chain: row.try_get("chain")?,
        number: u64::try_from(row.try_get::<i64, _>("number")?).unwrap_or(0),
        tenant: row.try_get("tenant")?,
        at: moment(row, "at")?,
        body: row.try_get("body")?,
        hash: hash.try_into().unwrap_or_default(),
        found_by: vec![
            ("Operation", column("operation")?),
            ("UserId", column("actor")?),
            ("TargetUserOrGroupName", column("person")?),
            ("SiteId", column("site")?),
            ("ObjectId", column("item")?),
            ("UniqueSharingId", column("link")?),
        ],
    })
}
