//! The audit of the running gateway, and its keys.

use std::sync::Arc;

use gateway_config::model::{AllowedAccess, Audit};
use gateway_sign_in::keys::Keyring;
use gateway_store::audit::{self, AuditSettings, Signing};
use gateway_store::directory::Directory;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;

/// Keeps the audit until it is stopped. Whoever stops it waits for it, then closes the store.
#[must_use]
pub(crate) struct Keeping {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Keeping {
    /// Begins.
    pub(crate) fn start(directory: &Directory, audit: &Audit, keyring: &Arc<Keyring>) -> Self {
        let stop = CancellationToken::new();
        let (directory, settings) = (directory.clone(), settings(audit));
        let (signing, stopped) = (signing(keyring), stop.clone().cancelled_owned());
        Self {
            stop,
            task: tokio::spawn(async move {
                directory
                    .keep_audit(settings, signing, clock::now, stopped)
                    .await;
            }),
        }
    }

    /// Writes and signs what is left.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(error = %error, "Audit was not kept to the end");
        }
    }
}

/// The gateway's keys, for checkpoints.
#[must_use]
pub(crate) fn signing(keyring: &Arc<Keyring>) -> Signing {
    let (signs, vouches) = (Arc::clone(keyring), Arc::clone(keyring));
    Signing::new(
        move |checkpoint| signs.sign_checkpoint(checkpoint).ok(),
        move |signed| vouches.vouch(signed),
    )
}

fn settings(audit: &Audit) -> AuditSettings {
    AuditSettings {
        allowed_access: match audit.allowed_access {
            AllowedAccess::All => audit::AllowedAccess::All,
            AllowedAccess::None => audit::AllowedAccess::None,
            AllowedAccess::OneIn(many) => std::num::NonZeroU64::new(many.into())
                .map_or(audit::AllowedAccess::All, audit::AllowedAccess::OneIn),
        },
        denials_per_minute: audit.denials_per_minute.into(),
        checkpoint_records: audit.checkpoint_records.into(),
        checkpoint_interval: audit.checkpoint_interval,
    }
}
