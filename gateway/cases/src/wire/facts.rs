//! Facts, and settings that are the format's own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The tenant's settings that are not of a cmdlet.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TenantOwn {
    /// Accepts the integration in a cloud that does not support it.
    pub(crate) acknowledge_unsupported: bool,
    /// What "environment" means: `cloud`, as if left out, or `instance`.
    #[schemars(extend("enum" = ["cloud", "instance"]))]
    pub(crate) environment_boundary: Option<String>,
}

/// A site's settings that are not of a cmdlet.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SiteOwn {
    /// Its id: `site` if left out.
    pub(crate) id: Option<String>,
    /// `core`, as if left out, or `onedrive`.
    #[schemars(extend("enum" = ["core", "onedrive"]))]
    pub(crate) partition: Option<String>,
    /// Whether it is the tenant's root site.
    pub(crate) root: bool,
    /// What it was made from.
    #[schemars(extend("enum" = ["classic", "communication", "root-communication", "team", "group", "onedrive"]))]
    pub(crate) template: Option<String>,
    /// Whether owners of groups may add people from outside, `false` if left out; for the template `group`.
    pub(crate) owners_add_guests: Option<bool>,
    /// The kind of Teams channel it belongs to.
    #[schemars(extend("enum" = ["standard", "private", "shared"]))]
    pub(crate) channel: Option<String>,
    /// The Microsoft 365 group it is connected to.
    pub(crate) group: Option<String>,
    /// How names are compared: `sensitive`, as if left out, or `insensitive`.
    #[schemars(extend("enum" = ["sensitive", "insensitive"]))]
    pub(crate) path_case: Option<String>,
}

/// The directory's settings that are not single values of Graph.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DirectoryOwn {
    /// The organisation's tenant id: `contoso-tenant` if left out.
    pub(crate) tenant_id: Option<String>,
    /// Cross-tenant access settings.
    pub(crate) cross_tenant: CrossTenant,
    /// Clouds in which a domain's accounts live.
    pub(crate) domain_homes: BTreeMap<String, Vec<String>>,
    /// SAML and WS-Fed partners.
    pub(crate) federations: Vec<Federation>,
    /// Whether Google federation is set up.
    pub(crate) google: bool,
    /// Conditional access policies.
    pub(crate) conditional_access: Vec<ConditionalAccess>,
    /// The copy of the directory's policy that `SyncAadB2BManagementPolicy` keeps.
    pub(crate) copy: Option<PolicyCopy>,
}

/// Cross-tenant access settings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CrossTenant {
    /// Clouds ticked.
    pub(crate) allowed_clouds: Vec<String>,
    /// Organisations by tenant id.
    pub(crate) partners: BTreeMap<String, Partner>,
    /// Whether organisations that are not listed may come in. `true` if left out.
    pub(crate) default_inbound: Option<bool>,
    /// What is believed of their claims.
    pub(crate) default_trust: Trust,
}

/// A partner organisation.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Partner {
    /// Its cloud: `worldwide` if left out.
    pub(crate) cloud: Option<String>,
    /// Whether its people may come in. `true` if left out.
    pub(crate) inbound: Option<bool>,
    /// Whether it did its own part across clouds. `true` if left out.
    pub(crate) reciprocated: Option<bool>,
    /// What is believed of its claims.
    pub(crate) trust: Trust,
    /// Whether consent is suppressed here.
    pub(crate) automatic_redemption: bool,
    /// Whether the partner suppresses it as well.
    pub(crate) automatic_redemption_at_home: bool,
}

/// What is believed of the claims of an organisation.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Trust {
    /// A second factor.
    pub(crate) is_mfa_accepted: bool,
    /// A compliant device.
    pub(crate) is_compliant_device_accepted: bool,
    /// A hybrid joined device.
    #[serde(rename = "isHybridAzureADJoinedDeviceAccepted")]
    pub(crate) is_hybrid_device_accepted: bool,
}

/// A SAML or WS-Fed partner.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Federation {
    /// `issuerUri`.
    pub(crate) issuer: String,
    /// Domains it speaks for.
    pub(crate) domains: Vec<String>,
    /// `passiveSignInUri`.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// Value of the text record `DirectFedAuthUrl=` at the domain.
    #[serde(default)]
    pub(crate) dns_text: Option<String>,
}

/// A conditional access policy.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConditionalAccess {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Sites it concerns; all if left out.
    pub(crate) sites: Option<Vec<String>>,
    /// The authentication context that it answers to.
    pub(crate) context: Option<String>,
    /// Sign-in risks it concerns: `low`, `medium`, `high`; every sign-in if empty.
    pub(crate) risks: Vec<String>,
    /// Whether members are concerned as well.
    pub(crate) members: bool,
    /// What is demanded: `block`, `mfa`, `compliantDevice`, `domainJoinedDevice`, `approvedApplication`,
    /// `compliantApplication`, `passwordChange`, `termsOfUse`.
    pub(crate) controls: Vec<String>,
    /// Oldest authentication accepted, in seconds.
    pub(crate) sign_in_frequency: Option<i64>,
}

/// A copy of the directory's policy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyCopy {
    /// When it was taken.
    pub(crate) taken: String,
    /// The settings as they were, by the names of Graph.
    #[schemars(schema_with = "super::policy_settings")]
    pub(crate) policy: serde_json::Map<String, serde_json::Value>,
}

/// A guest. Without more than an address it is one who has accepted, with a work or school account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guest {
    /// The invited address.
    pub(crate) address: String,
    /// `accepted`, as if left out, `pending` or `blocked`.
    #[serde(default)]
    #[schemars(extend("enum" = ["accepted", "pending", "blocked"]))]
    pub(crate) state: Option<String>,
    /// Whether the entry is redeemed; as `state` has it if left out. A blocked guest is redeemed unless this says otherwise.
    #[serde(default)]
    pub(crate) redeemed: Option<bool>,
    /// The kind of provider redeemed with: `work-school` if left out.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// The cloud of the account; `worldwide` for work or school accounts if left out, and none for others.
    #[serde(default)]
    pub(crate) cloud: Option<String>,
    /// The organisation of the account: `partner-tenant` if left out.
    #[serde(default)]
    pub(crate) tenant: Option<String>,
    /// How the guest came in: `share`, as if left out, or `directory`.
    #[serde(default)]
    #[schemars(extend("enum" = ["share", "directory"]))]
    pub(crate) origin: Option<String>,
    /// Who invited: `directory`, as if left out, or `sharing`.
    #[serde(default)]
    #[schemars(extend("enum" = ["directory", "sharing"]))]
    pub(crate) manager: Option<String>,
    /// When the invitation lapses.
    #[serde(default)]
    pub(crate) invitation_expires: Option<String>,
    /// When access to a site ends, by site.
    #[serde(default)]
    pub(crate) expires: BTreeMap<String, String>,
    /// Sites the guest administers.
    #[serde(default)]
    pub(crate) administers: Vec<String>,
    /// Whether a second factor is registered here.
    #[serde(default)]
    pub(crate) mfa_registered: bool,
}

/// A group.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Group {
    /// Addresses of the people in it.
    pub(crate) people: Vec<String>,
    /// Groups in it.
    pub(crate) groups: Vec<String>,
}

/// A permission. Without more than a recipient it is to read the item that the question is about.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    /// An address, `members`, `everyone`, `all-users` or `group:ID`.
    pub(crate) to: String,
    /// `read`, as if left out, `write` or `owner`.
    #[serde(default)]
    #[schemars(extend("enum" = ["read", "write", "owner"]))]
    pub(crate) role: Option<String>,
    /// Path of the item.
    #[serde(default)]
    pub(crate) item: Option<String>,
    /// Which manager invited for it; as the integration stands if left out.
    #[serde(default)]
    #[schemars(extend("enum" = ["directory", "sharing"]))]
    pub(crate) manager: Option<String>,
    /// When it ends.
    #[serde(default)]
    pub(crate) expires: Option<String>,
}

/// A link. Without more than a scope it lets view the item that the question is about, and was made a day ago.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    /// For whom it works.
    #[schemars(extend("enum" = ["anonymous", "organization", "users", "existingAccess"]))]
    pub(crate) scope: String,
    /// What it lets its holder do: `view` if left out.
    #[serde(default, rename = "type")]
    #[schemars(extend("enum" = ["view", "review", "edit", "blocksDownload", "createOnly"]))]
    pub(crate) kind: Option<String>,
    /// Addresses of the people, for `users`.
    #[serde(default)]
    pub(crate) recipients: Vec<String>,
    /// Path of the item.
    #[serde(default)]
    pub(crate) item: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub(crate) created: Option<String>,
    /// When it ends.
    #[serde(default)]
    pub(crate) expires: Option<String>,
    /// Which manager invites for it; as the integration stands if left out.
    #[serde(default)]
    #[schemars(extend("enum" = ["directory", "sharing"]))]
    pub(crate) manager: Option<String>,
    /// Whether whoever made it is still here and may still share. `true` if left out.
    #[serde(default)]
    pub(crate) creator_may_share: Option<bool>,
}
