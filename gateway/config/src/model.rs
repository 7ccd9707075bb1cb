//! A configuration that has been checked: what the rest of the gateway works with.

mod audit;
mod uploads;

pub use audit::{AllowedAccess, Audit};
pub use uploads::Uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gateway_core::address::{DomainName, EmailAddress};
use gateway_core::assertion::ProviderTrust;
use gateway_core::cloud::Clouds;
use gateway_core::groups::{Group, Groups};
use gateway_core::home::Offer;
use gateway_core::id::{CloudName, GroupId, ProviderId, SiteId, TenantId};
use gateway_core::path::ItemPath;
use gateway_core::person::Guest;
use gateway_core::policy::configure::Scope;
use gateway_core::settings::{SiteSettings, TenantSettings};
use gateway_core::sharing::{Permission, SharingLink};
use url::Url;

use crate::secret::Secret;

/// The whole configuration of one gateway in one cloud environment.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Name of the environment overlay: `worldwide`, `gcc`, `gcc-high`, `dod`, `china-21vianet`.
    pub environment: String,
    /// The cloud the gateway runs in.
    pub cloud: CloudName,
    /// All clouds it knows.
    pub clouds: Arc<Clouds>,
    /// Listeners, limits and the like.
    pub gateway: Gateway,
    /// Tenants by id.
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// Providers by id.
    pub providers: BTreeMap<ProviderId, Provider>,
    /// SHA-256 over every file read but those of providers, hexadecimal: changes when anything in them does.
    pub generation: String,
}

/// Settings of the process.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Where documents are served.
    pub public: PublicListener,
    /// Where the management API is served; there is none without it.
    pub api: Option<ApiListener>,
    /// Where health and metrics are served; loopback only.
    pub operations: SocketAddr,
    /// Limits and timeouts.
    pub limits: Limits,
    /// Lifetimes of sessions and attempts.
    pub sessions: Sessions,
    /// Where what is kept across restarts is kept.
    pub store: StoreLocation,
    /// For how long the gateway goes by what it knows when its database cannot be reached: at most an hour, and 0 where it
    /// must not.
    pub max_staleness: Duration,
    /// What the audit holds.
    pub audit: Audit,
    /// The folder of sealing and signing keys.
    pub keys: PathBuf,
    /// Where plugins live and how long they may take.
    pub plugins: Plugins,
    /// Whether the clouds are asked where a domain is at home that nothing configured names.
    pub home_discovery: bool,
    /// How mail is sent; none when no provider needs it.
    pub mail: Option<Mail>,
    /// Peers whose `X-Forwarded-For` is believed. Empty by default.
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// Where the store is.
#[derive(Clone, Debug)]
pub enum StoreLocation {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A database of PostgreSQL.
    Postgresql {
        /// `postgresql://USER@HOST:PORT/DATABASE`, with parameters as `libpq` has them.
        url: Url,
        /// The user's password, where the server asks for one.
        password: Option<Secret>,
    },
}

/// Never shows the password.
impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgresql { url, .. } => url.fmt(f),
        }
    }
}

/// The listener in front of documents.
#[derive(Clone, Debug)]
pub struct PublicListener {
    /// Address and port.
    pub address: SocketAddr,
    /// TLS, or nothing where the configuration says `plain_http = true`.
    pub tls: Option<Tls>,
    /// The port that people see in URLs, when it differs from the bound one.
    pub external_port: Option<u16>,
}

/// The listener of the management API.
#[derive(Clone, Debug)]
pub struct ApiListener {
    /// Address and port.
    pub address: SocketAddr,
    /// TLS; nothing only on loopback, where the configuration says `plain_http = true`.
    pub tls: Option<Tls>,
    /// PEM file of the authorities whose certificates clients must show, where they must.
    pub client_ca: Option<PathBuf>,
    /// The origin that clients reach it at, `https://host[:port]` without a slash at its end.
    pub origin: String,
    /// What tokens must be made for: any of these. Not empty.
    pub audiences: BTreeSet<String>,
    /// Bytes of a request's JSON, at most.
    pub body_bytes: usize,
    /// Requests of one caller per minute.
    pub requests_per_minute: u32,
    /// Uploads in parts.
    pub uploads: Uploads,
}

/// Certificate and key, PEM files.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The chain.
    pub certificate: PathBuf,
    /// The key; must not be readable by others.
    pub key: PathBuf,
}

/// Limits and timeouts.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Of these, those from one address prefix (IPv4 /32, IPv6 /64). Trusted proxies have no such limit.
    pub connections_per_prefix: usize,
    /// Longest time to receive a request's head.
    pub header_timeout: Duration,
    /// Bytes of a request's head, at most; more is answered with 431.
    pub header_bytes: usize,
    /// Longest pause inside a body, either way.
    pub body_idle_timeout: Duration,
    /// Longest time to connect to an upstream.
    pub upstream_connect_timeout: Duration,
    /// Longest time until an upstream's response head.
    pub upstream_response_timeout: Duration,
    /// How long running transfers may go on after a stop was asked for.
    pub shutdown_deadline: Duration,
    /// Sign-in attempts started from one address prefix (IPv4 /32, IPv6 /64) per hour.
    pub attempts_per_prefix: u32,
    /// Passcodes mailed to one address per hour for one address prefix; four times as many for all together.
    pub mails_per_address: u32,
    /// Wrong form submissions for one address per hour from one address prefix, over all its attempts; four times as many
    /// from all together.
    pub failures_per_address: u32,
    /// Unknown link tokens tried from one address prefix per hour.
    pub unknown_links_per_prefix: u32,
}

/// Lifetimes.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// A session dies when unused for this long.
    pub idle: Duration,
    /// And this long after sign-in, whatever happens.
    pub absolute: Duration,
    /// The same for guests who signed in by passcode; at most 24 hours.
    pub passcode: Duration,
    /// How long a pending sign-in may take.
    pub attempt: Duration,
}

/// Plugins.
#[derive(Debug, Clone)]
pub struct Plugins {
    /// The folder that plugin paths are relative to.
    pub directory: PathBuf,
    /// The outermost folder whose owner and mode are checked; every folder up to `/` when absent.
    pub trust_root: Option<PathBuf>,
    /// Longest time for one step.
    pub step_deadline: Duration,
    /// The program that runs libraries apart; beside the gateway's own when absent.
    pub runner: Option<PathBuf>,
}

/// Mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Host name of the SMTP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User and password, where the server asks for them.
    pub credentials: Option<(String, Secret)>,
    /// The sender.
    pub from: EmailAddress,
    /// Name of the sender.
    pub from_name: String,
}

/// How a connection to the SMTP server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, required.
    StartTls,
    /// None; only for loopback servers.
    None,
}

/// One tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant.
    pub id: TenantId,
    /// Its name for people.
    pub display_name: String,
    /// Host names it answers on: lower case, ASCII, without port or trailing dot.
    pub hosts: Vec<String>,
    /// Its settings.
    pub settings: TenantSettings,
    /// Settings that the files name, by where they stand: through the management API they can be tightened only. The
    /// tenant's `profile`, `environment_boundary` and `acknowledge_unsupported` are always among them.
    pub declared: BTreeSet<(Scope, String)>,
    /// Domains of its own people's addresses.
    pub member_domains: BTreeSet<DomainName>,
    /// Its sites, by id.
    pub sites: BTreeMap<SiteId, Site>,
    /// Its groups, by person.
    pub groups: Groups,
    /// The groups that its file declares, which `groups` was made of.
    pub declared_groups: BTreeMap<GroupId, Group>,
    /// Guests declared, and those that come in by a declared permission or link. All `PendingAcceptance`, with
    /// no identity: what has been redeemed is in the store. Blocked ones are `Blocked`.
    pub guests: Vec<Guest>,
    /// Permissions declared.
    pub permissions: Vec<Permission>,
    /// Links declared.
    pub links: Vec<DeclaredLink>,
}

/// A link declared in a tenant file.
#[derive(Clone, Debug)]
pub struct DeclaredLink {
    /// The link.
    pub link: SharingLink,
    /// SHA-256 of its token.
    pub token_sha256: [u8; 32],
}

/// One site.
#[derive(Clone, Debug)]
pub struct Site {
    /// The site.
    pub id: SiteId,
    /// The path prefix it covers, whole segments; sites may nest, the longest prefix counts.
    pub path: ItemPath,
    /// Its settings.
    pub settings: SiteSettings,
    /// What it stands in front of.
    pub upstream: Upstream,
}

/// A document resource.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Origin: `http://…` or `https://…`, without path.
    pub origin: Url,
    /// The prefix put in place of the site's own; absent: the path stays as it is.
    pub path: Option<ItemPath>,
    /// `aud` of the assertion sent to it.
    pub audience: String,
    /// Whether the person is also named in plain headers (`X-Vestibule-Subject`, `-Email`, `-Provider`).
    pub plain_headers: bool,
    /// A CA file to trust instead of the system's roots.
    pub ca: Option<PathBuf>,
}

/// One configured identity provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The provider.
    pub id: ProviderId,
    /// The library, resolved under the plugin directory.
    pub plugin: PathBuf,
    /// SHA-256 that the library must have.
    pub sha256: [u8; 32],
    /// Name for people, where the plugin's own is not wanted.
    pub display_name: Option<String>,
    /// Tenants it signs people in for; `None` is all.
    pub tenants: Option<BTreeSet<TenantId>>,
    /// What it is trusted with.
    pub trust: ProviderTrust,
    /// Whose home it is. `home_domains` here is what the configuration says; the plugin's own description adds to it
    /// unless the configuration gives a list.
    pub offer: Offer,
    /// Whether `home_domains` was given.
    pub home_domains_given: bool,
    /// Hosts it may fetch from, narrowing what it asks for.
    pub fetch_hosts: Option<Vec<String>>,
    /// A CA file for its fetches, instead of the system's roots.
    pub ca: Option<PathBuf>,
    /// Where its code runs.
    pub isolation: Isolation,
    /// SHA-256 over its files, hexadecimal.
    pub generation: String,
    /// Its own settings, secrets resolved. Opaque here; the plugin checks them.
    pub settings: SecretSettings,
}

/// Where a library's code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In processes of its own.
    Process,
    /// In the gateway's process.
    None,
}

/// Settings with resolved secrets: never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSettings(pub serde_json::Value);

impl fmt::Debug for SecretSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSettings(…)")
    }
}

impl Configuration {
    /// What an attempt that begins now with a provider is begun under: changes when the provider's files or those of
    /// everything but providers do. `None` without such a provider.
    #[must_use]
    pub fn generation_of(&self, provider: &ProviderId) -> Option<String> {
        let provider = self.providers.get(provider)?;
        Some(format!("{}.{}", self.generation, provider.generation))
    }
}

impl Tenant {
    /// Whether passcodes are mailed: the directory's where the integration is on, and sharing's own where it is off.
    #[must_use]
    pub fn mails_passcodes(&self, clouds: &Clouds) -> bool {
        let cloud = clouds.find(&self.settings.cloud);
        let mut offered = cloud.iter().flat_map(|cloud| &cloud.identity_providers);
        let own =
            !self.settings.integration().value && offered.any(|kind| kind.as_str() == "email-otp");
        own || self.settings.email_otp(clouds).value
    }
}

impl Provider {
    /// Whether it signs people in for the tenant, as far as the configuration says.
    #[must_use]
    pub fn serves(&self, tenant: &TenantId) -> bool {
        self.tenants
            .as_ref()
            .is_none_or(|tenants| tenants.contains(tenant))
    }
}

impl Gateway {
    /// The address of a client as the rules may know it: that of a listed proxy is nobody's.
    #[must_use]
    pub fn known(&self, client: IpAddr) -> Option<IpAddr> {
        (!self.trusts(client)).then_some(client)
    }

    /// Whether `peer` is a listed proxy.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&peer))
    }
}
