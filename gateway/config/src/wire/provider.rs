//! `providers/*.toml`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One identity provider. Its id is the name of the file.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProviderFile {
    /// The library's file below `plugins.directory`.
    pub(crate) plugin: Option<String>,
    /// SHA-256 of the library, 64 hexadecimal digits.
    pub(crate) sha256: Option<String>,
    /// The kind the library must say it is: `work-school`, `google`, ….
    pub(crate) kind: Option<String>,
    /// Name for people; the library's own if left out.
    pub(crate) display_name: Option<String>,
    /// Tenants it signs people in for; all if left out.
    pub(crate) tenants: Option<Vec<String>>,
    /// Issuers it may speak for, exact; `{tenantid}` stands for the tenant that the account is in.
    pub(crate) issuers: Vec<String>,
    /// The cloud whose accounts it signs in, for kinds that have clouds.
    pub(crate) cloud: Option<String>,
    /// Domains whose addresses it may prove, or `["*"]`: any, where the domain's owner or the mailbox vouches.
    pub(crate) domains: Option<Vec<String>>,
    /// Domains whose people sign in here; those that the library names if left out.
    pub(crate) home_domains: Option<Vec<String>>,
    /// Whether it also takes people of domains that no provider is home to. `false` if left out.
    pub(crate) any_domain: bool,
    /// Its place among providers that fit equally; lower goes first. 100 if left out.
    pub(crate) order: Option<u16>,
    /// Hosts (`host` or `host:port`) it may fetch from, of those it asks for; all of them if left out.
    pub(crate) fetch_hosts: Option<Vec<String>>,
    /// PEM file of certificate authorities to trust in place of the system's.
    pub(crate) ca: Option<String>,
    /// Where the library's code runs: `process`, cut off in processes of its own, or `none`, in the gateway, which a crash
    /// of the library ends. `process` if left out for `saml`, `none` for the others.
    pub(crate) isolation: Option<Isolation>,
    /// The provider's own settings; secrets by reference, `{ file = "…" }` or `{ env = "…" }`.
    pub(crate) settings: Map<String, Value>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Isolation {
    Process,
    None,
}
