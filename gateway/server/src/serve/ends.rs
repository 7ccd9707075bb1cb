//! What ends soon: certificates, and partners' metadata. It is told in the log once, and at `/readyz` as long as it is so.
//! Nothing is refused because of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gateway_config::model::{Configuration, Provider};
use gateway_core::time::UnixTime;
use gateway_sign_in::ending::{self, Ending};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock;
use crate::gateway::Gateway;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// What ends soon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EndsSoon {
    /// The file that it is configured in.
    pub(crate) file: String,
    /// The key there.
    pub(crate) key: String,
    /// When, and what to do.
    pub(crate) message: String,
}

/// What `/readyz` tells beside being ready.
pub(crate) type Told = Arc<ArcSwap<Vec<EndsSoon>>>;

/// Everything configured that has ended, or will within 30 days. Reads the files of certificates.
#[must_use]
pub(crate) fn configured(configuration: &Configuration, now: UnixTime) -> Vec<EndsSoon> {
    let public = configuration.gateway.public.tls.iter().filter_map(|files| {
        let pem = std::fs::read(&files.certificate).ok()?;
        let ending = ending::in_pem("listen.public.tls.certificate", &pem)?;
        Some(("default.toml".to_owned(), ending))
    });
    let of_providers = configuration.providers.values().flat_map(|provider| {
        let ca = provider.ca.iter().filter_map(|path| {
            let pem = std::fs::read(path).ok()?;
            ending::in_pem("ca", &pem)
        });
        let among = ending::among_settings(provider).into_iter();
        let among = among.map(|ending| Ending {
            place: format!("settings.{}", ending.place),
            ..ending
        });
        ca.chain(among)
            .map(|ending| (file_of(provider), ending))
            .collect::<Vec<_>>()
    });
    near(public.chain(of_providers), now)
}

fn near(endings: impl Iterator<Item = (String, Ending)>, now: UnixTime) -> Vec<EndsSoon> {
    endings
        .filter(|(_, ending)| ending.is_near(now))
        .map(|(file, ending)| EndsSoon {
            file,
            message: ending.told(now),
            key: ending.place,
        })
        .collect()
}

fn file_of(provider: &Provider) -> String {
    format!("providers/{}.toml", provider.id)
}

/// Looks at the beginning, whenever the providers change, and every hour: what partners publish changes by itself.
pub(super) async fn watch(gateway: Arc<Gateway>, told: Told, stop: CancellationToken) {
    let mut changes = gateway.sign_in_changes();
    let mut logged = BTreeSet::new();
    loop {
        let of = Arc::clone(&gateway);
        let found = tokio::task::spawn_blocking(move || look(&of, clock::now())).await;
        let found = found.unwrap_or_default();
        for one in &found {
            // Once for each day that is left: often enough to be seen, and no more.
            if logged.insert(one.clone()) {
                warn!(file = %one.file, key = %one.key, problem = %one.message, "Something ends soon");
            }
        }
        logged.retain(|one| found.contains(one));
        told.store(Arc::new(found));
        tokio::select! {
            () = stop.cancelled() => return,
            _changed = changes.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn look(gateway: &Gateway, now: UnixTime) -> Vec<EndsSoon> {
    let (configuration, sign_in) = (gateway.configuration(), gateway.sign_in());
    let fetched = sign_in.endings().into_iter().filter_map(|(id, ending)| {
        let provider = configuration.providers.get(&id)?;
        Some((file_of(provider), ending))
    });
    let mut all = configured(&configuration, now);
    all.extend(near(fetched, now));
    all
}
