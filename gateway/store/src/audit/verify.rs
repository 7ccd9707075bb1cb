//! Checks a chain, record by record, in memory that does not grow with it.

use std::collections::BTreeMap;

use gateway_core::time::UnixTime;
use serde_json::Value;

use super::body;
use crate::model::ChainFault;

/// So many faults are named; who has more to look for will look at the whole.
const NAMED: usize = 1_000;

/// A record as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The chain it is found in.
    pub chain: String,
    /// The place it is found at.
    pub number: u64,
    /// The tenant it is found under.
    pub tenant: String,
    /// The moment it is found under.
    pub at: UnixTime,
    /// Its text.
    pub body: String,
    /// Its hash.
    pub hash: [u8; 32],
    /// What queries find it by, as (name in the text, value).
    pub found_by: Vec<(&'static str, Option<String>)>,
}

/// Checks one chain.
///
/// Feed it the records in the order in which they are found, and the checkpoints whenever; the faults come sorted.
#[derive(Debug)]
pub struct Verifier {
    chain: String,
    /// The number that comes next.
    next: u64,
    /// What the next record's hash may rest on: what the last says its hash is, and what it comes to. Empty where the
    /// last is not there.
    before: Vec<[u8; 32]>,
    /// Ranges that were not there when their turn came, by their first number: the first number after them.
    gaps: BTreeMap<u64, u64>,
    /// Hashes that checkpoints vouch for and that were not passed yet.
    vouched: BTreeMap<u64, [u8; 32]>,
    faults: Vec<ChainFault>,
}

impl Verifier {
    /// Checks `chain` from its first record on.
    #[must_use]
    pub fn from_start(chain: &str) -> Self {
        Self::after(chain, 0, body::START)
    }

    /// Checks `chain` from behind a record whose hash is known.
    #[must_use]
    pub fn after(chain: &str, number: u64, hash: [u8; 32]) -> Self {
        Self {
            chain: chain.to_owned(),
            next: number.saturating_add(1),
            before: vec![hash],
            gaps: BTreeMap::new(),
            vouched: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    /// Expects that record to be there with that hash: a checkpoint says so. To be called before the record comes.
    pub fn expect(&mut self, number: u64, hash: [u8; 32]) {
        if number >= self.next {
            self.vouched.insert(number, hash);
        }
    }

    /// Names a checkpoint that nobody vouches for.
    pub fn forged(&mut self, number: u64) {
        let chain = self.chain.clone();
        self.fault(ChainFault::Checkpoint { chain, number });
    }

    /// Checks the next record.
    pub fn feed(&mut self, record: &Stored) {
        let number = record.number;
        // A text that names no place was altered; one that names another belongs there.
        let in_place = record.chain == self.chain
            && place(record).is_none_or(|place| place == (self.chain.clone(), number));
        if number < self.next {
            // It comes when its turn is over, or for the second time.
            self.fill(number);
            return self.reordered(number);
        }
        if number > self.next {
            self.gaps.insert(self.next, number);
            self.before.clear();
        }
        self.next = number.saturating_add(1);
        let comes_to: Vec<[u8; 32]> = self
            .before
            .iter()
            .map(|before| body::hash(before, &record.body))
            .collect();
        let rests = comes_to.is_empty() || comes_to.contains(&record.hash);
        if !in_place {
            self.reordered(number);
        } else if !rests || !columns_agree(record) {
            let chain = self.chain.clone();
            self.fault(ChainFault::Altered { chain, number });
        }
        if let Some(vouched) = self.vouched.remove(&number)
            && vouched != record.hash
            && rests
        {
            // Its hash comes of what is there, and is another than was signed: something up to here was rewritten.
            self.forged(number);
        }
        self.before = match comes_to.first() {
            // What comes after belongs to a record that is elsewhere.
            _ if !in_place => Vec::new(),
            // Either the text was altered, or the hash.
            Some(comes_to) if !rests => vec![record.hash, *comes_to],
            Some(_) | None => vec![record.hash],
        };
    }

    /// What is wrong with the chain, in the order of the places.
    #[must_use]
    pub fn finish(mut self) -> Vec<ChainFault> {
        if self.vouched.keys().next_back() >= Some(&self.next) {
            // A checkpoint vouches for more than is there.
            self.gaps.insert(self.next, u64::MAX);
        }
        for number in std::mem::take(&mut self.gaps).into_keys() {
            let chain = self.chain.clone();
            self.fault(ChainFault::Missing { chain, number });
        }
        self.faults.sort_by_key(ChainFault::number);
        self.faults.dedup();
        self.faults
    }

    fn reordered(&mut self, number: u64) {
        let chain = self.chain.clone();
        self.fault(ChainFault::Reordered { chain, number });
    }

    fn fault(&mut self, fault: ChainFault) {
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        }
    }

    /// Takes `number` out of the gap that it is missing from.
    fn fill(&mut self, number: u64) {
        let Some((&start, &end)) = self.gaps.range(..=number).next_back() else {
            return;
        };
        if number >= end {
            return;
        }
        self.gaps.remove(&start);
        if start < number {
            self.gaps.insert(start, number);
        }
        if number + 1 < end {
            self.gaps.insert(number + 1, end);
        }
    }
}

/// The place that the record's text names.
fn place(record: &Stored) -> Option<(String, u64)> {
    let body: Value = serde_json::from_str(&record.body).ok()?;
    let chain = body.get("Chain")?.as_str()?;
    Some((chain.to_owned(), body.get("Number")?.as_u64()?))
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether the record is found by what its text says, and by nothing else: otherwise a query could be made to miss it.
fn columns_agree(record: &Stored) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&record.body) else {
        return false;
    };
    let said = |key: &str| body.get(key).and_then(shown);
    said("OrganizationId").as_deref() == Some(record.tenant.as_str())
        && said("CreationTime") == Some(record.at.0.to_string())
        && record
            .found_by
            .iter()
            .all(|(key, value)| said(key).as_deref().map(body::column) == value.as_deref())
}

#[cfg(test)]
mod tests;
