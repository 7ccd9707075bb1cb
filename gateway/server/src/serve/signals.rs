//! What the system tells the process.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::ServeFailed;
use crate::reload::Reload;

/// The signals that end the gateway or make it read its keys again.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, ServeFailed> {
        let on = |kind| signal(kind).map_err(ServeFailed::Runtime);
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    pub(super) async fn watch(mut self, reload: Reload, stop: CancellationToken) {
        let reload = Arc::new(Mutex::new(reload));
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => break,
                _ = self.terminate.recv() => break,
                // Beside: a plugin that is slow to open must not keep the gateway from stopping.
                _ = self.hang_up.recv() => drop(tokio::spawn({
                    let reload = Arc::clone(&reload);
                    async move { reload.lock().await.run().await }
                })),
            }
        }
        info!("Gateway stopping");
        stop.cancel();
    }
}
