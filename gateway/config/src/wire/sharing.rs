//! Tenant-wide sharing settings, by the names of `Set-SPOTenant`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::{self, Given};

/// Tenant-wide sharing settings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(transform = settings::with_tenant)]
pub(crate) struct Sharing {
    /// Accepts the integration in a cloud that does not support it; people outside the environment are refused.
    pub(crate) acknowledge_unsupported: bool,
    /// What "environment" means where sharing outside it is refused. `cloud` if left out.
    pub(crate) environment_boundary: Boundary,
    #[serde(flatten)]
    #[schemars(skip)]
    pub(crate) settings: Given,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Boundary {
    #[default]
    Cloud,
    Instance,
}
