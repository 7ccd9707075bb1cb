//! The whole system, running: pretended services in this process, the gateway beside it, both wired together.

mod callers;
mod companion;
mod demo_overlay;
mod services;
mod shared;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use idp_mocks::{Mocks, SeenRequest, Service};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::certificates::Authority;
use crate::gateway::{Call, Gateway};
use crate::network::Network;
use crate::overlay::Overlay;
use crate::{Outcome, built, ports};

pub use companion::Companion;
pub use services::USUAL_PORTS;
pub use shared::Turn;

/// How a world is made. The default is what a test wants: a folder and ports of its own.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the cloud environment.
    pub environment: String,
    /// Where it keeps everything; none is a folder that goes when the world does. Must exist otherwise.
    pub folder: Option<PathBuf>,
    /// The gateway's port; none is a free one.
    pub port: Option<u16>,
    /// Whether the other listeners take the ports that the demo usually has, where those are free.
    pub usual_ports: bool,
    /// Environment variables that the gateway gets beside this process's own.
    pub variables: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: "worldwide".to_owned(),
            folder: None,
            port: None,
            usual_ports: false,
            variables: Vec::new(),
        }
    }
}

/// A running system. Everything ends when it is dropped.
pub struct World {
    /// The gateway.
    pub gateway: Gateway,
    /// The pretended services.
    pub mocks: Mocks,
    /// What makes the configuration of this run differ from the demo's.
    pub overlay: Overlay,
    /// Trusts the authority that certified the gateway.
    pub network: Network,
    /// The gateway's port.
    pub port: u16,
    /// Origin of the gateway's listener for health and metrics.
    pub operations: String,
    /// The port of that listener.
    pub operations_port: u16,
    /// Origin of the management API.
    pub api: String,
    /// The port of that listener.
    pub api_port: u16,
    /// The authority's certificate.
    pub ca: PathBuf,
    folder: Folder,
}

/// The demo's SAML provider.
pub const PARTNER: &str = "partner-saml";

/// Tokens of the demo's links, by the links' names.
pub const LINK_TOKENS: &[(&str, &str)] = &[
    ("brochure", "demo-brochure-token-0123456789ab"),
    ("expired", "demo-expired-token-0123456789ab"),
    ("handbook", "demo-handbook-token-0123456789ab"),
    ("plan-for-ada", "demo-plan-for-ada-token-0123456789ab"),
];

/// A folder that is kept, or one that goes.
enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl World {
    /// Starts everything and waits until the gateway is ready.
    ///
    /// # Errors
    /// If anything does not start; the message says what, with the end of the gateway's log.
    pub async fn start(options: Options) -> Outcome<Self> {
        Self::start_with(options, |_, _| Ok(())).await
    }

    /// The same, with `change` made to the configuration before the gateway starts. It is told the gateway's port.
    ///
    /// # Errors
    /// As [`World::start`], or those of `change`.
    pub async fn start_with(
        options: Options,
        change: impl FnOnce(&mut Overlay, u16) -> Outcome,
    ) -> Outcome<Self> {
        let folder = Folder::make(options.folder)?;
        let authority = Authority::create(folder.path())?;
        let network = Network::trusting(authority.file())?;
        let mocks = Mocks::start(services::settings(options.usual_ports)?).await?;
        let port = options.port.map_or_else(ports::free, Ok)?;
        let operations_port = services::port(options.usual_ports, USUAL_PORTS.operations)?;
        let api_port = services::port(options.usual_ports, USUAL_PORTS.api)?;
        let mut overlay = Overlay::new(&folder.path().join("overlay"));
        let own = demo_overlay::Ports {
            public: port,
            operations: operations_port,
            api: api_port,
        };
        demo_overlay::fill(&mut overlay, &authority, mocks.urls(), &own)?;
        change(&mut overlay, port)?;
        overlay.write()?;
        let config = built::workspace().join("config");
        let call = Call {
            config: vec![
                config.clone(),
                config.join("demo"),
                overlay.folder().to_owned(),
            ],
            environment: options.environment,
            variables: options.variables,
        };
        let operations = format!("http://127.0.0.1:{operations_port}");
        let log = folder.path().join("gateway.log");
        let gateway = Gateway::serve(call, &operations, &network, &log).await?;
        let world = Self {
            gateway,
            mocks,
            overlay,
            network,
            port,
            operations,
            operations_port,
            api: format!("https://localhost:{api_port}"),
            api_port,
            ca: authority.file().to_owned(),
            folder,
        };
        world.introduce().await?;
        Ok(world)
    }

    /// Tells the SAML partner who we are, at both tenants: it must know every service provider beforehand.
    async fn introduce(&self) -> Outcome {
        for tenant in ["contoso", "woodgrove"] {
            // A test may have given the provider to one tenant only, or broken it.
            if let Ok(metadata) = self.saml_metadata(tenant, PARTNER).await {
                self.mocks.register_service_provider(&metadata)?;
            }
        }
        Ok(())
    }

    /// A browser that has never been here.
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(&self.network)
    }

    /// An address at a tenant: `url("contoso", "/sites/projects/Plan.docx")`.
    #[must_use]
    pub fn url(&self, tenant: &str, path: &str) -> String {
        format!("https://{tenant}.localhost:{}{path}", self.port)
    }

    /// The address of one of the demo's links.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn link(&self, name: &str) -> Outcome<String> {
        let token = LINK_TOKENS.iter().find(|(known, _)| *known == name);
        let (_, token) = token.ok_or_else(|| format!("no link is called `{name}`"))?;
        Ok(self.url("contoso", &format!("/_vestibule/s/{token}")))
    }

    /// Where it keeps everything.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does something and returns the requests that reached the documents meanwhile.
    ///
    /// # Errors
    /// Those of `doing`.
    pub async fn reaching_upstream<T>(
        &self,
        doing: impl Future<Output = Outcome<T>>,
    ) -> Outcome<(T, Vec<SeenRequest>)> {
        let before = self.mocks.request_count(Service::Documents);
        let done = doing.await?;
        let mut seen = self.mocks.requests(Service::Documents);
        seen.retain(|request| request.number > before);
        Ok((done, seen))
    }

    /// Does something and fails if any request reached the documents meanwhile.
    ///
    /// # Errors
    /// That, or those of `doing`.
    pub async fn short_of_upstream<T>(
        &self,
        doing: impl Future<Output = Outcome<T>>,
    ) -> Outcome<T> {
        let (done, seen) = self.reaching_upstream(doing).await?;
        crate::ensure!(seen.is_empty(), "the documents were reached: {seen:?}");
        Ok(done)
    }

    /// Runs the program with `arguments` and a configuration of its own: this one's, changed.
    ///
    /// # Errors
    /// If it cannot be written or the program does not start.
    pub async fn run_with(
        &self,
        change: impl FnOnce(&mut Overlay),
        arguments: &[&str],
    ) -> Outcome<Output> {
        let folder = TempDir::new_in(self.folder())?;
        let mut overlay = self.overlay.moved_to(&folder.path().join("overlay"));
        change(&mut overlay);
        overlay.write()?;
        let mut call = self.gateway.call().clone();
        call.config.pop();
        call.config.push(overlay.folder().to_owned());
        call.run(arguments).await
    }

    /// Changes the configuration and starts the gateway anew with it. Its store and keys stay.
    ///
    /// # Errors
    /// Those of `change`, or if the gateway does not stop or start.
    pub async fn reconfigure(&mut self, change: impl FnOnce(&mut Overlay) -> Outcome) -> Outcome {
        change(&mut self.overlay)?;
        self.overlay.write()?;
        self.gateway.stop_and_restart().await
    }

    /// Changes providers and lets the running gateway read them again.
    ///
    /// # Errors
    /// Those of `change`, or if the gateway does not say that it has read them.
    pub async fn reread(&mut self, change: impl FnOnce(&mut Overlay) -> Outcome) -> Outcome {
        const READ: &str = "Providers read again";
        let process = self.gateway.process();
        let times = process.log().matches(READ).count();
        change(&mut self.overlay)?;
        self.overlay.write()?;
        process.signal(rustix::process::Signal::HUP)?;
        let deadline = std::time::Instant::now() + crate::process::PATIENCE;
        while process.log().matches(READ).count() == times {
            crate::ensure!(
                std::time::Instant::now() < deadline,
                "the providers were not read again:\n{}",
                process.log()
            );
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        Ok(())
    }

    /// Takes changes back: `before` is the overlay as it was.
    ///
    /// # Errors
    /// As [`World::reconfigure`].
    pub async fn restore(&mut self, before: Overlay) -> Outcome {
        self.reconfigure(|overlay| {
            *overlay = before;
            Ok(())
        })
        .await
    }
}

/// What the link `brochure` is to.
pub const BROCHURE: &str = "/sites/projects/Shared/Brochure.pdf";

impl Folder {
    fn make(kept: Option<PathBuf>) -> Outcome<Self> {
        if let Some(folder) = kept {
            return Ok(Self::Kept(folder));
        }
        // Not the system's folder for temporary files: others can write there, and plugins are refused from it.
        let worlds = built::target_folder()?.join("worlds");
        fs::create_dir_all(&worlds)?;
        let folder = TempDir::new_in(worlds)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(Self::Temporary(folder))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
