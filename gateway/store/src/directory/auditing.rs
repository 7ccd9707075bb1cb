//! The audit of a running gateway: access events are taken, written in batches, and chains are signed.

use std::time::Duration;

use gateway_core::id::TenantId;
use gateway_core::time::UnixTime;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tracing::{error, info, warn};

use super::Directory;
use crate::StoreError;
use crate::audit::counting::Told;
use crate::audit::{AuditSettings, Checkpoint, Signing};
use crate::model::{AuditEvent, AuditQuery, AuditRecord, Page};
use crate::store::audit::Head;

/// Events written at once.
const BATCH: usize = 256;

/// How long events gather before they are written.
const GATHER: Duration = Duration::from_millis(50);

/// How often what is counted, and what could not be written, is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often the chains of changes are looked at for a checkpoint.
const CHAINS_EVERY: Duration = Duration::from_secs(10);

/// How often writing is tried once the gateway stops.
const LAST_TRIES: u32 = 5;

impl Directory {
    /// Records access events, in this gateway's own chain, as soon as the audit is kept ([`Directory::keep_audit`]). Never
    /// waits for the store.
    pub fn record_access(&self, tenant: &TenantId, at: UnixTime, event: AuditEvent) {
        self.shared.access.take(tenant, at, event);
    }

    /// Records of the audit, newest last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
    ) -> Result<Page<AuditRecord>, StoreError> {
        self.shared.store.audit(tenant, query).await
    }

    /// Writes access events and signs checkpoints until `stop` comes, then writes and signs what is left. To be run once,
    /// until nobody records any more and before the store is closed.
    ///
    /// - `now`: the clock.
    pub async fn keep_audit(
        &self,
        settings: AuditSettings,
        signing: Signing,
        now: impl Fn() -> UnixTime + Send + Sync,
        stop: impl Future<Output = ()> + Send,
    ) {
        self.shared.access.configure(&settings);
        let mut keeper = Keeper::new(self, settings, signing);
        let mut pause = interval(LOOK_EVERY);
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = self.shared.access.something() => sleep(GATHER).await,
                _ = pause.tick() => {}
            }
            keeper.write(now()).await;
            keeper.sign_if_due(now()).await;
        }
        keeper.finish(now()).await;
    }
}

/// Whoever writes this gateway's chain.
struct Keeper<'a> {
    directory: &'a Directory,
    settings: AuditSettings,
    signing: Signing,
    /// Random: a chain belongs to one run of one gateway, so that a fleet's gateways do not wait for each other.
    chain: String,
    head: Head,
    /// Taken from the queue, and not known to be written.
    unwritten: Vec<Told>,
    /// Writing failed: whether `unwritten` was written is to be found out.
    unsure: bool,
    signed: u64,
    signed_at: Instant,
    looked_at: Instant,
}

impl<'a> Keeper<'a> {
    fn new(directory: &'a Directory, settings: AuditSettings, signing: Signing) -> Self {
        Self {
            directory,
            settings,
            signing,
            chain: new_chain(),
            head: Head::START,
            unwritten: Vec::new(),
            unsure: false,
            signed: 0,
            signed_at: Instant::now(),
            looked_at: Instant::now(),
        }
    }

    /// Writes what waits. What cannot be written stays, and is tried again.
    async fn write(&mut self, now: UnixTime) {
        loop {
            if self.unwritten.is_empty() {
                self.unwritten = self.directory.shared.access.next(BATCH, now);
            }
            if self.unwritten.is_empty() || !self.write_batch().await {
                return;
            }
        }
    }

    async fn write_batch(&mut self) -> bool {
        let written = match self.settle().await {
            Ok(()) if self.unwritten.is_empty() => return true,
            Ok(()) => {
                let store = &self.directory.shared.store;
                store
                    .append_access(&self.chain, self.head, &self.unwritten)
                    .await
            }
            Err(error) => Err(error),
        };
        match written {
            Ok(head) => {
                self.head = head;
                self.unwritten.clear();
                true
            }
            Err(error) => {
                self.unsure = true;
                warn!(error = %error, audit.chain = self.chain, "Access events could not be written");
                false
            }
        }
    }

    /// Finds out whether the batch before was written although that was not said.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if !self.unsure {
            return Ok(());
        }
        let found = self.directory.shared.store.audit_head(&self.chain).await?;
        let expected = self.head.number.saturating_add(count(&self.unwritten));
        match found.number {
            _ if found == self.head => {}
            number if number == expected => {
                self.head = found;
                self.unwritten.clear();
            }
            _ => {
                // Nobody else writes it. What is left of it is for the check to name.
                error!(
                    audit.chain = self.chain,
                    "Audit chain was changed by somebody else"
                );
                self.chain = new_chain();
                self.head = Head::START;
                self.signed = 0;
            }
        }
        self.unsure = false;
        Ok(())
    }

    async fn sign_if_due(&mut self, now: UnixTime) {
        let late = self.signed_at.elapsed() >= self.settings.checkpoint_interval;
        let many = self.head.number.saturating_sub(self.signed) >= self.settings.checkpoint_records;
        if late || many {
            self.sign_own(now).await;
        }
        if late || self.looked_at.elapsed() >= CHAINS_EVERY {
            self.looked_at = Instant::now();
            let least = if late {
                1
            } else {
                self.settings.checkpoint_records
            };
            self.sign_changes(least, now).await;
        }
        if late {
            self.signed_at = Instant::now();
        }
    }

    async fn sign_own(&mut self, now: UnixTime) {
        if self.head.number == self.signed {
            return;
        }
        // What is signed is what this gateway remembers, not what the table says.
        match self.sign(&self.chain, self.head, now).await {
            Ok(()) => self.signed = self.head.number,
            Err(error) => {
                warn!(error = %error, audit.chain = self.chain, "Audit checkpoint could not be made");
            }
        }
    }

    /// Signs the chains of changes that have `least` new records.
    async fn sign_changes(&self, least: u64, now: UnixTime) {
        let chains = self.directory.shared.store.audit_chains("changes/").await;
        for chain in chains.unwrap_or_default() {
            if let Err(error) = self.sign_change(&chain, least, now).await {
                warn!(error = %error, audit.chain = chain, "Audit checkpoint could not be made");
            }
        }
    }

    /// Any gateway of a fleet may: it looks at what came since the last checkpoint and signs only what fits.
    async fn sign_change(&self, chain: &str, least: u64, now: UnixTime) -> Result<(), StoreError> {
        let store = &self.directory.shared.store;
        let head = store.audit_head(chain).await?;
        let last = store.last_checkpoint(chain, &self.signing).await?;
        let signed = last.as_ref().map_or(0, |last| last.number);
        if head.number == signed || head.number < signed.saturating_add(least) {
            // Shorter than was signed: not for a checkpoint to mend.
            return Ok(());
        }
        let faults = store.verify_after(chain, last.as_ref()).await?;
        if let Some(fault) = faults.first() {
            error!(audit.chain = chain, fault = %fault, "Audit chain is broken and is not signed");
            return Ok(());
        }
        self.sign(chain, head, now).await
    }

    async fn sign(&self, chain: &str, head: Head, now: UnixTime) -> Result<(), StoreError> {
        let checkpoint = Checkpoint {
            chain: chain.to_owned(),
            number: head.number,
            hash: head.hash,
            at: now,
        };
        let Some(signed) = self.signing.sign(&checkpoint) else {
            warn!(audit.chain = chain, "Audit checkpoint could not be signed");
            return Ok(());
        };
        let store = &self.directory.shared.store;
        store.keep_checkpoint(&checkpoint, signed).await?;
        // A log that is kept elsewhere tells, too, how long the chain was.
        info!(
            audit.chain = chain,
            audit.number = head.number,
            audit.hash = %hexadecimal(&head.hash),
            "Audit checkpoint"
        );
        Ok(())
    }

    async fn finish(mut self, now: UnixTime) {
        for _ in 0..LAST_TRIES {
            loop {
                if self.unwritten.is_empty() {
                    self.unwritten = self.directory.shared.access.rest(BATCH);
                }
                if self.unwritten.is_empty() || !self.write_batch().await {
                    break;
                }
            }
            if self.unwritten.is_empty() {
                break;
            }
            sleep(GATHER).await;
        }
        let waiting: u64 = self.unwritten.iter().map(|told| told.event.count).sum();
        let lost = waiting.saturating_add(self.directory.shared.access.unwritten());
        if lost > 0 {
            error!(events = lost, "Access events were lost: the store is away");
        }
        self.sign_own(now).await;
        self.sign_changes(1, now).await;
    }
}

fn count(told: &[Told]) -> u64 {
    u64::try_from(told.len()).unwrap_or(u64::MAX)
}

/// The name of a chain that nobody had before.
fn new_chain() -> String {
    let mut random = [0; 16];
    if aws_lc_rs::rand::fill(&mut random).is_err() {
        // Whoever has no randomness serves nothing: keys could not be made either. A name that is taken is refused by the
        // table, and nothing is written over.
        error!("No randomness");
    }
    format!("access/{}", hexadecimal(&random))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Random, or the same where there is no randomness: what is sampled comes of it, and nothing else.
pub(super) fn seed() -> u64 {
    let mut random = [0; 8];
    match aws_lc_rs::rand::fill(&mut random) {
        Ok(()) => u64::from_ne_bytes(random),
        Err(_) => 1,
    }
}
