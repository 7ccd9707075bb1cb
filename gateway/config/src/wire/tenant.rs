//! `tenants/*.toml`.

use std::collections::BTreeMap;

use gateway_core::settings::Profile;
use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::{self, Given};
use super::{Directory, Group, Guest, Link, Permission, Sharing};

/// One tenant. Its id is the name of the file.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TenantFile {
    /// Its name for people.
    pub(crate) display_name: Option<String>,
    /// Host names it answers on, without port.
    pub(crate) hosts: Vec<String>,
    /// The cloud it lives in; the environment's if left out.
    pub(crate) cloud: Option<String>,
    /// Domains of its own people's addresses.
    pub(crate) member_domains: Vec<String>,
    /// Which generation of sharing behaviour: `integration-opt-in`, as if left out, or another.
    #[schemars(extend("enum" = Profile::NAMES))]
    pub(crate) profile: Option<String>,
    /// Tenant-wide sharing settings.
    pub(crate) sharing: Sharing,
    /// The directory's collaboration settings.
    pub(crate) directory: Directory,
    /// Sites by id.
    pub(crate) sites: BTreeMap<String, Site>,
    /// Groups by id.
    pub(crate) groups: BTreeMap<String, Group>,
    /// Guests added beforehand, by id.
    pub(crate) guests: BTreeMap<String, Guest>,
    /// Permissions by id.
    pub(crate) permissions: BTreeMap<String, Permission>,
    /// Sharing links by id.
    pub(crate) links: BTreeMap<String, Link>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(transform = settings::with_site)]
pub(crate) struct Site {
    /// The path that the site covers, with everything below it.
    pub(crate) path: Option<String>,
    /// Origin of the resource it stands in front of, such as `http://127.0.0.1:9000`.
    pub(crate) upstream: Option<String>,
    /// Path put in place of `path` in requests to the upstream; unchanged if left out.
    pub(crate) upstream_path: Option<String>,
    /// `aud` of the assertion sent to the upstream; its origin if left out.
    pub(crate) audience: Option<String>,
    /// Whether the person is named in plain headers as well. `false` if left out.
    pub(crate) plain_headers: bool,
    /// PEM file of certificate authorities to trust in place of the system's.
    pub(crate) upstream_ca: Option<String>,
    /// How the upstream compares names: `sensitive`, as if left out, or `insensitive`.
    pub(crate) path_case: PathCase,
    /// Which ceiling of the tenant applies: `core`, as if left out, or `onedrive` for personal sites.
    pub(crate) partition: Partition,
    /// Whether it is the tenant's root site. `false` if left out.
    pub(crate) root: bool,
    /// What it was made from; it decides the level where `SharingCapability` is left out. `group-with-guests` is a group
    /// whose owners may add people from outside.
    pub(crate) template: Option<Template>,
    /// The Teams channel it belongs to: `none`, as if left out, `private` or `shared`.
    pub(crate) channel: Channel,
    /// The Microsoft 365 group it is connected to, one of `groups`.
    pub(crate) group: Option<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub(crate) settings: Given,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Partition {
    #[default]
    Core,
    OneDrive,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PathCase {
    #[default]
    Sensitive,
    Insensitive,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Template {
    Classic,
    Communication,
    RootCommunication,
    Team,
    Group,
    GroupWithGuests,
    #[serde(rename = "onedrive")]
    OneDrive,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    #[default]
    None,
    Private,
    Shared,
}
