//! `clouds.toml`.

use std::collections::BTreeMap;

use gateway_core::settings::words::AllowInvitesFrom;
use schemars::JsonSchema;
use serde::Deserialize;

/// The clouds that the gateway knows. One that is not listed is denied.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CloudsFile {
    /// Clouds by name.
    pub(crate) clouds: BTreeMap<String, CloudRecord>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CloudRecord {
    /// The Azure instance; clouds of one instance share their directory boundary.
    pub(crate) instance: Option<String>,
    /// Origin of the sign-in authority, such as `https://login.microsoftonline.us`.
    pub(crate) authority: Option<String>,
    /// Kinds of identity provider offered to guests of tenants here.
    pub(crate) identity_providers: Option<Vec<String>>,
    /// Whether `EnableAzureADB2BIntegration` is supported here.
    pub(crate) integration_supported: Option<bool>,
    /// Whether tenants here that use the integration share only inside their environment.
    pub(crate) restricted: Option<bool>,
    /// Clouds of other instances with which both tenants may opt in to collaborate. None if left out.
    pub(crate) partner_clouds: Vec<String>,
    /// `tenant_region_scope` in the discovery documents of tenants here, where tenants of other instances have others. Only
    /// looked at by home discovery.
    pub(crate) region_scopes: Vec<String>,
    /// Those of these whose tenants take part in no collaboration: their people are refused.
    pub(crate) closed_region_scopes: Vec<String>,
    /// `tenant_region_sub_scope` in these documents, which tells clouds of one instance apart; left out where they have none.
    pub(crate) region_sub_scope: Option<String>,
    /// Whether Microsoft accounts exist at the authority.
    pub(crate) consumers: Option<bool>,
    /// Whether requests for files can be made here.
    pub(crate) file_requests: Option<bool>,
    /// Who may add guests to a directory whose settings nobody touched.
    #[schemars(extend("enum" = AllowInvitesFrom::NAMES))]
    pub(crate) allow_invites_from: Option<String>,
}
