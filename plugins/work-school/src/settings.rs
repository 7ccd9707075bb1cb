//! The settings of the work or school provider.

use plugins_oidc::entra::{Authority, CONSUMERS, is_guid};
use plugins_oidc::settings::{Problems, Secret};
use plugins_oidc::{ClientAuthentication, Registration};
use plugins_sdk::message::{OpenRequest, SettingProblem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::{Organizations, Tenants};

/// The path segment that lets in work and school accounts of any tenant, and no consumers.
const ANY: &str = "organizations";

/// Settings of a provider of kind `work-school`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["client_id", "client_secret"]))]
pub(crate) struct Settings {
    /// Our application (client) id. Each cloud has registrations of its own.
    client_id: Option<String>,
    /// Our secret there.
    client_secret: Option<Secret>,
    /// The cloud to sign in at; the gateway's own if left out.
    cloud: Option<String>,
    /// Whose sign-in page to use: a tenant id, or `organizations` for any, as if left out. Members and guests
    /// of a tenant can sign in to it only by its id.
    tenant: Option<String>,
    /// Ids of the tenants whose accounts are let in.
    tenants: Vec<String>,
    /// Whether accounts of every tenant are let in; instead of `tenants`.
    any_tenant: bool,
    /// An authority in place of the cloud's own, on loopback only and with `allow_insecure_loopback`.
    authority: Option<String>,
    /// Whether `authority` may be set, and plain http will do for it. For tests and demonstrations.
    allow_insecure_loopback: bool,
    /// Difference allowed between Entra's clock and ours, 0 to 300 seconds; 60 if left out.
    #[schemars(range(min = 0, max = 300))]
    leeway_seconds: Option<i64>,
}

impl Settings {
    pub(crate) fn check(
        mut self,
        request: &OpenRequest,
        mut problems: Problems,
    ) -> Result<(Registration, Organizations), Vec<SettingProblem>> {
        let client_id = problems.required_text("client_id", self.client_id.take());
        let client_secret = problems.required_secret("client_secret", self.client_secret.take());
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let segment = self.segment(&mut problems);
        let tenants = self.tenants(&segment, &mut problems);
        let authority = Authority::find(
            request,
            self.cloud.as_deref(),
            self.authority.as_deref(),
            self.allow_insecure_loopback,
            &mut problems,
        );
        problems.none_or(authority.map(|authority| {
            let registration = Registration {
                client_id,
                client_secret,
                client_authentication: ClientAuthentication::ClientSecretPost,
                scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
                discovery_url: authority.discovery_url(&segment),
                endpoints: authority.endpoints().clone(),
                leeway,
            };
            let issuer = authority.issuer(if segment == ANY {
                "{tenantid}"
            } else {
                &segment
            });
            (
                registration,
                Organizations::new(authority.cloud, issuer, tenants),
            )
        }))
    }

    fn segment(&self, problems: &mut Problems) -> String {
        let segment = self.tenant.as_deref().unwrap_or(ANY).to_ascii_lowercase();
        if segment != ANY && !is_work_tenant(&segment) {
            problems.add(
                "tenant",
                "must be `organizations` or the id of a tenant (a GUID, not that of the consumers)",
            );
        }
        segment
    }

    fn tenants(&self, segment: &str, problems: &mut Problems) -> Tenants {
        let listed: Vec<String> = self
            .tenants
            .iter()
            .map(|tenant| tenant.to_ascii_lowercase())
            .collect();
        for (index, tenant) in listed.iter().enumerate() {
            if !is_work_tenant(tenant) {
                problems.add(
                    format!("tenants.{index}"),
                    "must be the id of a tenant (a GUID, not that of the consumers)",
                );
            }
        }
        match (segment, listed.is_empty(), self.any_tenant) {
            (ANY, true, true) => Tenants::Any,
            (ANY, true, false) => {
                problems.add(
                    "tenants",
                    "name the tenants whose accounts are let in, or set `any_tenant = true`",
                );
                Tenants::Listed(listed)
            }
            (ANY, false, false) => Tenants::Listed(listed),
            (ANY, false, true) => {
                problems.add("any_tenant", "contradicts `tenants`: remove one of the two");
                Tenants::Listed(listed)
            }
            (own, true, false) => Tenants::Listed(vec![own.to_owned()]),
            (own, false, false) if listed.iter().all(|tenant| tenant == own) => {
                Tenants::Listed(listed)
            }
            (_, false, false) => {
                problems.add(
                    "tenants",
                    "must be left out where `tenant` names the one tenant to sign in to",
                );
                Tenants::Listed(listed)
            }
            (_, _, true) => {
                problems.add("any_tenant", "contradicts `tenant`: remove one of the two");
                Tenants::Listed(listed)
            }
        }
    }
}

fn is_work_tenant(text: &str) -> bool {
    is_guid(text) && text != CONSUMERS
}
