//! Sign-in with a work or school account: Entra ID, any tenant, any cloud.
//!
//! The person is (cloud, issuer, tenant, `oid`). The issuer rule is Entra's own: the key that signed a token
//! names an issuer, usually a template, and the token's issuer must be that template filled with the
//! token's tenant. An address proves something only with `xms_edov`: everything else in a token can be
//! written by the administrator of the person's tenant.

mod profile;
mod settings;
#[cfg(test)]
mod tests;

use plugins_oidc::RelyingParty;
use plugins_oidc::settings::read;
use plugins_sdk::message::{Capability, Description, Input, OpenRequest, SettingProblem, Step};
use plugins_sdk::settings::schema;
use plugins_sdk::{Opened, Provider};

use crate::profile::Organizations;
use crate::settings::Settings;

plugins_sdk::export_provider!(WorkSchool);

/// Work and school accounts as a provider.
#[derive(Debug)]
pub struct WorkSchool(RelyingParty<Organizations>);

impl Provider for WorkSchool {
    fn describe() -> Description {
        Description {
            kind: "work-school".to_owned(),
            display_name: "Work or school account".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home_domains: Vec::new(),
            capabilities: vec![Capability::Fetch],
            settings_schema: schema::<Settings>(),
        }
    }

    fn open(request: &OpenRequest) -> Result<Opened<Self>, Vec<SettingProblem>> {
        let (settings, problems) = read::<Settings>(&request.settings);
        let (registration, profile) = settings.check(request, problems)?;
        let fetch_hosts = registration.endpoints.hosts().to_vec();
        Ok(Opened {
            provider: Self(RelyingParty::new(registration, profile)),
            fetch_hosts,
        })
    }

    fn step(&self, input: &Input) -> Step {
        self.0.step(input)
    }
}
