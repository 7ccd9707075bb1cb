//! `default.toml` and `environments/*.toml`: settings of the process.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ApiListener, SecretReference};

/// Settings of the gateway process.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GatewayFile {
    /// The cloud that the gateway runs in: a name of `clouds.toml`. Only in environments.
    pub(crate) cloud: Option<String>,
    /// Where it listens.
    pub(crate) listen: Listen,
    /// Limits and timeouts.
    pub(crate) limits: Limits,
    /// Lifetimes.
    pub(crate) sessions: Sessions,
    /// What is kept across restarts.
    pub(crate) store: Store,
    /// What is written of who did what.
    pub(crate) audit: Audit,
    /// Sealing and signing keys.
    pub(crate) keys: Keys,
    /// Identity providers' libraries.
    pub(crate) plugins: Plugins,
    /// Whether the clouds are asked where a domain is at home.
    pub(crate) home_discovery: HomeDiscovery,
    /// How mail is sent. Needed by passcodes only.
    pub(crate) mail: Option<Mail>,
    /// Addresses or networks of proxies in front, whose `X-Forwarded-For` is believed. None if left out.
    pub(crate) trusted_proxies: Vec<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listen {
    /// In front of documents.
    pub(crate) public: PublicListener,
    /// The management API. There is none if left out.
    pub(crate) api: Option<ApiListener>,
    /// Health and metrics.
    pub(crate) operations: OperationsListener,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PublicListener {
    /// Address and port, such as `[::]:443`.
    pub(crate) address: Option<String>,
    /// Certificate and key.
    pub(crate) tls: Option<Tls>,
    /// Whether plain HTTP is served, because something in front ends TLS.
    pub(crate) plain_http: bool,
    /// The port that people see in URLs, where it differs from the bound one.
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) external_port: Option<u16>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tls {
    /// PEM file of the chain, leaf first.
    pub(crate) certificate: Option<String>,
    /// PEM file of the key, readable by the service user only.
    pub(crate) key: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OperationsListener {
    /// Address and port on loopback, such as `127.0.0.1:9464`.
    pub(crate) address: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Connections at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) connections: Option<u32>,
    /// Of these, those from one address prefix (IPv4 /32, IPv6 /64); trusted proxies have no such limit.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) connections_per_prefix: Option<u32>,
    /// Longest time to receive a request's head: 1s to 5m.
    pub(crate) header_timeout: Option<String>,
    /// Bytes of a request's head, at most.
    #[schemars(range(min = 8192, max = 1_048_576))]
    pub(crate) header_bytes: Option<u32>,
    /// Longest pause inside a body, either way: 1s to 1h.
    pub(crate) body_idle_timeout: Option<String>,
    /// Longest time to connect to an upstream: 100ms to 5m.
    pub(crate) upstream_connect_timeout: Option<String>,
    /// Longest time until an upstream's response head: 1s to 1h.
    pub(crate) upstream_response_timeout: Option<String>,
    /// How long running transfers may go on after a stop was asked for: 0s to 1h.
    pub(crate) shutdown_deadline: Option<String>,
    /// Sign-in attempts started from one address prefix (IPv4 /32, IPv6 /64) per hour.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) attempts_per_prefix: Option<u32>,
    /// Passcodes mailed to one address per hour for one address prefix; four times as many for all together.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) mails_per_address: Option<u32>,
    /// Wrong form submissions for one address per hour from one address prefix; four times as many from all together.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) failures_per_address: Option<u32>,
    /// Unknown link tokens tried from one address prefix per hour.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) unknown_links_per_prefix: Option<u32>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sessions {
    /// A session dies when unused for this long: 1s to 30days.
    pub(crate) idle: Option<String>,
    /// And this long after sign-in, whatever happens: 1s to 30days, not less than `idle`.
    pub(crate) absolute: Option<String>,
    /// The same for guests who signed in by passcode: 1s to 24h.
    pub(crate) passcode: Option<String>,
    /// How long a pending sign-in may take: 1s to 1h.
    pub(crate) attempt: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    /// The SQLite file, where there is no `postgresql`.
    pub(crate) path: Option<String>,
    /// A database of PostgreSQL instead: several gateways may share it.
    pub(crate) postgresql: Option<Postgresql>,
    /// For how long the gateway goes by what it knows when its database cannot be reached: 0s to 1h.
    pub(crate) max_staleness: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Postgresql {
    /// `postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full`, or `postgresql:///DATABASE?host=/run/postgresql&user=USER`
    /// for a socket. A server that is not on this machine needs `sslmode=verify-full`.
    pub(crate) url: Option<String>,
    /// The user's password, by reference, where the server asks for one.
    pub(crate) password: Option<SecretReference>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    /// Which allowed accesses that only read are written: `all`, `none`, or by chance one in so many, such as `1/100`
    /// (up to `1/1000000`). Refusals, uses of links and changes always are.
    pub(crate) allowed_access: Option<String>,
    /// Identical refusals within a minute (same person or network, item and reason) that are written one by one; the others
    /// are counted in one record.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) denials_per_minute: Option<u32>,
    /// A checkpoint is signed after so many records of a chain.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) checkpoint_records: Option<u32>,
    /// And after this long where there are new ones: 1s to 24h.
    pub(crate) checkpoint_interval: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// The folder of sealing and signing keys.
    pub(crate) directory: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plugins {
    /// The folder that plugin files are below.
    pub(crate) directory: Option<String>,
    /// The outermost folder whose owner and mode are checked; every folder up to `/` when absent.
    pub(crate) trust_root: Option<String>,
    /// Longest time for one step of a provider: 10ms to 60s.
    pub(crate) step_deadline: Option<String>,
    /// The program that runs libraries apart; `vestibule-plugin-runner` beside the gateway's own program if left out.
    pub(crate) runner: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HomeDiscovery {
    /// Whether the sign-in authority of every cloud is asked for the discovery document of a domain that no provider and no
    /// `domain_homes` names. Only the domain is sent. Where a cloud cannot be reached, restricted clouds let nobody of
    /// such a domain in. `false` if left out.
    pub(crate) enabled: bool,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mail {
    /// Host name of the SMTP server.
    pub(crate) host: Option<String>,
    /// Its port.
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) port: Option<u16>,
    /// How the connection is protected; `none` only for a server on loopback.
    pub(crate) security: Option<MailSecurity>,
    /// User name, where the server asks for one; then with `password`.
    pub(crate) username: Option<String>,
    /// Its password, by reference.
    pub(crate) password: Option<SecretReference>,
    /// The sender's address.
    pub(crate) from: Option<String>,
    /// The sender's name.
    pub(crate) from_name: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailSecurity {
    Tls,
    StartTls,
    None,
}
