//! Builds everything from the configuration and runs it until it is told to stop.

mod ends;
mod looking;
mod signals;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gateway_config::model::{Configuration, StoreLocation};
use gateway_config::{Loaded, Sources};
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use gateway_plugin_host::spare_threads;
use gateway_sign_in::fetch::{Fetch, HttpFetcher, RootsUnusable};
use gateway_sign_in::keys::{Keyring, KeysUnusable};
use gateway_sign_in::mail::{Letter, MailUnusable, Mailer, SmtpMailer};
use gateway_sign_in::{Parts, Provider, SignIn};
use gateway_store::directory::Directory;
use gateway_store::{Location, Store, StoreError};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub(crate) use self::ends::{EndsSoon, Told, configured as ends_soon};
pub(crate) use self::looking::{DirectoryUnavailable, declared, look_at_directory, stored_rows};
use self::signals::Signals;
use crate::api::{Beside, Entrance};
use crate::auditing::Keeping;
use crate::gateway::{Gateway, GatewayParts};
use crate::operations::{self, Operations};
use crate::reload::{Reload, ReloadParts};
use crate::{clock, listener, providers};

/// How often histograms are folded: until then they keep every sample.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// Threads beyond the processors: so many calls of providers may hang without taking a thread that is needed.
const SPARE_THREADS: usize = 4;

/// How often the store is swept.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Why the gateway does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeFailed {
    /// The system gives no threads, signals or the like.
    #[error("the runtime cannot start: {0}")]
    Runtime(#[source] io::Error),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} (`{key}`): {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Its key in the configuration.
        key: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysUnusable),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store's folder cannot be made.
    #[error("the folder of `store.path`, `{path}`, cannot be made: {source}")]
    StoreFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder for uploads cannot be made or written to.
    #[error("the folder `listen.api.uploads.folder`, `{folder}`, cannot be used: {source}")]
    Uploads {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] listener::TlsUnusable),
    /// A CA file of a provider.
    #[error(transparent)]
    Roots(#[from] RootsUnusable),
    /// A CA file of an upstream.
    #[error(transparent)]
    Upstream(#[from] crate::gateway::NoClient),
    /// Mail.
    #[error(transparent)]
    Mail(#[from] MailUnusable),
    /// Metrics.
    #[error("metrics cannot be kept: {0}")]
    Metrics(String),
}

/// Runs the gateway until SIGINT or SIGTERM; then lets running transfers end within the configured deadline.
/// SIGHUP reads the keys and the providers again.
///
/// - `sources`: where `loaded` comes from.
///
/// # Errors
/// [`ServeFailed`] when it cannot start.
pub(crate) fn run(loaded: Loaded, sources: Sources) -> Result<(), ServeFailed> {
    // Somebody may have chosen the same one already: there is but one in the graph.
    let _already_chosen = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(processors + SPARE_THREADS)
        .enable_all()
        .build()
        .map_err(ServeFailed::Runtime)?;
    let served = runtime.block_on(serve(loaded, sources));
    // A hung plugin must not keep the process.
    runtime.shutdown_background();
    served
}

async fn serve(loaded: Loaded, sources: Sources) -> Result<(), ServeFailed> {
    spare_threads(SPARE_THREADS);
    for warning in &loaded.warnings {
        warn!(problem = %warning, "Configuration warning");
    }
    let configuration = Arc::new(loaded.configuration);
    let signals = Signals::listen()?;
    let now = clock::now();
    let keyring = Arc::new(Keyring::open(&configuration.gateway.keys, now)?);
    let store = open_store(&configuration, now).await?;
    let directory = Directory::open_within(
        store.clone(),
        declared(&configuration),
        configuration.gateway.max_staleness,
        now,
    )
    .await?;
    let audit = Keeping::start(&directory, &configuration.gateway.audit, &keyring);
    let providers = opened(&configuration, &keyring).await;
    let network: Arc<dyn Fetch> = Arc::new(network(&configuration)?);
    let mailer = mailer(&configuration)?;
    let sign_in = SignIn::new(Parts {
        configuration: Arc::clone(&configuration),
        directory: directory.clone(),
        keys: Arc::clone(&keyring),
        providers: providers.clone(),
        network: Arc::clone(&network),
        mailer: Arc::clone(&mailer),
    });
    let gateway = Arc::new(Gateway::new(GatewayParts {
        configuration: Arc::clone(&configuration),
        directory: directory.clone(),
        keyring: Arc::clone(&keyring),
        sign_in: Arc::new(sign_in),
    })?);

    let metrics = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| ServeFailed::Metrics(error.to_string()))?;
    let ready = Arc::new(AtomicBool::new(false));
    let tls = configuration
        .gateway
        .public
        .tls
        .as_ref()
        .map(listener::tls)
        .transpose()?;
    let public = bind(
        configuration.gateway.public.address,
        "listen.public.address",
    )
    .await?;
    let inner = bind(
        configuration.gateway.operations,
        "listen.operations.address",
    )
    .await?;
    let management = match &configuration.gateway.api {
        Some(api) => Some(Entrance::open(api).await?),
        None => None,
    };
    announce(&configuration, &public, &inner);

    let stop = CancellationToken::new();
    let reload = Reload::new(ReloadParts {
        sources,
        configuration,
        providers,
        keyring,
        gateway: Arc::clone(&gateway),
    });
    tokio::spawn(signals.watch(reload, stop.clone()));
    tokio::spawn(sweep(directory.clone(), stop.clone()));
    tokio::spawn(fold(metrics.clone(), stop.clone()));
    let ends = Told::default();
    tokio::spawn(ends::watch(
        Arc::clone(&gateway),
        Arc::clone(&ends),
        stop.clone(),
    ));
    let operations = Operations {
        metrics,
        ready: Arc::clone(&ready),
        ends,
    };
    let operations = tokio::spawn(operations::serve(
        operations,
        inner,
        stop.clone().cancelled_owned(),
    ));
    ready.store(true, Ordering::Release);
    let documents = public.local_addr().map_err(ServeFailed::Runtime)?;
    let management = management.map(|entrance| {
        let beside = Beside {
            documents,
            network,
            mailer,
        };
        tokio::spawn(entrance.serve(Arc::clone(&gateway), beside, stop.clone().cancelled_owned()))
    });
    listener::serve(gateway, public, tls, stopping(stop, ready)).await;
    if let Some(management) = management {
        // It ends within the same deadline as the other.
        let _ended = management.await;
    }
    operations.abort();
    // After the last request, before the store goes.
    audit.stop().await;
    store.close().await;
    info!("Gateway stopped");
    Ok(())
}

/// From the first signal on, nobody should send new requests.
async fn stopping(stop: CancellationToken, ready: Arc<AtomicBool>) {
    stop.cancelled().await;
    ready.store(false, Ordering::Release);
}

pub(crate) async fn bind(
    address: SocketAddr,
    key: &'static str,
) -> Result<TcpListener, ServeFailed> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeFailed::Listen {
            address,
            key,
            source,
        })
}

fn announce(configuration: &Configuration, public: &TcpListener, operations: &TcpListener) {
    let shown = |listener: &TcpListener| {
        listener
            .local_addr()
            .map(|address| address.to_string())
            .unwrap_or_default()
    };
    info!(
        environment = %configuration.environment,
        cloud = %configuration.cloud,
        generation = %configuration.generation,
        listen.public = %shown(public),
        listen.operations = %shown(operations),
        tenants = configuration.tenants.len(),
        "Gateway ready"
    );
}

async fn open_store(configuration: &Configuration, now: UnixTime) -> Result<Store, ServeFailed> {
    let location = location(&configuration.gateway.store);
    if let Location::Sqlite(path) = &location
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder).map_err(|source| ServeFailed::StoreFolder {
            path: folder.to_path_buf(),
            source,
        })?;
    }
    Ok(Store::open_at(&location, now).await?)
}

/// Where the store is, with the password where it belongs.
pub(crate) fn location(configured: &StoreLocation) -> Location {
    match configured {
        StoreLocation::Sqlite(path) => Location::Sqlite(path.clone()),
        StoreLocation::Postgresql { url, password } => {
            let mut url = url.clone();
            if let Some(password) = password {
                url.query_pairs_mut()
                    .append_pair("password", password.expose());
            }
            Location::Postgres(url.into())
        }
    }
}

async fn opened(
    configuration: &Arc<Configuration>,
    keyring: &Arc<Keyring>,
) -> BTreeMap<ProviderId, Arc<dyn Provider>> {
    let (of, with) = (Arc::clone(configuration), Arc::clone(keyring));
    let opened =
        tokio::task::spawn_blocking(move || providers::open(&of, &|id| with.instance_key(id)))
            .await
            .unwrap_or_default();
    for (provider, reason) in &opened.missing {
        warn!(provider.id = %provider, error = %reason, "Provider left out");
    }
    let share = |(id, instance)| (id, Arc::new(instance) as Arc<dyn Provider>);
    opened.instances.into_iter().map(share).collect()
}

/// The network of the providers, and of home discovery where it is on.
///
/// # Errors
/// [`RootsUnusable`].
pub(crate) fn network(configuration: &Configuration) -> Result<HttpFetcher, RootsUnusable> {
    let network = HttpFetcher::new(configuration.providers.values())?;
    // The management API asks directories for their keys as the gateway itself, where no provider does.
    if configuration.gateway.home_discovery || configuration.gateway.api.is_some() {
        network.with_home_discovery()
    } else {
        Ok(network)
    }
}

fn mailer(configuration: &Configuration) -> Result<Arc<dyn Mailer>, ServeFailed> {
    match &configuration.gateway.mail {
        Some(mail) => Ok(Arc::new(SmtpMailer::start(mail.clone())?)),
        None => Ok(Arc::new(NoMail)),
    }
}

/// No `[mail]` is configured.
struct NoMail;

impl Mailer for NoMail {
    fn queue(&self, _letter: Letter) {
        warn!("Mail dropped: `mail` is not configured");
    }
}

async fn fold(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut pause = tokio::time::interval(FOLD_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pause.tick() => metrics.run_upkeep(),
        }
    }
}

async fn sweep(directory: Directory, stop: CancellationToken) {
    let mut pause = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pause.tick() => {}
        }
        let now = clock::now();
        let swept = match directory.sweep(now).await {
            Ok(()) => directory.purge(now).await,
            Err(error) => Err(error),
        };
        if let Err(error) = swept {
            warn!(error = %error, "Store could not be swept");
        }
    }
}
