//! The directory's collaboration settings, by the names of Microsoft Graph.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::{self, Given};

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(transform = settings::with_directory)]
pub(crate) struct Directory {
    /// The organisation's tenant id in its cloud, a GUID: accounts of it are members.
    pub(crate) tenant_id: Option<String>,
    /// Cross-tenant access settings.
    pub(crate) cross_tenant: CrossTenant,
    /// Clouds in which a domain's accounts live, where that is known beforehand.
    pub(crate) domain_homes: BTreeMap<String, Vec<String>>,
    /// Conditional access policies, as far as they concern guests.
    pub(crate) conditional_access: Vec<ConditionalAccessPolicy>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub(crate) settings: Given,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CrossTenant {
    /// Clouds of other instances to collaborate with; each organisation is added under `partners` as well.
    pub(crate) allowed_clouds: Vec<String>,
    /// Organisations by tenant id, a GUID.
    pub(crate) partners: BTreeMap<String, Partner>,
    /// Whether organisations that are not listed may come in, inside the own instance. `true` if left out.
    pub(crate) default_inbound: Option<bool>,
    /// What is believed of the claims of organisations that are not listed. Nothing if left out.
    pub(crate) default_trust: Trust,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Partner {
    /// The organisation's cloud.
    pub(crate) cloud: Option<String>,
    /// Whether its people may come in as guests. `true` if left out.
    pub(crate) inbound: Option<bool>,
    /// Across clouds: whether the organisation ticked this cloud and added this organisation. `true` if left out.
    pub(crate) reciprocated: Option<bool>,
    /// What is believed of its claims. Nothing if left out.
    pub(crate) trust: Trust,
    /// Whether its people are not asked for consent; it takes both sides. `false` if left out.
    pub(crate) automatic_redemption: bool,
    /// Whether the organisation has it so as well. `false` if left out.
    pub(crate) automatic_redemption_at_home: bool,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Trust {
    /// A second factor.
    #[serde(rename = "isMfaAccepted")]
    pub(crate) mfa: bool,
    /// A compliant device.
    #[serde(rename = "isCompliantDeviceAccepted")]
    pub(crate) compliant_device: bool,
    /// A hybrid joined device.
    #[serde(rename = "isHybridAzureADJoinedDeviceAccepted")]
    pub(crate) hybrid_device: bool,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConditionalAccessPolicy {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Sites it concerns; all if left out.
    pub(crate) sites: Option<Vec<String>>,
    /// The authentication context it answers to; then it concerns only sites that demand that one.
    pub(crate) context: Option<String>,
    /// Sign-in risks it concerns; every sign-in if left out.
    pub(crate) risks: Vec<Risk>,
    /// Whether members are concerned as well. `false` if left out.
    pub(crate) members: bool,
    /// What is demanded, all of it.
    pub(crate) controls: Vec<GrantControl>,
    /// Oldest authentication accepted, such as `4h`; any if left out.
    pub(crate) sign_in_frequency: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Risk {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum GrantControl {
    Block,
    Mfa,
    CompliantDevice,
    DomainJoinedDevice,
    ApprovedApplication,
    CompliantApplication,
    PasswordChange,
    TermsOfUse,
}
