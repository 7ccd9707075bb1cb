//! Sharing settings, by the names of `Set-SPOTenant` and `Set-SPOSite`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Tenant-wide sharing settings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sharing {
    /// The ceiling for every site.
    #[serde(rename = "SharingCapability")]
    pub(crate) capability: Option<Level>,
    /// The ceiling for sites that are not personal. As the tenant's if left out.
    #[serde(rename = "CoreSharingCapability")]
    pub(crate) core_capability: Option<Level>,
    /// The ceiling for personal sites; never looser than the others. As strict as they are if left out.
    #[serde(rename = "OneDriveSharingCapability")]
    pub(crate) onedrive_capability: Option<Level>,
    /// Which of the two lists counts. `None` if left out.
    #[serde(rename = "SharingDomainRestrictionMode")]
    pub(crate) restriction_mode: RestrictionMode,
    /// Domains that may be shared with, at most 5000; no wildcards, subdomains are listed each.
    #[serde(rename = "SharingAllowedDomainList")]
    pub(crate) allowed_domains: Option<DomainList>,
    /// Domains that may not be shared with, likewise.
    #[serde(rename = "SharingBlockedDomainList")]
    pub(crate) blocked_domains: Option<DomainList>,
    /// The integration of sharing with the directory's invitations. Off if left out.
    #[serde(rename = "EnableAzureADB2BIntegration")]
    pub(crate) integration: bool,
    /// Accepts the integration in a cloud that does not support it; people outside the environment are refused.
    pub(crate) acknowledge_unsupported: bool,
    /// Longest life of an Anyone link in days; 0, as if left out, is no limit.
    #[serde(rename = "RequireAnonymousLinksExpireInDays")]
    #[schemars(range(min = 0, max = 730))]
    pub(crate) anyone_link_days: u16,
    /// What an Anyone link on a file allows at most. `Edit` if left out.
    #[serde(rename = "FileAnonymousLinkType")]
    pub(crate) file_link_type: AnonymousLinkType,
    /// What "environment" means where sharing outside it is refused. `cloud` if left out.
    pub(crate) environment_boundary: Boundary,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub(crate) enum Level {
    Disabled,
    ExistingExternalUserSharingOnly,
    ExternalUserSharingOnly,
    ExternalUserAndGuestSharing,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum RestrictionMode {
    #[default]
    None,
    AllowList,
    BlockList,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum AnonymousLinkType {
    View,
    #[default]
    Edit,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Boundary {
    #[default]
    Cloud,
    Instance,
}

/// Domains as a list, or separated by spaces as the cmdlet takes them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum DomainList {
    List(Vec<String>),
    Text(String),
}

impl DomainList {
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::List(list) => Box::new(list.iter().map(String::as_str)),
            Self::Text(text) => Box::new(text.split_whitespace()),
        }
    }
}

impl JsonSchema for DomainList {
    fn schema_name() -> Cow<'static, str> {
        "DomainList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["array", "string"], "items": { "type": "string" } })
    }
}
