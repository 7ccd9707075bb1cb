//! The settings of the Microsoft account provider.

use plugins_oidc::Registration;
use plugins_oidc::entra::{Authority, credential};
use plugins_oidc::settings::{Problems, Secret};
use plugins_sdk::message::{OpenRequest, SettingProblem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::Consumers;

/// Settings of a provider of kind `microsoft-account`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["client_id"]))]
pub struct Settings {
    /// Our application (client) id.
    client_id: Option<String>,
    /// Our secret; not where there is a `client_key`.
    client_secret: Option<Secret>,
    /// The private key of `client_certificate` in PEM, in place of a secret.
    client_key: Option<Secret>,
    /// The certificate in PEM that was uploaded to the registration; required with `client_key`.
    client_certificate: Option<String>,
    /// An authority in place of the cloud's own, on loopback only and with `allow_insecure_loopback`.
    authority: Option<String>,
    /// Whether `authority` may be set, and plain http will do for it. For tests and demonstrations.
    allow_insecure_loopback: bool,
    /// Difference allowed between Microsoft's clock and ours, 0 to 300 seconds; 60 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
}

/// The cloud whose authority has Microsoft accounts: the gateway's own, or else the first that does. They are at home in
/// one place, and come as guests to others ("clouds and identity" A.3, C).
fn home(request: &OpenRequest) -> Option<&str> {
    let mut clouds: Vec<_> = request
        .clouds
        .iter()
        .filter(|cloud| cloud.consumers)
        .collect();
    clouds.sort_by_key(|cloud| cloud.name != request.cloud);
    clouds.first().map(|cloud| cloud.name.as_str())
}

impl Settings {
    pub(crate) fn check(
        self,
        request: &OpenRequest,
        mut problems: Problems,
    ) -> Result<(Registration, Consumers), Vec<SettingProblem>> {
        let client_id = problems.required_text("client_id", self.client_id);
        let credential = credential(
            self.client_secret,
            self.client_key,
            self.client_certificate,
            &mut problems,
        );
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let home = home(request);
        let authority = Authority::find(
            request,
            home,
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
                credential,
                scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
                discovery_url: authority.discovery_url("consumers"),
                endpoints: authority.endpoints().clone(),
                leeway,
            };
            (registration, Consumers::new(&authority))
        }))
    }
}
