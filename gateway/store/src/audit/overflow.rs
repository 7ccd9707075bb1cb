//! What does not fit the queue: counted by ever less detail, never dropped, in memory that is bounded by what the
//! program and its configuration know, not by who asks.

use std::collections::HashMap;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;

use super::counting::{Told, span};
use crate::model::{Actor, AuditEvent};

/// So many are told apart by who they are; the others by what was done and how it was answered.
const PEOPLE: usize = 4_096;

/// Stands for people who are not told apart any more.
const SEVERAL: &str = "several";

/// What was counted instead of being queued.
#[derive(Debug, Default)]
pub(crate) struct Overflow {
    counted: HashMap<Key, Sum>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    operation: String,
    decision: &'static str,
    reason: String,
    who: Option<String>,
}

#[derive(Debug)]
struct Sum {
    count: u64,
    first: UnixTime,
    last: UnixTime,
}

impl Overflow {
    /// Counts it.
    pub(crate) fn add(&mut self, told: Told) {
        let Told { tenant, at, event } = told;
        let mut key = Key {
            tenant,
            operation: event.operation,
            decision: event.decision,
            reason: event.reason,
            who: Some(event.actor.id),
        };
        if self.counted.len() >= PEOPLE && !self.counted.contains_key(&key) {
            key.who = None;
        }
        let sum = self.counted.entry(key).or_insert(Sum {
            count: 0,
            first: at,
            last: at,
        });
        sum.count = sum.count.saturating_add(event.count);
        sum.first = sum.first.min(at);
        sum.last = sum.last.max(at);
    }

    /// Everything that was counted, as records.
    pub(crate) fn take(&mut self) -> Vec<Told> {
        let counted = std::mem::take(&mut self.counted);
        counted.into_iter().map(told).collect()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.counted.is_empty()
    }
}

fn told((key, sum): (Key, Sum)) -> Told {
    let actor = Actor {
        id: key.who.unwrap_or_else(|| SEVERAL.to_owned()),
        client: None,
    };
    let mut event = AuditEvent {
        decision: key.decision,
        reason: key.reason,
        count: sum.count,
        ..AuditEvent::of(key.operation, actor)
    };
    event.more.insert("Overflow".to_owned(), true.into());
    span(&mut event, sum.first, sum.last);
    Told {
        tenant: key.tenant,
        at: sum.last,
        event,
    }
}
