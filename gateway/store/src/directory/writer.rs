//! The one place that changes the directory: what comes in at the same time is committed together.
//!
//! Over all gateways one such transaction runs at a time, so the feed of changes is numbered in the order of the
//! commits, and views follow each other in the store's order.

use std::sync::atomic::{AtomicBool, Ordering};

use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use sqlx::{Any, AnyConnection, Connection, Transaction};

use super::Shared;
use super::queue::Job;
use crate::StoreError;
use crate::model::{AuditEvent, Bound, Consumed, Of, Redemption, Revocation, Write, Written};
use crate::store::changes::Made;
use crate::store::feed::{self, Touched};
use crate::store::tail::Tail;
use crate::store::{changes, redemptions, replays, revocations};

/// What is asked of the writer.
#[derive(Debug)]
pub(super) enum Asked {
    Write(Box<Write>),
    Redeem(Box<Redemption>, Vec<AuditEvent>),
    Revoke(Box<Revocation>, Vec<Of<AuditEvent>>),
    RevokeOnce {
        provider: ProviderId,
        ids: Vec<(String, UnixTime)>,
        revocations: Vec<Revocation>,
        audit: Vec<Of<AuditEvent>>,
        now: UnixTime,
    },
}

/// How it came out.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Written(Written),
    Bound(Bound),
    Revoked,
    Consumed(Consumed),
}

/// What became of one of several in a transaction.
struct Outcome {
    answer: Answer,
    /// The last number of the feed afterwards.
    last: i64,
    /// Whether something was changed that must not be committed.
    traces: bool,
}

impl Outcome {
    const fn clean(answer: Answer, last: i64) -> Self {
        Self {
            answer,
            last,
            traces: false,
        }
    }

    const fn taken(last: i64) -> Self {
        Self {
            answer: Answer::Written(Written::Taken),
            last,
            traces: true,
        }
    }
}

/// The turn of the directory's changes.
pub(super) struct Turn {
    transaction: Transaction<'static, Any>,
    /// The last number of the feed.
    last: i64,
}

/// Waits for the turn.
pub(super) async fn begin(shared: &Shared) -> Result<Turn, StoreError> {
    let mut transaction = shared.store.begin_change().await?;
    let last = feed::last(&mut transaction).await?;
    Ok(Turn { transaction, last })
}

/// One answer for each.
///
/// - `committing`: set from when on something may have been committed.
pub(super) async fn commit(
    shared: &Shared,
    turn: Turn,
    jobs: &[Job],
    committing: &AtomicBool,
) -> Vec<Result<Answer, StoreError>> {
    let done = match at_once(shared, turn, jobs, committing).await {
        Ok(Some(answers)) => return answers.into_iter().map(Ok).collect(),
        Ok(None) => apart(shared, jobs, committing).await,
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| jobs.iter().map(|_| Err(error.clone())).collect())
}

/// All, without a savepoint for each. None where one of them must be undone, and so nothing was committed.
async fn at_once(
    shared: &Shared,
    turn: Turn,
    jobs: &[Job],
    committing: &AtomicBool,
) -> Result<Option<Vec<Answer>>, StoreError> {
    let Turn {
        mut transaction,
        mut last,
    } = turn;
    let mut answers = Vec::with_capacity(jobs.len());
    let mut tail = Tail::default();
    for job in jobs {
        match attempt(shared, &mut transaction, &job.asked, last, &mut tail).await {
            Ok(outcome) if !outcome.traces => {
                last = outcome.last;
                answers.push(outcome.answer);
            }
            Ok(_) => {
                transaction.rollback().await?;
                return Ok(None);
            }
            // Perhaps the fault of one among them. What is wrong with the store itself shows again.
            Err(StoreError::Statement(_)) => {
                transaction.rollback().await?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    match tail.append(&mut transaction).await {
        Ok(Made::Yes) => {}
        Ok(Made::Taken) | Err(StoreError::Statement(_)) => {
            transaction.rollback().await?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    committing.store(true, Ordering::SeqCst);
    transaction.commit().await.map_err(uncertain)?;
    Ok(Some(answers))
}

/// Each in a savepoint of its own, so that one can be undone.
async fn apart(
    shared: &Shared,
    jobs: &[Job],
    committing: &AtomicBool,
) -> Result<Vec<Result<Answer, StoreError>>, StoreError> {
    let Turn {
        mut transaction,
        mut last,
    } = begin(shared).await?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let mut savepoint = transaction.begin().await?;
        let mut tail = Tail::default();
        let attempted = match attempt(shared, &mut savepoint, &job.asked, last, &mut tail).await {
            Ok(outcome) if !outcome.traces => {
                let said = tail.append(&mut savepoint).await;
                said.map(|made| match made {
                    Made::Yes => outcome,
                    Made::Taken => Outcome::taken(last),
                })
            }
            other => other,
        };
        match attempted {
            Ok(outcome) if outcome.traces => {
                savepoint.rollback().await?;
                answers.push(Ok(outcome.answer));
            }
            Ok(outcome) => {
                savepoint.commit().await?;
                last = outcome.last;
                answers.push(Ok(outcome.answer));
            }
            Err(error @ StoreError::Statement(_)) => {
                savepoint.rollback().await?;
                answers.push(Err(error));
            }
            Err(error) => return Err(error),
        }
    }
    committing.store(true, Ordering::SeqCst);
    transaction.commit().await.map_err(uncertain)?;
    Ok(answers)
}

/// A connection that breaks on a commit does not say whether it was one.
fn uncertain(error: sqlx::Error) -> StoreError {
    match error.into() {
        StoreError::Unreachable(_) => StoreError::Interrupted,
        certain => certain,
    }
}

async fn attempt(
    shared: &Shared,
    connection: &mut AnyConnection,
    asked: &Asked,
    last: i64,
    tail: &mut Tail,
) -> Result<Outcome, StoreError> {
    match asked {
        Asked::Write(write) => {
            let written = changes::write(connection, &shared.declared, write, last, tail).await?;
            Ok(Outcome {
                last: match &written {
                    Written::Yes { sequence } => i64::try_from(*sequence).unwrap_or(last),
                    Written::Conflict(_) | Written::Taken => last,
                },
                traces: matches!(written, Written::Taken),
                answer: Answer::Written(written),
            })
        }
        Asked::Redeem(redemption, events) => {
            redeem(connection, redemption, events, last, tail).await
        }
        Asked::Revoke(revocation, events) => {
            let one = std::slice::from_ref(&**revocation);
            let last = revoke(connection, one, events, revocation.at, last, tail).await?;
            Ok(Outcome::clean(Answer::Revoked, last))
        }
        Asked::RevokeOnce {
            provider,
            ids,
            revocations,
            audit,
            now,
        } => {
            let consumed = replays::consume(connection, provider, ids, *now).await?;
            let answer = Answer::Consumed(consumed);
            match consumed {
                Consumed::Replayed => Ok(Outcome {
                    answer,
                    last,
                    traces: true,
                }),
                Consumed::Fresh => {
                    let last = revoke(connection, revocations, audit, *now, last, tail).await?;
                    Ok(Outcome::clean(answer, last))
                }
            }
        }
    }
}

async fn redeem(
    connection: &mut AnyConnection,
    redemption: &Redemption,
    events: &[AuditEvent],
    last: i64,
    tail: &mut Tail,
) -> Result<Outcome, StoreError> {
    if tail.pending.settle(connection).await? == Made::Taken {
        // Of somebody before.
        return Ok(Outcome::taken(last));
    }
    let (bound, fresh) = redemptions::bind(connection, redemption).await?;
    if !fresh {
        return Ok(Outcome::clean(Answer::Bound(bound), last));
    }
    let (tenant, at) = (&redemption.tenant, redemption.consented_at);
    changes::accept(connection, tenant, &redemption.address, at, last + 1).await?;
    let mut touched = Touched::default();
    touched.address(&redemption.address);
    touched.identity(&redemption.identity);
    tail.record(tenant, at, events);
    let last = tail.touched(Some(tenant), at, touched, last);
    Ok(Outcome::clean(Answer::Bound(bound), last))
}

async fn revoke(
    connection: &mut AnyConnection,
    revocations: &[Revocation],
    events: &[Of<AuditEvent>],
    at: UnixTime,
    mut last: i64,
    tail: &mut Tail,
) -> Result<i64, StoreError> {
    for revocation in revocations {
        revocations::statement(revocation)
            .execute(&mut *connection)
            .await?;
        let mut touched = Touched::default();
        touched.revocation(revocation);
        let tenant = revocation.what.tenant();
        last = tail.touched(tenant, at, touched, last);
    }
    for event in events {
        tail.record(&event.tenant, at, std::slice::from_ref(&event.what));
    }
    Ok(last)
}
