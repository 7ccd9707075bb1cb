//! The settings of the work or school provider.

use std::collections::BTreeMap;

use plugins_oidc::Registration;
use plugins_oidc::entra::{Authority, CONSUMERS, credential, is_guid};
use plugins_oidc::settings::{Problems, Secret};
use plugins_sdk::message::{OpenRequest, SettingProblem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::profile::{Organizations, SecondFactor, Tenants};
use crate::region::Region;

/// The path segment that lets in work and school accounts of any tenant, and no consumers.
const ANY: &str = "organizations";

/// Settings of a provider of kind `work-school`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["client_id"]))]
pub struct Settings {
    /// Our application (client) id. Each cloud has registrations of its own.
    client_id: Option<String>,
    /// Our secret there; not where there is a `client_key`.
    client_secret: Option<Secret>,
    /// The private key of `client_certificate` in PEM, in place of a secret: what the registration holds can then be
    /// used by nobody else.
    client_key: Option<Secret>,
    /// The certificate in PEM that was uploaded to the registration; required with `client_key`.
    client_certificate: Option<String>,
    /// The cloud to sign in at; the gateway's own if left out.
    cloud: Option<String>,
    /// Whose sign-in page to use: a tenant id, or `organizations` for any, as if left out. Members and guests
    /// of a tenant can sign in to it only by its id.
    tenant: Option<String>,
    /// Ids of the tenants whose accounts are let in. To list a tenant is to say that it lives in `cloud`: its tokens
    /// do not tell.
    tenants: Vec<String>,
    /// Whether accounts of every tenant of the cloud are let in; instead of `tenants`. Each tenant's own document is
    /// then asked for, and must put it in `cloud`.
    any_tenant: bool,
    /// With `any_tenant`: the `tenant_region_sub_scope` in the documents of the cloud's tenants, empty where they have
    /// none. Known for the clouds `worldwide`, `gcc`, `gcc-high` and `dod`.
    region_sub_scope: Option<String>,
    /// The authentication context (`C1` to `C99`) whose policy, in the tenants that sign in here, asks for a second
    /// factor. It is asked for where one is needed, and its presence counts as `mfa`.
    second_factor_context: Option<String>,
    /// The same for single tenants, by their ids: contexts are each tenant's own.
    second_factor_contexts: BTreeMap<String, String>,
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
        let credential = credential(
            self.client_secret.take(),
            self.client_key.take(),
            self.client_certificate.take(),
            &mut problems,
        );
        let leeway = problems.leeway("leeway_seconds", self.leeway_seconds);
        let segment = self.segment(&mut problems);
        let second_factor = self.second_factor(&mut problems);
        let authority = Authority::find(
            request,
            self.cloud.as_deref(),
            self.authority.as_deref(),
            self.allow_insecure_loopback,
            &mut problems,
        );
        let tenants = self.tenants(&segment, authority.as_ref(), &mut problems);
        problems.none_or(authority.map(|authority| {
            let registration = Registration {
                client_id,
                credential,
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
            let profile = Organizations {
                authority,
                issuer,
                tenants,
                second_factor,
            };
            (registration, profile)
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

    fn second_factor(&self, problems: &mut Problems) -> SecondFactor {
        let mut context = |key: &str, text: &str| {
            if !is_context(text) {
                problems.add(key, "must be an authentication context, `C1` to `C99`");
            }
            text.to_ascii_uppercase()
        };
        let elsewhere = self
            .second_factor_context
            .as_deref()
            .map(|text| context("second_factor_context", text));
        let of_tenant: BTreeMap<String, String> = self
            .second_factor_contexts
            .iter()
            .map(|(tenant, text)| {
                let key = format!("second_factor_contexts.{tenant}");
                (tenant.to_ascii_lowercase(), context(&key, text))
            })
            .collect();
        for tenant in of_tenant.keys().filter(|tenant| !is_work_tenant(tenant)) {
            problems.add(
                format!("second_factor_contexts.{tenant}"),
                "must be the id of a tenant (a GUID, not that of the consumers)",
            );
        }
        SecondFactor {
            of_tenant,
            elsewhere,
        }
    }

    fn tenants(
        &self,
        segment: &str,
        authority: Option<&Authority>,
        problems: &mut Problems,
    ) -> Tenants {
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
        if self.region_sub_scope.is_some() && !self.any_tenant {
            problems.add(
                "region_sub_scope",
                "says nothing without `any_tenant = true`",
            );
        }
        match (segment, listed.is_empty(), self.any_tenant) {
            (ANY, true, true) => return self.any(authority, problems),
            (ANY, true, false) => problems.add(
                "tenants",
                "name the tenants whose accounts are let in, or set `any_tenant = true`",
            ),
            (ANY, false, false) => {}
            (ANY, false, true) => {
                problems.add("any_tenant", "contradicts `tenants`: remove one of the two");
            }
            (own, true, false) => return Tenants::Listed(vec![own.to_owned()]),
            (own, false, false) if listed.iter().all(|tenant| tenant == own) => {}
            (_, false, false) => problems.add(
                "tenants",
                "must be left out where `tenant` names the one tenant to sign in to",
            ),
            (_, _, true) => {
                problems.add("any_tenant", "contradicts `tenant`: remove one of the two");
            }
        }
        Tenants::Listed(listed)
    }

    fn any(&self, authority: Option<&Authority>, problems: &mut Problems) -> Tenants {
        let region =
            authority.map(|authority| Region::of(authority, self.region_sub_scope.as_deref()));
        match region {
            Some(Some(region)) => Tenants::Any(region),
            Some(None) => {
                problems.add(
                    "region_sub_scope",
                    "is required: another cloud signs people in at the same authority, and only this tells them apart",
                );
                Tenants::Listed(Vec::new())
            }
            // What is wrong with the cloud has been said.
            None => Tenants::Listed(Vec::new()),
        }
    }
}

fn is_work_tenant(text: &str) -> bool {
    is_guid(text) && text != CONSUMERS
}

/// `C1` to `C99`, in either case.
fn is_context(text: &str) -> bool {
    let number = text.strip_prefix(['C', 'c']).unwrap_or_default();
    !number.starts_with('0')
        && number.parse::<u8>().is_ok_and(|id| (1..=99).contains(&id))
        && !number.starts_with('+')
}
