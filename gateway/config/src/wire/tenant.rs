//! `tenants/*.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DomainList, Level, RestrictionMode, Sharing};

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
    /// Which generation of sharing behaviour: `integration-opt-in`, as if left out.
    pub(crate) profile: Option<String>,
    /// Tenant-wide sharing settings.
    pub(crate) sharing: Sharing,
    /// The directory's collaboration settings.
    pub(crate) directory: Directory,
    /// Sites by id.
    pub(crate) sites: BTreeMap<String, Site>,
    /// Guests added beforehand, by id.
    pub(crate) guests: BTreeMap<String, Guest>,
    /// Permissions by id.
    pub(crate) permissions: BTreeMap<String, Permission>,
    /// Sharing links by id.
    pub(crate) links: BTreeMap<String, Link>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Directory {
    /// The organisation's tenant id in its cloud, a GUID: accounts of it are members.
    pub(crate) tenant_id: Option<String>,
    /// Whether guests without any account may use a passcode by mail. `true` if left out.
    #[serde(rename = "allowExternalIdToUseEmailOtp")]
    pub(crate) email_otp: Option<bool>,
    /// Only these domains can be invited; instead of `BlockedDomains`.
    #[serde(rename = "AllowedDomains")]
    pub(crate) allowed_domains: Option<DomainList>,
    /// These domains cannot be invited; instead of `AllowedDomains`.
    #[serde(rename = "BlockedDomains")]
    pub(crate) blocked_domains: Option<DomainList>,
    /// Cross-tenant access settings.
    pub(crate) cross_tenant: CrossTenant,
    /// Clouds in which a domain's accounts live, where that is known beforehand.
    pub(crate) domain_homes: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CrossTenant {
    /// Clouds of other instances to collaborate with; each organisation is added under `partners` as well.
    pub(crate) allowed_clouds: Vec<String>,
    /// Organisations by tenant id, a GUID.
    pub(crate) partners: BTreeMap<String, Partner>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Partner {
    /// The organisation's cloud.
    pub(crate) cloud: Option<String>,
    /// Whether its people may come in as guests. `true` if left out.
    pub(crate) inbound: Option<bool>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
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
    /// Which ceiling of the tenant applies: `core`, as if left out, or `onedrive` for personal sites.
    pub(crate) partition: Partition,
    /// The site's own level. `Disabled` if left out.
    #[serde(rename = "SharingCapability")]
    pub(crate) capability: Option<Level>,
    /// Whether the partition's ceiling is skipped; the tenant's is not.
    #[serde(rename = "OverrideSharingCapability")]
    pub(crate) override_partition: bool,
    /// Which of the site's two lists counts. `None` if left out.
    #[serde(rename = "SharingDomainRestrictionMode")]
    pub(crate) restriction_mode: RestrictionMode,
    /// Domains that may be shared with, at most 500; where the tenant has such a list, a part of it.
    #[serde(rename = "SharingAllowedDomainList")]
    pub(crate) allowed_domains: Option<DomainList>,
    /// Domains that may not be shared with, at most 500.
    #[serde(rename = "SharingBlockedDomainList")]
    pub(crate) blocked_domains: Option<DomainList>,
    /// How the upstream compares names: `sensitive`, as if left out, or `insensitive`.
    pub(crate) path_case: PathCase,
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

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Guest {
    /// The invited address.
    pub(crate) address: Option<String>,
    /// Whether the guest is blocked.
    pub(crate) blocked: bool,
    /// When the invitation lapses, RFC 3339; never if left out.
    pub(crate) invitation_expires: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Permission {
    /// The site.
    pub(crate) site: Option<String>,
    /// Path of the item from the root of the host, percent-encoded; everything below it is granted too.
    pub(crate) item: Option<String>,
    /// An address, or `members`.
    pub(crate) to: Option<String>,
    /// What is allowed.
    pub(crate) role: Option<Role>,
    /// Address of the one who shared: a member, or a guest named under `guests`.
    pub(crate) created_by: Option<String>,
    /// When it ends, RFC 3339; never if left out.
    pub(crate) expires: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Read,
    Write,
    Owner,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Link {
    /// The site.
    pub(crate) site: Option<String>,
    /// Path of the item from the root of the host, percent-encoded; everything below it is shared too.
    pub(crate) item: Option<String>,
    /// What it lets its holder do.
    #[serde(rename = "type")]
    pub(crate) kind: Option<LinkType>,
    /// For whom it works.
    pub(crate) scope: Option<LinkScope>,
    /// Addresses of the people, for the scope `users`.
    pub(crate) recipients: Vec<String>,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub(crate) token_sha256: Option<String>,
    /// Address of the one who shared: a member, or a guest named under `guests`.
    pub(crate) created_by: Option<String>,
    /// When it was made, RFC 3339.
    pub(crate) created: Option<String>,
    /// When it ends, RFC 3339; never if left out.
    pub(crate) expires: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LinkType {
    View,
    Edit,
    CreateOnly,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkScope {
    Anonymous,
    Organization,
    Users,
}
