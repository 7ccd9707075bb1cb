//! References to secrets.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where a secret is: exactly one of the two.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SecretReference {
    /// A file that holds it, relative to the folder of the file that says so, readable by the service user only.
    pub(crate) file: Option<String>,
    /// The environment variable that holds it.
    pub(crate) env: Option<String>,
}
