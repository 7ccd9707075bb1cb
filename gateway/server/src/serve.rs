//! Builds everything from the configuration and runs it until it is told to stop.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gateway_config::model::{Configuration, Tenant};
use gateway_config::{Loaded, Sources};
use gateway_core::id::ProviderId;
use gateway_core::time::UnixTime;
use gateway_plugin_host::spare_threads;
use gateway_sign_in::fetch::{HttpFetcher, RootsUnusable};
use gateway_sign_in::keys::{Keyring, KeysUnusable};
use gateway_sign_in::mail::{Letter, MailUnusable, Mailer, SmtpMailer};
use gateway_sign_in::{Parts, Provider, SignIn};
use gateway_store::directory::{DeclaredTenant, Directory, View};
use gateway_store::{Store, StoreError};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

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
    let directory = Directory::open(store.clone(), declared(&configuration), now).await?;
    let providers = opened(&configuration, &keyring).await;
    let sign_in = SignIn::new(Parts {
        configuration: Arc::clone(&configuration),
        directory: directory.clone(),
        keys: Arc::clone(&keyring),
        providers: providers.clone(),
        network: Arc::new(network(&configuration)?),
        mailer: mailer(&configuration)?,
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
    let operations = Operations {
        metrics,
        ready: Arc::clone(&ready),
    };
    let operations = tokio::spawn(operations::serve(
        operations,
        inner,
        stop.clone().cancelled_owned(),
    ));
    ready.store(true, Ordering::Release);
    listener::serve(gateway, public, tls, stopping(stop, ready)).await;
    operations.abort();
    store.close().await;
    info!("Gateway stopped");
    Ok(())
}

/// From the first signal on, nobody should send new requests.
async fn stopping(stop: CancellationToken, ready: Arc<AtomicBool>) {
    stop.cancelled().await;
    ready.store(false, Ordering::Release);
}

async fn bind(address: SocketAddr, key: &'static str) -> Result<TcpListener, ServeFailed> {
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
    let path = &configuration.gateway.store;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| ServeFailed::StoreFolder {
            path: folder.to_path_buf(),
            source,
        })?;
    }
    Ok(Store::open(path, now).await?)
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
    if configuration.gateway.home_discovery {
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
        if let Err(error) = directory.sweep(clock::now()).await {
            warn!(error = %error, "Store could not be swept");
        }
    }
}

/// The signals that end the gateway or make it read its keys again.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self, ServeFailed> {
        let on = |kind| signal(kind).map_err(ServeFailed::Runtime);
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    async fn watch(mut self, reload: Reload, stop: CancellationToken) {
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

/// Why the directory cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryUnavailable {
    /// No runtime.
    #[error("the runtime cannot start: {0}")]
    Runtime(#[from] io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The directory as it stands, read without changing anything: what is declared, joined with what the store
/// knows, if there is a store yet.
///
/// # Errors
/// [`DirectoryUnavailable`].
pub(crate) fn look_at_directory(
    configuration: &Configuration,
    now: UnixTime,
) -> Result<View, DirectoryUnavailable> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Store::look(&configuration.gateway.store).await?;
        Ok(View::read(store.as_ref(), declared(configuration), now).await?)
    })
}

fn declared(configuration: &Configuration) -> Vec<DeclaredTenant> {
    configuration
        .tenants
        .values()
        .map(declared_tenant)
        .collect()
}

fn declared_tenant(tenant: &Tenant) -> DeclaredTenant {
    DeclaredTenant {
        id: tenant.id.clone(),
        guests: tenant.guests.clone(),
        permissions: tenant.permissions.clone(),
        links: tenant
            .links
            .iter()
            .map(|declared| (declared.link.clone(), declared.token_sha256))
            .collect(),
    }
}
