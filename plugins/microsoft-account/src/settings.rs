//! The settings of the Microsoft account provider.

use plugins_oidc::entra::Authority;
use plugins_oidc::settings::{Problems, Secret};
use plugins_oidc::{ClientAuthentication, Registration};
use plugins_sdk::message::{OpenRequest, SettingProblem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::Consumers;

/// Settings of a provider of kind `microsoft-account`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["client_id", "client_secret"]))]
pub(crate) struct Settings {
    /// Our application (client) id.
    client_id: Option<String>,
    /// Our secret.
    client_secret: Option<Secret>,
    /// An authority in place of the cloud's own, on loopback only and with `allow_insecure_loopback`.
    authority: Option<String>,
    /// Whether `authority` may be set, and plain http will do for it. For tests and demonstrations.
    allow_insecure_loopback: bool,
    /// Difference allowed between Microsoft's clock and ours, 0 to 300 seconds; 60 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
}

impl Settings {
    pub(crate) fn check(
        self,
        request: &OpenRequest,
        mut problems: Problems,
    ) -> Result<(Registration, Consumers), Vec<SettingProblem>> {
        let client_id = problems.required_text("client_id", self.client_id);
        let client_secret = problems.required_secret("client_secret", self.client_secret);
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let authority = Authority::find(
            request,
            None,
            self.authority.as_deref(),
            self.allow_insecure_loopback,
            &mut problems,
        );
        if let Some(authority) = authority.as_ref().filter(|authority| !authority.consumers) {
            let message = format!(
                "there are no Microsoft accounts in the cloud `{}`: remove this provider",
                authority.cloud
            );
            problems.add("", message);
        }
        problems.none_or(authority.map(|authority| {
            let registration = Registration {
                client_id,
                client_secret,
                client_authentication: ClientAuthentication::ClientSecretPost,
                scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
                discovery_url: authority.discovery_url("consumers"),
                endpoints: authority.endpoints().clone(),
                leeway,
            };
            (registration, Consumers::new(&authority))
        }))
    }
}
