//! `[listen.api]`: the management API.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Tls;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ApiListener {
    /// Address and port, such as `[::]:8444`.
    pub(crate) address: Option<String>,
    /// Certificate and key.
    pub(crate) tls: Option<Tls>,
    /// PEM file of the authorities whose certificates clients must show. None is asked for if left out.
    pub(crate) client_ca: Option<String>,
    /// Whether plain HTTP is served; only on loopback, for tests and for a proxy on the same machine.
    pub(crate) plain_http: bool,
    /// The origin that clients reach it at, such as `https://gateway.contoso.com:8444`. Links in answers begin with it.
    pub(crate) origin: Option<String>,
    /// What tokens must be made for (`aud`), any of these. If left out: `origin`, and Microsoft Graph's own two.
    pub(crate) audiences: Option<Vec<String>>,
    /// Bytes of a request's JSON, at most. 4 MiB if left out.
    #[schemars(range(min = 65536, max = 67_108_864))]
    pub(crate) body_bytes: Option<u32>,
    /// Requests of one caller per minute. 3000 if left out.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) requests_per_minute: Option<u32>,
    /// Uploads in parts.
    pub(crate) uploads: Uploads,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Uploads {
    /// Folder for what has come of uploads in parts. `uploads` beside `store.path` if left out.
    pub(crate) folder: Option<String>,
    /// Bytes of one upload, at most. 4 GiB if left out.
    #[schemars(range(min = 1, max = 1_125_899_906_842_624_u64))]
    pub(crate) session_bytes: Option<u64>,
    /// Bytes of all uploads that have begun, at most. 8 GiB if left out.
    #[schemars(range(min = 1, max = 1_125_899_906_842_624_u64))]
    pub(crate) total_bytes: Option<u64>,
    /// Uploads that one caller has begun, at most. 8 if left out.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) sessions_per_person: Option<u32>,
    /// Uploads that all callers of a tenant have begun, at most. 256 if left out.
    #[schemars(range(min = 1, max = 100_000))]
    pub(crate) sessions_per_tenant: Option<u32>,
    /// How long an upload waits for its next part, such as `1h`. `1h` if left out.
    pub(crate) lifetime: Option<String>,
}
